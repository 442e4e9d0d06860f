import type { BundleResult, EnsureResult } from '../../ensure/result.js';
import { toBundlesError } from '../../errors.js';
import { type ReportedError, reportedError } from '../../publish/reported-error.js';
import type { Finding } from '../../tekton/lint/findings/finding.js';
import { placedProblems } from '../../yaml-file/problems-error.js';
import type { Context } from '../context.js';
import { runFlags } from './dotenv.js';
import { openReportFile } from './report-file.js';
import { repositoryPaths } from './repository-path.js';
import { summaryLine } from './show-result.js';
import type { Annotation } from './writer.js';

export interface GitHubReport {
  readonly result: EnsureResult;
  /** The command that ran: `ensure` or `check`. */
  readonly command: string;
  /** Path of the result as a JSON file. */
  readonly report: string;
}

/**
 * Under GITHUB_ACTIONS: the outputs `report`, `changed`, `fallback` and `pinned`, an annotation for every warning,
 * fallback and failure, and a step summary. Elsewhere nothing.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function reportToGitHub(context: Context, given: GitHubReport): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = context.environment;
  if (GITHUB_ACTIONS !== 'true') return;
  for (const annotation of annotations(given.result)) context.stderr.annotate(annotation);
  const paths = await repositoryPaths(context, [given.report]);
  const report = paths.get(given.report) ?? given.report;
  if (GITHUB_OUTPUT) await append(context, GITHUB_OUTPUT, outputs({ ...given, report }));
  if (GITHUB_STEP_SUMMARY) await append(context, GITHUB_STEP_SUMMARY, stepSummary(given));
}

async function append(context: Context, path: string, lines: readonly string[]): Promise<void> {
  const file = openReportFile(context, path);
  file.writer.lines(lines);
  await file.append();
}

/** An annotation for what kept a command from having a result: of a file with mistakes, one at each place. */
export async function annotateError(context: Context, error: unknown): Promise<void> {
  const { code, details, hint } = toBundlesError(error);
  const problems = placedProblems(toBundlesError(error));
  if (typeof details.file === 'string' && problems.length > 0) {
    const { file } = details;
    const placed = problems.map(({ line, column, path, message, hint: own }) => ({
      ...{ severity: 'error' as const, rule: code, file, line, column },
      message: path === '' ? message : `${path} ${message}`,
      hint: own ?? (problems.length === 1 ? (hint ?? null) : null),
    }));
    return annotateFindings(context, placed);
  }
  const reported = reportedError(error);
  context.stderr.annotate({ level: 'error', title: reported.code, lines: errorLines(reported) });
}

/** Something wrong at a place in a file; it may end nowhere. */
export interface PlacedFinding extends Pick<Finding, 'severity' | 'message' | 'hint'> {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** An annotation at the place of each finding. */
export async function annotateFindings(context: Context, findings: readonly PlacedFinding[]): Promise<void> {
  const paths = await repositoryPaths(
    context,
    findings.map(({ file }) => file),
  );
  for (const { severity, rule, message, hint, file, line, column, endLine, endColumn } of findings) {
    const place = { file: paths.get(file) ?? file, line, endLine, col: column, endColumn };
    context.stderr.annotate({ level: severity, title: rule, lines: errorLines({ message, hint }), place });
  }
}

function outputs({ result, report }: GitHubReport): string[] {
  const pinned = Object.fromEntries(
    result.bundles.flatMap(({ name, pinned }) => (pinned ? [[name, pinned]] : [])),
  );
  const { changed, fallback } = runFlags(result);
  return [
    `report=${report}`,
    `changed=${changed}`,
    `fallback=${fallback}`,
    `pinned=${JSON.stringify(pinned)}`,
  ];
}

function annotations({ bundles, error }: EnsureResult): Annotation[] {
  const found = bundles.flatMap((bundle): Annotation[] => [
    ...bundle.warnings.map(
      (text): Annotation => ({ level: 'warning', title: `bundle ${bundle.name}`, lines: [text] }),
    ),
    ...(bundle.outcome === 'fallback'
      ? [
          {
            level: 'warning',
            title: `bundle ${bundle.name} fell back`,
            lines: [fallbackText(bundle)],
          } as const,
        ]
      : []),
    ...[bundle.error, bundle.signature?.error].flatMap((failure) =>
      failure ? [errorAnnotation(failure, `bundle ${bundle.name}: ${failure.code}`)] : [],
    ),
  ]);
  return error ? [...found, errorAnnotation(error, error.code)] : found;
}

function errorAnnotation(error: ReportedError, title: string): Annotation {
  return { level: 'error', title, lines: errorLines(error) };
}

function fallbackText({ reference, reason, served }: BundleResult): string {
  return `${reference} was not used (${reason ?? 'unknown'}); its bytes are served as ${served?.reference ?? 'nothing'}`;
}

function errorLines({ message, hint }: { message: string; hint: string | null }): string[] {
  return hint ? [message, hint] : [message];
}

function stepSummary({ result, command }: GitHubReport): string[] {
  const fallbacks = result.bundles.filter(({ outcome }) => outcome === 'fallback');
  const lines: string[] = [];
  if (fallbacks.length > 0) {
    lines.push(`⚠️ ${fallbacks.length} of ${result.bundles.length} bundles fell back to a local registry`, '');
  }
  lines.push(`### bundles ${command}: ${summaryLine(result)}`, '');
  lines.push('| bundle | outcome | verdict | why | pinned |', '| --- | --- | --- | --- | --- |');
  for (const bundle of result.bundles) {
    const cells = [
      bundle.name,
      bundle.outcome,
      bundle.verdict,
      bundle.error?.message ?? bundle.reason,
      bundle.pinned,
    ];
    lines.push(`| ${cells.map((cell) => markdownCell(cell ?? '')).join(' | ')} |`);
  }
  return [...lines, ''];
}

function markdownCell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>`*_[\]]/g, (character) => `\\${character}`);
}
