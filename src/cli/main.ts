import { version } from '../version.js';
import { type Context, processContext } from './context.js';
import { keepCompiledCode, optimizeLater } from './v8-flags.js';

/** The process's entry: runs the command line and leaves with its exit status. */
export async function main(): Promise<void> {
  const context = processContext();
  keepCompiledCode(context);
  context.leave(await runCli(context));
}

/** Runs one command line against a context and gives its exit status. Loads the program only when it is needed. */
export async function runCli(context: Context): Promise<number> {
  const words = context.arguments;
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
    context.stdout.line(`${version}`);
    return 0;
  }
  let first = 0;
  while (words[first] === '-C') first += 2;
  if (words[first] === 'ensure' || words[first] === 'check') {
    optimizeLater();
    const { runMainJob } = await import('./main-job.js');
    return runMainJob(context);
  }
  const { runProgram } = await import('./program.js');
  return runProgram(context);
}
