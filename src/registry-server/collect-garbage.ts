import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { type SweptLayout, sweepLayout } from '../content/layout/sweep-layout.js';
import type { CallOptions } from '../content/store.js';
import { type BundlesError, toBundlesError } from '../errors.js';
import { layoutDirectory, listRepositories } from './layout-directory.js';
import { completeLimits } from './limits.js';
import { sweepUploads } from './upload-sessions.js';

/** What is collected, and how old it has to be. */
export interface CollectGarbageOptions extends CallOptions {
  /** Directory of a registry's state. */
  readonly root: string;
  readonly clock?: Clock;
  /** What was written or used within this time stays; an unfinished upload at least one hour. Default one hour. */
  readonly graceMs?: number;
  /** Also manifests without a tag, unless a kept one names them or they refer to one. Default false. */
  readonly untagged?: boolean;
  /** Removes nothing. Default false. */
  readonly dryRun?: boolean;
}

/** What was freed, in all and by repository. */
export interface GarbageReport {
  /** Those of which something was removed. */
  readonly repositories: readonly (SweptLayout & { readonly name: string })[];
  /** Sums over all of them. */
  readonly blobs: number;
  readonly manifests: number;
  /** Uploads that were abandoned. */
  readonly uploads: number;
  /** Freed, uploads included. */
  readonly bytes: number;
  /** Repositories of which nothing was removed, because that could not be decided or done. */
  readonly problems: readonly { readonly name: string; readonly error: BundlesError }[];
}

/**
 * Removes from an embedded registry what no manifest names. The registry and `ensure` may be running: content younger than `graceMs`
 * (default one hour) is kept, and each repository is swept under its own lock. A repository with a problem is reported and the others are
 * swept.
 *
 * @example
 * ```ts
 * import { collectGarbage } from 'tekton-bundles/server';
 *
 * const { blobs, bytes, problems } = await collectGarbage({ root: 'registry', dryRun: true });
 * console.log(blobs, bytes, problems.length); // 0 0 0
 * ```
 */
export async function collectGarbage(options: CollectGarbageOptions): Promise<GarbageReport> {
  const {
    root,
    clock = systemClock,
    graceMs = 3_600_000,
    untagged = false,
    dryRun = false,
    signal,
  } = options;
  const repositories: (SweptLayout & { readonly name: string })[] = [];
  const problems: { readonly name: string; readonly error: BundlesError }[] = [];
  const sweep = { clock, graceMs, untagged, dryRun, ...(signal ? { signal } : {}) };
  for (const name of await listRepositories(root)) {
    signal?.throwIfAborted();
    try {
      const swept = await sweepLayout(layoutDirectory(root, name), sweep);
      if (swept.blobs + swept.manifests > 0) repositories.push({ name, ...swept });
    } catch (error) {
      signal?.throwIfAborted();
      problems.push({ name, error: toBundlesError(error) });
    }
  }
  // As the registry itself does: an upload that is under way has no other sign of life.
  const idleMs = Math.max(graceMs, completeLimits().uploadIdleMs);
  const uploads = await sweepUploads(root, { before: clock.now() - idleMs, dryRun });
  const sum = (of: (swept: SweptLayout) => number) =>
    repositories.reduce((total, swept) => total + of(swept), 0);
  return {
    repositories,
    blobs: sum(({ blobs }) => blobs),
    manifests: sum(({ manifests }) => manifests),
    uploads: uploads.removed,
    bytes: sum(({ bytes }) => bytes) + uploads.bytes,
    problems,
  };
}
