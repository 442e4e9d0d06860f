import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import type { Clock } from '../../async/clock.js';
import { createHeartbeat } from '../../fs/heartbeat.js';
import { writeError } from '../../fs/machine-error.js';
import { isStopped, livenessOf, ownIdentity } from '../../fs/process-identity.js';
import { createServiceWatch } from '../engines/service-build.js';
import { parseSlotClaim, type SlotClaim } from './slot-claim.js';

/** What the living want of one queue. */
export interface SlotsSeen {
  /** Tickets that wait, the oldest first; without those of stopped processes, which would not take a free slot. */
  readonly waiting: readonly SeenClaim[];
  /** One mark of each ticket whose holder or build lives. */
  readonly busy: readonly SeenClaim[];
  /** Tickets of builds that run, or are about to. */
  readonly building: readonly string[];
  /** Process numbers of those at work that are stopped. */
  readonly stopped: readonly number[];
}

export interface SeenClaim extends SlotClaim {
  /** Made by a user other than this one and root: their slots count, their limit does not. */
  readonly foreign: boolean;
}

export interface SlotWatch {
  /** Removes the marks of the dead where it may. `waitedMs` is the observer's own waiting time so far. */
  look(waitedMs: number): Promise<SlotsSeen>;
}

/** Marks that are read of each other user: a user with more hides only their own. */
const mostForeignMarks = 500;

export interface FoundMark {
  readonly file: string;
  readonly mark: SlotClaim;
  readonly uid: number;
}

export function createSlotWatch(directory: string, queue: string, clock: Clock): SlotWatch {
  const silence = createHeartbeat();
  const services = createServiceWatch(clock);
  let tidied = false;
  const isDead = async (file: string, { owner }: SlotClaim, waitedMs: number) => {
    const liveness = await livenessOf(owner, await ownIdentity());
    const dead = liveness === 'dead' || (liveness === 'unknown' && (await silence.isSilent(file, waitedMs)));
    if (dead) await unlink(file).catch(() => undefined);
    return { dead, known: liveness === 'alive' };
  };
  return {
    async look(waitedMs) {
      const all = await findMarks(directory, tidied ? queue : undefined);
      // Abandoned queues are tidied only here.
      if (!tidied) {
        for (const { file, mark } of all)
          if (mark.queue !== queue && mark.role !== 'service') await isDead(file, mark, waitedMs);
        tidied = true;
      }
      const living: SeenClaim[] = [];
      const inServices: FoundMark[] = [];
      for (const found of all) {
        const { file, mark, uid } = found;
        if (mark.queue !== queue) continue;
        if (mark.role === 'service') {
          inServices.push(found);
          continue;
        }
        const { dead, known } = await isDead(file, mark, waitedMs);
        if (dead) continue;
        if (isOwn(uid)) living.push({ ...mark, foreign: false });
        else if (known && (await userOf(mark.owner.pid)) === uid) living.push({ ...mark, foreign: true });
      }
      const clients = new Set(living.filter(({ role }) => role !== 'wait').map(({ ticket }) => ticket));
      for (const { file, mark, uid } of inServices) {
        // While its client lives, the claim of the client counts; files of other users are ignored.
        if (clients.has(mark.ticket) || !isOwn(uid)) continue;
        if (await services.isOver(file, waitedMs)) await unlink(file).catch(() => undefined);
        else living.push({ ...mark, foreign: false });
      }
      return summary(living);
    },
  };
}

async function summary(living: readonly SeenClaim[]): Promise<SlotsSeen> {
  const working = living.filter(({ role }) => role !== 'wait');
  const busy = new Map(working.map((mark) => [mark.ticket, mark] as const));
  const stopped = new Set<number>();
  for (const { owner } of working) if (await isStopped(owner.pid)) stopped.add(owner.pid);
  const waiting: SeenClaim[] = [];
  for (const mark of living)
    if (mark.role === 'wait' && !busy.has(mark.ticket) && !(await isStopped(mark.owner.pid)))
      waiting.push(mark);
  return {
    busy: [...busy.values()],
    building: [...new Set(working.filter(({ role }) => role !== 'hold').map(({ ticket }) => ticket))],
    stopped: [...stopped],
    waiting: waiting.sort((left, right) => (left.ticket < right.ticket ? -1 : 1)),
  };
}

/** The marks of a queue, or of all, with the owners of their files: all of this user and root, and a limited number of other users'. */
export async function findMarks(directory: string, queue: string | undefined): Promise<FoundMark[]> {
  const found: FoundMark[] = [];
  const foreign = new Map<number, number>();
  for (const entry of await list(directory)) {
    const mark = entry.isFile() ? parseSlotClaim(entry.name) : undefined;
    if (mark === undefined || (queue !== undefined && mark.queue !== queue)) continue;
    const file = join(directory, entry.name);
    const uid = (await lstat(file).catch(() => undefined))?.uid;
    if (uid === undefined) continue;
    const count = (foreign.get(uid) ?? 0) + 1;
    foreign.set(uid, count);
    if (isOwn(uid) || count <= mostForeignMarks) found.push({ file, mark, uid });
  }
  return found;
}

/**
 * In a directory that several users share, any user can write a file that names another user's process. A mark of
 * another user therefore counts only if the process that it names is known to run and to belong to that user.
 */
export function isOwn(uid: number): boolean {
  return getuid === undefined || uid === getuid() || uid === 0;
}

/** The real user of a process, by proc_pid_status(5). */
export async function userOf(pid: number): Promise<number | undefined> {
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
