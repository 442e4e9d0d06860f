import { systemClock } from '../../src/async/system-clock.js';
import type { Context } from '../../src/cli/context.js';

const silent = { write: () => undefined, isTerminal: false, columns: 80 };

/** For a program whose commands are looked at and not run. */
export const silentContext: Context = {
  arguments: [],
  environment: {},
  home: undefined,
  uid: undefined,
  platform: 'linux',
  clock: systemClock,
  stdin: process.stdin,
  stdout: silent,
  stderr: silent,
  signal: new AbortController().signal,
  saveMemory: () => undefined,
  leave: () => undefined,
};
