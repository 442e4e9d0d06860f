import { stat } from 'node:fs/promises';
import type { BundleResult, EnsureResult } from '../../../ensure/result.js';
import { parseReference, referenceName } from '../../../oci/reference.js';
import type { Context } from '../../context.js';
import { runFlags } from './dotenv.js';
import { annotate, annotationsOf } from './github-annotations.js';
import { longestSummary, stepSummary } from './github-summary.js';
import { openReportFile } from './report-file.js';
import { repositoryPaths } from './repository-path.js';

export interface GitHubReport {
  readonly result: EnsureResult;
  /** The command that ran: `ensure` or `check`. */
  readonly command: string;
  /** Path of the result as a JSON file. */
  readonly report: string;
}

/** GitHub takes outputs of 1 MiB in UTF-16. */
const longestOutput = 512 * 1024;

/**
 * Under GITHUB_ACTIONS: the outputs `report`, `changed`, `fallback`, `pinned`, `digests` and `subjects`, annotations for
 * failures, fallbacks and warnings, and a step summary, all within GitHub's limits. Elsewhere nothing.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function reportToGitHub(
  context: Context,
  { result, command, report }: GitHubReport,
): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = context.environment;
  if (GITHUB_ACTIONS !== 'true') return;
  const paths = await repositoryPaths(context, [report]);
  const { fits, tooLong } = outputs(result, paths.get(report) ?? report);
  const long = tooLong.map((name) => ({
    level: 'warning' as const,
    title: `output ${name}`,
    lines: [`The output ${name} is empty: it would be longer than GitHub takes. The report has its content.`],
  }));
  annotate(context, [...annotationsOf(result), ...long]);
  if (GITHUB_OUTPUT) await append(context, GITHUB_OUTPUT, () => fits);
  if (!GITHUB_STEP_SUMMARY) return;
  const there = await stat(GITHUB_STEP_SUMMARY).catch(() => undefined);
  const room = longestSummary - (there?.size ?? 0);
  await append(context, GITHUB_STEP_SUMMARY, (clean) => stepSummary(result, { command, room, clean }));
}

async function append(
  context: Context,
  path: string,
  linesOf: (clean: (line: string) => string) => readonly string[],
): Promise<void> {
  const file = openReportFile(context, path);
  file.writer.lines(linesOf(file.writer.clean));
  await file.append();
}

function outputs(result: EnsureResult, report: string): { fits: string[]; tooLong: string[] } {
  const { bundles } = result;
  const { changed, fallback } = runFlags(result);
  const byName = (value: (bundle: BundleResult) => string | null) =>
    Object.fromEntries(
      bundles.flatMap((bundle) => {
        const found = value(bundle);
        return found === null ? [] : [[bundle.name, found]];
      }),
    );
  const fits = [`report=${report}`, `changed=${changed}`, `fallback=${fallback}`];
  const tooLong: string[] = [];
  const put = (name: string, text: string, lines: readonly string[]) => {
    const isLong = text.length > longestOutput;
    if (isLong) tooLong.push(name);
    fits.push(...(isLong ? [`${name}=`] : lines));
  };
  for (const [name, value] of [
    ['pinned', byName(({ pinned }) => pinned)],
    ['digests', byName(({ digest }) => digest)],
  ] as const) {
    const text = JSON.stringify(value);
    put(name, text, [`${name}=${text}`]);
  }
  const subjects = bundles.flatMap(subjectOf);
  // No line of a checksum file is this one.
  put(
    'subjects',
    subjects.join('\n'),
    subjects.length === 0 ? ['subjects='] : ['subjects<<END', ...subjects, 'END'],
  );
  return { fits, tooLong };
}

/** What is on its registry, as a line of a checksum file: the form that actions/attest reads. */
function subjectOf({ outcome, digest, reference }: BundleResult): string[] {
  const served = outcome === 'reused' || outcome === 'published';
  if (!served || digest === null) return [];
  return [`${digest.replace(/^sha256:/, '')}  ${referenceName(parseReference(reference))}`];
}
