import type { BundleResult, EnsureResult } from '../../../ensure/result.js';
import type { VerifyResult } from '../../../ensure/verify/verify-result.js';
import type { Finding } from '../../../tekton/lint/findings/finding.js';

/** One thing that was looked at, as test reports and code quality reports list them. */
export interface ReportCase {
  /** The file, or the bundle. */
  readonly subject: string;
  readonly name: string;
  /** `error` where it could not be found out. */
  readonly state: 'passed' | 'failed' | 'error' | 'skipped';
  readonly problem: ReportProblem | null;
}

export interface ReportProblem {
  /** A rule, a code or a reason. */
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string | null;
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
}

/** Where problems with a bundle are shown: its declaration. */
export type PlaceOfBundle = (name: string) => Pick<ReportProblem, 'file' | 'line'>;

/** A case for each finding, and one for each file without any. */
export function lintCases(
  files: readonly string[],
  findings: readonly Finding[],
  { strict, paths }: { readonly strict: boolean; readonly paths: ReadonlyMap<string, string> },
): ReportCase[] {
  const clean = files.filter((path) => !findings.some(({ file }) => file === path));
  const shown = (file: string) => paths.get(file) ?? file;
  const passed = clean.map(
    (file): ReportCase => ({ subject: shown(file), name: 'lint', state: 'passed', problem: null }),
  );
  const found = findings.map(({ rule, severity, message, hint, file, line, column }): ReportCase => {
    const problem = { rule, severity, message, hint, file: shown(file), line };
    const state = severity === 'error' || strict ? 'failed' : 'passed';
    return { subject: shown(file), name: `${rule} at ${line}:${column}`, state, problem };
  });
  return [...passed, ...found];
}

/** A case for each bundle and workflow of `ensure` or `check`; `statusOf` gives the exit status that the bundle alone would have. */
export function runCases(
  { bundles, workflows, error }: EnsureResult,
  {
    placeOf,
    statusOf,
    command,
  }: {
    readonly placeOf: PlaceOfBundle;
    readonly statusOf: (bundle: BundleResult) => number;
    readonly command: string;
  },
): ReportCase[] {
  const cases = bundles.map((bundle): ReportCase => {
    const { name, warnings, outcome, reason } = bundle;
    const failure = bundle.error ?? bundle.signature?.error;
    const place = placeOf(name);
    if (failure) {
      const { code, message, hint } = failure;
      const problem = { rule: code, severity: 'error' as const, message, hint, ...place };
      return { subject: name, name: command, state: 'failed', problem };
    }
    const fails = statusOf(bundle) !== 0;
    const fallback =
      outcome === 'fallback' ? [`${bundle.reference} was not used: ${reason ?? 'unknown'}`] : [];
    const texts = fails ? [planText(bundle)] : [...fallback, ...warnings];
    const state = fails ? 'failed' : 'passed';
    if (texts.length === 0) return { subject: name, name: command, state, problem: null };
    const rule = (fails ? bundle.verdict : bundle.reason) ?? 'warning';
    const severity = fails ? ('error' as const) : ('warning' as const);
    const problem = { rule, severity, message: texts.join('\n'), hint: null, ...place };
    return { subject: name, name: command, state, problem };
  });
  for (const { name, warnings, error: failure } of workflows) {
    const place = placeOf(name);
    const [message] = failure ? [failure.message] : warnings;
    const severity = failure ? ('error' as const) : ('warning' as const);
    const rule = failure?.code ?? 'warning';
    const problem =
      message === undefined ? null : { rule, severity, message, hint: failure?.hint ?? null, ...place };
    cases.push({ subject: name, name: command, state: failure ? 'failed' : 'passed', problem });
  }
  if (!error) return cases;
  return [...cases, failedCase(command, error, placeOf(''))];
}

/** What kept a command from having a result. */
export function failedCase(
  command: string,
  { code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string | null },
  place: Pick<ReportProblem, 'file' | 'line'>,
): ReportCase {
  const problem = { rule: code, severity: 'error' as const, message, hint, ...place };
  return { subject: 'bundles', name: command, state: 'error', problem };
}

function planText({ reference, verdict, reason, changes, differences }: BundleResult): string {
  const why = reason === null || reason === verdict ? '' : ` (${reason})`;
  const plan = changes.length > 0 ? `; ensure would change: ${changes.join(', ')}` : '';
  return [`${reference} is ${verdict}${why}${plan}`, ...differences].join('\n');
}

/** A case for each link of each bundle. */
export function verifyCases(
  { bundles, workflows, undeclared }: VerifyResult,
  { placeOf, frozen }: { readonly placeOf: PlaceOfBundle; readonly frozen: boolean },
): ReportCase[] {
  const cases = [...bundles, ...workflows].flatMap(({ name, links, error }): ReportCase[] => {
    const place = placeOf(name);
    const own = links.map((link): ReportCase => {
      const { state, reason, expected, found, differences } = link;
      if (state === 'ok' || state === 'skipped') {
        return { subject: name, name: link.link, state: state === 'ok' ? 'passed' : state, problem: null };
      }
      const sides = expected !== null && found !== null ? [`wanted ${expected}, found ${found}`] : [];
      const message = [`${name}: ${link.link} ${state}: ${reason}`, ...sides, ...differences].join('\n');
      const severity = state === 'drift' ? ('error' as const) : ('warning' as const);
      const problem = { rule: `${link.link}-${reason}`, severity, message, hint: null, ...place };
      return { subject: name, name: link.link, state: state === 'drift' ? 'failed' : 'error', problem };
    });
    return error ? [...own, { ...failedCase('verify', error, place), subject: name }] : own;
  });
  const left = undeclared.map((name): ReportCase => {
    const message = `bundles.lock names ${name}, which is not declared`;
    const severity = frozen ? ('error' as const) : ('warning' as const);
    const problem = {
      rule: 'undeclared',
      severity,
      message,
      hint: 'Run: npx tekton-bundles ensure',
      ...placeOf(name),
    };
    return { subject: name, name: 'declared', state: frozen ? 'failed' : 'passed', problem };
  });
  return [...cases, ...left];
}
