import { dirname } from 'node:path';
import type { Clock } from '../../async/clock.js';
import { isBundlesError } from '../../errors.js';
import { removeDeadLock, withFileLock } from '../../fs/file-lock.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { decodeUtf8 } from '../../yaml-file/decode-utf8.js';
import { readCanonicalLock } from './canonical-lock.js';
import { formatLock } from './format-lock.js';
import { emptyLock, type Lock, sameLockEntry, sameLockedWorkflow } from './lock.js';

/** Bytes; room for some ten thousand bundles. */
const sizeLimit = 16 * 1024 * 1024;

/**
 * Reads a bundles.lock; a missing one is an empty lock.
 * @throws LOCK_INVALID with file, line and column; NOT_READABLE
 */
export async function readLock(
  path: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Lock> {
  const options = { limit: sizeLimit, missing: 'NOT_FOUND', tooLarge: 'LOCK_INVALID' } as const;
  try {
    const bytes = await readFileCapped(path, { ...options, linksWithin: dirname(path), signal });
    const text = decodeUtf8(bytes, { what: 'lock', file: path, invalid: 'LOCK_INVALID' });
    // Most locks are as they were written: the rest of the code is loaded for the others.
    return readCanonicalLock(text) ?? (await import('./read-lock-text.js')).parseLock(text, path);
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return emptyLock;
    throw error;
  }
}

export interface UpdateLockOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Reads, changes and writes a lock while no other process does. Content that stays the same is not rewritten,
 * however the file is laid out.
 *
 * @throws LOCK_INVALID, BUSY, NOT_READABLE, NOT_WRITABLE, DISK_FULL
 */
export async function updateLock(
  path: string,
  change: (current: Lock) => Lock,
  options: UpdateLockOptions,
): Promise<'written' | 'unchanged'> {
  const { signal } = options;
  const reading = { signal };
  const writing = `${path}.writing`;
  // Nothing to write needs no right to write beside the lock.
  const seen = await readLock(path, reading);
  if (sameLock(seen, change(seen))) {
    await removeDeadLock(writing);
    return 'unchanged';
  }
  const write = async (): Promise<'written' | 'unchanged'> => {
    const current = await readLock(path, reading);
    const next = change(current);
    if (sameLock(current, next)) return 'unchanged';
    return writeFileAtomic(path, formatLock(next), reading);
  };
  return withFileLock(writing, write, options);
}

/** True if two locks have the same content. */
export function sameLock(left: Lock, right: Lock): boolean {
  return (
    sameEntries(left.entries, right.entries, sameLockEntry) &&
    sameEntries(left.workflows, right.workflows, sameLockedWorkflow)
  );
}

function sameEntries<Entry>(
  left: ReadonlyMap<string, Entry>,
  right: ReadonlyMap<string, Entry>,
  same: (left: Entry, right: Entry) => boolean,
): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(([name, entry]) => {
    const other = right.get(name);
    return other !== undefined && same(entry, other);
  });
}
