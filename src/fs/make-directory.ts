import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, ifPossible, writeError } from './machine-error.js';

/** Makes a directory and those above it; one that is there already is fine. @throws DISK_FULL, NOT_WRITABLE */
export async function makeDirectory(path: string): Promise<void> {
  try {
    make(path);
  } catch (error) {
    throw writeError(error, `make the directory ${JSON.stringify(path)}`, path);
  }
}

/**
 * Not `mkdir` with `recursive`: Node 20 never comes back from it where a directory exists that can hold none
 * (below /proc), because it takes every ENOENT for a missing parent.
 */
function make(path: string): void {
  if (made(path)) return;
  const parent = dirname(path);
  if (parent !== path) make(parent);
  if (made(path)) return;
  throw Object.assign(new Error(`ENOENT: mkdir ${path}`), { code: 'ENOENT' });
}

/** A path that disappears this often between two calls is a dangling link, not a directory that others remove. */
const mostAttempts = 100;

/** False where the parent is missing. */
function made(path: string): boolean {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT') return false;
      // A read-only or foreign parent matters only when the directory is not there yet.
      const found = ifPossible(() => statSync(path));
      if (found?.isDirectory()) return true;
      const taken = errno === 'EEXIST' && found === undefined;
      if (!taken || attempt === mostAttempts) throw error;
    }
  }
}
