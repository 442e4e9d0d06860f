import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import type { Lock } from '../../project/lock/lock.js';
import type { PartResult } from '../result.js';
import type { Run } from '../run.js';
import type { WorkflowReport } from '../workflows/plan-workflows.js';
import type { BundleReport } from './ensure-bundle.js';
import { declaredNames, recordCommitted } from './record-committed.js';

/**
 * Writes what is committed: the lock and the workflow schemas, where a frozen run checks only that nothing is left over.
 * What did not change is not written. A run over one shard writes a part of the lock instead.
 *
 * @throws FROZEN where the lock names bundles or workflows that are no longer declared, NOT_WRITABLE, DISK_FULL, BUSY, LOCK_INVALID
 */
export async function record(
  run: Run,
  {
    reports,
    workflows,
    lock,
  }: {
    readonly reports: readonly BundleReport[];
    readonly workflows: readonly WorkflowReport[];
    readonly lock: Lock;
  },
  options: CallOptions = {},
): Promise<PartResult | null> {
  const records = reports.map(({ result: { name }, entry, files }) => ({ name, entry, files }));
  if (run.frozen) refuseUndeclared(run, lock);
  else {
    const own = workflows.map(({ result: { name }, entry, files }) => ({ name, entry, files }));
    await recordCommitted(run, records, options, own);
  }
  return run.shard ? run.shard.write(reports, lock, options) : null;
}

function refuseUndeclared(run: Run, lock: Lock): void {
  const { shard } = run;
  const ofLock = shard ? !run.project.overridden : run.lock.write !== undefined;
  if (run.names.length > 0 || !ofLock) return;
  const declared = declaredNames(run);
  const gone = [
    ...[...lock.entries.keys()].filter((name) => !declared.bundles.has(name) && shard?.holds(name) !== false),
    // A shard has no part in them.
    ...[...lock.workflows.keys()].filter((name) => !shard && !declared.workflows.has(name)),
  ];
  if (gone.length === 0) return;
  throw new BundlesError(
    'FROZEN',
    `Cannot keep ${JSON.stringify(run.lock.read)} frozen: it has entries that are not declared, ${gone.join(', ')}`,
    { hint: 'Run ensure without --frozen and commit the lock', details: { undeclared: gone } },
  );
}
