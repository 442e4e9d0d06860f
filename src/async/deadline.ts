import type { Clock } from './clock.js';

/** One piece of work with a signal of its own that a passed deadline or the caller's signal aborts. */
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
        const timer = new AbortController();
        const aborted = () => reject(signal.reason);
        const settle = () => {
          timer.abort(over);
          signal.removeEventListener('abort', aborted);
        };
        if (signal.aborted) aborted();
        else signal.addEventListener('abort', aborted, { once: true });
        clock.sleep(ms, timer.signal).then(
          () => controller.abort(new TimeoutError(ms)),
          () => undefined,
        );
        promise.then(resolve, reject).finally(settle);
      });
    },
    close: () => parent?.removeEventListener('abort', abort),
  };
}

/** Why a timer ends that nobody needs any more; an own reason costs no stack. */
const over = Symbol('over');

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`No answer within ${ms} ms`);
    this.name = 'TimeoutError';
  }
}
