import type { ReportCase } from './report-case.js';

export interface JunitSuite {
  /** `lint`, `check`. */
  readonly name: string;
  /** When it was run, in milliseconds of the epoch. */
  readonly time: number;
  readonly durationMs: number;
}

/** Cases as a JUnit report, with the elements and attributes that the strictest schema in use (Ant's) wants. */
export function toJunit(cases: readonly ReportCase[], { name, time, durationMs }: JunitSuite): string[] {
  const seconds = (durationMs / 1000).toFixed(3);
  const counted = (state: ReportCase['state']) => cases.filter((one) => one.state === state).length;
  const sums = {
    tests: cases.length,
    failures: counted('failed'),
    errors: counted('error'),
    skipped: counted('skipped'),
    time: seconds,
  };
  const identity = {
    id: 0,
    package: 'tekton-bundles',
    name: `bundles ${name}`,
    timestamp: new Date(time).toISOString().slice(0, 19),
    hostname: 'localhost',
  };
  // JUnit has no warnings: their cases pass, and their texts follow below.
  const warnings = cases.flatMap(({ state, problem }) =>
    state === 'passed' && problem ? [textOf(problem)] : [],
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${attributes({ ...identity, ...sums })}>`,
    '    <properties/>',
    ...cases.map(caseElement),
    `    <system-out>${escapeXml(warnings.join('\n'))}</system-out>`,
    '    <system-err/>',
    '  </testsuite>',
    '</testsuites>',
  ];
}

const elements = { failed: 'failure', error: 'error' } as const;

function caseElement({ subject, name, state, problem }: ReportCase): string {
  const open = `    <testcase${attributes({ classname: subject, name, time: '0.000' })}`;
  if (state === 'skipped') return `${open}><skipped/></testcase>`;
  if (state === 'passed' || problem === null) return `${open}/>`;
  const { message, rule } = problem;
  const [first = ''] = message.split('\n', 1);
  const element = elements[state];
  const inner = `<${element}${attributes({ message: first, type: rule })}>${escapeXml(textOf(problem))}</${element}>`;
  return `${open}>${inner}</testcase>`;
}

function textOf({ file, line, severity, message, hint, rule }: NonNullable<ReportCase['problem']>): string {
  const text = `${file}:${line}: ${severity}: ${message} (${rule})`;
  return hint === null ? text : `${text}\nhint: ${hint}`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(`${value}`)}"`)
    .join('');
}

/** Characters that XML 1.0 cannot hold are replaced. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
