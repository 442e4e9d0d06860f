/** One piece of work that several callers wait for. */
export interface SharedTask<T> {
  /** Every caller has gone: the work is aborted and must not be joined any more. */
  readonly abandoned: boolean;
  /** Waits for the result. A caller's abort leaves the work to the others; that of the last one aborts it. */
  join(signal?: AbortSignal | undefined): Promise<T>;
}

/** Starts the work at once; its signal is aborted when no caller waits for it any longer. */
export function shareTask<T>(run: (signal: AbortSignal) => Promise<T>): SharedTask<T> {
  const controller = new AbortController();
  const result = Promise.resolve().then(() => run(controller.signal));
  // Every caller that joins gets the failure; without callers it must not count as an unhandled rejection.
  result.catch(() => undefined);
  let waiting = 0;
  return {
    get abandoned() {
      return controller.signal.aborted;
    },
    join(signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      waiting++;
      if (!signal) return result;
      return new Promise((resolve, reject) => {
        const abort = () => {
          reject(signal.reason);
          if (--waiting === 0) controller.abort(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true });
        result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
      });
    },
  };
}
