import { join } from 'node:path';
import type { EnsureResult } from '../../../ensure/result.js';
import { makeDirectory } from '../../../fs/make-directory.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import type { Context } from '../../context.js';
import { exitCodeOf } from '../../exit-codes.js';
import { describeError } from '../../output/report-error.js';
import { showResult } from '../../output/show-result.js';
import { createPaint } from '../../output/terminal.js';
import type { RunOptions } from './run-options.js';

export interface RunReport {
  readonly mode: 'ensure' | 'check';
  readonly options: RunOptions;
  readonly result: EnsureResult;
  readonly stateDirectory: string;
}

/**
 * Prints a run's result, and under GitHub Actions leaves it where a workflow looks for it. Gives the exit status of
 * that: the result is printed once, whatever happens to its copies.
 */
export async function reportRun(context: Context, report: RunReport): Promise<number> {
  const { options, result, stateDirectory } = report;
  if (options.output === 'json') context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    const paint = createPaint(context, 'stdout', options);
    context.stdout.write(showResult(result, { paint, serve: serveCommand(stateDirectory) }));
  }
  if (context.environment.GITHUB_ACTIONS !== 'true') return 0;
  try {
    await leaveForGitHub(context, report);
    return 0;
  } catch (error) {
    context.stderr.write(describeError(error, { verbose: options.verbose === true }));
    return exitCodeOf(error);
  }
}

async function leaveForGitHub(context: Context, { mode, result, stateDirectory }: RunReport): Promise<void> {
  const { reportToGitHub } = await import('../../output/github.js');
  const report = join(stateDirectory, `${mode}.json`);
  await makeDirectory(stateDirectory);
  await writeFileAtomic(report, `${JSON.stringify(result, null, 2)}\n`);
  await reportToGitHub(context, { result, command: mode, report });
}

function serveCommand(stateDirectory: string): string {
  const place = stateDirectory === '.bundles' ? '' : ` --state-dir ${JSON.stringify(stateDirectory)}`;
  return `bundles registry serve${place}`;
}
