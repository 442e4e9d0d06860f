import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { WireError } from './wire-error.js';

/** Keeps what a registry stores below a number of bytes, over all who write to its directory. */
export interface DiskUse {
  /** @throws WireError 507 when so many bytes more cannot be stored */
  requireRoom(bytes: number): Promise<void>;
  /** Keeps room for bytes until what it gives is called, once they are stored. @throws WireError 507 */
  reserve(bytes: number): Promise<() => void>;
}

export function createDiskUse({
  root,
  clock,
  limit,
}: {
  readonly root: string;
  readonly clock: Clock;
  readonly limit: number;
}): DiskUse {
  if (limit === Number.POSITIVE_INFINITY) {
    return { requireRoom: async () => undefined, reserve: async () => () => undefined };
  }
  const measure = () => sizeOfTree(root);
  const bound = createUpperBound({ limit, measure, clock, freshMs: 60_000, pauseMs: 500 });
  return {
    async requireRoom(bytes) {
      if (!(await bound.hasRoom(bytes))) throw usedUp(limit);
    },
    async reserve(bytes) {
      const settle = await bound.reserve(bytes);
      if (!settle) throw usedUp(limit);
      return settle;
    },
  };
}

function usedUp(limit: number): WireError {
  return new WireError(507, 'DENIED', `this does not fit into the ${limit} bytes of this registry`, {
    detail: { limit },
  });
}

/** Bytes of all files below a directory; a file with several names counts once. */
async function sizeOfTree(root: string): Promise<number> {
  const linked = new Set<number>();
  const waiting = [root];
  let bytes = 0;
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    // What vanishes meanwhile uses nothing.
    const entries: Dirent[] = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) bytes += await sizeOfFile(path, linked);
    }
  }
  return bytes;
}

async function sizeOfFile(path: string, linked: Set<number>): Promise<number> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats || (stats.nlink > 1 && linked.has(stats.ino))) return 0;
  if (stats.nlink > 1) linked.add(stats.ino);
  return stats.size;
}

/**
 * Keeps an amount that many add to below a limit, without measuring it each time: what the last measurement found
 * plus all that was added since is never less than there is.
 */
export interface UpperBound {
  hasRoom(amount: number): Promise<boolean>;
  /** Counts `amount` as being added until what it gives is called; undefined when that would pass the limit. */
  reserve(amount: number): Promise<(() => void) | undefined>;
}

export function createUpperBound(options: {
  readonly limit: number;
  readonly measure: () => Promise<number>;
  readonly clock: Clock;
  /** Measured again when the last one is older than this, … */
  readonly freshMs: number;
  /** … and when the limit seems to be reached, but not more often than this. */
  readonly pauseMs: number;
}): UpperBound {
  const { limit, measure, clock, freshMs, pauseMs } = options;
  let found = Number.POSITIVE_INFINITY;
  let measuredAt = Number.NEGATIVE_INFINITY;
  let measuring: Promise<void> | undefined;
  /** Being added now, and added before the last measurement ended: it may not have seen them. */
  let pending = 0;
  let settled = 0;

  const measureOnce = async () => {
    const before = settled;
    const startedAt = clock.now();
    found = await measure();
    settled -= before;
    measuredAt = startedAt;
  };
  const refresh = () => {
    measuring ??= measureOnce().finally(() => {
      measuring = undefined;
    });
    return measuring;
  };
  const isFull = (amount: number) => found + settled + pending + amount > limit;
  const hasRoom = async (amount: number) => {
    const age = clock.now() - measuredAt;
    // What others wrote meanwhile is found out behind the requests; only a limit that seems to be reached is worth a wait.
    if (age >= freshMs && !isFull(amount)) void refresh().catch(() => undefined);
    else if (isFull(amount) && age >= pauseMs) await refresh();
    return !isFull(amount);
  };

  return {
    hasRoom,
    async reserve(amount) {
      // Several may have been granted the same room.
      if (!(await hasRoom(amount)) || isFull(amount)) return undefined;
      pending += amount;
      return () => {
        pending -= amount;
        settled += amount;
      };
    },
  };
}
