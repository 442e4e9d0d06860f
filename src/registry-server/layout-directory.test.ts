import { sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutDirectory } from './layout-directory.js';

test('a repository lives at its own name', () => {
  expect(layoutDirectory('/state', 'acme/test-workflows/hello')).toBe('/state/acme/test-workflows/hello');
});

test('names that a layout uses for itself are set apart', () => {
  expect(layoutDirectory('/state', 'a/blobs/sha256')).toBe('/state/a/_blobs/sha256');
  expect(layoutDirectory('/state', 'a/index.json')).toBe('/state/a/_index.json');
  expect(layoutDirectory('/state', 'a/index.json.lock')).toBe('/state/a/_index.json.lock');
  expect(layoutDirectory('/state', 'a/oci-layout')).toBe('/state/a/_oci-layout');
  expect(layoutDirectory('/state', 'a/blobs2')).toBe('/state/a/blobs2');
});

test('what is not a repository name has no directory', () => {
  for (const name of [
    '',
    '.',
    '..',
    '../a',
    'a/../b',
    'a//b',
    '/a',
    'a/',
    'A',
    'a\\b',
    '_a',
    '.uploads',
    'a:b',
    'a\0',
  ]) {
    expect(() => layoutDirectory('/state', name), JSON.stringify(name)).toThrow(
      expect.objectContaining({ code: 'REFERENCE_INVALID' }),
    );
  }
});

test('two repositories never share a directory, and none lies in the content of another', () => {
  const component = fc.constantFrom(
    'a',
    'blobs',
    'index.json',
    'oci-layout',
    'sha256',
    'b__c',
    'x-y',
    'index.json-a',
  );
  const name = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(name, name, (one, other) => {
      const [first, second] = [layoutDirectory('/state', one), layoutDirectory('/state', other)];
      expect(first === second).toBe(one === other);
      for (const own of ['blobs', 'index.json', 'oci-layout']) {
        expect(`${second}${sep}`.startsWith(`${first}${sep}${own}${sep}`)).toBe(false);
      }
      expect(first.startsWith('/state/')).toBe(true);
    }),
  );
});
