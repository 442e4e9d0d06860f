import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { parseDuration } from './duration.js';

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
    expect(() => parseDuration(text)).toThrow(InvalidArgumentError);
  },
);
