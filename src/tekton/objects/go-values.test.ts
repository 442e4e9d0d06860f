import { expect, test } from 'vitest';
import { isQuantity, isQuotedQuantity, isTime, likelyQuantities, parseDuration } from './go-values.js';

// What Go takes of these, and of more, is asked in test/interop/fields.test.ts.

test.each<[string, bigint | undefined]>([
  ['0', 0n],
  ['1h30m', 5_400_000_000_000n],
  ['-1s', -1_000_000_000n],
  ['+.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['1µs1μs', 2_000n],
  ['2562047h47m16.854775807s', 9_223_372_036_854_775_807n],
  ['2562047h47m16.854775808s', undefined],
  ['-9223372036854775808ns', -9_223_372_036_854_775_808n],
  ['9223372036854775808ns', undefined],
  ['', undefined],
  ['-', undefined],
  ['5', undefined],
  ['.s', undefined],
  ['1d', undefined],
  ['1h 5m', undefined],
  ['$(params.timeout)', undefined],
])('parseDuration(%j) is %s', (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
});

test.each([
  ['2020-02-29T00:00:00Z', true],
  ['2020-01-01T0:00:00Z', true],
  ['2020-01-01T00:00:00,5+24:60', true],
  ['2020-02-30T00:00:00Z', false],
  ['2021-02-29T00:00:00Z', false],
  ['2020-01-01T24:00:00Z', false],
  ['2020-01-01', false],
  ['today', false],
])('isTime(%j) is %s', (text, isOne) => {
  expect(isTime(text)).toBe(isOne);
});

test.each([
  ['512Mi', true],
  ['1e3', true],
  ['1E', true],
  ['.5Ki', true],
  ['Ki', true],
  ['512MB', false],
  ['1K', false],
  ['1 Gi', false],
  ['', false],
  ['1e99999999999999999999', false],
  ['$(params.MEM)', false],
])('isQuantity(%j) is %s', (text, isOne) => {
  expect(isQuantity(text)).toBe(isOne);
  expect(isQuotedQuantity(` ${text} `)).toBe(isOne);
});

test.each([
  ['512MB', ['512M', '512Mi']],
  ['6GiB', ['6Gi']],
  ['1.5 kb', ['1.5k', '1.5Ki']],
  ['much', []],
])('likelyQuantities(%j) are %j', (text, likely) => {
  expect(likelyQuantities(text)).toEqual(likely);
  for (const one of likely) expect(isQuantity(one)).toBe(true);
});
