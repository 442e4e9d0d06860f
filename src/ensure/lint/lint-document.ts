import { BundlesError } from '../../errors.js';
import { type ReportedError, reportedError } from '../../publish/reported-error.js';
import type { Finding } from '../../tekton/lint/findings/finding.js';
import type { Source } from '../../tekton/objects/object.js';

/** A finding as it is part of a result: whether it can be fixed, instead of how. */
export interface ReportedFinding extends Omit<Finding, 'fix'> {
  /** Whether `fix` corrects it. */
  readonly fixable: boolean;
}

/** The result of `lint`: the document that `lint --output json` prints. */
export interface LintDocument {
  readonly version: 1;
  /** The sources that were checked. */
  readonly files: readonly string[];
  /** By bundle, then by file and position; what two bundles share is reported once. */
  readonly findings: readonly ReportedFinding[];
  readonly summary: {
    readonly files: number;
    readonly objects: number;
    readonly errors: number;
    readonly warnings: number;
    /** How many findings `fix` has corrected. */
    readonly fixed: number;
  };
  /** LINT_FAILED for an error, or for more warnings than `maxWarnings`. */
  readonly error: ReportedError | null;
}

export interface LintResult {
  readonly sources: readonly Source[];
  readonly findings: readonly Finding[];
  readonly objects: number;
  /** bundles.yaml, where findings are about it. */
  readonly declarations?: Source | undefined;
  /** How many findings --fix has set right. */
  readonly fixed: number;
  readonly error: BundlesError | null;
}

/** What makes the command fail: an error, or more warnings than are allowed. */
export function lintError(
  { findings, sources }: Pick<LintResult, 'findings' | 'sources'>,
  { maxWarnings = Number.POSITIVE_INFINITY }: { readonly maxWarnings?: number | undefined },
): BundlesError | null {
  const { errors, warnings } = countFindings(findings);
  const where = count(sources.length, 'file');
  if (errors > 0) {
    return new BundlesError('LINT_FAILED', `Cannot accept ${where}: found ${count(errors, 'error')}`, {
      details: { errors, warnings },
    });
  }
  if (warnings <= maxWarnings) return null;
  return new BundlesError(
    'LINT_FAILED',
    `Cannot accept ${where}: found ${count(warnings, 'warning')}, wanted at most ${maxWarnings}`,
    { details: { errors, warnings, maxWarnings } },
  );
}

/** The result as JSON. */
export function lintDocument({ sources, findings, objects, fixed, error }: LintResult): LintDocument {
  return {
    version: 1,
    files: sources.map(({ path }) => path),
    findings: findings.map(({ fix, ...finding }) => ({ ...finding, fixable: fix !== null })),
    summary: { files: sources.length, objects, ...countFindings(findings), fixed },
    error: error === null ? null : reportedError(error),
  };
}

export function countFindings(findings: readonly Finding[]): { errors: number; warnings: number } {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
