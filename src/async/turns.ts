import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Lets one waiter after another go on, each in a turn of the event loop of its own, so that what arrives from the
 * network is heard between two pieces of heavy work.
 */
export function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => nextTurn());
    return last;
  };
}
