import { runCommandLine } from './command-line.js';
import { commands } from './commands.js';
import type { Context } from './context.js';

/** Parses the command line, runs the command and gives the exit status; never throws. */
export function runProgram(context: Context): Promise<number> {
  return runCommandLine(context, commands);
}
