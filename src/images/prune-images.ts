import { resolve } from 'node:path';
import type { Clock } from '../async/clock.js';
import { type QueuePosition, withBuildSlot } from '../engine/build-slot.js';
import type { Engine, EngineStatus, LocalImage } from '../engine/engine.js';
import { keyLabel, repositoryLabel } from '../engine/image-key.js';
import { freeBytes } from '../engine/preflight.js';
import { recoveringEngine } from '../engine/recovering-engine.js';
import type { SlotNote } from '../engine/slot-note.js';
import { toBundlesError } from '../errors.js';
import { formatReference, referenceName } from '../oci/reference.js';
import type { Lock } from '../project/lock/lock.js';
import type { Project } from '../project/project.js';
import { readImageUses } from './image-uses.js';

export interface PruneOptions {
  readonly project: Project;
  readonly lock: Lock;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly slots: { readonly directory: string; readonly uses: string };
  /** Removes what it shows; without it nothing changes. */
  readonly remove: boolean;
  /** Stops when so many bytes are free. */
  readonly toBytes?: number | undefined;
  /** What is younger stays, milliseconds. */
  readonly graceMs: number;
  /** Also what was built for the project and has no name. */
  readonly dangling: boolean;
  /** Gives up after so much waiting for builds. */
  readonly waitTimeoutMs?: number | undefined;
  readonly onQueuePosition?: (place: QueuePosition) => void;
  /** Called before anything is removed. */
  readonly onShow?: (report: PruneReport) => void;
}

export interface PrunedImage {
  readonly id: string;
  readonly names: readonly string[];
  /** Seconds since 1970. */
  readonly created: number;
  readonly bytes: number;
  readonly why: 'unused' | 'dangling';
  readonly removed: boolean;
  /** Why the engine kept it. */
  readonly left: string | null;
}

export interface PruneReport {
  /** The oldest first. */
  readonly images: readonly PrunedImage[];
  /** Images that are nobody's business here: in use, too young, or made by others. */
  readonly kept: number;
  readonly warnings: readonly string[];
  readonly freeBytes: { readonly before: number | null; readonly after: number | null };
}

/**
 * Frees images that this tool built for the project and that no lock and no project of this machine names, and
 * what it built for the project and left without a name. Images of anybody else stay, named or not, and so do volumes
 * and containers. To remove something it waits until no build of this machine's slots runs; nothing is removed by force.
 */
export async function pruneImages(given: PruneOptions): Promise<PruneReport> {
  const options = { ...given, engine: recoveringEngine(given.engine, given) };
  const { engine, clock, signal, slots, remove, onQueuePosition, onShow } = options;
  const work = async () => {
    const status = await engine.status();
    const before = (await freeOf(status)) ?? null;
    const { candidates, kept, warnings } = await findCandidates(options);
    const report = { images: candidates, kept, warnings, freeBytes: { before, after: before } };
    onShow?.(report);
    if (!remove) return report;
    const images: PrunedImage[] = [];
    for (const image of candidates) {
      signal.throwIfAborted();
      const free = await freeOf(status, engine);
      const enough = options.toBytes !== undefined && free !== undefined && free >= options.toBytes;
      images.push(enough ? { ...image, left: 'enough is free' } : await removeOne(engine, image));
    }
    return { ...report, images, freeBytes: { before, after: (await freeOf(status, engine)) ?? null } };
  };
  // Who only looks waits for nobody.
  if (!remove) return work();
  const { waitTimeoutMs } = options;
  const note: SlotNote = {
    ...{ task: 'prune', project: resolve(options.project.file), image: null },
    ...{ engine: engine.name, service: false },
  };
  const turn = { directory: slots.directory, limit: 1, note, clock, signal, onQueuePosition, waitTimeoutMs };
  return withBuildSlot(turn, work);
}

async function findCandidates(
  options: PruneOptions,
): Promise<{ candidates: PrunedImage[]; kept: number; warnings: string[] }> {
  const { project, engine, clock, graceMs, slots } = options;
  const oldest = (clock.now() - graceMs) / 1000;
  const images = await engine.images();
  const building = options.dangling
    ? (await engine.buildsUnderWay()).filter(({ created }) => created > oldest)
    : [];
  const listed = options.dangling ? await engine.listedDigests() : new Set<string>();
  const used = new Set((await readImageUses(slots.uses)).map(({ reference }) => reference));
  const ours = new Map(project.images.map(({ reference }) => [referenceName(reference), reference]));
  const candidates: PrunedImage[] = [];
  let spared = 0;
  for (const image of images) {
    if (image.created > oldest) continue;
    const why = reasonFor(image, { ours, used, lock: options.lock });
    if (why === undefined || (why === 'dangling' && (!options.dangling || listed.has(image.digest))))
      continue;
    if (why === 'dangling' && building.length > 0) spared++;
    else candidates.push(toPruned(image, why));
  }
  const warnings =
    spared > 0
      ? [
          `${spared} dangling layers stay: ${building.length} builds seem to be under way, which may need them`,
        ]
      : [];
  candidates.sort((left, right) => left.created - right.created);
  return { candidates, kept: images.length - candidates.length, warnings };
}

interface Knowledge {
  /** Declared references by repository. */
  readonly ours: ReadonlyMap<string, Project['images'][number]['reference']>;
  readonly used: ReadonlySet<string>;
  readonly lock: Lock;
}

function reasonFor(image: LocalImage, { ours, used, lock }: Knowledge): PrunedImage['why'] | undefined {
  const repository = image.labels[repositoryLabel];
  const built = image.labels[keyLabel] !== undefined && repository !== undefined;
  const declared = built ? ours.get(repository) : undefined;
  if (declared === undefined) return undefined;
  if (image.names.length === 0) return image.dangling ? 'dangling' : undefined;
  const own = (name: string) => name.startsWith(`${repository}:key-`) || name === formatReference(declared);
  const locked = [...lock.entries.values()].some(({ images }) =>
    [...images].some(
      ([name, digest]) =>
        image.names.includes(name) || image.repositoryDigests.some((known) => known.endsWith(`@${digest}`)),
    ),
  );
  // A name of somebody else's making is his.
  return !locked && image.names.every((name) => own(name) && !used.has(name)) ? 'unused' : undefined;
}

function toPruned({ id, names, created, size }: LocalImage, why: PrunedImage['why']): PrunedImage {
  return { id, names, created, bytes: size, why, removed: false, left: null };
}

async function removeOne(engine: Engine, image: PrunedImage): Promise<PrunedImage> {
  try {
    for (const name of image.names.length > 0 ? image.names : [image.id]) await engine.remove(name);
    return { ...image, removed: true };
  } catch (error) {
    // Used by a container, or gone with the image that was made from it.
    return { ...image, left: toBundlesError(error).message };
  }
}

/** On the disk of the store; asked of the engine where that is another machine. */
async function freeOf(status: EngineStatus, engine?: Engine): Promise<number | undefined> {
  if (status.remote) return engine ? (await engine.status()).freeDiskBytes : status.freeDiskBytes;
  const [store] = status.directories;
  return store === undefined ? undefined : freeBytes(store);
}
