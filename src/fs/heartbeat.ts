import { stat, utimes } from 'node:fs/promises';
import type { Clock } from '../async/clock.js';

/** How often the owner of a file that represents a living process touches it. */
const heartbeatMs = 2_000;
/** No sign of life for this long, in waiting time of the observer's own: suspended machines do not age. */
export const silenceMs = 12_000;

/** Detects files whose owner no longer refreshes them, for owners whose process cannot be checked here. */
export interface Heartbeat {
  /** True where the file is gone, or was not touched while the observer waited for 12 seconds. */
  isSilent(file: string, waitedMs: number): Promise<boolean>;
}

export function createHeartbeat(): Heartbeat {
  const heard = new Map<string, { readonly mtimeMs: number; readonly atMs: number }>();
  return {
    async isSilent(file, waitedMs) {
      const found = await stat(file).catch(() => undefined);
      if (found === undefined) return true;
      const last = heard.get(file);
      if (last?.mtimeMs === found.mtimeMs) return waitedMs - last.atMs >= silenceMs;
      heard.set(file, { mtimeMs: found.mtimeMs, atMs: waitedMs });
      return false;
    },
  };
}

/** Touches a file until the signal states that it is over, or it is gone: a sign of life for other containers. */
export async function keepFresh(
  file: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  try {
    while (!signal.aborted) {
      await clock.sleep(heartbeatMs, signal);
      const seconds = clock.now() / 1000;
      await utimes(file, seconds, seconds);
    }
  } catch {
    // The file is removed, or no longer belongs to this process.
  }
}
