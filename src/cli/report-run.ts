import { join } from 'node:path';
import type { EnsureResult } from '../ensure/result.js';
import { makeDirectory } from '../fs/make-directory.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import type { Context } from './context.js';
import type { RunOptions } from './run-options.js';
import { showResult } from './show-result.js';
import { createPaint } from './terminal.js';

export interface RunReport {
  readonly mode: 'ensure' | 'check';
  readonly options: RunOptions;
  readonly result: EnsureResult;
  readonly stateDirectory: string;
}

/** Prints a run's result, and under GitHub Actions leaves it where a workflow looks for it. */
export async function reportRun(
  context: Context,
  { mode, options, result, stateDirectory }: RunReport,
): Promise<void> {
  if (options.output === 'json') context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    const paint = createPaint(context, 'stdout', options);
    context.stdout.write(showResult(result, { paint, serve: serveCommand(stateDirectory) }));
  }
  if (context.environment.GITHUB_ACTIONS !== 'true') return;
  const { reportToGitHub } = await import('./github.js');
  const report = join(stateDirectory, `${mode}.json`);
  await makeDirectory(stateDirectory);
  await writeFileAtomic(report, `${JSON.stringify(result, null, 2)}\n`);
  await reportToGitHub(context, { result, command: mode, report });
}

function serveCommand(stateDirectory: string): string {
  const place = stateDirectory === '.bundles' ? '' : ` --state-dir ${JSON.stringify(stateDirectory)}`;
  return `bundles registry serve${place}`;
}
