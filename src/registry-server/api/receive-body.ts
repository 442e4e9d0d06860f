import type { Connection } from '../../http/serve/serve.js';
import type { DiskUse } from '../disk-use.js';
import { WireError } from '../wire-error.js';

/** A request, and what is known from its socket, if there is one. */
export interface Incoming {
  readonly request: Request;
  readonly connection: Connection | undefined;
}

export interface ReceiveOptions {
  /** Bytes that are there already. */
  readonly before: number;
  /** Bytes that there may be in all. */
  readonly limit: number;
  readonly disk: DiskUse;
}

/**
 * The body of a request as it arrives, for a consumer that stores each chunk before it requests the next.
 * @throws WireError 413 when there would be too many bytes, 507 when the registry would have too many
 */
export async function* receiveBody(
  incoming: Incoming,
  { before, limit, disk }: ReceiveOptions,
): AsyncGenerator<Uint8Array> {
  const declared = declaredLength(incoming.request);
  if (before + declared > limit) throw tooLarge(limit);
  await disk.requireRoom(declared);
  let size = before;
  for await (const bytes of piecesOf(incoming)) {
    size += bytes.length;
    if (size > limit) throw tooLarge(limit);
    const stored = await disk.reserve(bytes.length);
    try {
      yield bytes;
    } finally {
      stored();
    }
  }
}

/** A request's body in memory. @throws WireError 413 */
export async function receiveBytes(incoming: Incoming, limit: number): Promise<Uint8Array> {
  if (declaredLength(incoming.request) > limit) throw tooLarge(limit);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of piecesOf(incoming)) {
    length += bytes.length;
    if (length > limit) throw tooLarge(limit);
    pieces.push(bytes);
  }
  const [first] = pieces;
  return first && pieces.length === 1 ? first : Buffer.concat(pieces, length);
}

/** A body that breaks off is the client's doing, not a failure of this registry. */
async function* piecesOf({ request, connection }: Incoming): AsyncGenerator<Uint8Array> {
  const pieces = connection?.body() ?? streamPieces(request.body);
  try {
    for (;;) {
      const { done, value } = await pieces.next().catch((cause: unknown) => {
        throw new WireError(400, 'BLOB_UPLOAD_INVALID', 'the request broke off', { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await pieces.return?.(undefined).catch(() => undefined);
  }
}

async function* streamPieces(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (value) yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function declaredLength(request: Request): number {
  const length = Number(request.headers.get('content-length') ?? '0');
  return Number.isFinite(length) && length > 0 ? length : 0;
}

function tooLarge(limit: number): WireError {
  return new WireError(
    413,
    'SIZE_INVALID',
    `content is larger than the ${limit} bytes this registry accepts`,
    {
      detail: { limit },
    },
  );
}
