import type { Writable } from 'node:stream';
import { bytesOf } from './request-bytes.js';

/** What is to be written after the head of a request. */
export interface OutgoingBody {
  /** Known length in bytes; undefined: no body, or one sent in chunks. */
  readonly length: number | undefined;
  readonly chunked: boolean;
  /** It can be written once more. */
  readonly repeatable: boolean;
  /** Writes it and ends the request. */
  write(sent: Writable): Promise<void>;
}

/** Bytes at hand are sent with their length; only a stream of unknown length goes in chunks. */
export async function outgoingBody(request: Request): Promise<OutgoingBody> {
  const known = bytesOf(request);
  if (known !== undefined) return ofBytes(known);
  if (request.body === null) return empty(request.method);
  const declared = declaredLength(request);
  const reader = request.body.getReader();
  if (declared !== undefined) return ofStream(reader, { first: [], length: declared });
  return peek(reader);
}

/** A Request made of bytes or text yields them as one piece and ends; a true stream does not end so soon. */
async function peek(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<OutgoingBody> {
  const first = await reader.read();
  if (first.done) return ofBytes(new Uint8Array(0));
  const next = reader.read();
  next.catch(() => undefined);
  const quick = await Promise.race([
    next,
    new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
  ]);
  if (quick?.done) return ofBytes(first.value);
  return ofStream(reader, { first: [first, next], length: undefined });
}

function empty(method: string): OutgoingBody {
  const length = method === 'POST' || method === 'PUT' || method === 'PATCH' ? 0 : undefined;
  return { length, chunked: false, repeatable: true, write: async (sent) => void sent.end() };
}

function ofBytes(bytes: Uint8Array): OutgoingBody {
  const write = async (sent: Writable) => {
    let at = 0;
    // In pieces, so that whoever watches sees them go.
    for (; bytes.byteLength - at > pieceBytes && !sent.destroyed; at += pieceBytes) {
      if (!sent.write(bytes.subarray(at, at + pieceBytes))) await drained(sent);
    }
    if (!sent.destroyed) sent.end(bytes.subarray(at));
  };
  return { length: bytes.byteLength, chunked: false, repeatable: true, write };
}

const pieceBytes = 256 * 1024;

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

function ofStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { first, length }: { readonly first: (Read | Promise<Read>)[]; readonly length: number | undefined },
): OutgoingBody {
  const write = async (sent: Writable) => {
    // Whoever fills the stream must learn that nobody reads it any more.
    sent.once('close', () => void reader.cancel().catch(() => undefined));
    for (;;) {
      const { done, value } = await (first.shift() ?? reader.read());
      if (sent.destroyed) return;
      if (done) return void sent.end();
      if (!sent.write(value)) await drained(sent);
    }
  };
  return { length, chunked: length === undefined, repeatable: false, write };
}

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

function declaredLength(request: Request): number | undefined {
  const header = request.headers.get('content-length');
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
