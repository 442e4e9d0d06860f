import { lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BundlesError } from '../../errors.js';
import { errnoOf, writeError } from '../../fs/machine-error.js';
import { makeDirectory } from '../../fs/make-directory.js';

export interface SlotDirectoryOptions {
  /** Of this process; undefined where users have no number. */
  readonly uid: number | undefined;
  /** Made where it is missing, for this user alone. Default false. */
  readonly make?: boolean;
}

/**
 * Makes sure that a directory may hold the build slots: a real directory, owned by this user or by root, and, where
 * others may write, with the sticky bit, so that users cannot remove or rename the files of others.
 *
 * @throws SLOTS_UNSAFE, NOT_WRITABLE
 */
export async function requireSlotDirectory(path: string, options: SlotDirectoryOptions): Promise<void> {
  const { uid, make = false } = options;
  if (make) await makePrivate(path);
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') throw unsafe(path, 'there is no such directory');
    throw writeError(error, `use the build slots ${JSON.stringify(path)}`, path);
  });
  if (found.isSymbolicLink()) throw unsafe(path, 'it is a symbolic link');
  if (!found.isDirectory()) throw unsafe(path, 'it is not a directory');
  if (uid !== undefined && found.uid !== uid && found.uid !== 0)
    throw unsafe(path, `it belongs to user ${found.uid}, wanted root or user ${uid}`);
  const open = (found.mode & 0o022) !== 0;
  if (open && (found.mode & 0o1000) === 0)
    throw unsafe(path, 'others may write there, and it has no sticky bit');
}

async function makePrivate(path: string): Promise<void> {
  await makeDirectory(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST')
      throw writeError(error, `make the directory ${JSON.stringify(path)}`, path);
  }
}

function unsafe(path: string, problem: string): BundlesError {
  return new BundlesError(
    'SLOTS_UNSAFE',
    `Cannot use the build slots in ${JSON.stringify(path)}: ${problem}`,
    {
      hint: `For all users of a machine, root creates it once: install -d -m 1777 ${path}`,
      details: { path },
    },
  );
}
