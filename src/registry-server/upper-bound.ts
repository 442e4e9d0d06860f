import type { Clock } from '../async/clock.js';

/**
 * Keeps an amount that many add to below a limit, without measuring it each time: what the last measurement found
 * plus all that was added since is never less than there is.
 */
export interface UpperBound {
  hasRoom(amount: number): Promise<boolean>;
  /** Runs `task`, which adds `amount`; undefined, without running it, when that would pass the limit. */
  adding<T>(amount: number, task: () => Promise<T>): Promise<{ readonly result: T } | undefined>;
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
    if (age >= freshMs || (isFull(amount) && age >= pauseMs)) await refresh();
    return !isFull(amount);
  };

  return {
    hasRoom,
    async adding(amount, task) {
      // Several may have been told of the same room.
      if (!(await hasRoom(amount)) || isFull(amount)) return undefined;
      pending += amount;
      try {
        return { result: await task() };
      } finally {
        pending -= amount;
        settled += amount;
      }
    },
  };
}
