import type { Context } from './context.js';

/** What a command's action gets besides its own arguments, and where it leaves the exit status. */
export interface Session {
  readonly context: Context;
  exitCode: number;
  /** Name of the command that runs, once it is known. */
  command?: string;
}
