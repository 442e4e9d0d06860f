import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../../async/clock.js';

/** Reports when a file of a directory is created or removed. */
export interface NameWatch {
  /** Waits for a change, at most `mostMs`; gives how long that was. Changes since the last call count. */
  next(
    mostMs: number,
    options: { readonly atLeastMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<number>;
  close(): void;
}

/** Collects changes for this time: many files change together, and processes that collide at a slot then spread out. */
const gatherMs = 20;
/** The interval of polling where the system reports no changes. */
const pollMs = 250;

export function watchNames(directory: string, clock: Clock): NameWatch {
  let watcher: FSWatcher | undefined;
  let changed = false;
  let wake: () => void = () => undefined;
  try {
    // Files that are touched, as heartbeats are, are not a change.
    watcher = watch(directory, { persistent: false }, (event) => {
      if (event !== 'rename') return;
      changed = true;
      wake();
    });
    watcher.on('error', () => {
      watcher?.close();
      watcher = undefined;
      wake();
    });
  } catch {
    watcher = undefined;
  }
  return {
    async next(mostMs, { atLeastMs, signal }) {
      const ms = watcher === undefined ? Math.min(mostMs, pollMs) : mostMs;
      const started = clock.now();
      const over = new AbortController();
      const until = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
      const heard = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!changed) await Promise.race([clock.sleep(ms, until).catch(() => undefined), heard]);
      over.abort();
      if (changed) await clock.sleep(atLeastMs + gatherMs * (1 + Math.random()), signal);
      changed = false;
      // A clock that was set meanwhile states nothing about it.
      return Math.min(Math.max(0, clock.now() - started), ms + atLeastMs + 2 * gatherMs);
    },
    close: () => watcher?.close(),
  };
}
