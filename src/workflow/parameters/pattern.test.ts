import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { expectQuick } from '../../../test/support/expect-quick.js';
import { compilePattern } from './pattern.js';

test.each([
  ['^[0-9]+$', '12', true],
  ['^[0-9]+$', '12x', false],
  ['[a-z]{2,3}', 'A-bc', true],
  ['^\\d{1,3}\\.\\d+$', '1.5', true],
  ['(?i)^abc$', 'ABC', true],
  ['\\Aabc\\z', 'abc', true],
  ['^[[:alpha:]]+$', 'abc', true],
  ['^(a|b)$', 'b', true],
  ['^.$', '\u2028', true],
  ['^\\s$', '\u00a0', false],
  ['^\\pL+$', 'é', true],
  ['(?P<name>a)', 'a', true],
])('%s finds in %j: %s', (pattern, text, finds) => {
  expect(compilePattern(pattern).test(text)).toBe(finds);
});

test.each([
  '(?=a)',
  '(?!a)',
  '(?<=a)',
  '(a)\\1',
  '\\u0041',
  '[^]',
  'a{1001}',
  'a**',
  '(',
  '[z-a]',
  'a{2,1}',
  '\\',
])('%s is not a pattern of RE2', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow(/./);
});

test('no pattern takes long', () => {
  const pattern = compilePattern('^(a+)+$');
  const text = `${'a'.repeat(5000)}b`;
  expectQuick(() => expect(pattern.test(text)).toBe(false), 5000);
});

const pieces = fc.constantFrom(
  ...[
    'a',
    'B',
    '1',
    '_',
    '-',
    ' ',
    '.',
    '\\.',
    '\\d',
    '\\w',
    '\\s',
    '[a-c]',
    '[^0-9]',
    '[\\w-]',
    '[a-]',
    '^',
    '$',
  ],
  ...['+', '*', '?', '{2}', '{1,}', '(a|b)', '(?:x)', '|', '\\-', '[.+*]', '{', '}', ']'],
);

test('what is left to JavaScript means what RE2 means', () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 6 }).map((some) => some.join('')),
      fc.array(
        fc.constantFrom('a', 'b', 'B', '1', '_', '-', '.', '\n', 'é', '\u2028', ' ', '{', '2', '}', ']'),
        { maxLength: 5 },
      ),
      (pattern, characters) => {
        const text = characters.join('');
        expect(outcome(() => compilePattern(pattern).test(text))).toBe(
          outcome(() => RE2JS.compile(pattern).matcher(text).find()),
        );
      },
    ),
    { numRuns: 3000 },
  );
});

function outcome(answer: () => boolean): boolean | 'refused' {
  try {
    return answer();
  } catch {
    return 'refused';
  }
}
