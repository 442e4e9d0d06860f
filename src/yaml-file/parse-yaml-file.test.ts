import { expect, test } from 'vitest';
import { parseYamlFile } from './parse-yaml-file.js';
import type { YamlFileKind } from './problems-error.js';

const kind: YamlFileKind = {
  what: 'project',
  file: 'bundles.yaml',
  invalid: 'CONFIG_INVALID',
  conflictHint: 'Keep one side',
};

test('aliases that stand for a few values are read', () => {
  expect(parseYamlFile('a: &a [1, 2]\nb: [*a, *a]\n', kind)).toEqual({
    a: [1, 2],
    b: [
      [1, 2],
      [1, 2],
    ],
  });
});

test.each([
  [
    'aliases of aliases',
    ['l0: &l0 [x, x, x, x, x, x, x, x, x]']
      .concat(Array.from({ length: 11 }, (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}]`))
      .join('\n'),
  ],
  ['an alias of itself', 'a: &a [*a]\n'],
])('%s are refused before anybody looks at all they stand for', (_, text) => {
  expect(() => parseYamlFile(text, kind)).toThrowError(
    expect.objectContaining({ code: 'CONFIG_INVALID', details: expect.objectContaining({ rule: 'yaml' }) }),
  );
});
