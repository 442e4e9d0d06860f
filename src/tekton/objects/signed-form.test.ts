import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSources } from '../sources/read-sources.js';
import { durationText, quantityText } from './go-texts.js';
import { sideOf, type TektonSide } from './older-fields.js';
import { signedForm } from './signed-form.js';

function formOf(text: string, side: TektonSide = '1.14'): string {
  const [object] = readSources([{ path: 'a.yaml', bytes: Buffer.from(text) }]).objects;
  if (!object) throw new TypeError('no object');
  return signedForm(object, side);
}

const task = `apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: build
  uid: "5"
  labels: {b: "1", a: "2"}
  annotations: {tekton.dev/signature: x, kept: "y", kubectl.kubernetes.io/last-applied-configuration: z}
spec:
  params: [{name: one}, {name: list, default: [a, b]}, {name: map, properties: {k: }}, {name: num, default: 1.0}]
  results: [{name: r}]
  steps:
    - image: busybox
      script: echo "<&>"
      timeout: 90s
      computeResources: {limits: {memory: 1024Mi, cpu: 0.5}}
      securityContext: {privileged: false}
`;
const start = '{"kind":"Task","apiVersion":"tekton.dev/v1","metadata":{"name":"build",';
const rest =
  '"labels":{"a":"2","b":"1"},"annotations":{"kept":"y"}},"spec":{' +
  '"params":[{"name":"one","type":"string"},{"name":"list","type":"array","default":["a","b"]},' +
  '{"name":"map","type":"object","properties":{"k":{"type":"string"}}},{"name":"num","type":"string","default":"1"}],' +
  '"steps":[{"name":"","image":"busybox","computeResources":{"limits":{"cpu":"500m","memory":"1Gi"}},' +
  '"securityContext":{"privileged":false},"script":"echo \\"\\u003c\\u0026\\u003e\\"","timeout":"1m30s"}],' +
  '"results":[{"name":"r","type":"string"}]}}';

test('a Task is signed as Go writes it, with its defaults and what tools add left out', () => {
  expect(formOf(task)).toBe(start + rest);
  expect(formOf(task, '1.13')).toBe(start + rest);
  expect(formOf(task, '1.9')).toBe(`${start}"creationTimestamp":null,${rest}`);
});

test('the sums of a Pipeline are those that Tekton 1.14.1, 1.13.0 and 1.9.0 compute', () => {
  const pipeline = `{"apiVersion": "tekton.dev/v1beta1", "kind": "Pipeline", "metadata": {"name": "p"}, "spec": {
    "tasks": [{"name": "a", "taskRef": {"name": "t"}, "params": [{"name": "x", "value": [1,  "b"]}]},
      {"name": "c", "taskSpec": {"apiVersion": "x.dev/v1", "kind": "C", "spec": {"b": 1.0, "a": [ "<" ]}}},
      {"name": "d", "taskSpec": {"stepTemplate": {"image": "x"}, "steps": [{"name": "s"}]}}]}}`;
  const sums = (['1.14', '1.13', '1.9'] as const).map((side) =>
    createHash('sha256').update(formOf(pipeline, side)).digest('hex').slice(0, 16),
  );
  expect(sums).toEqual(['59b41784f278168f', '324fcc723a2c9e66', '7794100e3edae4c3']);
});

test.each([
  ['a field that Tekton drops', task.replace('script:', 'scirpt:'), ['spec', 'steps', 0, 'scirpt']],
  [
    'a param without a value',
    'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec: {tasks: [{name: a, params: [{name: x}]}]}',
    ['spec', 'tasks', 0, 'params', 0, 'value'],
  ],
  [
    'a StepAction',
    'apiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: s}\nspec: {image: x}',
    ['kind'],
  ],
  [
    'JSON with a key twice',
    '{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"a","name":"a"}}',
    ['metadata', 'name'],
  ],
  [
    'an amount beyond all bounds',
    task.replace('0.5', '1e1001'),
    ['spec', 'steps', 0, 'computeResources', 'limits', 'cpu'],
  ],
])('%s is not signed', (_title, text, path) => {
  expect(() => formOf(text)).toThrow(expect.objectContaining({ name: 'UnsignableObject', path }));
});

test('a field that came later is not signed for an earlier Tekton', () => {
  const later = task.replace(
    'securityContext:',
    'env: [{name: E, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}]\n      securityContext:',
  );
  expect(formOf(later, '1.13')).toContain('fileKeyRef');
  expect(() => formOf(later, '1.9')).toThrow(expect.objectContaining({ name: 'UnsignableObject' }));
});

test.each([
  ['1024Mi', '1Gi'],
  ['0.5', '500m'],
  ['1', '1'],
  ['007m', '007m'],
  ['1.500', '1.500'],
  ['1.5Gi', '1536Mi'],
  ['1000E', '1'],
  ['0.0000000001', '1n'],
  ['-2000k', '-2M'],
  ['99999999999Gi', '9223372036854775807'],
  ['1e3', '1e3'],
  ['1e4', '10e3'],
  ['0Gi', '0'],
  ['512MB', undefined],
])('the quantity %s is %s', (text, wanted) => {
  expect(quantityText(text)).toBe(wanted);
});

test.each([
  ['1h', '1h0m0s'],
  ['90s', '1m30s'],
  ['1500us', '1.5ms'],
  ['-1.5s', '-1.5s'],
  ['0', '0s'],
  ['999ns', '999ns'],
  ['1d', undefined],
])('the duration %s is %s', (text, wanted) => {
  expect(durationText(text)).toBe(wanted);
});

test.each([
  ['1.9', '1.9'],
  ['v1.9.2', '1.9'],
  ['0.65', '1.9'],
  ['1.10.0', '1.13'],
  ['1.13', '1.13'],
  ['v1.14.1', '1.14'],
  ['1.20', '1.14'],
  ['2.0', '1.14'],
  ['new', undefined],
  ['1', undefined],
])('Tekton %s hashes as %s', (version, side) => {
  expect(sideOf(version)).toBe(side);
});
