import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { createUpperBound } from './upper-bound.js';
import { WireError } from './wire-error.js';

/** Keeps what a registry stores below a number of bytes, over all who write to its directory. */
export interface DiskUse {
  /** @throws WireError 507 when so many bytes more cannot be stored */
  requireRoom(bytes: number): Promise<void>;
  /** Runs `task`, which stores `bytes`. @throws WireError 507 without running it when they would be too many */
  storing<T>(bytes: number, task: () => Promise<T>): Promise<T>;
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
    return { requireRoom: async () => undefined, storing: (_bytes, task) => task() };
  }
  const measure = () => sizeOfTree(root);
  const bound = createUpperBound({ limit, measure, clock, freshMs: 60_000, pauseMs: 500 });
  return {
    async requireRoom(bytes) {
      if (!(await bound.hasRoom(bytes))) throw usedUp(limit);
    },
    async storing(bytes, task) {
      const done = await bound.adding(bytes, task);
      if (!done) throw usedUp(limit);
      return done.result;
    },
  };
}

function usedUp(limit: number): WireError {
  return new WireError(507, 'DENIED', `there is no room for this in the ${limit} bytes of this registry`, {
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
