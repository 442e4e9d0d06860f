import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { onTestFinished, type TestContext } from 'vitest';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The types of RFC 9113, section 6. */
export const types = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const endStream = 1;
export const endHeaders = 4;

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A head in HPACK's plainest form. */
export function fields(...pairs: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'latin1');
    return Buffer.concat([lengthOf(bytes.length), bytes]);
  };
  return Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** An integer with a prefix of seven bits (RFC 7541, section 5.1). */
function lengthOf(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const rest: number[] = [];
  let left = value - 127;
  for (; left >= 128; left >>= 7) rest.push((left & 127) | 128);
  return Buffer.from([127, ...rest, left]);
}

export interface FrameServer {
  readonly url: string;
  /** What clients sent, without their preface. */
  readonly seen: Frame[];
  readonly sockets: TLSSocket[];
}

/** Where a test that runs beside others registers what is to be closed after it. */
export type Finishing = Pick<TestContext, 'onTestFinished'>;

/** A server that speaks frames by hand: `answer` is called for each that a client sends. */
export async function startFrameServer(
  pair: { readonly key: string; readonly cert: string },
  answer: (frame: Frame, socket: TLSSocket) => void,
  context: Finishing = { onTestFinished },
): Promise<FrameServer> {
  const seen: Frame[] = [];
  const sockets: TLSSocket[] = [];
  const server = createServer({ ...pair, ALPNProtocols: ['h2'] }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(frame(types.settings, 0, 0));
    let rest: Buffer = Buffer.alloc(0);
    let preface = 24;
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      const skipped = Math.min(preface, rest.length);
      preface -= skipped;
      rest = rest.subarray(skipped);
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const length = rest.readUIntBE(0, 3);
        const one = {
          type: rest.readUInt8(3),
          flags: rest.readUInt8(4),
          stream: rest.readUInt32BE(5) & 0x7fffffff,
          payload: rest.subarray(9, 9 + length),
        };
        rest = rest.subarray(9 + length);
        seen.push(one);
        if (one.type === types.settings && one.flags === 0) socket.write(frame(types.settings, 1, 0));
        answer(one, socket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, sockets };
}
