import { resolve } from 'node:path';
import type { Engine, EngineStatus } from '../engine/engine.js';
import { freeBytes } from '../engine/preflight.js';
import { recoveringEngine } from '../engine/recovering-engine.js';
import { type QueuePosition, withBuildSlot } from '../engine/slots/build-slot.js';
import type { SlotNote } from '../engine/slots/slot-note.js';
import { toBundlesError } from '../errors.js';
import {
  findCandidates,
  type PrunedContainer,
  type PrunedImage,
  type PruneQuestion,
} from './prune-candidates.js';

export interface PruneOptions extends PruneQuestion {
  readonly signal: AbortSignal;
  /** Removes what it shows; without it nothing changes. */
  readonly remove: boolean;
  /** Stops when so many bytes are free. */
  readonly toBytes?: number | undefined;
  /** Gives up after so much waiting for builds. */
  readonly waitTimeoutMs?: number | undefined;
  readonly onQueuePosition?: (place: QueuePosition) => void;
  /** Called before anything is removed. */
  readonly onShow?: (report: PruneReport) => void;
}

/** What can be removed, or was removed. */
export interface PruneReport {
  /** The oldest first. */
  readonly images: readonly PrunedImage[];
  readonly containers: readonly PrunedContainer[];
  /** What the removal of all these images frees; null where that is not known. */
  readonly bytes: number | null;
  /** Images that stay: in use, too young, or not built here. */
  readonly kept: number;
  readonly warnings: readonly string[];
  readonly freeBytes: { readonly before: number | null; readonly after: number | null };
}

/**
 * Frees images that this program built for the project (or, without one, in this directory) and that no lock and no
 * project of this machine names, and unnamed images of its builds. All other images stay, and so do volumes and
 * containers, except those of its own killed builds. Before it removes anything, it waits until no build runs in the slots
 * of this machine; no image is removed by force.
 */
export async function pruneImages(given: PruneOptions): Promise<PruneReport> {
  const options = { ...given, engine: recoveringEngine(given.engine, given) };
  const { engine, clock, signal, slots, remove, onQueuePosition, onShow } = options;
  const work = async () => {
    const status = await engine.status();
    const before = (await freeOf(status)) ?? null;
    const candidates = await findCandidates(options, status);
    const report = { ...candidates, bytes: sum(candidates.images), freeBytes: { before, after: before } };
    onShow?.(report);
    if (!remove) return report;
    // They hold the images that they were made from.
    const containers: PrunedContainer[] = [];
    for (const container of candidates.containers) {
      signal.throwIfAborted();
      containers.push(await removeContainer(engine, container));
    }
    const images: PrunedImage[] = [];
    for (const image of candidates.images) {
      signal.throwIfAborted();
      const free = await freeOf(status, engine);
      const enough = options.toBytes !== undefined && free !== undefined && free >= options.toBytes;
      images.push(enough ? { ...image, left: 'enough is free' } : await removeOne(engine, image));
    }
    return {
      ...report,
      images,
      containers,
      freeBytes: { before, after: (await freeOf(status, engine)) ?? null },
    };
  };
  // A dry run does not wait.
  if (!remove) return work();
  const { waitTimeoutMs } = options;
  const note: SlotNote = {
    ...{ task: 'prune', project: options.project ? resolve(options.project.file) : null, image: null },
    ...{ engine: engine.name, service: false },
  };
  const turn = { directory: slots.directory, limit: 1, note, clock, signal, onQueuePosition, waitTimeoutMs };
  return withBuildSlot(turn, work);
}

function sum(images: readonly PrunedImage[]): number | null {
  return images.reduce<number | null>(
    (total, { bytes }) => (total === null || bytes === null ? null : total + bytes),
    0,
  );
}

async function removeContainer(engine: Engine, container: PrunedContainer): Promise<PrunedContainer> {
  try {
    await engine.removeContainer(container.id);
    return { ...container, removed: true };
  } catch (error) {
    return { ...container, left: toBundlesError(error).message };
  }
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
