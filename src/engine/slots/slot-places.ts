import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from '../../fs/make-directory.js';
import { requireSlotDirectory } from './slot-directory.js';

/** Where the builds of this machine queue, and where projects note which images they need. */
export interface SlotPlaces {
  readonly directory: string;
  readonly uses: string;
}

export interface SlotPlacesOptions {
  /** A directory that several users share; it has to be there. */
  readonly shared: string | undefined;
  /** This user's directory for state, e.g. `~/.local/state`. */
  readonly state: string;
  readonly uid: number | undefined;
}

/** @throws SLOTS_UNSAFE, NOT_WRITABLE */
export async function openSlotPlaces({ shared, state, uid }: SlotPlacesOptions): Promise<SlotPlaces> {
  if (shared !== undefined) {
    await requireSlotDirectory(shared, { uid });
    return { directory: shared, uses: shared };
  }
  const uses = join(state, 'tekton-bundles', 'images');
  await makeDirectory(join(state, 'tekton-bundles'));
  await requireSlotDirectory(uses, { uid, make: true });
  // A home may be shared by machines, which have nothing to share here, and by containers of one machine, which do.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  const directory = join(uses, `slots-${createHash('sha256').update(boot).digest('hex').slice(0, 12)}`);
  await requireSlotDirectory(directory, { uid, make: true });
  return { directory, uses };
}
