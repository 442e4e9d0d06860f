import type { Clock } from '../../../src/async/clock.js';
import { sleepByAlarm } from '../../../src/async/system-clock.js';

export interface JumpingClock extends Clock {
  /** Every wait that came to its end, in milliseconds. */
  readonly waits: readonly number[];
}

export interface JumpingClockOptions {
  /** True while real work is under way that no wait may overtake. */
  readonly busy?: () => boolean;
}

/** A clock that jumps to the end of the next wait once nothing else is left to do; `busy` reports that real IO is pending. */
export function createJumpingClock(
  start = 1_700_000_000_000,
  { busy = () => false }: JumpingClockOptions = {},
): JumpingClock {
  let now = start;
  let jumping = false;
  const waits: number[] = [];
  const timers = new Set<{ readonly at: number; readonly ms: number; fire(): void }>();
  let changes = 0;
  const idle = async () => {
    for (let turn = 0, seen = changes; turn < 8; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen !== changes || busy()) turn = 0;
      seen = changes;
    }
  };
  const jump = async () => {
    if (jumping) return;
    jumping = true;
    while (timers.size > 0) {
      await idle();
      const next = [...timers].sort((one, other) => one.at - other.at)[0];
      if (!next) break;
      timers.delete(next);
      now = Math.max(now, next.at);
      waits.push(next.ms);
      next.fire();
    }
    jumping = false;
  };
  const alarm = (ms: number, ring: () => void) => {
    const timer = { at: now + ms, ms, fire: ring };
    timers.add(timer);
    changes++;
    void jump();
    return () => {
      if (timers.delete(timer)) changes++;
    };
  };
  return { waits, now: () => now, alarm, sleep: sleepByAlarm(alarm) };
}
