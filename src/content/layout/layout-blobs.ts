import { constants, createReadStream } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  open,
  readFile,
  rename,
  rmdir,
  stat,
  unlink,
  utimes,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../../async/clock.js';
import { type ByteSource, bytesInMemory } from '../../bytes/byte-source.js';
import { errnoOf, readError, writeError } from '../../fs/machine-error.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { sweepTemporaryFiles, temporaryName } from '../../fs/temporary-file.js';
import { syncDirectory } from '../../fs/write-file-atomic.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { createDigester, type Digest } from '../../oci/digest.js';
import { consumeStream } from '../consume-stream.js';
import { notFound } from '../not-found.js';
import { checkContent, createContentCheck, mismatch, verifiedStream } from '../verified-stream.js';

/** Bytes a read takes from the disk at once. */
const pieceSize = 256 * 1024;
/** Bytes up to which an existing blob is compared, so that writing it again repairs a damaged one. */
const compareLimit = 1024 * 1024;

/** What a server over a layout's files needs beside reading and writing whole content. */
export interface BlobFiles {
  /** Bytes of a blob, or undefined where the layout does not hold it. */
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** The bytes from `first` to `last`, both included, without any check. @throws NOT_FOUND */
  readRange(digest: Digest, first: number, last: number): Promise<Uint8Array | ReadableStream<Uint8Array>>;
  /** Writes a blob of unknown size as it arrives. @throws DIGEST_MISMATCH, and what `pieces` throws */
  receive(digest: Digest, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Moves a file of the same file system into the layout if its bytes match the digest; otherwise deletes it.
   * @throws DIGEST_MISMATCH, NOT_FOUND if the file is gone
   */
  adopt(digest: Digest, file: string): Promise<void>;
  /** Gives this layout a blob of another one as the same file, or as a copy. False where that one does not hold it. */
  share(digest: Digest, from: string): Promise<boolean>;
}

export interface LayoutBlobs extends BlobFiles {
  exists(digest: Digest): Promise<boolean>;
  has(descriptor: Descriptor): Promise<boolean>;
  read(descriptor: Descriptor, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  write(
    descriptor: Descriptor,
    content: Uint8Array | ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void>;
  delete(digest: Digest): Promise<void>;
  /** Tidies, and makes the names of all blobs survive a power cut; their bytes already do. */
  settle(): Promise<void>;
}

export interface LayoutBlobsOptions {
  readonly durable: boolean;
  readonly clock: Clock;
  /** Where blobs are until they are whole; of the same file system. Default `.tmp` of the layout. */
  readonly temporaries?: string | undefined;
}

/** The files below a layout's blobs/. They come whole, by rename from the temporary ones, and never change. */
export function createLayoutBlobs(
  directory: string,
  { durable, clock, temporaries = join(directory, '.tmp') }: LayoutBlobsOptions,
): LayoutBlobs {
  const pathOf = (digest: Digest) => blobPath(directory, digest);
  let swept = false;

  /** Content written again is as good as new: garbage collection leaves it alone. False when it is gone. */
  const renew = async (digest: Digest) => {
    const seconds = clock.now() / 1000;
    const path = pathOf(digest);
    return await utimes(path, seconds, seconds).then(
      () => true,
      // A file of another user, or a read-only place: as long as it is there, it is the content wanted.
      async () => (await sizeOf(path)) !== undefined,
    );
  };

  const place = async (digest: Digest, fill: (handle: FileHandle, path: string) => Promise<void>) => {
    const path = pathOf(digest);
    const temporary = join(temporaries, await temporaryName(digest.slice(-16)));
    const handle = await openNew(temporary, temporaries);
    try {
      try {
        await fill(handle, temporary);
        if (durable) await handle.sync();
      } finally {
        await handle.close();
      }
      if (!swept) await sweepTemporaryFiles(temporaries, temporary);
      swept = true;
      await renameInto(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  };

  return {
    ...createBlobFiles(directory, place, renew),
    exists: async (digest) => (await sizeOf(pathOf(digest))) !== undefined,
    has: async ({ digest, size }) => (await sizeOf(pathOf(digest))) === size,
    read: async (descriptor, signal) => {
      signal?.throwIfAborted();
      const handle = await openBlob(pathOf(descriptor.digest), { directory, digest: descriptor.digest });
      return verifiedStream(await sourceOf(handle, descriptor.size), descriptor, signal);
    },
    async write(descriptor, content, signal) {
      signal?.throwIfAborted();
      try {
        if (content instanceof Uint8Array) {
          checkContent(descriptor, content);
          if ((await isSame(pathOf(descriptor.digest), content)) && (await renew(descriptor.digest))) return;
          await place(descriptor.digest, (handle) => handle.writeFile(content));
        } else if (
          (await sizeOf(pathOf(descriptor.digest))) === descriptor.size &&
          (await renew(descriptor.digest))
        ) {
          await content.cancel();
        } else {
          await place(descriptor.digest, (handle) => pour(handle, content, { descriptor, signal }));
        }
      } catch (error) {
        if (signal?.aborted || !errnoOf(error)) throw error;
        throw writeError(error, `write ${descriptor.digest} into ${JSON.stringify(directory)}`, directory);
      }
    },
    async delete(digest) {
      await unlink(pathOf(digest)).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return;
        throw writeError(error, `delete ${digest} from ${JSON.stringify(directory)}`, directory);
      });
    },
    async settle() {
      // Fails, as it should, while another process writes.
      await rmdir(temporaries).catch(() => undefined);
      if (!durable) return;
      for (const algorithm of ['sha256', 'sha512']) {
        await syncDirectory(join(directory, 'blobs', algorithm)).catch((error: unknown) => {
          if (errnoOf(error) !== 'ENOENT')
            throw writeError(error, `write ${JSON.stringify(directory)}`, directory);
        });
      }
    },
  };
}

type Place = (digest: Digest, fill: (handle: FileHandle, path: string) => Promise<void>) => Promise<void>;

function createBlobFiles(
  directory: string,
  place: Place,
  renew: (digest: Digest) => Promise<boolean>,
): BlobFiles {
  const pathOf = (digest: Digest) => blobPath(directory, digest);
  /** Errors of the disk name the operation; errors of the source of the bytes are passed on. */
  const storing = async <T>(digest: Digest, task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      if (!errnoOf(error)) throw error;
      throw writeError(error, `write ${digest} into ${JSON.stringify(directory)}`, directory);
    }
  };

  return {
    sizeOf: (digest) => requireSize(pathOf(digest)),
    async readRange(digest, first, last) {
      const path = pathOf(digest);
      if (last < first) return new Uint8Array();
      const handle = await openBlob(path, { directory, digest });
      if (last - first >= pieceSize) {
        return Readable.toWeb(
          handle.createReadStream({ start: first, end: last }),
        ) as ReadableStream<Uint8Array>;
      }
      try {
        return await nextPiece(handle, last - first + 1, first);
      } finally {
        await handle.close();
      }
    },
    receive: (digest, pieces) =>
      storing(digest, () =>
        place(digest, async (handle) => {
          const digester = createDigester(digest);
          for await (const piece of pieces) {
            digester.update(piece);
            await writeWhole(handle, piece);
          }
          requireDigest(digester.digest(), digest);
        }),
      ),
    adopt: (digest, file) =>
      storing(digest, async () => {
        try {
          await settleFile(file, digest);
          await renameInto(file, pathOf(digest));
        } catch (error) {
          await unlink(file).catch(() => undefined);
          if (errnoOf(error) === 'ENOENT') throw notFound(digest, { where: JSON.stringify(file) });
          throw error;
        }
      }),
    share: (digest, from) =>
      storing(digest, async () => {
        const source = blobPath(from, digest);
        try {
          if ((await requireSize(source)) === undefined) return false;
          await makeDirectory(dirname(pathOf(digest)));
          await link(source, pathOf(digest));
        } catch (error) {
          const errno = errnoOf(error) ?? '';
          if (errno === 'ENOENT') return false;
          if (errno === 'EEXIST') return await renew(digest);
          if (!unlinkable.includes(errno)) throw error;
          await place(digest, (_, temporary) => copyFile(source, temporary, constants.COPYFILE_FICLONE));
        }
        return true;
      }),
  };
}

function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', ...digest.split(':'));
}

/** File systems without links, and files that have too many. */
const unlinkable = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** As sizeOf, but an unknown size is an error. */
async function requireSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw readError(error, `read ${JSON.stringify(path)}`, { path });
  }
}

/** Makes sure that a file holds what the digest names, and that the disk has it. */
async function settleFile(file: string, digest: Digest): Promise<void> {
  const digester = createDigester(digest);
  for await (const piece of createReadStream(file, { highWaterMark: 4 * pieceSize })) digester.update(piece);
  requireDigest(digester.digest(), digest);
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function requireDigest(found: Digest, digest: Digest): void {
  if (found !== digest) throw mismatch(digest, { expected: digest, found, what: 'as its digest' });
}

/** The directory is missing where nothing was stored yet, or where a writer was killed before it was made. */
async function renameInto(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
    await rename(temporary, path);
  }
}

async function openNew(path: string, directory: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(path, 'wx', 0o644);
    } catch (error) {
      // Anyone who tidies takes an empty directory away, perhaps just after it was made.
      if (errnoOf(error) !== 'ENOENT' || attempt > 50) throw error;
    }
    await makeDirectory(directory);
  }
}

async function pour(
  handle: FileHandle,
  stream: ReadableStream<Uint8Array>,
  { descriptor, signal }: { readonly descriptor: Descriptor; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const check = createContentCheck(descriptor);
  const take = async (piece: Uint8Array) => {
    check.update(piece);
    await writeWhole(handle, piece);
  };
  await consumeStream(stream, take, signal);
  check.finish();
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    offset += (await handle.write(bytes, offset)).bytesWritten;
  }
}

/** Small blobs are read at once, so that an unread stream holds no open file. */
async function sourceOf(handle: FileHandle, size: number): Promise<ByteSource> {
  if (size < pieceSize) {
    try {
      return bytesInMemory(await nextPiece(handle, size + 1));
    } finally {
      await handle.close();
    }
  }
  // One byte more than expected is enough to prove a wrong size.
  let left = size + 1;
  return {
    async next() {
      const piece = await nextPiece(handle, Math.min(left, pieceSize));
      left -= piece.length;
      return piece.length === 0 ? undefined : piece;
    },
    close: () => handle.close(),
  };
}

async function nextPiece(
  handle: FileHandle,
  length: number,
  position: number | null = null,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function openBlob(
  path: string,
  { directory, digest }: { readonly directory: string; readonly digest: Digest },
): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') {
      throw notFound(digest, { where: `the layout ${JSON.stringify(directory)}` });
    }
    throw readError(error, `read ${JSON.stringify(path)}`, { path });
  }
}

async function isSame(path: string, content: Uint8Array): Promise<boolean> {
  if ((await sizeOf(path)) !== content.length) return false;
  if (content.length > compareLimit) return true;
  const stored = await readFile(path).catch(() => undefined);
  return stored?.equals(content) ?? false;
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
