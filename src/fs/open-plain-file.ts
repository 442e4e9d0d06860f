import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { BundlesError } from '../errors.js';

export interface PlainFile {
  /** For the caller to close. */
  readonly handle: FileHandle;
  /** Bytes, as far as the file states. */
  readonly size: number;
}

/**
 * Opens a file for reading. Symbolic links are followed; pipes, devices, sockets and directories are refused, so that
 * nothing here can wait indefinitely or never end.
 *
 * @throws NOT_READABLE for what is not a file; what the operating system states of a file, as it is
 */
export async function openPlainFile(path: string): Promise<PlainFile> {
  const handle = await open(path, withoutWaiting);
  try {
    const stats = await handle.stat();
    refuseSpecial(path, stats);
    return { handle, size: stats.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The same at once; gives a file descriptor, for the caller to close. */
export function openPlainFileSync(path: string): { readonly descriptor: number; readonly size: number } {
  const descriptor = openSync(path, withoutWaiting);
  try {
    const stats = fstatSync(descriptor);
    refuseSpecial(path, stats);
    return { descriptor, size: stats.size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Opening a pipe without a writer would wait for one. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

function refuseSpecial(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory()
    ? 'a directory'
    : stats.isFIFO()
      ? 'a pipe'
      : stats.isSocket()
        ? 'a socket'
        : 'a device';
  throw new BundlesError(
    'NOT_READABLE',
    `Cannot read ${JSON.stringify(path)}: it is ${kind}, a file is wanted`,
    {
      details: { path, kind },
    },
  );
}
