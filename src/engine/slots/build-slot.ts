import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../async/clock.js';
import { BundlesError } from '../../errors.js';
import { keepFresh } from '../../fs/heartbeat.js';
import { writeError } from '../../fs/machine-error.js';
import { ownIdentity, type ProcessIdentity } from '../../fs/process-identity.js';
import { readHostLimit } from './host-limit.js';
import { watchNames } from './name-watch.js';
import { claimPrefix, formatSlotClaim, newSlotTicket, type SlotClaim, type SlotRole } from './slot-claim.js';
import { formatSlotNote, type SlotNote } from './slot-note.js';
import { createSlotWatch, type SlotsSeen } from './slot-watch.js';

export interface BuildSlotOptions {
  /** Checked by `requireSlotDirectory`. */
  readonly directory: string;
  /** `build` unless only one may do something: then its name, e.g. of a key. */
  readonly queue?: string;
  /** At most so many at once; where others who are at it want fewer, that counts. */
  readonly limit: number;
  /** For a report of what the machine is doing. */
  readonly note?: SlotNote;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Gives up after so much waiting. Default: never. */
  readonly waitTimeoutMs?: number | undefined;
  /** Called when the place in the queue changes: 1 is next. */
  readonly onQueuePosition?: (place: QueuePosition) => void;
}

/** Where a build is in the queue for a slot. */
export interface QueuePosition {
  readonly place: number;
  /** How many wait, this one included. */
  readonly waiting: number;
  /** Process numbers of those who hold slots. */
  readonly holders: readonly number[];
  /** Those of them that are stopped until someone continues them. */
  readonly stopped: readonly number[];
}

/** A build slot, as the task that runs in it sees it. */
export interface BuildSlot {
  /** Time in the queue. */
  readonly waitedMs: number;
  /** How many other builds of this queue run now. */
  othersBuilding(): Promise<number>;
}

/** What a build that runs in the slot marks as its own: the directory and the beginning of its file names. */
export interface HeldSlot extends BuildSlot {
  readonly directory: string;
  readonly prefix: string;
  /** Names this claim, in its files. */
  readonly ticket: string;
}

/** If the first in the queue, a process of another user, does not take a free slot for this long, it is overtaken. */
const overtakeMs = 3_000;

/**
 * Runs `task` in one of the slots that all processes using `directory` share, in the order of asking. There is no
 * daemon: each participant has a file that names its process, and reads those of the others. A slot is free when
 * its holder and the build that it started are both dead.
 *
 * @throws SLOT_TIMEOUT, SLOTS_UNSAFE, NOT_WRITABLE, DISK_FULL, the signal's reason
 */
export async function withBuildSlot<T>(
  options: BuildSlotOptions,
  task: (slot: HeldSlot) => Promise<T>,
): Promise<T> {
  const { directory, queue = 'build', limit, clock } = options;
  const owner = await ownIdentity();
  const claim = { queue, ticket: newSlotTicket(), limit, owner };
  const marks = createMarks(directory, { claim, clock, note: options.note });
  try {
    await marks.put('wait');
    const waitedMs = await waitForTurn({ ...options, queue, ticket: claim.ticket }, marks);
    const watch = createSlotWatch(directory, queue, clock);
    const othersBuilding = async () =>
      (await watch.look(0)).building.filter((ticket) => ticket !== claim.ticket).length;
    const { ticket } = claim;
    return await task({ directory, prefix: claimPrefix(claim), ticket, waitedMs, othersBuilding });
  } finally {
    await marks.removeAll();
  }
}

interface Marks {
  put(role: SlotRole): Promise<void>;
  remove(role: SlotRole): Promise<void>;
  removeAll(): Promise<void>;
}

async function waitForTurn(
  options: BuildSlotOptions & { readonly queue: string; readonly ticket: string },
  marks: Marks,
): Promise<number> {
  const { directory, queue, ticket, clock, signal, onQueuePosition, waitTimeoutMs } = options;
  const watch = createSlotWatch(directory, queue, clock);
  const host = queue === 'build' ? await readHostLimit(directory) : undefined;
  const limit = Math.min(options.limit, host ?? options.limit);
  const free = ({ busy }: SlotsSeen) => {
    const others = busy.filter((mark) => mark.ticket !== ticket);
    const limits = others.filter(({ foreign }) => !foreign).map((mark) => mark.limit);
    return others.length < Math.min(limit, ...limits);
  };
  const changes = watchNames(directory, clock);
  let waitedMs = 0;
  let ahead = '';
  let idleMs = 0;
  let pausedMs = 0;
  let lastReported = '';
  try {
    for (;;) {
      signal?.throwIfAborted();
      const started = clock.now();
      const seen = await watch.look(waitedMs);
      const place = seen.waiting.findIndex((mark) => mark.ticket === ticket) + 1;
      const first = seen.waiting[0];
      // A process of another user may only want to hold the first place.
      idleMs = free(seen) && first?.foreign && first.ticket === ahead ? idleMs + pausedMs : 0;
      ahead = first?.ticket ?? '';
      if ((place <= 1 || idleMs >= overtakeMs) && free(seen)) {
        // First the mark, then another look: of two that do so at once, the later one finds the other.
        await marks.put('hold');
        if (free(await watch.look(waitedMs))) {
          await marks.remove('wait');
          return waitedMs;
        }
        await marks.remove('hold');
      }
      const holders = seen.busy.map(({ owner }) => owner.pid);
      const { stopped } = seen;
      const news = JSON.stringify([place, seen.waiting.length, stopped]);
      if (news !== lastReported)
        onQueuePosition?.({ place: Math.max(1, place), waiting: seen.waiting.length, holders, stopped });
      lastReported = news;
      if (waitTimeoutMs !== undefined && waitedMs >= waitTimeoutMs)
        throw waitedTooLong(directory, { holders, stopped, waitTimeoutMs, waitedMs });
      // Anyone who fills the directory with files does not keep us busy.
      const took = Math.max(0, clock.now() - started);
      const rest = waitTimeoutMs === undefined ? Number.POSITIVE_INFINITY : waitTimeoutMs - waitedMs;
      pausedMs = await changes.next(Math.min(longestPause(seen, place, ticket), rest), {
        atLeastMs: took,
        signal,
      });
      waitedMs += pausedMs;
    }
  } finally {
    changes.close();
  }
}

/** The death of a killed process raises no event, so all participants poll, those in front more often. */
function longestPause({ busy, waiting }: SlotsSeen, place: number, ticket: string): number {
  if (busy.some(({ role, ticket: other }) => role === 'service' && other !== ticket)) return 300;
  return waiting[0]?.foreign ? 500 : Math.min(1_000 * Math.max(1, place), 5_000);
}

function waitedTooLong(
  directory: string,
  {
    holders,
    stopped,
    waitTimeoutMs,
    waitedMs,
  }: {
    readonly holders: readonly number[];
    readonly stopped: readonly number[];
    readonly waitTimeoutMs: number;
    readonly waitedMs: number;
  },
): BundlesError {
  const halted = stopped.length === 0 ? '' : `; stopped: ${stopped.join(', ')}`;
  return new BundlesError(
    'SLOT_TIMEOUT',
    `Cannot wait longer for a build slot in ${JSON.stringify(directory)}: none became free within ${Math.round(waitTimeoutMs / 1000)} s, held by the processes ${holders.join(', ') || 'of others'}${halted}`,
    {
      hint:
        stopped.length === 0
          ? 'Check what those processes do, or wait longer with --wait-timeout'
          : `Continue the stopped processes, or end them: kill -CONT ${stopped.join(' ')}`,
      details: { directory, holders, stopped, waitedMs: Math.round(waitedMs) },
    },
  );
}

function createMarks(
  directory: string,
  {
    claim,
    clock,
    note,
  }: {
    readonly claim: Omit<SlotClaim, 'role'> & { readonly owner: ProcessIdentity };
    readonly clock: Clock;
    readonly note: SlotNote | undefined;
  },
): Marks {
  const beating = new Map<SlotRole, AbortController>();
  const fileOf = (role: SlotRole) => join(directory, formatSlotClaim({ ...claim, role }));
  const remove = async (role: SlotRole) => {
    beating.get(role)?.abort();
    beating.delete(role);
    await unlink(fileOf(role)).catch(() => undefined);
  };
  return {
    async put(role) {
      const file = fileOf(role);
      try {
        const handle = await open(file, 'wx', 0o644);
        // Nothing depends on the note, so a full disk does not stop a build here.
        if (note !== undefined)
          await handle
            .writeFile(formatSlotNote({ ...note, since: Math.round(clock.now()) }))
            .catch(() => undefined);
        await handle.close();
      } catch (error) {
        throw writeError(error, `queue for a build slot in ${JSON.stringify(directory)}`, directory);
      }
      const controller = new AbortController();
      beating.set(role, controller);
      void keepFresh(file, { clock, signal: controller.signal });
    },
    remove,
    removeAll: async () => {
      for (const role of [...beating.keys()]) await remove(role);
    },
  };
}
