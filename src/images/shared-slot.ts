import type { CallOptions } from '../content/store.js';
import { type BuildSlot, type QueuePosition, withBuildSlot } from '../engine/slots/build-slot.js';
import { contextOf, type Machine } from '../open/machine.js';
import { type EngineOptions, openSlots } from './open-engine.js';

/** The options of `withBuildSlot`. All may be left out. */
export interface BuildSlotOptions extends Pick<EngineOptions, 'slotsDir'>, CallOptions {
  /** The most tasks and builds at once on this machine; where others that are at work want fewer, that counts. Default 1. */
  readonly buildSlots?: number | undefined;
  /** What is built, for `images ps`. Default: no name. */
  readonly image?: string | undefined;
  /** Longest wait for a slot, in milliseconds. Default: no limit. */
  readonly waitTimeoutMs?: number | undefined;
  /** Source of variables and the time. Default: this process and its user. */
  readonly machine?: Machine | undefined;
  /** Called when the place in the queue changes: 1 is next. */
  readonly onQueuePosition?: ((place: QueuePosition) => void) | undefined;
}

/** A task in one of the slots that `images ensure` uses. `images-on-demand.ts` has its contract. */
export async function withSharedSlot<T>(
  options: BuildSlotOptions,
  task: (slot: BuildSlot) => Promise<T>,
): Promise<T> {
  const { clock, signal } = contextOf(options);
  const { buildSlots: limit = 1, image = null, waitTimeoutMs, onQueuePosition } = options;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 999)
    throw new RangeError(`Cannot use ${limit} build slots, wanted a whole number from 1 to 999`);
  const { directory } = await openSlots(contextOf(options), options);
  const note = { task: 'build', project: null, image, engine: null, service: false } as const;
  return withBuildSlot({ directory, limit, note, clock, signal, waitTimeoutMs, onQueuePosition }, task);
}
