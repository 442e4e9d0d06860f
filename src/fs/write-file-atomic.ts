import { type FileHandle, lstat, open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BundlesError } from '../errors.js';
import { errnoOf, writeError } from './machine-error.js';
import { sweepTemporaryFiles, temporaryName } from './temporary-file.js';

export interface WriteFileOptions {
  /** Permission bits; default: those of the file that is replaced, else 0o644 less the umask. */
  readonly mode?: number;
  /** Leave a file alone that already holds exactly these bytes. Default false. */
  readonly onlyIfChanged?: boolean;
  /** Wait until the disk has it. Default true. */
  readonly durable?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Replaces a whole file so that every reader, also after a crash, sees the old bytes or the new ones: a temporary
 * file beside it, fsync, rename, fsync of the directory. Leaves nothing behind when it fails, and removes what
 * killed processes left.
 *
 * @throws DISK_FULL, NOT_WRITABLE (also when a symbolic link or anything but a file is at `path`)
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  options: WriteFileOptions = {},
): Promise<'written' | 'unchanged'> {
  const { onlyIfChanged = false, durable = true, signal } = options;
  signal?.throwIfAborted();
  const doing = `write ${JSON.stringify(path)}`;
  try {
    const content =
      typeof bytes === 'string'
        ? Buffer.from(bytes, 'utf8')
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const before = await replaceable(path);
    if (onlyIfChanged && before?.size === content.length && content.equals(await readFile(path))) {
      return 'unchanged';
    }
    const mode = options.mode ?? before?.mode;
    const fill = (handle: FileHandle) => handle.writeFile(content);
    await replace(path, fill, { durable, mode });
    return 'written';
  } catch (error) {
    throw writeError(error, doing, path);
  }
}

/**
 * The same for what is written piece by piece: `fill` gets the open temporary file. An error of `fill` that is none of
 * the operating system's comes out as it is.
 *
 * @throws DISK_FULL, NOT_WRITABLE
 */
export async function replaceFile(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    const before = await replaceable(path);
    await replace(path, fill, { durable: true, ...(before ? { mode: before.mode } : {}) });
  } catch (error) {
    throw errnoOf(error) === undefined ? error : writeError(error, `write ${JSON.stringify(path)}`, path);
  }
}

/** Makes a rename within this directory survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems do not support fsync of a directory, and have no substitute.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

async function replace(
  path: string,
  fill: (handle: FileHandle) => Promise<void>,
  { mode, durable }: { readonly mode?: number; readonly durable: boolean },
): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, await temporaryName(basename(path)));
  try {
    const handle = await open(temporary, 'wx', mode ?? 0o644);
    try {
      // The umask took bits away at creation that the caller, or the file replaced, has.
      if (mode !== undefined) await handle.chmod(mode);
      await fill(handle);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await sweepTemporaryFiles(directory, temporary);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  if (durable) await syncDirectory(directory);
}

async function replaceable(
  path: string,
): Promise<{ readonly size: number; readonly mode: number } | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || found.isFile()) return found && { size: found.size, mode: found.mode & 0o777 };
  const kind = found.isSymbolicLink()
    ? 'a symbolic link'
    : found.isDirectory()
      ? 'a directory'
      : 'not a plain file';
  throw new BundlesError(
    'NOT_WRITABLE',
    `Cannot write ${JSON.stringify(path)}: it is ${kind}, a file is wanted`,
    {
      hint: 'Remove it, or name another file',
      details: { path, kind },
    },
  );
}
