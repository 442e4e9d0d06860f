import { dirname } from 'node:path';
import type { Clock } from '../async/clock.js';
import { isBundlesError } from '../errors.js';
import { withFileLock } from '../fs/file-lock.js';
import { makeDirectory } from '../fs/make-directory.js';
import { isCatalogError } from './catalog-error.js';
import type { CatalogCallOptions, CatalogEntry, CatalogTarget, Registration } from './catalog-target.js';
import type { Intent, Journal } from './journal.js';

export interface RegisterOptions extends CatalogCallOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Tells whoever must know, before the journal forgets the registration. */
  readonly onRegistered?: (entry: CatalogEntry, registration: Registration) => Promise<void> | void;
}

/** A catalog that answers slowly may keep another run at the same entry for a while. */
const lockTimeoutMs = 120_000;

/**
 * Registers one workflow version exactly once: looks, notes the intent, registers, tells, forgets the intent. An entry
 * that an interrupted run of this machine began counts as `created` when it is found.
 *
 * @throws CATALOG_CONFLICT where the version has other content, CATALOG_UNREACHABLE, CATALOG_REFUSED, BUSY
 */
export async function registerWorkflow(
  target: CatalogTarget,
  entry: CatalogEntry,
  { journal, clock, onRegistered, ...call }: RegisterOptions,
): Promise<Registration> {
  const intent = { place: target.place, entry };
  const lock = journal.lockOf(intent);
  const work = async (): Promise<Registration> => {
    const begun = await journal.find(intent);
    const state = await target.look(entry, call);
    if (state.is === 'different') {
      // Whatever was begun is over: this version will never be ours.
      if (begun) await journal.end(intent);
      throw state.error;
    }
    const found =
      state.is === 'absent'
        ? await begin(target, intent, { journal, ...call })
        : ({ ...state, action: 'unchanged' } as const);
    const { workflowId, warnings } = found;
    const ours = begun?.entry.contentHash === entry.contentHash;
    const registration: Registration = { action: ours ? 'created' : found.action, workflowId, warnings };
    await onRegistered?.(entry, registration);
    await journal.end(intent);
    return registration;
  };
  await makeDirectory(dirname(lock));
  return withFileLock(lock, work, { clock, timeoutMs: lockTimeoutMs, ...call });
}

async function begin(
  target: CatalogTarget,
  intent: Intent,
  { journal, ...call }: CatalogCallOptions & { readonly journal: Journal },
): Promise<Registration> {
  await journal.begin(intent);
  try {
    return await target.register(intent.entry, call);
  } catch (error) {
    const open =
      call.signal?.aborted || !isBundlesError(error) || (isCatalogError(error) && error.mayHaveHappened);
    if (!open) await journal.end(intent);
    throw error;
  }
}

/**
 * Ends what interrupted runs began for workflows that are not declared any more: what arrived is told, what did not is
 * given up.
 */
export async function settleJournal(
  target: CatalogTarget,
  declared: readonly CatalogEntry[],
  { journal, clock, onRegistered, ...call }: RegisterOptions,
): Promise<void> {
  const known = new Set(declared.map(({ name, version }) => JSON.stringify([name, version])));
  for (const intent of await journal.list(target.place)) {
    const { entry } = intent;
    if (known.has(JSON.stringify([entry.name, entry.version]))) continue;
    const work = async () => {
      if (!(await journal.find(intent))) return;
      const state = await target.look(entry, call);
      if (state.is === 'same') {
        const { workflowId, warnings } = state;
        await onRegistered?.(entry, { action: 'created', workflowId, warnings });
      }
      await journal.end(intent);
    };
    await withFileLock(journal.lockOf(intent), work, { clock, timeoutMs: lockTimeoutMs, ...call });
  }
}
