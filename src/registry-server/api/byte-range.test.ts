import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseByteRange, parseContentRange } from './byte-range.js';

test('a range names its first and last byte, from the end too', () => {
  expect(parseByteRange('bytes=2-5', 10)).toEqual({ first: 2, last: 5 });
  expect(parseByteRange('bytes=2-', 10)).toEqual({ first: 2, last: 9 });
  expect(parseByteRange('bytes=2-99', 10)).toEqual({ first: 2, last: 9 });
  expect(parseByteRange('bytes=-3', 10)).toEqual({ first: 7, last: 9 });
  expect(parseByteRange('bytes=-99', 10)).toEqual({ first: 0, last: 9 });
});

test('a range outside the content is unsatisfiable', () => {
  expect(parseByteRange('bytes=10-', 10)).toBe('unsatisfiable');
  expect(parseByteRange('bytes=-0', 10)).toBe('unsatisfiable');
  expect(parseByteRange('bytes=0-0', 0)).toBe('unsatisfiable');
});

test('what is not a single byte range is ignored', () => {
  for (const header of [
    null,
    '',
    'bytes=',
    'bytes=-',
    'bytes=1-2,4-5',
    'items=1-2',
    'bytes=5-2',
    'bytes=a-b',
  ]) {
    expect(parseByteRange(header, 10), String(header)).toBeUndefined();
  }
});

test('a parsed range always lies inside the content', () => {
  const number = fc.oneof(fc.nat(20).map(String), fc.constant(''));
  fc.assert(
    fc.property(number, number, fc.nat(15), (from, to, size) => {
      const range = parseByteRange(`bytes=${from}-${to}`, size);
      if (range === undefined || range === 'unsatisfiable') return;
      expect(range.first).toBeGreaterThanOrEqual(0);
      expect(range.last).toBeGreaterThanOrEqual(range.first);
      expect(range.last).toBeLessThan(size);
    }),
  );
});

test('a chunk states its range', () => {
  expect(parseContentRange('0-9')).toEqual({ first: 0, last: 9 });
  expect(parseContentRange('bytes 3-4/*')).toEqual({ first: 3, last: 4 });
  for (const header of ['', '9-0', 'x', '1-', '-1'])
    expect(parseContentRange(header), header).toBeUndefined();
});
