import { version } from '../version.js';
import { type Context, processContext } from './context.js';
import { optimizeLater } from './v8-flags.js';

/** The process's entry: runs the command line and leaves with its exit status. */
export async function main(): Promise<void> {
  const context = processContext();
  context.leave(await runCli(context));
}

/** Runs one command line against a context and gives its exit status. Loads the program only when it is needed. */
export async function runCli(context: Context): Promise<number> {
  const [first, ...rest] = context.arguments;
  if (rest.length === 0 && (first === '--version' || first === '-V')) {
    context.stdout.write(`${version}\n`);
    return 0;
  }
  if (first === 'ensure' || first === 'check') {
    optimizeLater();
    const { runMainJob } = await import('./main-job.js');
    return runMainJob(context);
  }
  const { runProgram } = await import('./program.js');
  return runProgram(context);
}
