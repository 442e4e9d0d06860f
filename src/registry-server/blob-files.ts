import { constants } from 'node:fs';
import { copyFile, link, open, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import type { Digest } from '../oci/digest.js';

/** Where an OCI layout keeps these bytes (image-layout specification, "Blobs"). */
export function blobPath(directory: string, digest: Digest): string {
  const colon = digest.indexOf(':');
  return join(directory, 'blobs', digest.slice(0, colon), digest.slice(colon + 1));
}

/** Bytes of the blob, or undefined when the layout does not hold it. */
export async function blobSize(directory: string, digest: Digest): Promise<number | undefined> {
  try {
    const stats = await stat(blobPath(directory, digest));
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Moves a verified, synced file of the same file system into the layout; replaces an equal one. */
export async function adoptBlob(directory: string, digest: Digest, from: string): Promise<void> {
  const path = blobPath(directory, digest);
  await inFolderOf(path, () => rename(from, path));
}

/** Gives a second layout the same blob: a hard link, or a copy by way of a temporary file where links cannot be made. */
export async function shareBlob(
  directory: string,
  digest: Digest,
  {
    from,
    now,
    withTemporaryPath,
  }: {
    readonly from: string;
    /** Milliseconds since 1970. */
    readonly now: number;
    readonly withTemporaryPath: (task: (path: string) => Promise<void>) => Promise<void>;
  },
): Promise<void> {
  const path = blobPath(directory, digest);
  const source = blobPath(from, digest);
  try {
    await inFolderOf(path, () => link(source, path));
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    // Looks as if it were new: garbage collection leaves it alone.
    if (errno === 'EEXIST') return await utimes(path, now / 1000, now / 1000);
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno)) throw error;
    await withTemporaryPath((temporary) => copyThrough(temporary, source, path));
  }
}

async function copyThrough(temporary: string, source: string, path: string): Promise<void> {
  try {
    await copyFile(source, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const file = await open(temporary, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function inFolderOf(path: string, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!isAbsent(error)) throw error;
    await makeDirectory(dirname(path));
    await task();
  }
}

export function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
