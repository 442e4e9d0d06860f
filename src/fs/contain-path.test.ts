import { sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BundlesError } from '../errors.js';
import { containPath } from './contain-path.js';

test.each(['a', 'a/b', '.hidden/x', 'a..b/c', '...'])('containPath() accepts %s', (relative) => {
  expect(containPath('/root', relative)).toBe(`/root/${relative}`);
});

test.each([
  '',
  '.',
  '..',
  '../a',
  'a/../../b',
  '/etc/passwd',
  'a//b',
  'a/',
  'a\\..\\b',
  'C:x',
  'a\0b',
  'a\nb',
])('containPath() refuses %j', (relative) => {
  expect(() => containPath('/root', relative)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test('containPath() throws the requested code', () => {
  expect(() => containPath('/root', '..', { code: 'LAYOUT_INVALID' })).toThrow(
    expect.objectContaining({ code: 'LAYOUT_INVALID' }),
  );
});

test('containPath() never leaves its root', () => {
  const pieces = fc.constantFrom('a', '.', '..', '/', '\\', '\0', 'C:', '~', '%2e', ' ');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      try {
        expect(containPath('/root', parts.join('')).startsWith(`/root${sep}`)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(BundlesError);
      }
    }),
  );
});
