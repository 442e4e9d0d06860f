import { dirname } from 'node:path';
import { createLimiter } from '../../async/limiter.js';
import type { CallOptions } from '../../content/store.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import {
  type DeclaredNames,
  type Lock,
  type LockEntry,
  type LockedWorkflow,
  mergeLock,
} from '../../project/lock/lock.js';
import { updateLock } from '../../project/lock/lock-file.js';
import type { Run } from '../run.js';
import type { Recorded } from './record-plan.js';

/** The content of the committed files for a bundle. */
export interface CommittedRecord extends Pick<Recorded, 'entry' | 'files'> {
  readonly name: string;
}

const writtenAtOnce = 16;

/** The same of a workflow that is declared by itself. */
export interface CommittedWorkflow extends Pick<Recorded, 'files'> {
  readonly name: string;
  readonly entry: LockedWorkflow | undefined;
}

/**
 * Writes the lock and the files that describe workflows. The documents of separate workflows are written first: if a run
 * is killed before it writes the lock, the next run still detects from the old lock what changed.
 *
 * @throws NOT_WRITABLE, DISK_FULL, BUSY, LOCK_INVALID
 */
export async function recordCommitted(
  run: Pick<Run, 'project' | 'lock' | 'names' | 'clock'>,
  records: readonly CommittedRecord[],
  options: CallOptions,
  workflows: readonly CommittedWorkflow[] = [],
): Promise<void> {
  const entries = new Map<string, LockEntry>();
  for (const { name, entry } of records) if (entry) entries.set(name, entry);
  const locked = new Map<string, LockedWorkflow>();
  for (const { name, entry } of workflows) if (entry) locked.set(name, entry);
  const declared = run.names.length === 0 ? declaredNames(run) : undefined;
  await writeFiles(workflows, options);
  if (run.lock.write !== undefined) {
    const change = (current: Lock) => mergeLock(current, { entries, workflows: locked }, { declared });
    await updateLock(run.lock.write, change, { clock: run.clock, ...options });
  }
  await writeFiles(records, options);
}

async function writeFiles(records: readonly Pick<Recorded, 'files'>[], options: CallOptions): Promise<void> {
  // Bundles share the documents of their action types.
  const news = new Map(records.flatMap(({ files }) => files.map((file) => [file.file, file] as const)));
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

/** The names of all bundles and workflows that a project declares. */
export function declaredNames({ project }: Pick<Run, 'project'>): DeclaredNames {
  return {
    bundles: new Set(project.bundles.map(({ name }) => name)),
    workflows: new Set(project.workflows.map(({ name }) => name)),
  };
}
