import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Header } from 'tar-stream';
import { type ByteSource, bytesInMemory } from '../../bytes/byte-source.js';
import { gunzipCapped, isGzip } from '../../bytes/gunzip-capped.js';
import { BundlesError, type ErrorCode } from '../../errors.js';
import { errnoOf, readError } from '../../fs/machine-error.js';
import { openPlainFile } from '../../fs/open-plain-file.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import type { CallOptions } from '../store.js';

/** Where the bytes of a file lie within the archive. */
export interface ArchiveEntry {
  readonly offset: number;
  readonly size: number;
}

/** A tar file whose entries are read where they lie; nothing is unpacked and no name in it becomes a path. */
export interface ArchiveFile {
  readonly path: string;
  /** The plain files by name, without a leading `./`. */
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  /** Names of links. They lead nowhere here: skopeo writes some for old readers, and reading one is an error. */
  readonly links: ReadonlySet<string>;
  open(entry: ArchiveEntry): Promise<ByteSource>;
}

const kinds: readonly string[] = ['file', 'contiguous-file', 'link', 'symlink'];
const mostEntries = 20_000;
/** Bytes of a compressed archive, and what it may grow to: it is held in memory. */
const mostPacked = 256 * 1024 * 1024;
const mostUnpacked = 512 * 1024 * 1024;
/** Bytes of a tar header, right behind which the entry's bytes begin. */
const headerSize = 512;
const pieceSize = 256 * 1024;

/**
 * Reads the table of contents of a tar file, which may be gzip-ed. Links are not followed; devices, names that lead out
 * of the archive and names that stand twice are refused.
 *
 * @throws NOT_FOUND, NOT_READABLE, ARCHIVE_INVALID, TOO_LARGE for a gzip-ed archive beyond 512 MiB
 */
export async function openArchiveFile(path: string, { signal }: CallOptions = {}): Promise<ArchiveFile> {
  try {
    const bytes = await archiveBytes(path, signal);
    const contents = await readEntries(path, bytes, signal);
    return { path, ...contents, open: (entry) => bytes.open(entry) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw readError(error, `read ${JSON.stringify(path)}`, { path });
  }
}

/** Bytes that can be read from anywhere. */
interface ArchiveBytes {
  open(entry: ArchiveEntry): Promise<ByteSource>;
  readonly whole: ArchiveEntry;
}

async function archiveBytes(path: string, signal: AbortSignal | undefined): Promise<ArchiveBytes> {
  const { handle, size } = await openPlainFile(path);
  const start = Buffer.alloc(2);
  try {
    await handle.read(start, 0, 2, 0);
  } finally {
    await handle.close();
  }
  if (!isGzip(start)) {
    return { whole: { offset: 0, size }, open: (entry) => openRange(path, entry) };
  }
  const limits = { limit: mostPacked, missing: 'NOT_FOUND', tooLarge: 'TOO_LARGE' } as const;
  const packed = await readFileCapped(path, { ...limits, signal });
  const bytes = await unpack(path, packed);
  return {
    whole: { offset: 0, size: bytes.length },
    open: async ({ offset, size }) => bytesInMemory(Uint8Array.from(bytes.subarray(offset, offset + size))),
  };
}

async function unpack(path: string, packed: Uint8Array): Promise<Uint8Array> {
  try {
    return await gunzipCapped(packed, { limit: mostUnpacked, what: JSON.stringify(path) });
  } catch (error) {
    if (!(error instanceof BundlesError)) throw error;
    const isTooLarge = error.code === 'TOO_LARGE';
    throw new BundlesError(isTooLarge ? 'TOO_LARGE' : 'ARCHIVE_INVALID', error.message, {
      hint: isTooLarge ? 'Unpack it with gunzip first: a plain tar file may have any size' : hint,
      details: { path },
      cause: error,
    });
  }
}

/** The file is opened for each read and checked by digest, so an archive does not have to be closed. */
async function openRange(path: string, { offset, size }: ArchiveEntry): Promise<ByteSource> {
  const { handle } = await openPlainFile(path).catch((error: unknown) => {
    throw readError(error, `read ${JSON.stringify(path)}`, { path });
  });
  let at = 0;
  let closed = false;
  return {
    async next() {
      if (at >= size) return undefined;
      const piece = Buffer.allocUnsafe(Math.min(pieceSize, size - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, offset + at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
      return piece.subarray(0, bytesRead);
    },
    async close() {
      if (!closed) await handle.close();
      closed = true;
    },
  };
}

async function readEntries(
  path: string,
  bytes: ArchiveBytes,
  signal: AbortSignal | undefined,
): Promise<Pick<ArchiveFile, 'entries' | 'links'>> {
  const { extract } = await import('tar-stream');
  const entries = new Map<string, ArchiveEntry>();
  const links = new Set<string>();
  const source = await bytes.open(bytes.whole);
  const tar = extract();
  let count = 0;
  tar.on('entry', (header, stream, next) => {
    // What ends the archive ends its entry too, and is heard of there.
    stream.on('error', () => undefined);
    try {
      if (++count > mostEntries) throw invalid(path, `it has more than ${mostEntries} entries`);
      const name = plainName(path, header);
      if (name !== undefined) {
        if (entries.has(name) || links.has(name))
          throw invalid(path, `${JSON.stringify(name)} is in it twice`);
        if (header.type === 'symlink' || header.type === 'link') links.add(name);
        else entries.set(name, { offset: stream.offset + headerSize, size: header.size });
      }
    } catch (error) {
      return next(error as Error);
    }
    stream.on('end', next);
    stream.resume();
  });
  try {
    await pipeline(Readable.from(pieces(source)), tar, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted || error instanceof BundlesError || errnoOf(error)) throw error;
    throw invalid(path, error instanceof Error ? error.message : String(error), error);
  } finally {
    await source.close();
  }
  if (entries.size > 0) return { entries, links };
  throw invalid(path, 'it contains no file');
}

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) yield piece;
}

/** Undefined for a directory. */
function plainName(path: string, { name, type }: Header): string | undefined {
  if (type === 'directory') return undefined;
  const plain = name.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
  const shown = JSON.stringify(name.slice(0, 200));
  if (!kinds.includes(type)) throw invalid(path, `${shown} is not a file`);
  const leaves = plain.split('/').some((segment) => segment === '' || segment === '.' || segment === '..');
  if (leaves || /[\u0000-\u001f\u007f\\]/.test(plain)) {
    throw invalid(path, `the name ${shown} leads out of it or is not a plain path`);
  }
  return plain;
}

const hint =
  'Expected a tar file, plain or gzipped, that skopeo, podman, docker or npx tekton-bundles export wrote';

/** The entry of a file that has to be there. @throws ARCHIVE_INVALID */
export function requireEntry({ path, entries, links }: ArchiveFile, name: string): ArchiveEntry {
  const entry = entries.get(name);
  if (entry) return entry;
  const shown = JSON.stringify(name.slice(0, 200));
  throw invalid(path, links.has(name) ? `${shown} is a link, a file is wanted` : `${shown} is not in it`);
}

/** What is wrong with an archive as a whole. */
export function invalid(path: string, problem: string, cause?: unknown): BundlesError {
  const code: ErrorCode = 'ARCHIVE_INVALID';
  return new BundlesError(code, `Cannot read the archive ${JSON.stringify(path)}: ${problem}`, {
    hint,
    details: { path },
    cause,
  });
}
