import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from '../../async/abortable.js';
import type { Clock } from '../../async/clock.js';
import { withFileLock } from '../../fs/file-lock.js';
import { errnoOf, readError } from '../../fs/machine-error.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import type { CallOptions } from '../store.js';
import type { LayoutBlobs } from './layout-blobs.js';
import { type LayoutEntry, type LayoutView, viewEntries } from './layout-entries.js';
import {
  checkLayoutMark,
  formatIndexFile,
  type IndexFile,
  layoutMark,
  readIndexFile,
} from './layout-files.js';

/** Gives the entries after the change; the same list when nothing changes. Runs while the index is locked. */
export type IndexChange = (
  entries: readonly LayoutEntry[],
) => readonly LayoutEntry[] | Promise<readonly LayoutEntry[]>;

export interface UpdateOptions extends CallOptions {
  /** Runs once the changed index is in place, before anyone else may change it. */
  readonly afterwards?: () => Promise<void>;
}

export interface LayoutIndex {
  read(): Promise<LayoutView>;
  update(change: IndexChange, options?: UpdateOptions): Promise<void>;
}

interface Job {
  readonly change: IndexChange;
  readonly options: UpdateOptions;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Content {
  readonly file: IndexFile;
  readonly view: LayoutView;
}

interface Snapshot extends Content {
  readonly version: string;
}

export interface LayoutIndexOptions {
  readonly blobs: LayoutBlobs;
  readonly clock: Clock;
  readonly durable: boolean;
  readonly timeoutMs: number;
}

/**
 * The layout's index.json, kept in memory for as long as the file does not change. Changes that are requested while
 * one is being written are written together, by one turn of the lock.
 */
export function createLayoutIndex(directory: string, options: LayoutIndexOptions): LayoutIndex {
  const { blobs, clock, durable, timeoutMs } = options;
  const path = join(directory, 'index.json');
  let snapshot: Snapshot | undefined;
  // What is being written, under the lock: any other version on the disk is this one.
  let writing: Content | undefined;
  let reading: { readonly version: string; readonly result: Promise<Snapshot> } | undefined;
  let waiting: Job[] = [];
  let running = false;

  const readFrom = async (version: string): Promise<Snapshot> => {
    const file = version === absent ? undefined : await readIndexFile(directory);
    if (file) await checkLayoutMark(directory);
    const entries = file?.entries ?? [];
    snapshot = { version, file: file ?? { entries, rest: {} }, view: viewEntries(entries) };
    return snapshot;
  };

  const load = async (): Promise<Content> => {
    const version = await versionOf(path);
    if (snapshot && snapshot.version === version) return snapshot;
    if (writing) return writing;
    // Many may ask at once for what another process wrote.
    if (reading?.version !== version) {
      const result = readFrom(version).finally(() => {
        if (reading?.result === result) reading = undefined;
      });
      reading = { version, result };
    }
    return await reading.result;
  };

  const write = async (file: IndexFile, before: string): Promise<void> => {
    writing = { file, view: viewEntries(file.entries) };
    try {
      await writeFileAtomic(path, formatIndexFile(file), { durable });
      await stampAfter(path, before);
      snapshot = { version: await versionOf(path), ...writing };
    } finally {
      writing = undefined;
    }
  };

  /** Returns the jobs that were done; failed jobs are already rejected. */
  const commit = async (jobs: readonly Job[]): Promise<readonly Job[]> => {
    const version = await versionOf(path);
    const before = snapshot?.version === version ? snapshot : await readFrom(version);
    const { entries, done } = await applyAll(before.file.entries, jobs);
    if (entries !== before.file.entries || version === absent) {
      await blobs.settle();
      await writeFileAtomic(join(directory, 'oci-layout'), layoutMark, { onlyIfChanged: true, durable });
      await write({ entries, rest: before.file.rest }, version);
    }
    for (const job of done) await job.options.afterwards?.().catch(job.reject);
    return done;
  };

  const drain = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      let jobs: Job[] = [];
      try {
        await makeDirectory(directory);
        const done = await withFileLock(
          join(directory, '.lock'),
          () => {
            jobs = waiting;
            waiting = [];
            return commit(jobs);
          },
          { clock, timeoutMs },
        );
        // Not before the lock is released: a caller that is notified may remove the whole directory.
        for (const job of done) job.resolve();
      } catch (error) {
        if (jobs.length === 0) jobs = waiting.splice(0);
        for (const job of jobs) job.reject(error);
      }
    }
    running = false;
  };

  return {
    read: async () => (await load()).view,
    async update(change, options = {}) {
      options.signal?.throwIfAborted();
      const done = new Promise<void>((resolve, reject) => {
        waiting.push({ change, options, resolve, reject });
        if (!running) void drain();
      });
      // A caller that gives up is rejected at once; the change may still be made.
      await abortable(done, options.signal);
    },
  };
}

/** One job that fails does not touch the others. */
async function applyAll(
  before: readonly LayoutEntry[],
  jobs: readonly Job[],
): Promise<{ entries: readonly LayoutEntry[]; done: Job[] }> {
  let entries = before;
  const done: Job[] = [];
  for (const job of jobs) {
    try {
      job.options.signal?.throwIfAborted();
      entries = await job.change(entries);
      done.push(job);
    } catch (error) {
      job.reject(error);
    }
  }
  return { entries, done };
}

const absent = 'absent';

/** Differs whenever the file was replaced: see `stampAfter`. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return absent;
    throw readError(error, `read ${JSON.stringify(path)}`, { path });
  }
}

/**
 * Two writes within one tick of the kernel's clock would look alike when the inode is used again; so every version
 * is at least two milliseconds younger than the one before.
 */
async function stampAfter(path: string, version: string): Promise<void> {
  if (version === absent) return;
  const before = Number(BigInt(version.slice(0, version.indexOf(' '))) / 1_000_000n);
  const { mtimeMs } = await stat(path);
  if (mtimeMs > before + 2) return;
  const seconds = (before + 2) / 1000;
  await utimes(path, seconds, seconds);
}
