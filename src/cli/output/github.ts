import type { BundleResult, EnsureResult } from '../../ensure/result.js';
import { type ReportedError, reportedError } from '../../publish/reported-error.js';
import type { Finding } from '../../tekton/lint/findings/finding.js';
import type { Context } from '../context.js';
import { openReportFile } from './report-file.js';
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
  if (GITHUB_OUTPUT) await append(context, GITHUB_OUTPUT, outputs(given));
  if (GITHUB_STEP_SUMMARY) await append(context, GITHUB_STEP_SUMMARY, stepSummary(given));
}

async function append(context: Context, path: string, lines: readonly string[]): Promise<void> {
  const file = openReportFile(context, path);
  file.writer.lines(lines);
  await file.append();
}

/** An annotation for what kept a command from having a result. */
export function annotateError({ stderr }: Context, error: unknown): void {
  const reported = reportedError(error);
  stderr.annotate({ level: 'error', title: reported.code, lines: errorLines(reported) });
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
export function annotateFindings({ stderr }: Context, findings: readonly PlacedFinding[]): void {
  for (const { severity, rule, message, hint, file, line, column, endLine, endColumn } of findings) {
    const place = { file, line, endLine, col: column, endColumn };
    stderr.annotate({ level: severity, title: rule, lines: errorLines({ message, hint }), place });
  }
}

function outputs({ result, report }: GitHubReport): string[] {
  const pinned = Object.fromEntries(
    result.bundles.flatMap(({ name, pinned }) => (pinned ? [[name, pinned]] : [])),
  );
  const changed = result.bundles.some(({ changes }) => changes.length > 0);
  const fellBack = result.bundles.some(({ outcome, plan }) => outcome === 'fallback' || plan === 'fallback');
  return [
    `report=${report}`,
    `changed=${changed}`,
    `fallback=${fellBack}`,
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
    ...(bundle.error ? [errorAnnotation(bundle.error, `bundle ${bundle.name}: ${bundle.error.code}`)] : []),
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
