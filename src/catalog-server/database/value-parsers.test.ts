import { expect, test } from 'vitest';
import { databaseFailure } from './database-failure.js';
import { toRfc3339 } from './value-parsers.js';

test.each([
  ['2026-01-04 12:00:00.123456+00', '2026-01-04T12:00:00.123456Z'],
  ['2026-01-04 12:00:00+00', '2026-01-04T12:00:00Z'],
  ['2026-01-04 12:00:00.5+02', '2026-01-04T10:00:00.5Z'],
  ['2026-01-04 12:00:00.25-05:30', '2026-01-04T17:30:00.25Z'],
])('the time %s of a server in any zone', (text, expected) => {
  expect(toRfc3339(text)).toBe(expected);
});

test.each([
  [Object.assign(new Error('x'), { code: '23505' }), 'duplicate'],
  [Object.assign(new Error('x'), { code: '22021' }), 'value'],
  [Object.assign(new Error('x'), { code: '57P01' }), 'away'],
  [Object.assign(new Error('x'), { code: '53100' }), 'away'],
  [Object.assign(new Error('x'), { code: '42P01' }), 'other'],
  [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'away'],
  [Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }), 'other'],
  [new Error('Connection terminated unexpectedly'), 'away'],
  [new TypeError('x is not a function'), 'other'],
  ['text', 'other'],
])('%o counts as %s', (error, expected) => {
  expect(databaseFailure(error)).toBe(expected);
});
