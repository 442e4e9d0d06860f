import type { Dirent } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createHeartbeat } from '../fs/heartbeat.js';
import { writeError } from '../fs/machine-error.js';
import { livenessOf, ownIdentity } from '../fs/process-identity.js';
import { parseSlotClaim, type SlotClaim } from './slot-claim.js';

/** What the living want of one queue. */
export interface SlotsSeen {
  /** Tickets that wait, the oldest first. */
  readonly waiting: readonly SlotClaim[];
  /** One mark of each ticket whose holder or build lives. */
  readonly busy: readonly SlotClaim[];
}

export interface SlotWatch {
  /** Removes the marks of the dead where it may. `waitedMs` is the observer's own waiting time so far. */
  look(waitedMs: number): Promise<SlotsSeen>;
}

/** More files than any queue makes; somebody else fills the directory then. */
const mostMarks = 20_000;

export function createSlotWatch(directory: string, queue: string): SlotWatch {
  const silence = createHeartbeat();
  return {
    async look(waitedMs) {
      const self = await ownIdentity();
      const living: SlotClaim[] = [];
      for (const entry of (await list(directory)).slice(0, mostMarks)) {
        const mark = entry.isFile() ? parseSlotClaim(entry.name) : undefined;
        if (mark?.queue !== queue) continue;
        const file = join(directory, entry.name);
        const liveness = await livenessOf(mark.owner, self);
        const silent = liveness === 'unknown' && (await silence.isSilent(file, waitedMs));
        if (liveness === 'dead' || silent) await unlink(file).catch(() => undefined);
        else living.push(mark);
      }
      const busy = new Map(
        living.filter(({ role }) => role !== 'wait').map((mark) => [mark.ticket, mark] as const),
      );
      const waiting = living.filter(({ role, ticket }) => role === 'wait' && !busy.has(ticket));
      return {
        busy: [...busy.values()],
        waiting: waiting.sort((left, right) => (left.ticket < right.ticket ? -1 : 1)),
      };
    },
  };
}

async function list(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    throw writeError(error, `look at the build slots ${JSON.stringify(directory)}`, directory);
  }
}
