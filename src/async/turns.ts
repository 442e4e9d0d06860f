import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Resumes one waiter after another, each in a separate turn of the event loop, so that network events are handled
 * between two pieces of heavy work.
 */
export function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => nextTurn());
    return last;
  };
}
