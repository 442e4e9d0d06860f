import type { Clock } from './clock.js';

const alarm: Clock['alarm'] = (ms, ring) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), sleep: sleepByAlarm(alarm), alarm };

/** The sleep of a clock that has alarms. */
export function sleepByAlarm(alarm: Clock['alarm']): Clock['sleep'] {
  // Not by node:timers/promises: it makes an error with its stack for every sleep that is cut short.
  return (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        callOff();
        reject(signal?.reason);
      };
      const callOff = alarm(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
}
