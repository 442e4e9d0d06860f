import type { Writable } from 'node:stream';
import type { HttpRequest } from '../message.js';

/** What the content-length field states; undefined where a request without a body needs none. */
export function outgoingLength({ method, body }: HttpRequest): number | undefined {
  if (body !== undefined) return body.byteLength;
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? 0 : undefined;
}

/** Writes the body in pieces, so that anyone who watches sees them go, and ends the request. */
export async function writeBody(sent: Writable, { body, onBodyBytes }: HttpRequest): Promise<void> {
  let at = 0;
  const length = body?.byteLength ?? 0;
  for (; length - at > pieceBytes && !sent.destroyed; at += pieceBytes) {
    if (!sent.write(body?.subarray(at, at + pieceBytes))) await drained(sent);
    onBodyBytes?.(pieceBytes);
  }
  if (sent.destroyed) return;
  if (body === undefined) sent.end();
  else {
    sent.end(body.subarray(at));
    onBodyBytes?.(length - at);
  }
}

const pieceBytes = 256 * 1024;

/** Room for more, or no use for more. */
function drained(sent: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      sent.off('drain', done);
      sent.off('close', done);
      resolve();
    };
    sent.once('drain', done);
    sent.once('close', done);
  });
}
