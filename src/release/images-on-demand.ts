import type { BuildSlot } from '../engine/slots/build-slot.js';
import type { PruneImagesOptions, PruneImagesResult } from '../images/open-prune.js';
import type { BuildSlotOptions } from '../images/shared-slot.js';
import { contextOf } from '../open/machine.js';
import type { EnsureImagesOptions, EnsureImagesResult } from './project-images.js';

/**
 * Makes sure of every image that a project declares, or of each one in `names`: reuses it from its registry or from the store
 * of the container engine, or builds it in one of the build slots of this machine, pushes it where that is allowed, loads it
 * into kind, and pins the workflows that run it. It is what the command `bundles images ensure` runs, with the same defaults.
 *
 * An image that fails is reported in its result (`error`); the other images are completed. A container engine is needed only
 * where an image is not on its registry. Times are in milliseconds, but `timeout` and `connectTimeout` are in seconds.
 *
 * @returns the document that `bundles images ensure --output json` prints
 * @throws BundlesError for what concerns the whole run: USAGE, CONFIG_NOT_FOUND, CONFIG_INVALID, CREDENTIALS_INVALID,
 *   TRUST_REQUIRED, SLOTS_UNSAFE, LOCK_INVALID, NOT_READABLE, NOT_WRITABLE; ENGINE_NOT_FOUND for an `engine` that is named; the
 *   signal's reason where it is aborted
 * @example
 * ```ts not-run="needs a container engine"
 * import { ensureImages } from 'tekton-bundles/images';
 *
 * const { images } = await ensureImages({ names: ['service'], push: false });
 * for (const { name, outcome, use } of images) console.log(name, outcome, use?.reference);
 * // service built localhost/service:key-…
 * ```
 */
export async function ensureImages(options: EnsureImagesOptions = {}): Promise<EnsureImagesResult> {
  const { ensureProjectImages } = await import('./project-images.js');
  return ensureProjectImages(contextOf(options), options);
}

/**
 * Finds images that were built here and that no project and no lock names, and with `remove` removes them. Without `remove`
 * nothing changes. A removal waits until no build of this machine's slots runs; no image is removed by force.
 *
 * @returns the document that `bundles images prune --output json` prints
 * @throws BundlesError: ENGINE_NOT_FOUND, ENGINE_FAILED, CONFIG_NOT_FOUND, CONFIG_INVALID, LOCK_INVALID, SLOTS_UNSAFE,
 *   SLOT_TIMEOUT, NOT_READABLE, NOT_WRITABLE; the signal's reason where it is aborted
 * @example
 * ```ts not-run="needs a container engine"
 * import { pruneImages } from 'tekton-bundles/images';
 *
 * const { images, dryRun } = await pruneImages({ host: true });
 * console.log(images.length, dryRun); // 0 true
 * ```
 */
export async function pruneImages(options: PruneImagesOptions = {}): Promise<PruneImagesResult> {
  const { openPrune } = await import('../images/open-prune.js');
  const prune = await openPrune(contextOf(options), options);
  return prune({ remove: options.remove === true });
}

/**
 * Runs a task, such as a build of your own, in one of the build slots that all processes of this user share, in the order of
 * asking; with `slotsDir` all users share them. Builds of `ensureImages` and of `bundles images ensure` wait for the same
 * slots. There is no daemon: a slot is free when the process that holds it has ended, however it ended.
 *
 * @returns what the task returns
 * @throws BundlesError: SLOT_TIMEOUT, SLOTS_UNSAFE, NOT_WRITABLE, DISK_FULL, USAGE for a user without a home directory; the
 *   signal's reason where it is aborted; what the task throws; RangeError for `buildSlots` that is not a whole number from 1 to
 *   999
 * @example
 * ```ts
 * import { withBuildSlot } from 'tekton-bundles/images';
 *
 * let running = 0;
 * const build = (image: string) =>
 *   withBuildSlot({ buildSlots: 1, image }, async () => {
 *     running++;
 *     const now = running;
 *     await new Promise((resolve) => setImmediate(resolve));
 *     running--;
 *     return now;
 *   });
 * console.log(await Promise.all([build('one'), build('two')])); // [ 1, 1 ]
 * ```
 */
export async function withBuildSlot<T>(
  options: BuildSlotOptions,
  task: (slot: BuildSlot) => Promise<T>,
): Promise<T> {
  const { withSharedSlot } = await import('../images/shared-slot.js');
  return withSharedSlot(options, task);
}
