import type { Clock } from '../../../src/async/clock.js';
import { systemClock } from '../../../src/async/system-clock.js';

/** A clock that runs `factor` times as fast as the machine's: waits of minutes beside real IO in a second. */
export function createFastClock(factor: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
    alarm: (ms, ring) => systemClock.alarm(ms / factor, ring),
  };
}
