import { join } from 'node:path';
import type { CallOptions } from '../content/store.js';
import { buildLocalBundle, type LocalBundle } from '../ensure/bundle/local-bundle.js';
import { BundlesError } from '../errors.js';
import type { LockEntry } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import type { BundleSpec, Project } from '../project/project.js';
import type { StateServed } from '../project/state/state.js';
import { readState } from '../project/state/state-file.js';

/** A declared bundle as the lock pins it. */
export interface PinnedBundle {
  readonly spec: BundleSpec;
  readonly entry: LockEntry;
  /** Where a fallback serves exactly the pinned digest, by the state of this machine. */
  readonly fallback: StateServed | undefined;
}

export interface PinnedBundlesRequest {
  readonly project: Project;
  readonly specs: readonly BundleSpec[];
  /** Default: `.bundles` beside bundles.yaml. */
  readonly stateDirectory?: string | undefined;
  /** Default: `bundles.lock` beside bundles.yaml. */
  readonly lockFile?: string | undefined;
}

/**
 * The declared bundles as the lock and the state record them.
 * @throws LOCK_STALE where a bundle has no entry or one of another reference; LOCK_INVALID, NOT_READABLE
 */
export async function readPinnedBundles(
  { project, specs, stateDirectory, lockFile }: PinnedBundlesRequest,
  options: CallOptions = {},
): Promise<PinnedBundle[]> {
  const lock = await readLock(lockFile ?? join(project.directory, 'bundles.lock'), options);
  const state = await readState(stateDirectory ?? join(project.directory, '.bundles'), options);
  return specs.map((spec) => {
    const entry = lock.entries.get(spec.name);
    if (!entry) throw stale(spec, 'it has no entry in the lock');
    const known = state.bundles.get(entry.reference);
    const fell = known?.outcome === 'fallback' && known.digest === entry.digest;
    return { spec, entry, fallback: fell ? (known.served ?? undefined) : undefined };
  });
}

/**
 * Builds a pinned bundle from its sources.
 * @throws LOCK_STALE where the sources are not those of the lock
 */
export async function buildPinned(
  project: Project,
  { spec, entry }: PinnedBundle,
  options: CallOptions = {},
): Promise<LocalBundle> {
  const candidate = await buildLocalBundle({ project, spec, entry, created: undefined }, options);
  if (candidate.previous) return candidate;
  throw stale(spec, 'its sources or its reference changed since the lock was written');
}

function stale({ name }: BundleSpec, problem: string): BundlesError {
  return new BundlesError('LOCK_STALE', `Cannot use the pinned bundle ${JSON.stringify(name)}: ${problem}`, {
    hint: `Run: npx tekton-bundles ensure ${name}`,
    details: { bundle: name },
  });
}
