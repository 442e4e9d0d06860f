import type { Readable } from 'node:stream';

export interface ResponseBodyOptions {
  readonly exchange: {
    stop(reason: unknown): void;
    explain(error: unknown): unknown;
    done(): void;
  };
  readonly idleBodyMs: number;
  /** Whether what has ended has come as a whole. Default: the parser knows. */
  readonly whole?: (received: number) => boolean;
  /** Whether to read on though nobody has asked for it. */
  readonly readAhead?: (received: number) => boolean;
}

/**
 * The body as a stream with back pressure. What fits into its buffer is read even if nobody asks, so that a small
 * answer left alone gives its connection back; a large one left alone loses it after `idleBodyMs`.
 */
export function responseBody(
  incoming: Readable,
  { exchange, idleBodyMs, whole = always, readAhead }: ResponseBodyOptions,
): ReadableStream<Uint8Array> {
  let settled = false;
  let received = 0;
  let idle: NodeJS.Timeout | undefined;
  const settle = (how: () => void) => {
    if (settled) return;
    settled = true;
    clearTimeout(idle);
    exchange.done();
    how();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const broken = (error: unknown) => settle(() => controller.error(exchange.explain(error)));
        idle = setTimeout(() => {
          exchange.stop(
            exchange.explain(Object.assign(new Error('the body stands still'), { code: 'ETIMEDOUT' })),
          );
          broken(undefined);
        }, idleBodyMs);
        // Whoever waits for the body holds the process; one left alone must not.
        idle.unref();
        incoming.on('data', (chunk: Uint8Array) => {
          idle?.refresh();
          received += chunk.byteLength;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0 && !readAhead?.(received)) incoming.pause();
        });
        incoming.once('end', () => {
          if (whole(received)) settle(() => controller.close());
          else broken(shortBody());
        });
        incoming.once('error', broken);
        incoming.once('close', () => broken(shortBody()));
        incoming.pause();
      },
      pull() {
        idle?.refresh();
        incoming.resume();
      },
      cancel(reason) {
        settle(() => exchange.stop(reason));
      },
    },
    { highWaterMark: bufferBytes, size: (chunk) => chunk.byteLength },
  );
}

const always = () => true;

const bufferBytes = 128 * 1024;

function shortBody(): Error {
  return Object.assign(new Error('the body ended too early'), { code: 'ECONNRESET' });
}
