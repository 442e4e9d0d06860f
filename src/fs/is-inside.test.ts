import { expect, test } from 'vitest';
import { isInside } from './is-inside.js';

test.each([
  ['/a/b', '/a/b', true],
  ['/a/b', '/a/b/c', true],
  ['/a/b', '/a/b/..c', true],
  ['/', '/a', true],
  ['/a/b', '/a', false],
  ['/a/b', '/a/bc', false],
  ['/a/b', '/a/b/../c', false],
])('in %s, %s is inside: %s', (directory, path, expected) => {
  expect(isInside(directory, path)).toBe(expected);
});
