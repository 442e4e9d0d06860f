import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { findEngine, missingEngine } from '../engine/engines/find-engine.js';
import { openSlotPlaces, type SlotPlaces } from '../engine/slots/slot-places.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { type Machine, optionOr, type RunContext } from '../open/machine.js';

/** The container engine and the build slots of this machine. */
export interface EngineOptions {
  /** `podman`, `buildah` or `docker`, or the path of one. Default: the first of them on the PATH. */
  readonly engine?: string | undefined;
  /** A directory of build slots that all users of the machine share. Default: `BUNDLES_SLOTS_DIR`, else the slots of this user. */
  readonly slotsDir?: string | undefined;
}

/** The requested engine, or the first that is installed; without one, an engine that reports this when it is used. @throws ENGINE_NOT_FOUND */
export async function openEngine(context: RunContext, options: EngineOptions): Promise<Engine> {
  const { environment, signal } = context;
  try {
    return await findEngine(options.engine, { environment, signal });
  } catch (error) {
    if (options.engine === undefined && isBundlesError(error, 'ENGINE_NOT_FOUND'))
      return missingEngine(error);
    throw error;
  }
}

/** @throws SLOTS_UNSAFE, NOT_WRITABLE, USAGE where this user has no home */
export function openSlots(context: Machine, options: Pick<EngineOptions, 'slotsDir'>): Promise<SlotPlaces> {
  const { environment, home, uid } = context;
  const shared = optionOr(options.slotsDir, context, 'BUNDLES_SLOTS_DIR');
  const state =
    environment.XDG_STATE_HOME || (home === undefined ? undefined : join(home, '.local', 'state'));
  if (shared === undefined && state === undefined) {
    throw new BundlesError(
      'USAGE',
      'Cannot find a place for the build slots: this user has no home directory',
      {
        hint: 'Name one with --slots-dir',
      },
    );
  }
  return openSlotPlaces({ shared, state: state ?? '', uid });
}
