import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { textWidth } from '../../bytes/text-width.js';
import { formatDuration, shortDigest } from './amounts.js';
import { formatRows, type Row } from './rows.js';
import type { Screen } from './screen.js';
import { fitLine, wrap } from './wrap.js';

const screen = (width: number, unicode = true): Screen => ({
  paint: (_, text) => text,
  clean: (text) => text,
  width,
  unicode,
});
const digest = `sha256:${'2fdaa1f6adcf'.padEnd(64, '0')}`;

test('a text takes as many columns as a terminal draws', () => {
  const widths = {
    abc: 3,
    Größe: 5,
    'e\u0301a': 2,
    検査: 4,
    ｱb: 2,
    '👍🏽x': 3,
    '👩‍👩‍👧': 2,
    '✓': 1,
    '\u200b': 0,
    '⚠️': 2,
    한국: 4,
  };
  expect(Object.fromEntries(Object.keys(widths).map((text) => [text, textWidth(text)]))).toEqual(widths);
});

test('durations are as people say them', () => {
  const shown = [0, 41, 812, 1_000, 9_949, 9_950, 59_600, 125_000, 3_600_000, 3_720_000].map(formatDuration);
  expect(shown).toEqual([
    '0 ms',
    '41 ms',
    '0.8 s',
    '1.0 s',
    '9.9 s',
    '10 s',
    '1 min',
    '2 min 5 s',
    '1 h',
    '1 h 2 min',
  ]);
});

test('rows stand in columns, and what follows hangs below the text', () => {
  const rows: Row[] = [
    { mark: 'ok', name: 'build-id', outcome: 'reused', digest },
    {
      mark: 'published',
      name: 'git-clone',
      outcome: 'published',
      digest,
      text: 'quay.io/acme/git-clone:v0.2.0',
    },
    {
      mark: 'failed',
      name: 'deploy',
      outcome: 'would fail',
      text: 'v0.1.0 holds other content',
      more: ['run: bundles bump deploy'],
    },
  ];
  expect(formatRows(rows, screen(80))).toEqual([
    '✓ build-id   reused      2fdaa1f6adcf',
    '↑ git-clone  published   2fdaa1f6adcf  quay.io/acme/git-clone:v0.2.0',
    '✗ deploy     would fail  v0.1.0 holds other content',
    '                         run: bundles bump deploy',
  ]);
  expect(
    formatRows(rows, screen(80, false))
      .map((line) => line[0])
      .join(''),
  ).toBe('+^x ');
});

test('a name too long for its column has a line of its own on a terminal, and stays in its line elsewhere', () => {
  const name = `a-${'very-'.repeat(9)}long-name`;
  const rows: Row[] = [
    { mark: 'ok', name: 'short', outcome: 'reused' },
    { mark: 'ok', name, outcome: 'reused' },
  ];
  expect(formatRows(rows, screen(80))).toEqual(['✓ short  reused', `✓ ${name}`, '         reused']);
  expect(formatRows(rows, screen(Number.POSITIVE_INFINITY))).toEqual([
    '✓ short  reused',
    `✓ ${name}  reused`,
  ]);
});

test('styles go around words and never around the blanks between columns', () => {
  const painted: Screen = {
    paint: (style, text) => `<${style}>${text}</>`,
    clean: (text) => text,
    width: 22,
    unicode: true,
  };
  expect(wrap([['red', 'error[X]'], ': a b', ['bold', ' hint: c']], { indent: 2 }, painted)).toEqual([
    '  <red>error[X]</>: a b <bold>hint:</>',
    '  <bold>c</>',
  ]);
});

test('a written line is broken between words, its styles take no room and its indent goes on', () => {
  expect(fitLine('short', 40)).toEqual(['short']);
  expect(fitLine(`\u001b[31merror[X]\u001b[39m: ${'x'.repeat(30)}`, 40)).toHaveLength(1);
  expect(fitLine(`  hint: \u001b[1mlog in to quay.io\u001b[22m, or check the name ${digest}`, 40)).toEqual([
    '  hint: \u001b[1mlog in to quay.io\u001b[22m, or check the',
    '    name',
    digest,
  ]);
});

const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    digest,
    `quay.io/acme/a-repository:v1.0.0@${digest}`,
    '検査',
    '👩‍👩‍👧',
    'x'.repeat(200),
    'a/'.repeat(70),
  ),
);
const text = fc
  .array(word, { maxLength: 6 })
  .map((words) => words.join(' ').replace(/[\p{Cc}\p{Cf}\p{M}\s]+/gu, ' '));

test('no line is wider than the screen, no digest is cut, and nothing but blanks is lost', patient, () => {
  const row = fc.record({
    mark: fc.constant('ok' as const),
    name: fc.oneof(text, fc.constant('alpha')),
    outcome: fc.constantFrom('', 'reused', 'would fall back'),
    digest: fc.constantFrom(digest, null),
    text,
    more: fc.array(text, { maxLength: 2 }),
    wide: fc.array(text, { maxLength: 2 }),
  });
  const property = fc.property(
    fc.array(row, { maxLength: 3 }),
    fc.integer({ min: 40, max: 160 }),
    (rows, width) => {
      const lines = formatRows(rows, screen(width));
      // A digest is whole even where the terminal is narrower than it.
      const tooWide = lines.filter((line) => textWidth(line) > width && !/^ *@?sha256:\S{64}$/.test(line));
      expect(tooWide).toEqual([]);
      const given = rows.map((one) =>
        [
          '✓',
          one.name,
          one.outcome,
          one.digest === null ? '' : shortDigest(one.digest),
          one.text,
          ...one.more,
          ...one.wide,
        ].join(''),
      );
      expect(lines.join('').replaceAll(' ', '')).toBe(given.join('').replaceAll(' ', ''));
      const digests = (all: string) => all.split(digest).length;
      expect(digests(lines.join('\n'))).toBe(digests(given.join('\n')));
    },
  );
  fc.assert(property, { numRuns: Math.ceil(numRuns / 4) });
});
