import { dirname } from 'node:path';
import { createLimiter } from '../../async/limiter.js';
import type { CallOptions } from '../../content/store.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { type Lock, type LockEntry, mergeLock } from '../../project/lock/lock.js';
import { updateLock } from '../../project/lock/lock-file.js';
import type { Run } from '../run.js';
import type { Recorded } from './record-plan.js';

/** What the committed files are to say of a bundle. */
export interface CommittedRecord extends Pick<Recorded, 'entry' | 'files'> {
  readonly name: string;
}

const writtenAtOnce = 16;

/** Writes the lock and the files that describe workflows. @throws NOT_WRITABLE, DISK_FULL, BUSY, LOCK_INVALID */
export async function recordCommitted(
  run: Pick<Run, 'project' | 'lock' | 'names' | 'clock'>,
  records: readonly CommittedRecord[],
  options: CallOptions,
): Promise<void> {
  const changed = new Map<string, LockEntry>();
  for (const { name, entry } of records) if (entry) changed.set(name, entry);
  const declared = run.names.length === 0 ? declaredNames(run) : undefined;
  if (run.lock.write !== undefined) {
    const change = (current: Lock) => mergeLock(current, changed, { declared });
    await updateLock(run.lock.write, change, { clock: run.clock, ...options });
  }
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

/** The names of all bundles that a project declares. */
export function declaredNames({ project }: Pick<Run, 'project'>): Set<string> {
  return new Set(project.bundles.map(({ name }) => name));
}
