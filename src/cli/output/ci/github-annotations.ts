import type { BundleResult, EnsureResult } from '../../../ensure/result.js';
import { toBundlesError } from '../../../errors.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import type { Finding } from '../../../tekton/lint/findings/finding.js';
import { placedProblems } from '../../../yaml-file/problems-error.js';
import type { Context } from '../../context.js';
import { exitCodes } from '../../exit-codes.js';
import { count } from '../amounts.js';
import type { Annotation } from '../writer.js';
import { repositoryPaths } from './repository-path.js';

/** GitHub shows so many errors and so many warnings of a step, and drops the others silently. */
const most = 10;

/** Writes the annotations of a run, of each level the first ones; the last of ten counts those that are left. */
export function annotate(context: Pick<Context, 'stderr'>, annotations: readonly Annotation[]): void {
  for (const level of ['error', 'warning'] as const) {
    const all = annotations.filter((annotation) => annotation.level === level);
    const shown = all.length > most ? all.slice(0, most - 1) : all;
    for (const annotation of shown) context.stderr.annotate(annotation);
    const left = all.length - shown.length;
    if (left === 0) continue;
    const lines = [
      `${count(left, `more ${level}`)} without an annotation: GitHub shows ${most} of a step. The log has them all.`,
    ];
    context.stderr.annotate({ level, title: `${left} more`, lines });
  }
}

/** What a run of `ensure` or `check` is annotated with: failures by exit status, then fallbacks, then warnings. */
export function annotationsOf({ bundles, workflows, error }: EnsureResult): Annotation[] {
  const failures = [
    ...bundles.flatMap(({ name, error, signature }) =>
      [error, signature?.error].flatMap((failure) =>
        failure ? [{ subject: `bundle ${name}`, failure }] : [],
      ),
    ),
    ...workflows.flatMap(({ name, error: failure }) =>
      failure ? [{ subject: `workflow ${name}`, failure }] : [],
    ),
  ];
  failures.sort((left, right) => exitCodes[left.failure.code] - exitCodes[right.failure.code]);
  const fallbacks = bundles.filter(({ outcome }) => outcome === 'fallback');
  return [
    ...(error ? [errorAnnotation(error, error.code)] : []),
    ...failures.map(({ subject, failure }) => errorAnnotation(failure, `${subject}: ${failure.code}`)),
    ...fallbacks.map(
      (bundle): Annotation => ({
        level: 'warning',
        title: `bundle ${bundle.name} fell back`,
        lines: [fallbackText(bundle)],
      }),
    ),
    ...bundles.flatMap(({ name, warnings }) =>
      warnings.map((text): Annotation => ({ level: 'warning', title: `bundle ${name}`, lines: [text] })),
    ),
    ...workflows.flatMap(({ name, warnings }) =>
      warnings.map((text): Annotation => ({ level: 'warning', title: `workflow ${name}`, lines: [text] })),
    ),
  ];
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
  annotate(context, [errorAnnotation(reported, reported.code)]);
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
  const annotations = findings.map(
    ({ severity, rule, message, hint, file, line, column, endLine, endColumn }): Annotation => {
      const place = { file: paths.get(file) ?? file, line, endLine, col: column, endColumn };
      return { level: severity, title: rule, lines: errorLines({ message, hint }), place };
    },
  );
  annotate(context, annotations);
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
