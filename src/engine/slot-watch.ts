import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import type { Clock } from '../async/clock.js';
import { createHeartbeat } from '../fs/heartbeat.js';
import { writeError } from '../fs/machine-error.js';
import { type Liveness, livenessOf, ownIdentity } from '../fs/process-identity.js';
import { createServiceWatch } from './service-build.js';
import { parseSlotClaim, type SlotClaim } from './slot-claim.js';

/** What the living want of one queue. */
export interface SlotsSeen {
  /** Tickets that wait, the oldest first. */
  readonly waiting: readonly SeenClaim[];
  /** One mark of each ticket whose holder or build lives. */
  readonly busy: readonly SeenClaim[];
}

export interface SeenClaim extends SlotClaim {
  /** Made by another user than this one and root: a slot of theirs counts, how many they find right does not. */
  readonly foreign: boolean;
}

export interface SlotWatch {
  /** Removes the marks of the dead where it may. `waitedMs` is the observer's own waiting time so far. */
  look(waitedMs: number): Promise<SlotsSeen>;
}

/** More files than any queue makes; somebody else fills the directory then. */
const mostMarks = 20_000;

export function createSlotWatch(directory: string, queue: string, clock: Clock): SlotWatch {
  const silence = createHeartbeat();
  const services = createServiceWatch(clock);
  return {
    async look(waitedMs) {
      const self = await ownIdentity();
      const living: SeenClaim[] = [];
      const left: { readonly file: string; readonly mark: SlotClaim }[] = [];
      for (const entry of (await list(directory)).slice(0, mostMarks)) {
        const mark = entry.isFile() ? parseSlotClaim(entry.name) : undefined;
        if (mark?.queue !== queue) continue;
        const file = join(directory, entry.name);
        if (mark.role === 'service') {
          left.push({ file, mark });
          continue;
        }
        const liveness = await livenessOf(mark.owner, self);
        const silent = liveness === 'unknown' && (await silence.isSilent(file, waitedMs));
        if (liveness === 'dead' || silent) {
          await unlink(file).catch(() => undefined);
          continue;
        }
        const maker = await makerOf(file, mark, liveness);
        if (maker !== 'forged') living.push({ ...mark, foreign: maker === 'another' });
      }
      const clients = new Set(living.map(({ ticket }) => ticket));
      for (const { file, mark } of left) {
        // While its client lives, that one counts; the word of another user about it is not taken.
        if (clients.has(mark.ticket) || !(await isOwnFile(file))) continue;
        if (await services.isOver(file, waitedMs)) await unlink(file).catch(() => undefined);
        else living.push({ ...mark, foreign: false });
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

async function isOwnFile(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) return false;
  return getuid === undefined || found.uid === getuid() || found.uid === 0;
}

/**
 * Who made a mark. In a directory that several users share, anybody can write a file that names the process of somebody
 * else. A mark of another user therefore counts only where the process that it names is known to live and to be theirs.
 */
async function makerOf(
  file: string,
  { owner }: SlotClaim,
  liveness: Liveness,
): Promise<'self' | 'another' | 'forged'> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return 'forged';
  if (getuid === undefined || found.uid === getuid() || found.uid === 0) return 'self';
  return liveness === 'alive' && (await userOf(owner.pid)) === found.uid ? 'another' : 'forged';
}

/** The real user of a process, by proc_pid_status(5). */
async function userOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  const uid = /^Uid:\s+(\d+)\s/m.exec(text)?.[1];
  return uid === undefined ? undefined : Number(uid);
}

async function list(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    throw writeError(error, `look at the build slots ${JSON.stringify(directory)}`, directory);
  }
}
