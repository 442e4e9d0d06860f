import { lstat } from 'node:fs/promises';
import { hrtime } from 'node:process';
import type { Clock } from '../../async/clock.js';
import { silenceMs } from '../../fs/heartbeat.js';
import { isStopped, livenessOf, ownIdentity } from '../../fs/process-identity.js';
import { type DatedNote, readSlotNote, type SlotNote } from './slot-note.js';
import { type FoundMark, findMarks, isOwn, userOf } from './slot-watch.js';

/** One claim to a build slot, as `images ps` shows it. */
export interface SlotEntry extends Omit<SlotNote, 'task'> {
  /**
   * `waiting`; `preparing` in a slot, before its build; `building`;
   * `ending`: its client is gone, and a service may go on; `pruning` and `loading` into kind hold a slot, too.
   */
  readonly state: 'waiting' | 'preparing' | 'building' | 'ending' | 'pruning' | 'loading';
  /** What one who waits waits for: a slot, or a turn at what only one does at a time, such as the same image. */
  readonly for: 'slot' | 'turn' | null;
  /** In the queue for slots, 1 is next. */
  readonly place: number | null;
  /** Milliseconds since 1970 at which this state began; `preparing` and `building` have one beginning. */
  readonly since: number;
  readonly pid: number;
  /** Number of the user whose file it is. */
  readonly uid: number;
  readonly stopped: boolean;
}

/** Who builds and who waits, by the files of a directory; changes nothing, and ends nothing. */
export async function listSlots(directory: string, clock: Clock): Promise<readonly SlotEntry[]> {
  const claims = new Map<string, FoundMark[]>();
  for (const found of await findMarks(directory, undefined)) {
    const { queue, ticket } = found.mark;
    if (queue !== 'build' && !/^(?:key-|kind-|secrets$)/.test(queue)) continue;
    if (!(await isLiving(found, clock))) continue;
    const key = `${queue} ${ticket}`;
    claims.set(key, [...(claims.get(key) ?? []), found]);
  }
  const entries = await Promise.all([...claims.values()].map((marks) => entryOf(marks, clock)));
  const known = entries
    .filter((entry) => entry !== undefined)
    .sort((left, right) => (left.ticket < right.ticket ? -1 : 1));
  let place = 0;
  const listed = known.map(({ ticket: _, ...entry }): SlotEntry => {
    const isNext = entry.state === 'waiting' && entry.for === 'slot';
    return { ...entry, place: isNext ? ++place : null };
  });
  return [
    ...listed.filter(({ state }) => state !== 'waiting'),
    ...listed.filter(({ state }) => state === 'waiting'),
  ];
}

/** The claims to build slots of which some process, or a build in a service, is still there. */
export async function livingTickets(directory: string, clock: Clock): Promise<ReadonlySet<string>> {
  const tickets = new Set<string>();
  for (const found of await findMarks(directory, undefined))
    if (await isLiving(found, clock)) tickets.add(found.mark.ticket);
  return tickets;
}

async function entryOf(
  marks: readonly FoundMark[],
  clock: Clock,
): Promise<(SlotEntry & { readonly ticket: string }) | undefined> {
  const of = (role: string) => marks.find(({ mark }) => mark.role === role);
  const first = of('hold') ?? of('wait') ?? of('keep') ?? of('build') ?? of('service');
  if (first === undefined) return undefined;
  const { file, mark, uid } = first;
  const { queue, ticket, owner } = mark;
  const waits = marks.every(({ mark: { role } }) => role === 'wait');
  // Those whose turn it is build in a slot, or are about to wait for one.
  if (!waits && queue !== 'build' && !queue.startsWith('kind-')) return undefined;
  const note = await readSlotNote(file);
  const { project = null, image = null, engine = null, service = of('service') !== undefined } = note ?? {};
  let stopped = false;
  for (const { mark: one } of marks) stopped ||= one.role !== 'service' && (await isStopped(one.owner.pid));
  return {
    ...{ ticket, project, image, engine, service, uid, stopped, place: null },
    state: waits ? 'waiting' : stateOf(note, { queue, roles: new Set(marks.map((one) => one.mark.role)) }),
    for: waits ? (queue === 'build' ? 'slot' : 'turn') : null,
    since: note?.since ?? askedAt(ticket, clock),
    pid: owner.pid,
  };
}

function stateOf(
  note: DatedNote | undefined,
  { queue, roles }: { readonly queue: string; readonly roles: ReadonlySet<string> },
): SlotEntry['state'] {
  if (note?.task === 'prune') return 'pruning';
  if (queue.startsWith('kind-')) return 'loading';
  if (roles.has('build') || roles.has('keep')) return 'building';
  return roles.has('service') && !roles.has('hold') ? 'ending' : 'preparing';
}

/** Tickets begin with the time since the machine started. */
function askedAt(ticket: string, clock: Clock): number {
  const agoMs = Number(hrtime.bigint() / 1_000_000n) - Number.parseInt(ticket.slice(0, 9), 36);
  return Math.round(clock.now() - Math.max(0, agoMs));
}

async function isLiving({ file, mark, uid }: FoundMark, clock: Clock): Promise<boolean> {
  // Its client is gone where nothing else of its claim is there; whether its build is, only one who waits may find out.
  if (mark.role === 'service') return isOwn(uid);
  const liveness = await livenessOf(mark.owner, await ownIdentity());
  if (liveness === 'alive') return isOwn(uid) || (await userOf(mark.owner.pid)) === uid;
  if (liveness === 'dead' || !isOwn(uid)) return false;
  const found = await lstat(file).catch(() => undefined);
  return found !== undefined && clock.now() - found.mtimeMs < silenceMs;
}
