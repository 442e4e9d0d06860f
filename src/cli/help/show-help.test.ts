import { expect, test } from 'vitest';
import { type ErrorRow, errorCodes, errorRows, isBundlesError } from '../../errors.js';
import { optionsOf, parseFlags } from '../command.js';
import { commands, families } from '../commands.js';
import { type HelpRequest, showHelp } from './show-help.js';
import { topics } from './topics.js';

const subjects = [
  [],
  ...commands.map(({ name }) => name.split(' ')),
  ...Object.keys(families).map((name) => [name]),
  ...topics.map(({ name }) => [name]),
];

function help(request: HelpRequest, { program = 'bundles', columns = 80 } = {}): string {
  return showHelp(request, { context: { stdout: { columns }, started: { program } }, commands });
}

test.each([80, 120, 200])('no page has a line beyond %i columns, nor beyond 120', (columns) => {
  for (const subject of subjects) {
    for (const program of ['bundles', 'npx tekton-bundles']) {
      for (const line of help({ subject, all: true }, { program, columns }).split('\n')) {
        expect(line.length, `${subject.join(' ')}: ${line}`).toBeLessThanOrEqual(Math.min(columns, 120));
        expect(line, subject.join(' ')).toBe(line.trimEnd());
      }
    }
  }
});

test('the page of exit statuses has each code that a command may end with, and asks to report only the unexpected', () => {
  const page = help({ subject: ['exit-codes'], all: false }, { columns: 120 });
  const named = (page.match(/\b[A-Z]+(?:_[A-Z]+)+\b|\bUNEXPECTED\b/g) ?? []) as string[];
  const ofLibrary = errorCodes.filter((code) => (errorRows[code] as ErrorRow).libraryOnly === true);
  expect(page).toContain('please report it (UNEXPECTED)');
  expect(ofLibrary).toContain('PHASE_FAILED');
  for (const code of errorCodes.filter((one) => one.includes('_')))
    expect(named.includes(code), code).toBe(!ofLibrary.includes(code));
});

test('a narrow terminal and one without a width get readable pages', () => {
  for (const columns of [20, 40])
    expect(help({ subject: ['ensure'], all: false }, { columns })).toContain('--profile');
});

test.each(commands)(
  'the page of $name has its options, its examples and connection options on demand',
  (command) => {
    const subject = command.name.split(' ');
    const [short, long] = [help({ subject, all: false }), help({ subject, all: true })];
    for (const row of optionsOf(command)) {
      expect(long).toContain(row.flags);
      expect(
        short
          .split('\n')
          .some(
            (line) =>
              `${line} `.startsWith(`  ${row.flags} `) || `${line} `.startsWith(`      ${row.flags} `),
          ),
      ).toBe(row.group !== 'connection');
    }
    for (const { does } of command.examples) expect(short.replace(/\n {2}# /g, ' ')).toContain(does);
    expect(command.examples.length).toBeGreaterThan(1);
    expect(command.examples.length).toBeLessThan(5);
  },
);

test('the overview lists every command once, in groups, and the topics', () => {
  const page = help({ subject: [], all: false });
  for (const { name } of [...commands, ...topics])
    expect(page.match(new RegExp(`^  ${name}  +\\S`, 'gm')), name).toHaveLength(1);
  const groups = [...page.matchAll(/^(\S.*):$/gm)].map((match) => match[1]);
  expect(groups.slice(0, 3)).toEqual(['Every day', 'Inspect', 'Publish']);
});

test('an unknown subject brings the one that was meant', () => {
  const fails = (subject: readonly string[]) => {
    try {
      help({ subject, all: false });
    } catch (error) {
      if (isBundlesError(error, 'USAGE')) return error.hint;
    }
    return undefined;
  };
  expect(fails(['exitcode'])).toBe('Did you mean exit-codes?');
  expect(fails(['registry', 'serv'])).toBe('Did you mean registry serve?');
  expect(fails(['nonsense'])).toContain('--help');
});

test('options of connections are in their group everywhere', () => {
  const rows = commands.flatMap(optionsOf);
  const connection = new Set(
    rows.filter(({ group }) => group === 'connection').map((row) => parseFlags(row).long),
  );
  expect(
    rows.filter((row) => connection.has(parseFlags(row).long) && row.group !== 'connection'),
  ).toHaveLength(1);
});
