import { expect, test } from 'vitest';
import { fromJson } from '../objects/from-json.js';
import { readSources } from '../sources/read-sources.js';
import { imagePaths, referencePaths } from './image-paths.js';
import { createDefaults } from './param-defaults.js';

/** The images and bundles of an object as its defaults give them. */
function resolved(text: string): (string | undefined)[] {
  const { objects } = readSources([{ path: 'a.yaml', bytes: Buffer.from(text) }]);
  const { value } = objects[0]!;
  return referencePaths(value).map(createDefaults(value));
}

const task = (params: string, images: readonly string[]) =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  params: ${params}\n  steps:\n${images.map((image) => `  - {image: "${image}"}\n`).join('')}`;
const pipeline = (spec: string) =>
  `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;

test.each([
  ['a default', task('[{name: a, default: "x:1"}]', ['$(params.a)']), ['x:1']],
  ['no params at all', task('[]', ['x:1']), ['x:1']],
  [
    'every way to write a param',
    task('[{name: a, default: x}, {name: b.c, default: "1"}]', [
      `$(params['a']):$(params['b.c'])`,
      '$(inputs.params.a)',
    ]),
    ['x:1', 'x'],
  ],
  [
    'a param without a default',
    task('[{name: a}]', ['$(params.a)', 'q/$(params.a):1']),
    [undefined, undefined],
  ],
  ['a param that is not declared', task('[]', ['$(params.a)']), [undefined]],
  ['a default that is a list', task('[{name: a, type: array, default: [x]}]', ['$(params.a)']), [undefined]],
  ['something other than a param', task('[]', ['$(steps.a.results.image)']), [undefined]],
  [
    'a default with a variable',
    task('[{name: a, default: "$(context.taskRun.name)"}]', ['$(params.a)']),
    [undefined],
  ],
  [
    'the outer Pipeline, its values and the inner default, which count in this order',
    pipeline(`params: [{name: image, default: "outer:1"}, {name: free}]
tasks:
- name: inherits
  taskSpec: {steps: [{image: $(params.image)}]}
- name: given
  params: [{name: own, value: "given-$(params.image)"}]
  taskSpec: {params: [{name: own, default: "inner:1"}], steps: [{image: $(params.own)}]}
- name: inner
  taskSpec: {params: [{name: image, default: "inner:1"}], steps: [{image: $(params.image)}]}
- name: unknown
  params: [{name: image, value: $(params.free)}]
  taskSpec: {params: [{name: image, default: "inner:1"}], steps: [{image: $(params.image)}]}
- name: not-passed-on
  params: [{name: image, value: "given:1"}]
  pipelineSpec: {tasks: [{name: x, taskSpec: {params: [{name: image, default: "inner:1"}], steps: [{image: $(params.image)}]}}]}
- name: many
  matrix: {params: [{name: image, value: [a, b]}], include: [{name: i, params: [{name: other, value: c}]}]}
  taskSpec: {params: [{name: image, default: a}, {name: other, default: b}], steps: [{image: $(params.image)}, {image: $(params.other)}]}`),
    ['outer:1', 'given-outer:1', 'inner:1', undefined, 'inner:1', undefined, undefined],
  ],
  [
    'a nested bundle; params of its resolver are not in scope',
    pipeline(`params: [{name: where, default: "quay.io/a/b:1"}]
tasks:
- name: x
  taskRef: {resolver: bundles, params: [{name: bundle, value: $(params.where)}, {name: where, value: other}]}`),
    ['quay.io/a/b:1'],
  ],
])('createDefaults() reads %s', (_, text, wanted) => {
  expect(resolved(text)).toEqual(wanted);
});

test('createDefaults() takes time in proportion to the object, whatever its params are', {
  timeout: 20_000,
}, () => {
  // A scope for each step would take minutes.
  const many = 20_000;
  const params = Array.from({ length: many }, (_, index) => ({ name: `p${index}`, default: 'x:1' }));
  const images = [...Array<string>(many).fill('$(params.p7)'), '$(params.p0)'.repeat(10_000)];
  const value = fromJson(
    JSON.stringify({ kind: 'Task', spec: { params, steps: images.map((image) => ({ image })) } }),
  );
  const found = imagePaths(value).map(createDefaults(value));
  expect([found.length, new Set(found)]).toEqual([many + 1, new Set(['x:1', undefined])]);
});
