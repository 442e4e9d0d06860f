import type { Clock } from './clock.js';

/**
 * After a pause of the process (a busy machine, SIGSTOP) timers come before what arrived meanwhile. An answer that was there in
 * time counts: it is read first, and calls the alarm off.
 */
const alarm: Clock['alarm'] = (ms, ring) => {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    turn = setImmediate(ring);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
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
