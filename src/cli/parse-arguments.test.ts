import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBundlesError } from '../errors.js';
import { type CommandRow, optionsOf, parseFlags } from './command.js';
import { commands } from './commands.js';
import { parsePort } from './options/option-values.js';
import { parseArguments } from './parse-arguments.js';

const row: CommandRow = {
  name: 'try',
  group: 'job',
  summary: 'a command of this test',
  description: 'A command of this test.',
  arguments: [
    { name: '<name>', summary: 'the first' },
    { name: '[part]', summary: 'the second', choices: ['patch', 'minor'], default: 'patch' },
  ],
  options: [
    { flags: '-f, --file <file>', summary: 'may be repeated', repeat: true },
    { flags: '--port <number>', summary: 'a number', default: 80, parse: parsePort },
    { flags: '--push', summary: 'yes' },
    { flags: '--no-push', summary: 'no' },
    { flags: '--no-keep-old', summary: 'no' },
    { flags: '-n, --dry-run', summary: 'print' },
    { flags: '--on-different <choice>', summary: 'a choice', choices: ['fail', 'reuse'] },
  ],
  examples: [],
};
const usual = { output: 'text', color: true, keepOld: true, port: 80 };

test.each<[string, object]>([
  ['a', {}],
  ['a --push', { push: true }],
  ['--no-push a --push', { push: true }],
  ['--push --no-push a', { push: false }],
  ['a --no-keep-old', { keepOld: false }],
  ['-f x --file y --file=z a -fw -f=v', { file: ['x', 'y', 'z', 'w', 'v'] }],
  ['-qn a -ojson', { quiet: true, dryRun: true, output: 'json' }],
  ['-qno json a', { quiet: true, dryRun: true, output: 'json' }],
  ['--port 0 a', { port: 0 }],
  ['--port=1 a --port 2', { port: 2 }],
  ['a -f -', { file: ['-'] }],
  ['a --file=', { file: [''] }],
  ['a --file=--push', { file: ['--push'] }],
  ['a -f--port=1', { file: ['--port=1'] }],
  ['a --file --other -f -f', { file: ['--other', '-f'] }],
  ['a -C x -C y', { C: ['x', 'y'] }],
])('%s', (text, expected) => {
  expect(parseArguments(row, text.split(' '))).toEqual({
    words: ['a', 'patch'],
    options: { ...usual, ...expected },
  });
});

test('after -- nothing is an option, and a dash alone is a word', () => {
  expect(parseArguments(row, ['--', '--push', 'minor']).words).toEqual(['--push', 'minor']);
  expect(parseArguments(row, ['-', 'minor']).words).toEqual(['-', 'minor']);
});

test.each([
  [['a', '--fiel', 'x'], 'Did you mean --file?'],
  [['a', '--dryrun'], 'Did you mean --dry-run?'],
  [['a', '--on-different', 'faill'], 'Did you mean fail?'],
  [['a', 'minr'], 'Did you mean minor?'],
  [['a', '--on', 'x'], 'Did you mean --on-different?'],
  [['a', '-x'], undefined],
  [['a', '-nx'], undefined],
  [['a', '--file'], undefined],
  [['a', '--push=yes'], undefined],
  [['a', '--file', '--push'], 'Write the value before --push; if it is the value: --file=--push'],
  [['a', '-f', '--port=1'], 'Write the value before --port=1; if it is the value: -f--port=1'],
  [['a', '--port', 'x'], undefined],
  [['a', 'minor', 'b'], undefined],
  [[], undefined],
  [['a', '--__proto__=x'], undefined],
])('%j is a mistake with a hint', (words, hint) => {
  const error = errorOf(words);
  expect(error.code).toBe('USAGE');
  expect(error.hint).toBeTruthy();
  if (hint !== undefined) expect(error.hint).toBe(hint);
});

function errorOf(words: readonly string[], command: CommandRow = row) {
  try {
    parseArguments(command, words);
  } catch (error) {
    if (isBundlesError(error)) return error;
    throw error;
  }
  throw new Error(`${words.join(' ')} was read`);
}

test('whatever is typed is read or refused as usage, and what is read keeps the words in order', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '-',
      '--',
      '-q',
      '--push',
      '--no-push',
      '-o',
      'json',
      '--port',
      '8',
      '-f',
      'a',
      '-C',
      '-n=',
      '=-',
    ),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      try {
        const read = parseArguments(row, words);
        expect(Object.getPrototypeOf(read.options)).toBe(Object.prototype);
        expect([1, 2]).toContain(read.words.length);
      } catch (error) {
        expect(isBundlesError(error, 'USAGE')).toBe(true);
      }
    }),
  );
});

test.each(commands)('the row of $name is in order', (command) => {
  const rows = optionsOf(command);
  const flags = rows.map(parseFlags);
  for (const [index, { short, long, key }] of flags.entries()) {
    expect(short ?? long, rows[index]?.flags).toBeTruthy();
    expect(key).not.toBe('');
  }
  const names = flags
    .flatMap(({ short, long }) => [short && `-${short}`, long && `--${long}`])
    .filter(Boolean);
  expect(names).toEqual([...new Set(names)]);
  for (const { summary } of rows) expect(summary).toMatch(/^\S.*[^.\s]$/);
  // Only the last argument may take many, and none that is needed follows one that is not.
  const shapes = (command.arguments ?? []).map(({ name }) => name);
  expect(shapes.slice(0, -1).filter((name) => name.includes('...'))).toEqual([]);
  expect(shapes.join(' ')).not.toMatch(/\].*</);
  expect(command.examples.length).toBeGreaterThan(0);
  for (const { words } of command.examples) expect(words.startsWith(command.name)).toBe(true);
});
