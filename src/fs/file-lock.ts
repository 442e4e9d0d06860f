import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { createHeartbeat, keepFresh } from './heartbeat.js';
import { errnoOf, ifPossible, writeError } from './machine-error.js';
import { makeDirectory } from './make-directory.js';
import {
  formatIdentity,
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
  parseIdentity,
} from './process-identity.js';

export interface FileLockOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** How long to wait for others. Default 30,000. */
  readonly timeoutMs?: number;
}

const firstPauseMs = 2;
const longestPauseMs = 20;
/**
 * Attempts to create the own file in the directory, which the last holder to leave may remove at any time. If all of
 * them fail, something else is wrong.
 */
const mostAttempts = 200;

/**
 * Runs `task` while no other process of this machine, and no other task of this one, runs one under the same path.
 * `path` is a directory while at least one task wants the lock.
 *
 * Each contender puts a file with a unique name there and reads the others: alone, it enters; beside an older ticket it
 * removes its file and waits. Files of dead processes are ignored and may be removed by any contender, since their names
 * are never used again: a killed holder blocks nothing, and a removal never affects the wrong file.
 *
 * @throws BUSY after `timeoutMs`, NOT_WRITABLE, DISK_FULL
 */
export async function withFileLock<T>(
  path: string,
  task: () => Promise<T>,
  options: FileLockOptions,
): Promise<T> {
  const flag = await acquire(path, options);
  try {
    return await task();
  } finally {
    flag.lower();
    leave(path);
  }
}

/** Removes what killed processes left of a lock; a lock that a running process wants stays. Never fails. */
export async function removeDeadLock(path: string): Promise<void> {
  await createContenderWatch(path, { own: '' })
    .look(0)
    .catch(() => undefined);
  leave(path);
}

/** Fails while others are interested, as it should. */
function leave(path: string): void {
  ifPossible(() => rmdirSync(path));
}

interface Flag {
  readonly raised: boolean;
  raise(): Promise<void>;
  lower(): void;
}

async function acquire(path: string, { clock, signal, timeoutMs = 30_000 }: FileLockOptions): Promise<Flag> {
  const name = await ticketName(clock);
  const flag = createFlag(path, { name, clock });
  const watch = createContenderWatch(path, { own: name });
  let waitedMs = 0;
  let pauseMs = firstPauseMs;
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (!flag.raised) await flag.raise();
      let contenders = await watch.look(waitedMs);
      if (contenders.length === 0) return flag;
      while (isYounger(name, contenders)) {
        flag.lower();
        if (waitedMs >= timeoutMs) throw busy(path, { contenders, waitedMs });
        await clock.sleep(pauseMs, signal);
        waitedMs += pauseMs;
        pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
        contenders = await watch.look(waitedMs);
      }
      if (!flag.raised) continue;
      if (waitedMs >= timeoutMs) throw busy(path, { contenders, waitedMs });
      await clock.sleep(pauseMs, signal);
      waitedMs += pauseMs;
    }
  } catch (error) {
    flag.lower();
    leave(path);
    throw error;
  }
}

function isYounger(name: string, contenders: readonly Contender[]): boolean {
  return contenders.some((contender) => contender.name < name);
}

/** Sorts by the time of the request, so that the contender that has waited longest is next. */
async function ticketName(clock: Clock): Promise<string> {
  const host = hostname()
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 60);
  return `${newTicket(clock)}.${formatIdentity(await ownIdentity())}.${host}`;
}

function createFlag(path: string, { name, clock }: { readonly name: string; readonly clock: Clock }): Flag {
  const file = join(path, name);
  let beating: AbortController | undefined;
  return {
    get raised() {
      return beating !== undefined;
    },
    async raise() {
      await createFlagFile(path, file);
      beating = new AbortController();
      void keepFresh(file, { clock, signal: beating.signal });
    },
    lower() {
      beating?.abort();
      beating = undefined;
      ifPossible(() => unlinkSync(file));
    },
  };
}

async function createFlagFile(path: string, file: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      closeSync(openSync(file, 'wx'));
      return;
    } catch (error) {
      // The last holder to leave removed the directory, perhaps once more before our file was created.
      if (errnoOf(error) !== 'ENOENT' || attempt > mostAttempts) throw lockError(error, path);
    }
    await makeDirectory(path).catch((error: unknown) => {
      // One of the directories above may go the same way.
      if (attempt > mostAttempts || !isBundlesError(error) || error.details.errno !== 'ENOENT') throw error;
    });
  }
}

function lockError(error: unknown, path: string): BundlesError {
  return writeError(error, `take the lock ${JSON.stringify(path)}`, path);
}

function busy(
  path: string,
  { contenders, waitedMs }: { readonly contenders: readonly Contender[]; readonly waitedMs: number },
): BundlesError {
  const holder = contenders.reduce((oldest, contender) =>
    contender.name < oldest.name ? contender : oldest,
  );
  const seconds = (waitedMs / 1000).toFixed(1);
  return new BundlesError(
    'BUSY',
    `Cannot take the lock ${JSON.stringify(path)}: process ${holder.pid} on ${holder.host} still holds it after ${seconds} s`,
    {
      hint: 'Wait until that process has ended; if it hangs, end it and run again',
      details: { path, pid: holder.pid, host: holder.host, waitedMs },
    },
  );
}

export interface Contender {
  /** Sorts by age. */
  readonly name: string;
  readonly pid: number;
  readonly host: string;
}

export interface ContenderWatch {
  /** The living others of the lock directory; removes the files of the dead. */
  look(waitedMs: number): Promise<Contender[]>;
}

/** Watches who else has a file in a lock directory. */
function createContenderWatch(directory: string, { own }: { readonly own: string }): ContenderWatch {
  const silence = createHeartbeat();
  return {
    async look(waitedMs) {
      const contenders: Contender[] = [];
      let self: ProcessIdentity | undefined;
      for (const name of list(directory)) {
        const owner = name === own ? undefined : readName(name);
        if (owner === undefined) continue;
        self ??= await ownIdentity();
        const file = join(directory, name);
        const liveness = await livenessOf(owner.identity, self);
        const silent = liveness === 'unknown' && (await silence.isSilent(file, waitedMs));
        if (liveness === 'dead' || silent) ifPossible(() => unlinkSync(file));
        else contenders.push({ name, pid: owner.identity.pid, host: owner.host });
      }
      return contenders;
    },
  };
}

function readName(name: string): { readonly identity: ProcessIdentity; readonly host: string } | undefined {
  const [ticket, identityText, host, ...rest] = name.split('.');
  const identity = identityText === undefined ? undefined : parseIdentity(identityText);
  if (!/^[0-9a-z]{21}$/.test(ticket ?? '') || identity === undefined || host === undefined) return undefined;
  return rest.length === 0 ? { identity, host } : undefined;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw writeError(error, `look at the lock ${JSON.stringify(directory)}`, directory);
  }
}

export interface HeldLock {
  release(): Promise<void>;
}

/** Takes a lock as withFileLock does and keeps it until it is released. @throws BUSY, NOT_WRITABLE, DISK_FULL */
export async function holdFileLock(path: string, options: FileLockOptions): Promise<HeldLock> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return new Promise((resolve, reject) => {
    const task = async () => {
      resolve({
        release() {
          release();
          return done;
        },
      });
      await released;
    };
    const done = withFileLock(path, task, options);
    done.catch(reject);
  });
}

/** 21 letters and digits that are unique and sort by the time of the request. */
export function newTicket(clock: Clock): string {
  const time = Math.max(0, Math.floor(clock.now())).toString(36).padStart(9, '0');
  return time + randomBytes(6).toString('hex');
}
