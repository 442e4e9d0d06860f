import { appendFile } from 'node:fs/promises';
import type { BundleResult, EnsureResult } from '../../ensure/result.js';
import { writeError } from '../../fs/machine-error.js';
import { reportedError } from '../../publish/reported-error.js';
import type { Finding } from '../../tekton/lint/findings/finding.js';
import type { Context } from '../context.js';
import { summaryLine } from './show-result.js';

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
  for (const line of annotations(given.result)) context.stderr.write(`${line}\n`);
  if (GITHUB_OUTPUT) await append(GITHUB_OUTPUT, outputs(given));
  if (GITHUB_STEP_SUMMARY) await append(GITHUB_STEP_SUMMARY, stepSummary(given));
}

async function append(path: string, text: string): Promise<void> {
  await appendFile(path, text).catch((error: unknown) => {
    throw writeError(error, `write ${JSON.stringify(path)}`, path);
  });
}

/** An annotation for what kept a command from having a result. */
export function annotateError({ stderr }: Context, error: unknown): void {
  const reported = reportedError(error);
  stderr.write(`${annotation('error', reported.code, errorText(reported))}\n`);
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
    stderr.write(`${annotation(severity, rule, errorText({ message, hint }), place)}\n`);
  }
}

function outputs({ result, report }: GitHubReport): string {
  const pinned = Object.fromEntries(
    result.bundles.flatMap(({ name, pinned }) => (pinned ? [[name, pinned]] : [])),
  );
  const changed = result.bundles.some(({ changes }) => changes.length > 0);
  const fellBack = result.bundles.some(({ outcome, plan }) => outcome === 'fallback' || plan === 'fallback');
  return `report=${oneLine(report)}\nchanged=${changed}\nfallback=${fellBack}\npinned=${oneLine(JSON.stringify(pinned))}\n`;
}

function annotations({ bundles, error }: EnsureResult): string[] {
  const lines = bundles.flatMap((bundle) => [
    ...bundle.warnings.map((text) => annotation('warning', `bundle ${bundle.name}`, text)),
    ...(bundle.outcome === 'fallback'
      ? [annotation('warning', `bundle ${bundle.name} fell back`, fallbackText(bundle))]
      : []),
    ...(bundle.error
      ? [annotation('error', `bundle ${bundle.name}: ${bundle.error.code}`, errorText(bundle.error))]
      : []),
  ]);
  return error ? [...lines, annotation('error', error.code, errorText(error))] : lines;
}

function fallbackText({ reference, reason, served }: BundleResult): string {
  return `${reference} was not used (${reason ?? 'unknown'}); its bytes are served as ${served?.reference ?? 'nothing'}`;
}

function errorText({ message, hint }: { message: string; hint: string | null }): string {
  return hint ? `${message}\n${hint}` : message;
}

function annotation(
  level: 'warning' | 'error',
  title: string,
  text: string,
  place: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const properties = Object.entries({ ...place, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(`${value}`)}`);
  return `::${level} ${properties.join(',')}::${escapeData(text)}`;
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

function stepSummary({ result, command }: GitHubReport): string {
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
  return `${lines.join('\n')}\n\n`;
}

function markdownCell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>`*_[\]]/g, (character) => `\\${character}`);
}
