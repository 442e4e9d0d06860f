import { closeSync, fchmodSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BundlesError } from '../errors.js';
import { errnoOf, ifPossible, writeError } from './machine-error.js';
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

/** Bytes up to which a file is written at once, where it need not be on the disk: another thread takes several times as long. */
const small = 256 * 1024;

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
    const before = replaceable(path);
    if (onlyIfChanged && before?.size === content.length && content.equals(await readFile(path))) {
      return 'unchanged';
    }
    const mode = options.mode ?? before?.mode;
    const create =
      durable || content.length > small
        ? createBy((handle) => handle.writeFile(content), { durable, mode })
        : (temporary: string) => createNow(temporary, content, mode);
    await replace(path, create, durable);
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
    const before = replaceable(path);
    await replace(path, createBy(fill, { durable: true, mode: before?.mode }), true);
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

/** `create` makes the temporary file, with all that is to be in it. */
async function replace(
  path: string,
  create: (temporary: string) => Promise<void> | void,
  durable: boolean,
): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, await temporaryName(basename(path)));
  try {
    await create(temporary);
    await sweepTemporaryFiles(directory, temporary);
    renameSync(temporary, path);
  } catch (error) {
    ifPossible(() => unlinkSync(temporary));
    throw error;
  }
  if (durable) await syncDirectory(directory);
}

function createBy(
  fill: (handle: FileHandle) => Promise<void>,
  { mode, durable }: { readonly mode: number | undefined; readonly durable: boolean },
): (temporary: string) => Promise<void> {
  return async (temporary) => {
    const handle = await open(temporary, 'wx', mode ?? 0o644);
    try {
      // The umask took bits away at creation that the caller, or the file replaced, has.
      if (mode !== undefined) await handle.chmod(mode);
      await fill(handle);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
  };
}

function createNow(temporary: string, content: Uint8Array, mode: number | undefined): void {
  const descriptor = openSync(temporary, 'wx', mode ?? 0o644);
  try {
    // As above.
    if (mode !== undefined) fchmodSync(descriptor, mode);
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

function replaceable(path: string): { readonly size: number; readonly mode: number } | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
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
