import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { BundlesError } from '../errors.js';
import { errnoOf, readError } from './machine-error.js';

/** Whether a path is a directory or lies in it, by their names alone: anyone who minds symbolic links gives real paths. */
export function isInside(directory: string, path: string): boolean {
  const inside = relative(directory, path);
  // Of another drive it is absolute.
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/**
 * Refuses a directory that symbolic links lead out of `root`: what is written there would be no part of the project.
 * @throws NOT_WRITABLE, NOT_READABLE
 */
export async function requireInside(root: string, directory: string): Promise<void> {
  if (isInside(resolvedPath(root), resolvedPath(directory))) return;
  throw new BundlesError(
    'NOT_WRITABLE',
    `Cannot write into ${JSON.stringify(directory)}: a symbolic link leads out of the project's directory`,
    {
      hint: 'Remove the link, or name another directory in bundles.yaml',
      details: { path: directory },
    },
  );
}

/** Where a directory really is, or where the nearest one above it is that exists. */
function resolvedPath(path: string): string {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      return realpathSync.native(place);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw readError(error, `look at ${JSON.stringify(path)}`, { path });
    }
  }
}
