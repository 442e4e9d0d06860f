import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import type { Lock } from '../../project/lock/lock.js';
import type { PartResult } from '../result.js';
import type { Run } from '../run.js';
import type { BundleReport } from './ensure-bundle.js';
import { declaredNames, recordCommitted } from './record-committed.js';

/**
 * Writes what is committed: the lock and the workflow schemas, where a frozen run checks only that nothing is left over.
 * What did not change is not written. A run over one shard writes a part of the lock instead.
 *
 * @throws FROZEN where the lock names bundles that are no longer declared, NOT_WRITABLE, DISK_FULL, BUSY, LOCK_INVALID
 */
export async function record(
  run: Run,
  { reports, lock }: { readonly reports: readonly BundleReport[]; readonly lock: Lock },
  options: CallOptions = {},
): Promise<PartResult | null> {
  const records = reports.map(({ result: { name }, entry, files }) => ({ name, entry, files }));
  if (run.frozen) refuseUndeclared(run, lock);
  else await recordCommitted(run, records, options);
  return run.shard ? run.shard.write(reports, lock, options) : null;
}

function refuseUndeclared(run: Run, lock: Lock): void {
  const { shard } = run;
  const ofLock = shard ? !run.project.overridden : run.lock.write !== undefined;
  if (run.names.length > 0 || !ofLock) return;
  const declared = declaredNames(run);
  const gone = [...lock.entries.keys()].filter((name) => !declared.has(name) && shard?.holds(name) !== false);
  if (gone.length === 0) return;
  throw new BundlesError(
    'FROZEN',
    `Cannot keep ${JSON.stringify(run.lock.read)} frozen: it names bundles that are not declared, ${gone.join(', ')}`,
    { hint: 'Run ensure without --frozen and commit the lock', details: { undeclared: gone } },
  );
}
