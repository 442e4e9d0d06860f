import { setMaxListeners } from 'node:events';

/** Runs at most `limit` tasks at once, in the order they came; `limit` may change while it runs. */
export interface Limiter {
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  limit: number;
}

export function createLimiter(limit: number): Limiter {
  let active = 0;
  const waiting: (() => void)[] = [];
  const limiter: Limiter = {
    limit,
    async run(task, signal) {
      signal?.throwIfAborted();
      if (active < limiter.limit) active++;
      else await turn(waiting, signal);
      try {
        return await task();
      } finally {
        active--;
        // The place is taken on behalf of the resumed task, so that no newcomer gets it in between.
        while (active < limiter.limit && waiting.length > 0) {
          active++;
          waiting.shift()?.();
        }
      }
    },
  };
  return limiter;
}

function turn(waiting: (() => void)[], signal?: AbortSignal): Promise<void> {
  // As many tasks as there are listen to it, and Node warns of more than ten.
  if (signal) setMaxListeners(0, signal);
  return new Promise((resolve, reject) => {
    const start = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const abort = () => {
      const index = waiting.indexOf(start);
      if (index >= 0) waiting.splice(index, 1);
      reject(signal?.reason);
    };
    waiting.push(start);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
