import { expect, test } from 'vitest';
import { createRunObject, type RunObjectOptions } from './run-object.js';

const bundle = `quay.io/acme/a:v1@sha256:${'0'.repeat(64)}`;

function objectOf(kind: string, spec: object) {
  const json = Buffer.from(
    JSON.stringify({ apiVersion: 'tekton.dev/v1', kind, metadata: { name: 'x' }, spec }),
  );
  return { kind, name: 'x', json };
}

function paramsOf(params: object[], given: string[]) {
  const { spec } = createRunObject(objectOf('Pipeline', { params }), { bundle, params: given });
  const list = (spec.params ?? []) as { name: string; value: unknown }[];
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

function refusal(spec: object, options: Partial<RunObjectOptions>) {
  try {
    createRunObject(objectOf('Task', spec), { bundle, ...options });
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('was not refused');
}

test('a Pipeline becomes a PipelineRun with all that the resolver needs', () => {
  const run = createRunObject(objectOf('Pipeline', {}), {
    bundle,
    namespace: 'ns',
    serviceAccount: 'builder',
    secret: 'pull',
    cache: 'always',
  });
  expect(run).toEqual({
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { generateName: 'x-', namespace: 'ns' },
    spec: {
      pipelineRef: {
        resolver: 'bundles',
        params: [
          { name: 'bundle', value: bundle },
          { name: 'name', value: 'x' },
          { name: 'kind', value: 'pipeline' },
          { name: 'serviceAccount', value: 'builder' },
          { name: 'secret', value: 'pull' },
          { name: 'cache', value: 'always' },
        ],
      },
      taskRunTemplate: { serviceAccountName: 'builder' },
    },
  });
});

test('a Task becomes a TaskRun', () => {
  const run = createRunObject(objectOf('task', {}), { bundle, name: 'mine', serviceAccount: 'builder' });
  expect(run).toMatchObject({ kind: 'TaskRun', metadata: { name: 'mine' } });
  expect(run.spec).toMatchObject({ taskRef: { resolver: 'bundles' }, serviceAccountName: 'builder' });
});

test('a generated name is one that Kubernetes takes', () => {
  const nameOf = (prefix: string) =>
    createRunObject(objectOf('Task', {}), { bundle, prefix }).metadata.generateName;
  expect(nameOf('my_bundle.1')).toBe('my-bundle-1-');
  expect(nameOf('a'.repeat(100))).toBe(`${'a'.repeat(50)}-`);
});

test('params come from what is given, else from defaults, as Tekton reads them', () => {
  const params = [
    { name: 'text' },
    { name: 'number', default: 3 },
    { name: 'on', default: true },
    { name: 'list', type: 'array', default: ['a', 1] },
    { name: 'guessed', default: ['x'] },
    { name: 'map', properties: { k: {}, l: {} }, default: { k: 'one', l: 'two' } },
  ];
  expect(paramsOf(params, ['text=a=b'])).toEqual({
    text: 'a=b',
    number: '3',
    on: 'true',
    list: ['a', '1'],
    guessed: ['x'],
    map: { k: 'one', l: 'two' },
  });
  const given = ['text=', 'list=["p","q,r"]', 'guessed=1,2', 'map=k:v'];
  expect(paramsOf(params, given)).toMatchObject({
    text: '',
    list: ['p', 'q,r'],
    guessed: ['1', '2'],
    map: { k: 'v', l: 'two' },
  });
  expect(paramsOf(params, ['text=x', 'list=', 'map={"l": 5}'])).toMatchObject({
    list: [],
    map: { k: 'one', l: '5' },
  });
});

test.each([
  [{ params: [{ name: 'a' }] }, [], /params a$/],
  [{ params: [{ name: 'a' }] }, ['b=1'], /"b": there is no such param/],
  [{ params: [{ name: 'a' }] }, ['a=1', 'a=2'], /given twice/],
  [{ params: [{ name: 'a' }] }, ['a'], /wanted NAME=VALUE/],
  [{ params: [{ name: 'a', enum: ['x', 'y'] }] }, ['a=z'], /wanted one of x, y/],
  [{ params: [{ name: 'a', type: 'array' }] }, ['a={"b": 1}'], /wanted a list/],
  [{ params: [{ name: 'a', type: 'array' }] }, ['a=[1'], /cannot be read/],
  [{ params: [{ name: 'a', type: 'object', properties: { k: {} } }] }, ['a=[1]'], /wanted a mapping/],
  [{ params: [{ name: 'a', type: 'object', properties: { k: {} } }] }, ['a=z:1'], /no key "z"/],
  [
    { params: [{ name: 'a', type: 'object', properties: { k: {}, l: {} } }] },
    ['a=k:1'],
    /keys l are missing/,
  ],
] as const)('wrong params are refused: %j %j', (spec, params, message) => {
  const error = refusal(spec, { params });
  expect(error.code).toBe('USAGE');
  expect(error.message).toMatch(message);
});

test('workspaces are bound as tkn takes them', () => {
  const spec = { workspaces: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd', optional: true }] };
  const workspaces = ['name=b,claimName=disk,subPath=dir', 'name=a,emptyDir=', 'name=c,secret=s'];
  expect(createRunObject(objectOf('Pipeline', spec), { bundle, workspaces }).spec.workspaces).toEqual([
    { name: 'a', emptyDir: {} },
    { name: 'b', subPath: 'dir', persistentVolumeClaim: { claimName: 'disk' } },
    { name: 'c', secret: { secretName: 's' } },
  ]);
});

test.each([
  [[], /workspaces a$/],
  [['name=b,emptyDir='], /no workspace "b"/],
  [['name=a,emptyDir=', 'name=a,emptyDir='], /bound twice/],
  [['name=a'], /wanted name=N and one of/],
  [['emptyDir='], /wanted name=N and one of/],
  [['name=a,claimName='], /names nothing/],
  [['name=a,emptyDir=,secret=x'], /wanted name=N and one of/],
  [['name=a,volume=x'], /wanted name=N and one of/],
  [['name=a,emptyDir=,emptyDir='], /wanted KEY=VALUE once/],
])('wrong workspaces are refused: %j', (workspaces, message) => {
  const error = refusal({ workspaces: [{ name: 'a' }] }, { workspaces });
  expect(error.code).toBe('USAGE');
  expect(error.message).toMatch(message);
});

test('a StepAction, a name and a namespace that Kubernetes refuses are refused', () => {
  expect(() => createRunObject(objectOf('StepAction', {}), { bundle })).toThrow(/Pipeline or a Task/);
  expect(refusal({}, { name: 'Upper' }).code).toBe('USAGE');
  expect(refusal({}, { namespace: 'a.b' }).code).toBe('USAGE');
});
