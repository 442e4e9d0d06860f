import { expect, test } from 'vitest';
import { isBundlesError } from '../errors.js';
import { explainYaml } from './explain-yaml.js';
import { parseYamlFile } from './parse-yaml-file.js';
import type { YamlFileKind } from './problems-error.js';

const kind: YamlFileKind = {
  what: 'project',
  file: 'bundles.yaml',
  invalid: 'CONFIG_INVALID',
  conflictHint: 'Keep one side',
};

function explained(text: string) {
  try {
    parseYamlFile(text, kind);
  } catch (error) {
    if (isBundlesError(error)) return explainYaml(error, text, kind);
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was read`);
}

test.each([
  ['version: 1\ntag v1\nbundles: {}\n', 2, 4, 'Write tag: v1'],
  ['version: 1\ntag v1 # the first\n\nbundles: {}\n', 2, 4, 'Write tag: v1'],
  ['version: 1\nrepository: x/y\ntag v1\n', 3, 4, 'Write tag: v1'],
  ['tag = v1\nversion: 1\n', 1, 4, 'Write tag: v1'],
  ['version=1\nbundles:\n  a: 1\n', 1, 8, 'Write version: 1'],
  ['version: 1\nbundles\n  a:\n    files: [p]\n', 2, 8, 'Write bundles:'],
  ['version: 1\r\nbundles:\r\n  a\r\n    files: [p]\r\n', 3, 4, 'Write a:'],
  ['a:\n  files:\n  - p\n  workflow\n    id: x\n', 4, 11, 'Write workflow:'],
])('a key without a colon is found in %j', (text, line, column, hint) => {
  const { message, hint: given, details } = explained(text);
  expect({ given, line: details.line, column: details.column }).toEqual({ given: hint, line, column });
  expect(message).toContain('found no colon after');
});

test.each([
  ['tag: v1\0\n', 1, 8, 'U+0000'],
  ['version: 1\ntag: "v\u0001"\n', 2, 8, 'U+0001'],
  ['a: 1\nb: \u0007x\n', 2, 4, 'U+0007'],
])('a character that YAML does not allow is named with its place in %j', (text, line, column, name) => {
  const { message, details } = explained(text);
  expect([message, details.line, details.column]).toEqual([expect.stringContaining(name), line, column]);
});

test.each([
  ['a: b\n   c: d\n', 'found a'],
  ['a: 1\n"b"\nc: 2\n', "expected ':'"],
  ['a:\n  some words\n   key: 1\n', 'found'],
])('a line that is not a key is not reported as one without a colon: %j', (text, start) => {
  const { message } = explained(text);
  expect(message).not.toContain('no colon');
  expect(message).toContain(start);
});
