import type { CallOptions } from '../store.js';
import { type ArchiveEntry, type ArchiveFile, invalid, requireEntry } from './archive-file.js';

/** Bytes; manifests and indexes are smaller everywhere. */
const defaultLimit = 16 * 1024 * 1024;

/**
 * The bytes of one file of an archive.
 *
 * @throws ARCHIVE_INVALID when it is missing, cut short or beyond `limit` (default 16 MiB)
 */
export async function readArchiveFile(
  archive: ArchiveFile,
  name: string,
  { limit = defaultLimit, signal }: CallOptions & { readonly limit?: number } = {},
): Promise<Uint8Array> {
  const entry = requireEntry(archive, name);
  const shown = JSON.stringify(name.slice(0, 200));
  if (entry.size > limit) {
    throw invalid(archive.path, `${shown} has ${entry.size} bytes, at most ${limit} are allowed`);
  }
  const bytes: Uint8Array[] = [];
  await eachPiece(archive, entry, { signal, take: (piece) => void bytes.push(piece) });
  const whole = Buffer.concat(bytes);
  if (whole.length !== entry.size) throw invalid(archive.path, `${shown} is cut short`);
  return whole;
}

/** Hands out an entry's bytes piece by piece. */
export async function eachPiece(
  archive: ArchiveFile,
  entry: ArchiveEntry,
  { signal, take }: { readonly signal: AbortSignal | undefined; take(piece: Uint8Array): void },
): Promise<void> {
  const source = await archive.open(entry);
  try {
    for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
      signal?.throwIfAborted();
      take(piece);
    }
  } finally {
    await source.close();
  }
}
