import { type FileHandle, open, readFile, rename, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { type ByteSource, bytesInMemory } from '../bytes/byte-source.js';
import { errnoOf, readError, writeError } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import { sweepTemporaryFiles, temporaryName } from '../fs/temporary-file.js';
import { syncDirectory } from '../fs/write-file-atomic.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { consumeStream } from './consume-stream.js';
import { notFound } from './not-found.js';
import { checkContent, createContentCheck, verifiedStream } from './verified-stream.js';

/** Bytes a read takes from the disk at once. */
const pieceSize = 256 * 1024;
/** Bytes up to which an existing blob is compared, so that writing it again repairs a damaged one. */
const compareLimit = 1024 * 1024;

export interface LayoutBlobs {
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

/** The files below a layout's blobs/. They come whole, by rename from `.tmp`, and never change. */
export function createLayoutBlobs(
  directory: string,
  { durable, clock }: { readonly durable: boolean; readonly clock: Clock },
): LayoutBlobs {
  const pathOf = (digest: Digest) => join(directory, 'blobs', ...digest.split(':'));
  const temporaries = join(directory, '.tmp');
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

  const place = async (digest: Digest, fill: (handle: FileHandle) => Promise<void>) => {
    const path = pathOf(digest);
    const temporary = join(temporaries, await temporaryName(digest.slice(-16)));
    const handle = await openNew(temporary, [temporaries, dirname(path)]);
    try {
      try {
        await fill(handle);
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
      // Fails while somebody writes, as it should.
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

/** The directory may be missing where `.tmp` is not: a writer was killed between making the two. */
async function renameInto(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
    await rename(temporary, path);
  }
}

async function openNew(path: string, directories: readonly string[]): Promise<FileHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(path, 'wx', 0o644);
    } catch (error) {
      // Whoever tidies takes an empty directory away, perhaps just after it was made.
      if (errnoOf(error) !== 'ENOENT' || attempt > 50) throw error;
    }
    for (const directory of directories) await makeDirectory(directory);
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

/** Small blobs are read at once, so that a stream nobody reads holds no open file. */
async function sourceOf(handle: FileHandle, size: number): Promise<ByteSource> {
  if (size < pieceSize) {
    try {
      return bytesInMemory(await nextPiece(handle, size + 1));
    } finally {
      await handle.close();
    }
  }
  // One byte more than there should be is enough to know.
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

async function nextPiece(handle: FileHandle, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await handle.read(buffer, 0, length);
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
