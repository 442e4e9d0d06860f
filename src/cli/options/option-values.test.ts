import { expect, test } from 'vitest';
import { formatByteSize } from '../output/amounts.js';
import { InvalidValue } from './invalid-value.js';
import { createdOption, parseByteSize, parseDuration } from './option-values.js';

test.each([
  ['0s', 0],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
])('%s is a time', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '0', '1', 'h', '-1h', '1.5h', '1 h', '1H', '1w', '1h30m', '1234567s'])(
  '%j is none',
  (text) => {
    expect(() => parseDuration(text)).toThrow(InvalidValue);
  },
);

test.each([
  ['1', 1],
  ['1048576', 1_048_576],
  ['100K', 102_400],
  ['1.5M', 1_572_864],
  ['10GiB', 10_737_418_240],
  ['2T', 2_199_023_255_552],
])('%s is a size', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(['', '0', '-1', '1e9', '10 G', '10GB', '10g', 'M', '0x10', '1.2345K', '99999999T', 'Infinity'])(
  '%j is not a size',
  (text) => {
    expect(() => parseByteSize(text)).toThrow(InvalidValue);
  },
);

test('sizes are shown in the largest unit below them', () => {
  expect([0, 1023, 1024, 1_572_864, 5 * 2 ** 40].map(formatByteSize)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 MiB',
    '5.0 TiB',
  ]);
});

test('an empty --ctime is none, as for tkn', () => {
  expect(createdOption({ environment: {} }, '')).toBeUndefined();
  expect(createdOption({ environment: { SOURCE_DATE_EPOCH: '0' } }, '')).toBe('1970-01-01T00:00:00Z');
  expect(createdOption({ environment: { SOURCE_DATE_EPOCH: '0' } }, '2024-02-29')).toBe(
    '2024-02-29T00:00:00Z',
  );
});
