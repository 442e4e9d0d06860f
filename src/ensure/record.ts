import { dirname } from 'node:path';
import { createLimiter } from '../async/limiter.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { makeDirectory } from '../fs/make-directory.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import { type Lock, type LockEntry, mergeLock } from '../project/lock.js';
import { updateLock } from '../project/lock-file.js';
import { updateState } from '../project/state-file.js';
import type { BundleReport } from './ensure-bundle.js';
import type { Run } from './run.js';

const writtenAtOnce = 16;

/**
 * Writes what a run came to: the lock, the workflow schemas, the state; frozen, only the state. What did not change
 * is not written.
 *
 * @throws FROZEN where the lock names bundles that are no longer declared, NOT_WRITABLE, DISK_FULL, BUSY, LOCK_INVALID
 */
export async function record(
  run: Run,
  { reports, lock }: { readonly reports: readonly BundleReport[]; readonly lock: Lock },
  options: CallOptions = {},
): Promise<void> {
  if (!run.frozen) await recordCommitted(run, reports, options);
  await updateState(
    run.stateDirectory,
    { results: reports.map(({ result }) => result) },
    { clock: run.clock, ...options },
  );
  if (run.frozen) refuseUndeclared(run, lock);
}

async function recordCommitted(
  run: Run,
  reports: readonly BundleReport[],
  options: CallOptions,
): Promise<void> {
  const changed = new Map<string, LockEntry>();
  for (const { entry, result } of reports) if (entry) changed.set(result.name, entry);
  const declared = run.names.length === 0 ? declaredNames(run) : undefined;
  if (run.lock.write !== undefined) {
    const change = (current: Lock) => mergeLock(current, changed, { declared });
    await updateLock(run.lock.write, change, { clock: run.clock, ...options });
  }
  // Bundles share the documents of their action types.
  const news = new Map(reports.flatMap(({ files }) => files.map((file) => [file.file, file] as const)));
  for (const directory of new Set([...news.keys()].map((file) => dirname(file))))
    await makeDirectory(directory);
  // Not waiting for the disk: what a power cut takes away, the next run writes again.
  const limiter = createLimiter(writtenAtOnce);
  await Promise.all(
    [...news.values()].map(({ file, text }) =>
      limiter.run(() => writeFileAtomic(file, text, { durable: false, ...options }), options.signal),
    ),
  );
}

function refuseUndeclared(run: Run, lock: Lock): void {
  if (run.names.length > 0 || run.lock.write === undefined) return;
  const declared = declaredNames(run);
  const gone = [...lock.entries.keys()].filter((name) => !declared.has(name));
  if (gone.length === 0) return;
  throw new BundlesError(
    'FROZEN',
    `Cannot keep ${JSON.stringify(run.lock.read)} frozen: it names bundles that are not declared, ${gone.join(', ')}`,
    { hint: 'Run ensure without --frozen and commit the lock', details: { undeclared: gone } },
  );
}

function declaredNames({ project }: Run): Set<string> {
  return new Set(project.bundles.map(({ name }) => name));
}
