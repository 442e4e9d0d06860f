import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../async/clock.js';

export interface WatchFilesOptions {
  /** Everything below it whose name `matches` is looked at; not what begins with a dot, and not `node_modules`. */
  readonly directory: string;
  readonly matches: (name: string) => boolean;
  /** Further files to watch, wherever they are; called at each look. */
  readonly also?: () => readonly string[];
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

export interface FileWatch extends Disposable {
  /** Resolves once something has changed since the time before, or the signal is aborted. */
  next(): Promise<void>;
}

/** Editors write a file in several steps. */
const settleMs = 60;
/** What never comes to rest, such as a log that a test writes, does not hold back the others for longer than a second. */
const mostSettles = 16;
/** How long a change can stay unnoticed whose event was lost. */
const rescanMs = 700;
const mostDirectories = 2_000;

/**
 * Watches files by the system's events. Events only wake it: what has changed is found by looking, which it also does
 * without one, since events get lost on network file systems, in containers, and where a directory has just been made.
 */
export async function watchFiles(options: WatchFilesOptions): Promise<FileWatch> {
  const { clock, signal } = options;
  const watchers = new Map<string, FSWatcher>();
  let wake: () => void = () => undefined;
  const look = async () => {
    const { stamps, directories } = await snapshot(options);
    for (const directory of directories) {
      if (!watchers.has(directory)) watchDirectory(watchers, directory, () => wake());
    }
    for (const [directory, watcher] of watchers) {
      if (directories.has(directory)) continue;
      watcher.close();
      watchers.delete(directory);
    }
    return stamps;
  };
  let seen = await look();
  return {
    async next() {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const nap = new AbortController();
        const either = AbortSignal.any([signal, nap.signal]);
        await Promise.race([woken, clock.sleep(rescanMs, either).catch(() => undefined)]);
        nap.abort();
        let found = await look();
        if (found === seen) continue;
        // Until it stays as it is.
        for (
          let before = seen, times = 0;
          found !== before && times < mostSettles && !signal.aborted;
          times++
        ) {
          before = found;
          await clock.sleep(settleMs, signal).catch(() => undefined);
          found = await look();
        }
        const changed = found !== seen;
        seen = found;
        if (changed) return;
      }
    },
    [Symbol.dispose]() {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** A directory that cannot be watched is looked at all the same. */
function watchDirectory(watchers: Map<string, FSWatcher>, directory: string, wake: () => void): void {
  try {
    const watcher = watch(directory, { persistent: false }, wake);
    watcher.on('error', () => watcher.close());
    watchers.set(directory, watcher);
  } catch {
    // Too many watchers on this machine, or a file system without events.
  }
}

interface Snapshot {
  /** Every file with its size and times, as one text. */
  readonly stamps: string;
  readonly directories: ReadonlySet<string>;
}

async function snapshot({ directory, matches, also }: WatchFilesOptions): Promise<Snapshot> {
  const directories = new Set<string>([directory]);
  const files = new Set<string>(also?.() ?? []);
  for (const file of files) directories.add(dirname(file));
  for (const place of directories) {
    const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (/^\.|^node_modules$/.test(entry.name)) continue;
      const path = join(place, entry.name);
      if (entry.isDirectory()) {
        if (directories.size < mostDirectories && isBelow(directory, path)) directories.add(path);
      } else if (matches(entry.name)) files.add(path);
    }
  }
  const stamps = await Promise.all(
    [...files].sort().map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return found ? `${file}\0${found.size}\0${found.mtimeNs}\0${found.ino}` : `${file}\0`;
    }),
  );
  return { stamps: stamps.join('\n'), directories };
}

function isBelow(directory: string, path: string): boolean {
  return directory === '.' || path.startsWith(`${directory}/`) || path.startsWith(`${directory}\\`);
}
