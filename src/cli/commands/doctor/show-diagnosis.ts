import type { CheckResult, LinkState } from '../../../doctor/check-result.js';
import type { Diagnosis } from '../../../doctor/diagnose.js';
import type { Paint, Style } from '../../output/terminal.js';

const marks: Readonly<Record<LinkState, readonly [string, Style]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  broken: ['✗', 'red'],
  'not-configured': ['-', 'dim'],
  skipped: ['·', 'dim'],
};

/** An examination as lines for people: each link, what to do about it, and a last line that names what is broken first. */
export function showDiagnosis({ links }: Diagnosis, paint: Paint): string {
  const width = Math.max(...links.map(({ link }) => link.length));
  const lines = links.flatMap((finding) => showLink(finding, { width, paint }));
  return `${[...lines, paint('bold', summary(links))].join('\n')}\n`;
}

function showLink(
  { link, state, message, remedy, code }: CheckResult,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  const [mark, style] = marks[state];
  const error = code === null ? '' : `${paint('red', `error[${code}]`)}: `;
  const first = `${paint(style, mark)} ${paint('bold', link.padEnd(width))}  ${error}${message}`;
  return remedy === null ? [first] : [first, `${' '.repeat(width + 4)}hint: ${remedy}`];
}

function summary(links: readonly CheckResult[]): string {
  const named = (state: LinkState) => [
    ...new Set(links.filter((one) => one.state === state).map(({ link }) => link)),
  ];
  const parts = (['broken', 'warning'] as const).flatMap((state) => {
    const names = named(state);
    return names.length > 0 ? [`${state}: ${names.join(', ')}`] : [];
  });
  const fine = links.filter(({ state }) => state === 'ok').length;
  return [...parts, `${fine} of ${links.length} links ok`].join('; ');
}
