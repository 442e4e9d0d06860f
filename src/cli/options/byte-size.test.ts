import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { formatByteSize, parseByteSize } from './byte-size.js';

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
  '%j is no size',
  (text) => {
    expect(() => parseByteSize(text)).toThrow(InvalidArgumentError);
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
