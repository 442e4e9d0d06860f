import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { type HeldLock, holdFileLock } from '../fs/file-lock.js';
import type { AnnouncedServer } from '../http/serve/server-discovery.js';
import { findRunningCatalog } from './find-running-catalog.js';

/** One that ended in another pid namespace counts as dead after 12 seconds without a sign of life. */
const waitMs = 15_000;

/**
 * Makes this process the only one that serves a directory: PGlite takes no lock, and two processes on its data destroy
 * it. The lock of a killed process is taken over.
 * @throws BUSY, with the address of the one that serves it; NOT_WRITABLE, DISK_FULL
 */
export async function lockCatalog(
  root: string,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<HeldLock> {
  const options = { signal };
  const running = await findRunningCatalog(root, options);
  if (running) throw served(root, running, undefined);
  try {
    return await holdFileLock(join(root, 'lock'), { clock, timeoutMs: waitMs, ...options });
  } catch (error) {
    if (!isBundlesError(error, 'BUSY')) throw error;
    throw served(root, await findRunningCatalog(root, options), error);
  }
}

function served(
  root: string,
  running: AnnouncedServer | undefined,
  cause: BundlesError | undefined,
): BundlesError {
  const who = running ? `a catalog serves it at ${running.url}` : `process ${cause?.details.pid} has it open`;
  return new BundlesError('BUSY', `Cannot open the catalog in ${JSON.stringify(root)}: ${who}`, {
    hint: running
      ? 'Use that one, or end it first; another directory, by --state-dir, holds another catalog'
      : 'Wait until that process has ended; if it hangs, end it and run again',
    details: { root, url: running?.url ?? null, pid: cause?.details.pid ?? null },
    cause,
  });
}
