import type { Clock } from '../../../src/async/clock.js';

/** Time that does not pass: no wait ends, no alarm rings. */
export const stoppedClock: Clock = {
  now: () => 0,
  sleep: () => new Promise(() => undefined),
  alarm: () => () => undefined,
};
