import { connect } from 'node:net';
import { abortable } from '../async/abortable.js';
import { hostnameOf } from './hostname-of.js';

export interface MaySpeakTlsOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the connection and the first byte together. Default 1 s. */
  readonly timeoutMs?: number;
}

export type MaySpeakTls = typeof maySpeakTls;

/**
 * Whether what listens at an address answers a ClientHello with anything but TLS records (RFC 8446, section 5.1); false
 * only then. Who cannot be reached or says nothing in time may speak TLS: a handshake will tell what is wrong. Asked so,
 * a server of plain http costs no TLS, which takes Node some 20 ms to load and to fill with authorities.
 *
 * @throws the signal's reason
 */
export async function maySpeakTls(
  url: URL,
  { signal, timeoutMs = 1_000 }: MaySpeakTlsOptions = {},
): Promise<boolean> {
  signal?.throwIfAborted();
  const socket = connect(Number(url.port || 443), hostnameOf(url));
  const answer = new Promise<boolean>((resolve) => {
    const late = setTimeout(() => resolve(true), timeoutMs);
    socket.once('close', () => clearTimeout(late));
    socket.on('error', () => resolve(true));
    socket.once('end', () => resolve(true));
    socket.once('data', ([first]: Uint8Array) => resolve(first === handshake || first === alert));
  });
  socket.write(clientHello);
  try {
    return await abortable(answer, signal);
  } finally {
    socket.destroy();
  }
}

const handshake = 0x16;
const alert = 0x15;

/** The random bytes hold two ends of a line, so that a server that reads lines answers at once. */
const clientHello = Buffer.concat([
  Buffer.from([handshake, 3, 1, 0, 53, 1, 0, 0, 49, 3, 3]),
  Buffer.from('\r\n\r\n'.padEnd(32, 'tekton-bundles')),
  Buffer.from([0, 0, 10, 0xc0, 0x2b, 0xc0, 0x2f, 0x13, 0x01, 0x00, 0x2f, 0x00, 0x35, 1, 0]),
]);
