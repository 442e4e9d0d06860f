import { cutText } from '../../../bytes/text-width.js';
import { countFindings, type LintResult } from '../../../ensure/lint/lint-document.js';
import { shorten } from '../../../http/shorten.js';
import { codeFrame } from '../../../tekton/lint/findings/code-frame.js';
import type { Finding } from '../../../tekton/lint/findings/finding.js';
import { linesOf } from '../../../yaml-file/excerpt.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';

/** The result for people: each finding with its place in the file. */
export function showLint(
  context: Context,
  { sources, findings, objects, fixed, declarations }: LintResult,
  options: Pick<CommonOptions, 'color'>,
): string[] {
  const screen = createScreen(context, 'stdout', options);
  const lines = new Map(
    [...sources, ...(declarations ? [declarations] : [])].map(({ path, bytes }) => [
      path,
      linesOf(new TextDecoder().decode(bytes)),
    ]),
  );
  const blocks = findings.flatMap((finding) => showFinding(finding, lines.get(finding.file) ?? [''], screen));
  const { errors, warnings } = countFindings(findings);
  const fixable = findings.filter(({ fix }) => fix !== null).length;
  const parts = [
    `${count(errors, 'error')}, ${count(warnings, 'warning')} in ${count(objects, 'object')} of ${count(sources.length, 'file')}`,
    ...(fixed > 0 ? [`${fixed} fixed`] : []),
    ...(fixable > 0 ? [`--fix would set ${fixable} of them right`] : []),
  ];
  const end = wrap([['bold', parts.join('; ')]], { indent: 0 }, screen);
  return [...blocks, ...end];
}

function showFinding(finding: Finding, lines: readonly string[], screen: Screen): string[] {
  const { file, line, column, severity, message, hint, rule } = finding;
  const place = shorten(`${file}:${line}:${column}`, { max: 500 });
  const head: Text = [
    ['bold', `${place}:`],
    ' ',
    [severity === 'error' ? 'red' : 'yellow', severity],
    `: ${shorten(message)} `,
    ['dim', `(${rule})`],
  ];
  const frame = codeFrame(lines, finding, { width: screen.width });
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
