import type { Clock } from './clock.js';
import { sleepByAlarm } from './sleep-by-alarm.js';

const alarm: Clock['alarm'] = (ms, ring) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), sleep: sleepByAlarm(alarm), alarm };
