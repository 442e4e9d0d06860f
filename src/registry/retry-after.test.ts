import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.js';

const now = Date.parse('2026-01-02T03:04:05Z');

test.each([
  ['7', 7000],
  [' 120 ', 120_000],
  ['0', 0],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ['Fri, 02 Jan 2026 03:04:00 GMT', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['NaN', undefined],
  ['2030', 2_030_000],
  ['', undefined],
  [null, undefined],
])('%s asks to wait %s ms', (header, wanted) => {
  expect(parseRetryAfter(header, now)).toBe(wanted);
});

test('no header makes a wait that is negative or no number', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      (header) => {
        const wait = parseRetryAfter(header, now);
        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});
