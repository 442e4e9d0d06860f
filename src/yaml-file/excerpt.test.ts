import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textWidth } from '../bytes/text-width.js';
import { excerpt, linesOf } from './excerpt.js';

test('the caret is below the place', () => {
  expect(excerpt(['a: 1', '  tag: 1.10'], { line: 2, column: 8, length: 4 })).toBe(
    '2 |   tag: 1.10\n  |        ^^^^',
  );
  expect(excerpt(['a:\t\tb'], { line: 1, column: 5, length: 1 })).toBe('1 | a:    b\n  |       ^');
});

test('wide characters take two columns of the caret, too', () => {
  expect(excerpt(['名前: 東京'], { line: 1, column: 5, length: 2 })).toBe('1 | 名前: 東京\n  |       ^^^^');
});

test('a long line is cut around the place', () => {
  const [line = '', marks = ''] = excerpt([`${'x'.repeat(500)}here${'y'.repeat(500)}`], {
    line: 1,
    column: 501,
    length: 4,
  }).split('\n');
  expect(line.length).toBeLessThanOrEqual(76);
  expect(line.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('here');
});

test('whatever the text, two lines of at most 76 columns', () => {
  const unit = fc.oneof(
    fc.constantFrom(
      '\t',
      '\u001b[31m',
      '\u0007',
      '\u202e',
      '\u200b',
      '::',
      '##[',
      '\ud800',
      '😀',
      '語',
      ' ',
      'a',
      ':',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 200 }), fc.nat(), fc.nat(300), (pieces, at, length) => {
      const lines = linesOf(pieces.join(''));
      const line = (at % lines.length) + 1;
      const column = (at % ((lines[line - 1] ?? '').length + 1)) + 1;
      const shown = excerpt(lines, { line, column, length }).split('\n');
      expect(shown).toHaveLength(2);
      for (const one of shown) {
        expect(textWidth(one)).toBeLessThanOrEqual(76);
        expect(one).not.toMatch(/[\t\v\f\u0085\u2028\u2029]/);
      }
      expect(shown[1]).toMatch(/^ +\| +\^+$/);
    }),
    { numRuns: 3_000, seed: 24 },
  );
});
