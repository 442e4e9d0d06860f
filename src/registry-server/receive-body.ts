import type { FileHandle } from 'node:fs/promises';
import { bodyPieces } from '../http/incoming-body.js';
import type { DiskUse } from './disk-use.js';
import { WireError } from './wire-error.js';

export interface ReceiveOptions {
  /** Offset in the file of the first byte. */
  readonly position: number;
  /** Size the file may reach, in bytes. */
  readonly limit: number;
  readonly disk: DiskUse;
  /** Sees every byte that was written. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

/**
 * Writes a request's body to a file as it arrives and resolves with the bytes written. What arrived before an
 * error stays written, so that the client can go on from there.
 * @throws WireError 413 when the file would outgrow the limit, 507 when the registry would
 */
export async function receiveBody(
  request: Request,
  file: FileHandle,
  { position, limit, disk, onBytes }: ReceiveOptions,
): Promise<number> {
  const declared = declaredLength(request);
  if (position + declared > limit) throw tooLarge(limit);
  await disk.requireRoom(declared);
  let written = 0;
  for await (const bytes of piecesOf(request)) {
    if (position + written + bytes.length > limit) throw tooLarge(limit);
    const offset = position + written;
    await disk.storing(bytes.length, () => writeAll(file, bytes, offset));
    onBytes?.(bytes);
    written += bytes.length;
  }
  return written;
}

/** A request's body in memory. @throws WireError 413 */
export async function receiveBytes(request: Request, limit: number): Promise<Uint8Array> {
  if (declaredLength(request) > limit) throw tooLarge(limit);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of piecesOf(request)) {
    length += bytes.length;
    if (length > limit) throw tooLarge(limit);
    pieces.push(bytes);
  }
  const [first] = pieces;
  return first && pieces.length === 1 ? first : Buffer.concat(pieces, length);
}

/** A body that breaks off is the client's doing, not a failure of this registry. */
async function* piecesOf(request: Request): AsyncGenerator<Uint8Array> {
  const pieces = bodyPieces(request);
  try {
    for (;;) {
      const { done, value } = await pieces.next().catch((cause: unknown) => {
        throw new WireError(400, 'BLOB_UPLOAD_INVALID', 'the request broke off', { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await pieces.return(undefined).catch(() => undefined);
  }
}

function declaredLength(request: Request): number {
  const length = Number(request.headers.get('content-length') ?? '0');
  return Number.isFinite(length) && length > 0 ? length : 0;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
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
