import { expect, test } from 'vitest';
import { BundlesError, errorCodes } from '../errors.js';
import { exitCodeOf, exitCodes, worstExitCode } from './exit-codes.js';

test('every error code has one exit status of the documented ones', () => {
  expect(Object.keys(exitCodes).sort()).toEqual([...errorCodes].sort());
  for (const status of Object.values(exitCodes))
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130]).toContain(status);
});

test.each([
  [[], 0],
  [[0, 0], 0],
  [[0, 6, 4], 4],
  [[9, 7], 7],
  [[3, 1], 3],
  [[1, 6, 3], 6],
  [[0, 1], 1],
  [[1, 2], 2],
])('several failures %j exit with %i', (codes, expected) => {
  expect(worstExitCode(codes)).toBe(expected);
});

test('a foreign error exits with 1 and ours with its own status', () => {
  expect(exitCodeOf(new Error('boom'))).toBe(1);
  expect(exitCodeOf(new BundlesError('FROZEN', 'x'))).toBe(4);
});
