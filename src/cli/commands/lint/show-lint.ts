import { cutText } from '../../../bytes/text-width.js';
import { BundlesError } from '../../../errors.js';
import { shorten } from '../../../http/shorten.js';
import { reportedError } from '../../../publish/reported-error.js';
import { codeFrame } from '../../../tekton/lint/findings/code-frame.js';
import type { Finding } from '../../../tekton/lint/findings/finding.js';
import type { Source } from '../../../tekton/objects/object.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';

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
  { findings, sources }: LintResult,
  { maxWarnings = Number.POSITIVE_INFINITY }: { readonly maxWarnings?: number },
): BundlesError | null {
  const { errors, warnings } = countAll(findings);
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
export function lintDocument({ sources, findings, objects, fixed, error }: LintResult): object {
  return {
    version: 1,
    files: sources.map(({ path }) => path),
    findings: findings.map(({ fix, ...finding }) => ({ ...finding, fixable: fix !== null })),
    summary: { files: sources.length, objects, ...countAll(findings), fixed },
    error: error === null ? null : reportedError(error),
  };
}

/** The result for people: each finding with its place in the file. */
export function showLint(
  context: Context,
  { sources, findings, objects, fixed, declarations }: LintResult,
  options: Pick<CommonOptions, 'color'>,
): string[] {
  const screen = createScreen(context, 'stdout', options);
  const texts = new Map(
    [...sources, ...(declarations ? [declarations] : [])].map(({ path, bytes }) => [
      path,
      new TextDecoder().decode(bytes),
    ]),
  );
  const blocks = findings.flatMap((finding) => showFinding(finding, texts.get(finding.file) ?? '', screen));
  const { errors, warnings } = countAll(findings);
  const fixable = findings.filter(({ fix }) => fix !== null).length;
  const parts = [
    `${count(errors, 'error')}, ${count(warnings, 'warning')} in ${count(objects, 'object')} of ${count(sources.length, 'file')}`,
    ...(fixed > 0 ? [`${fixed} fixed`] : []),
    ...(fixable > 0 ? [`--fix would set ${fixable} of them right`] : []),
  ];
  const end = wrap([['bold', parts.join('; ')]], { indent: 0 }, screen);
  return [...blocks, ...end];
}

function showFinding(finding: Finding, text: string, screen: Screen): string[] {
  const { file, line, column, severity, message, hint, rule } = finding;
  const place = shorten(`${file}:${line}:${column}`, { max: 500 });
  const head: Text = [
    ['bold', `${place}:`],
    ' ',
    [severity === 'error' ? 'red' : 'yellow', severity],
    `: ${shorten(message)} `,
    ['dim', `(${rule})`],
  ];
  const frame = codeFrame(text, finding, { width: screen.width });
  const first = { text: '', width: 0 };
  return [
    ...wrap(head, { indent: 4, first }, screen),
    ...(frame === ''
      ? []
      : frame.split('\n').map((one) => screen.paint('dim', cutText(screen.clean(one), screen.width)))),
    ...(hint === null ? [] : wrap([['bold', 'hint:'], ` ${shorten(hint)}`], { indent: 6, first }, screen)),
    '',
  ];
}

function countAll(findings: readonly Finding[]): { errors: number; warnings: number } {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}
