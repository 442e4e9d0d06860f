import { runCommandLine } from './command-line.js';
import { checkCommand } from './commands/check/check.js';
import { ensureCommand } from './commands/ensure/ensure.js';
import { runProjects } from './commands/ensure/run-projects.js';
import type { Context } from './context.js';

/** The program where the command is `ensure` or `check`: the same, without what other commands would load. */
export function runMainJob(context: Context): Promise<number> {
  return runCommandLine(context, [ensureCommand(runProjects), checkCommand(runProjects)]);
}
