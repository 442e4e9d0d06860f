import type { Readable } from 'node:stream';
import type { ByteSource } from '../../bytes/byte-source.js';

export interface ResponseBodyOptions {
  readonly exchange: {
    stop(reason: unknown): void;
    explain(error: unknown): unknown;
    done(): void;
  };
  readonly idleBodyMs: number;
  /** Whether the body that ended is complete. Default: as the parser reports. */
  readonly whole?: (received: number) => boolean;
  /** Whether to read ahead of the consumer. */
  readonly readAhead?: (received: number) => boolean;
}

interface Reader {
  resolve(piece: Uint8Array | undefined): void;
  reject(error: unknown): void;
}

/**
 * The body with back pressure. What fits into its buffer is read ahead, so that an unread small response releases its
 * connection; an unread large one loses it after `idleBodyMs`.
 */
export function responseBody(
  incoming: Readable,
  { exchange, idleBodyMs, whole = () => true, readAhead }: ResponseBodyOptions,
): ByteSource {
  const pieces: Uint8Array[] = [];
  let buffered = 0;
  let received = 0;
  let reader: Reader | undefined;
  let end: { readonly error?: unknown } | undefined;

  const settle = (how: { readonly error?: unknown }) => {
    if (end) return;
    end = how;
    clearTimeout(idle);
    exchange.done();
    const waiting = reader;
    reader = undefined;
    if ('error' in how) waiting?.reject(how.error);
    else waiting?.resolve(undefined);
  };
  const broken = (error: unknown) => settle({ error: exchange.explain(error) });
  const idle = setTimeout(() => {
    exchange.stop(
      exchange.explain(Object.assign(new Error('the body has stopped arriving'), { code: 'ETIMEDOUT' })),
    );
    broken(undefined);
  }, idleBodyMs);
  // Anyone who waits for the body holds the process; one left alone must not.
  idle.unref();
  incoming.on('data', (piece: Uint8Array) => {
    if (end) return;
    idle.refresh();
    received += piece.byteLength;
    if (reader) {
      const waiting = reader;
      reader = undefined;
      waiting.resolve(piece);
    } else {
      pieces.push(piece);
      buffered += piece.byteLength;
    }
    if (buffered >= bufferBytes && !readAhead?.(received)) incoming.pause();
  });
  incoming.once('end', () => {
    if (whole(received)) settle({});
    else broken(shortBody());
  });
  incoming.once('error', broken);
  incoming.once('close', () => broken(shortBody()));

  return {
    async next() {
      const piece = pieces.shift();
      if (piece !== undefined) {
        buffered -= piece.byteLength;
        if (!end) {
          idle.refresh();
          if (buffered < bufferBytes) incoming.resume();
        }
        return piece;
      }
      if (end) {
        if ('error' in end) throw end.error;
        return undefined;
      }
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
        idle.refresh();
        incoming.resume();
      });
    },
    async close() {
      pieces.length = 0;
      if (end) return;
      settle({});
      exchange.stop(undefined);
    },
  };
}

const bufferBytes = 128 * 1024;

function shortBody(): Error {
  return Object.assign(new Error('the body ended too early'), { code: 'ECONNRESET' });
}
