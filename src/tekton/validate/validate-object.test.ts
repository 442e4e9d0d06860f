import { expect, test } from 'vitest';
import { expectQuick } from '../../../test/support/expect-quick.js';
import { lintCases } from '../../../test/support/random/lint-cases.js';
import { largeObjects } from '../../../test/support/samples/large-objects.js';
import { lintRules } from '../lint/rules/rules.js';
import { fromJson } from '../objects/from-json.js';
import { validateObject } from './validate-object.js';

const rulesIn = (object: object, flags = {}) =>
  validateObject(fromJson(JSON.stringify(object)), flags).map(({ rule }) => rule);

test.each(lintCases)('$rule: $title', ({ rule, bad, good, flags }) => {
  expect(rulesIn(bad, flags)).toContain(rule);
  expect(rulesIn(good, flags)).toEqual([]);
});

test("there is a case for each of Tekton's 33 rules, and for each rule of ours that Tekton judges", () => {
  const numbers = new Set(lintCases.map(({ tekton }) => tekton).filter((number) => number !== undefined));
  expect([...numbers].sort((left, right) => left - right)).toEqual(
    Array.from({ length: 33 }, (_, index) => index + 1),
  );
  const judged = Object.entries(lintRules).filter(
    ([, rule]) => rule.severity === 'error' && !('fatal' in rule),
  );
  expect(judged.map(([name]) => name).filter((name) => !lintCases.some(({ rule }) => rule === name))).toEqual(
    [],
  );
});

test('a problem names the field, or the one that misses something', () => {
  const object = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name: 'x' },
    spec: { steps: [{ script: '$(params.a)' }] },
  };
  expect(validateObject(fromJson(JSON.stringify(object)))).toEqual([
    { rule: 'no-missing-image', path: ['spec', 'steps', 0], message: 'found a step without an image' },
    {
      rule: 'no-undefined-param',
      path: ['spec', 'steps', 0, 'script'],
      message: 'found the param "a", which is not declared',
    },
  ]);
});

test('hostile texts take time that grows no faster than they do', () => {
  const text = `${'$(params.'.repeat(40_000)}${'$(steps.x.results.'.repeat(40_000)}`;
  const object = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name: 'x' },
    spec: { steps: [{ image: 'x', script: text, args: [text] }] },
  };
  const value = fromJson(JSON.stringify(object));
  expectQuick(() => expect(validateObject(value)).toEqual([]), 5_000);
});

test.each(Object.entries(largeObjects))('time grows no faster than an object: %s', (_, make) => {
  const value = fromJson(JSON.stringify(make(1_000)));
  expectQuick(() => validateObject(value), 1_000);
});

test('a step is not merged with a template beyond what a pod could hold', () => {
  const make = (variables: number) => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name: 'x' },
    spec: {
      stepTemplate: { env: Array.from({ length: variables }, (_, index) => ({ name: `V${index}` })) },
      steps: Array.from({ length: 500 }, () => ({ image: 'x' })),
    },
  });
  expect(rulesIn(make(500))).toEqual([]);
  expect(rulesIn(make(501))).toEqual(['no-unmergeable-step']);
});
