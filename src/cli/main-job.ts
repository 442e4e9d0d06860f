import { runCommandLine } from './command-line.js';
import { addCheck } from './commands/check.js';
import { addEnsure } from './commands/ensure.js';
import type { Context } from './context.js';
import { runProjects } from './run-projects.js';

/** The program where the first word is `ensure` or `check`: the same, without what other commands would load. */
export function runMainJob(context: Context): Promise<number> {
  return runCommandLine(context, [addEnsure(runProjects), addCheck(runProjects)]);
}
