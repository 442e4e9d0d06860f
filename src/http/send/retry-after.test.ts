import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { isStorageQuota, parseRetryAfter } from './retry.js';

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
  ['99999999999999999999', 1e12],
  ['', undefined],
  [undefined, undefined],
])('%s asks to wait %s ms', (header, wanted) => {
  expect(parseRetryAfter(header, now)).toBe(wanted);
});

test('whole seconds and dates ahead are waited for, dates behind are not', patient, () => {
  const seconds = fc.bigInt({ min: 0n, max: 10n ** 30n });
  fc.assert(
    fc.property(seconds, (count) => {
      const wanted = Number(count < 10n ** 9n ? count : 10n ** 9n) * 1000;
      expect(parseRetryAfter(String(count), now)).toBe(wanted);
    }),
    { numRuns },
  );
  const dates = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
  fc.assert(
    fc.property(dates, (ahead) => {
      const header = new Date(now + ahead * 1000).toUTCString();
      expect(parseRetryAfter(header, now)).toBe(ahead > 0 ? ahead * 1000 : undefined);
    }),
    { numRuns },
  );
});

test('no header makes a wait that is negative or no number', patient, () => {
  const pieces = fc.constantFrom(
    '-',
    '+',
    '.',
    'e',
    '0',
    '9',
    ' ',
    ',',
    ':',
    'GMT',
    'Fri',
    'Jan',
    '2026',
    '99',
    '\t',
    '\r\n',
  );
  const headers = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.double().map(String),
  );
  fc.assert(
    fc.property(headers, (header) => {
      const wait = parseRetryAfter(header, now);
      expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
    }),
    { numRuns },
  );
});

test.each([
  [429, {}, 'the storage quota of acme is exceeded', true],
  [429, {}, '{"errors":[{"code":"DENIED","message":"Quota has been exceeded on namespace"}]}', true],
  [429, { 'retry-after': '3' }, 'the storage quota of acme is exceeded', false],
  [429, {}, "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'", false],
  [429, {}, 'You have reached your pull rate limit', false],
  [403, {}, 'Quota has been exceeded on namespace', false],
])('%i %j %j is distinguished from a rate that passes', (status, headers, text, wanted) => {
  expect(isStorageQuota({ status, headers, body: Buffer.from(text) })).toBe(wanted);
});
