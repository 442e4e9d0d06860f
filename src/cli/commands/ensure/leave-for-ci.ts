import { join } from 'node:path';
import type { EnsureResult } from '../../../ensure/result.js';
import { makeDirectory } from '../../../fs/make-directory.js';
import type { Context } from '../../context.js';
import { openReportFile } from '../../output/ci/report-file.js';
import type { RunOptions } from './run-options.js';

export interface RunReport {
  readonly mode: 'ensure' | 'check';
  readonly options: RunOptions;
  readonly result: EnsureResult;
  readonly stateDirectory: string;
}

/**
 * Leaves the result of a run where later steps and jobs look for it: a file of JSON in the state directory, outputs,
 * annotations and a summary of GitHub, variables for GitLab, results of a Task for Tekton.
 * @throws NOT_WRITABLE, DISK_FULL, TOO_LARGE
 */
export async function leaveForCi(
  context: Context,
  { mode, options, result, stateDirectory }: RunReport,
): Promise<void> {
  if (options.tektonResults !== undefined) {
    const { writeTektonResults } = await import('../../output/ci/tekton-results.js');
    await writeTektonResults(options.tektonResults, result);
  }
  const report = join(stateDirectory, `${mode}.json`);
  await makeDirectory(stateDirectory);
  const file = openReportFile(context, report);
  file.writer.json(result);
  await file.save();
  if (context.environment.GITHUB_ACTIONS === 'true') {
    const { reportToGitHub } = await import('../../output/ci/github.js');
    await reportToGitHub(context, { result, command: mode, report });
  }
  if (options.dotenv === undefined) return;
  const { toDotenv } = await import('../../output/ci/dotenv.js');
  const { repositoryPaths } = await import('../../output/ci/repository-path.js');
  const paths = await repositoryPaths(context, [report]);
  const { lines, leftOut } = toDotenv(result, { report: paths.get(report) ?? report });
  const variables = openReportFile(context, options.dotenv);
  variables.writer.lines(lines);
  await variables.save();
  if (leftOut.length === 0) return;
  const warning = `${options.dotenv} holds no variable for ${leftOut.join(', ')}: its name is taken or the file is full`;
  context.stderr.line(`warning: ${warning}; the report has them all`);
}
