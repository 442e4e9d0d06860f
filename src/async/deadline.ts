import type { Clock } from './clock.js';

/** A piece of work with its own signal, which is aborted when the deadline passes or the caller's signal aborts. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The promise, or a failure when it takes longer than `ms` or the work is aborted; also when it ignores the signal. */
  within<T>(ms: number, promise: Promise<T>): Promise<T>;
  /** Lets go of the caller's signal; every deadline is closed once. */
  close(): void;
}

/** The failure of a passed deadline carries the code ETIMEDOUT, as a socket's own would. */
export function createDeadline(clock: Clock, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort(parent?.reason);
  if (parent?.aborted) abort();
  else parent?.addEventListener('abort', abort, { once: true });
  const { signal } = controller;

  return {
    signal,
    within(ms, promise) {
      return new Promise((resolve, reject) => {
        const aborted = () => {
          callOff();
          reject(signal.reason);
        };
        const callOff = clock.alarm(ms, () => controller.abort(new TimeoutError(ms)));
        if (signal.aborted) aborted();
        else signal.addEventListener('abort', aborted, { once: true });
        const settled = () => {
          callOff();
          signal.removeEventListener('abort', aborted);
        };
        promise.then(
          (value) => {
            settled();
            resolve(value);
          },
          (error: unknown) => {
            settled();
            reject(error);
          },
        );
      });
    },
    close: () => parent?.removeEventListener('abort', abort),
  };
}

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`No answer within ${ms} ms`);
    this.name = 'TimeoutError';
  }
}
