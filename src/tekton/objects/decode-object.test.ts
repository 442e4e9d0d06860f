import { expect, test } from 'vitest';
import { decodeObject, FieldProblem } from './decode-object.js';
import { fromJson } from './from-json.js';

const task = (spec: unknown, metadata: unknown = { name: 'a' }): unknown => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'Task',
  metadata,
  spec,
});
const decode = (value: unknown): unknown => decodeObject(fromJson(JSON.stringify(value)));
const problemOf = (value: unknown): FieldProblem => {
  try {
    decode(value);
  } catch (error) {
    if (error instanceof FieldProblem) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(value)}`);
};

test.each([
  ['tekton.dev/v1', 'Task'],
  ['tekton.dev/v1', 'Pipeline'],
  ['tekton.dev/v1', 'TaskRun'],
  ['tekton.dev/v1', 'PipelineRun'],
  ['tekton.dev/v1beta1', 'Task'],
  ['tekton.dev/v1beta1', 'StepAction'],
  ['tekton.dev/v1beta1', 'CustomRun'],
  ['tekton.dev/v1alpha1', 'StepAction'],
  ['tekton.dev/v1alpha1', 'Run'],
  ['tekton.dev/v1alpha1', 'VerificationPolicy'],
])('%s %s is a Tekton object', (apiVersion, kind) => {
  expect(decode({ apiVersion, kind, metadata: { name: 'a' } })).toEqual({ apiVersion, kind, name: 'a' });
});

test.each([
  ['v1', 'ConfigMap', ['apiVersion']],
  ['tekton.dev/v1', 'StepAction', ['kind']],
  ['tekton.dev/v1beta1', 'ClusterTask', ['kind']],
  ['tekton.dev/v1', 'task', ['kind']],
  ['tekton.dev/v1', 'TaskList', ['kind']],
  ['tekton.dev/v1', '', ['kind']],
  ['tekton.dev/v1', undefined, ['kind']],
  [1, 'Task', ['apiVersion']],
])('%j %j is not', (apiVersion, kind, path) => {
  expect(problemOf({ apiVersion, kind, metadata: { name: 'a' } }).path).toEqual(path);
});

test.each(['text', 3, true, ['a']])('%j is not an object at all', (value) => {
  expect(problemOf(value).message).toContain('wanted a mapping');
});

test.each<[string, string, object, string]>([
  ['tekton.dev/v1', 'Pipline', {}, 'Did you mean Pipeline?'],
  ['tekton.dev/v1', 'task', {}, 'Did you mean Task?'],
  ['tekton.dev/v1', 'StepAction', {}, 'StepAction is a kind of'],
  ['tekton.dev/v2', 'Task', {}, 'Did you mean tekton.dev/v1?'],
  ['v1', 'List', {}, 'documents of their own'],
  ['tekton.dev/v1beta1', 'CustomRunList', {}, 'documents of their own'],
  ['kustomize.config.k8s.io/v1beta1', 'Kustomization', {}, 'This is a Kustomization'],
  ['', '', { resources: ['a.yaml'] }, 'This is a Kustomization'],
  ['tekton.dev/v1', 'Task', { metadata: { name: 'build/' } }, 'Write build'],
])('%s %s: the hint names what it is', (apiVersion, kind, more, hint) => {
  expect(problemOf({ apiVersion, kind, metadata: { name: 'a' }, ...more }).hint).toContain(hint);
});

test('apiVersion and kind in another spelling are refused: Go would read them', () => {
  for (const key of ['Kind', 'KIND', 'APIVersion', 'apiVer\u017fion', '\u212aind']) {
    expect(problemOf({ ...(task({}) as object), [key]: 'x' }).path).toEqual([key]);
  }
});

test.each([[null], [{}], [{ name: '' }], [{ name: null }], [{ generateName: 'a-' }]])(
  'metadata %j gives no name',
  (metadata) => {
    expect(problemOf(task({}, metadata)).message).toContain('metadata.name is missing');
  },
);

test.each<[string, unknown]>([
  ['metadata.name', task({}, { name: 1 })],
  ['metadata', task({}, 'a')],
  ['metadata.labels.a', task({}, { name: 'a', labels: { a: true } })],
  ['metadata.annotations["x/y"]', task({}, { name: 'a', annotations: { 'x/y': 1.1 } })],
  ['metadata.creationTimestamp', task({}, { name: 'a', creationTimestamp: 'today' })],
  ['metadata.finalizers', task({}, { name: 'a', finalizers: 'b' })],
  ['spec', task([])],
  ['spec.description', task({ description: 1 })],
  ['spec.params', task({ params: {} })],
  ['spec.params[1].name', task({ params: [{ name: 'a' }, { name: true }] })],
  ['spec.params[0].properties.a.type', task({ params: [{ properties: { a: { type: 1 } } }] })],
  ['spec.steps[0]', task({ steps: ['a'] })],
  ['spec.steps[0].image', task({ steps: [{ image: 3 }] })],
  ['spec.steps[0].script', task({ steps: [{ script: ['a'] }] })],
  ['spec.steps[0].args[1]', task({ steps: [{ args: ['a', 2] }] })],
  ['spec.steps[0].command', task({ steps: [{ command: 'a' }] })],
  ['spec.steps[0].env[0].value', task({ steps: [{ env: [{ name: 'A', value: 5 }] }] })],
  ['spec.steps[0].timeout', task({ steps: [{ timeout: '5' }] })],
  ['spec.steps[0].volumeMounts[0].readOnly', task({ steps: [{ volumeMounts: [{ readOnly: 'yes' }] }] })],
  ['spec.sidecars[0].image', task({ sidecars: [{ image: false }] })],
  ['spec.workspaces[0].optional', task({ workspaces: [{ optional: 'true' }] })],
  ['spec.results[0].description', task({ results: [{ description: {} }] })],
  ['spec.volumes[0].configMap.name', task({ volumes: [{ configMap: { name: 1 } }] })],
])('%s of a wrong type is refused', (path, value) => {
  expect(problemOf(value).message).toMatch(`${path} is `);
});

test.each<[string, unknown]>([
  ['tasks[0].name', { tasks: [{ name: 1 }] }],
  ['tasks[0].taskRef.name', { tasks: [{ taskRef: { name: 1 } }] }],
  ['tasks[0].taskRef.params[0].name', { tasks: [{ taskRef: { params: [{ name: 1 }] } }] }],
  ['tasks[0].taskSpec.steps[0].image', { tasks: [{ taskSpec: { steps: [{ image: 1 }] } }] }],
  ['tasks[0].runAfter', { tasks: [{ runAfter: 'a' }] }],
  ['tasks[0].retries', { tasks: [{ retries: '1' }] }],
  ['tasks[0].retries', { tasks: [{ retries: 1.5 }] }],
  ['tasks[0].timeout', { tasks: [{ timeout: 60 }] }],
  ['tasks[0].when[0].values[0]', { tasks: [{ when: [{ values: [true] }] }] }],
  ['tasks[0].workspaces[0].workspace', { tasks: [{ workspaces: [{ workspace: 1 }] }] }],
  ['tasks[0].matrix.include[0].name', { tasks: [{ matrix: { include: [{ name: 1 }] } }] }],
  ['finally[0].onError', { finally: [{ onError: true }] }],
  ['results[0].name', { results: [{ name: 1 }] }],
])('spec.%s of a Pipeline of a wrong type is refused', (path, spec) => {
  const problem = problemOf({ ...(task(spec) as object), kind: 'Pipeline' });
  expect(problem.message).toMatch(`spec.${path} is `);
});

test('runs and step actions are checked, too', () => {
  const base = { apiVersion: 'tekton.dev/v1beta1', metadata: { name: 'a' } };
  expect(problemOf({ ...base, kind: 'StepAction', spec: { image: 1 } }).path).toEqual(['spec', 'image']);
  expect(problemOf({ ...base, kind: 'TaskRun', spec: { taskRef: 'a' } }).path).toEqual(['spec', 'taskRef']);
  expect(problemOf({ ...base, kind: 'PipelineRun', spec: { timeouts: { tasks: 1 } } }).path).toEqual([
    ...['spec', 'timeouts', 'tasks'],
  ]);
});

test('null fits every field, values of parameters may be anything, and unknown fields pass', () => {
  const params = [1, true, [1], { a: 1 }, null].map((value) => ({ name: 'p', default: value, value }));
  const spec = {
    description: null,
    params,
    steps: [
      {
        name: null,
        image: 'x',
        timeout: '1h30m',
        madeUp: 1,
        params,
        computeResources: { limits: { cpu: 1 } },
      },
    ],
    results: [{ name: 'r', value: 1 }],
    other: [1],
  };
  expect(decode(task(spec))).toMatchObject({ name: 'a' });
});

test.each<[string, unknown, string]>([
  ['"512MB"', { limits: { memory: '512MB' } }, 'Write 512M or 512Mi'],
  ['"6GiB"', { requests: { memory: '6GiB' } }, 'Write 6Gi'],
  ['a param', { limits: { memory: '$(params.MEM)' } }, 'decodes the object before'],
])('%s as a quantity is refused with what would be right', (_title, computeResources, hint) => {
  const problem = problemOf(task({ steps: [{ image: 'x', computeResources }] }));
  expect(problem.path.slice(0, 4)).toEqual(['spec', 'steps', 0, 'computeResources']);
  expect(problem.hint).toContain(hint);
});

test.each<[string, unknown, string]>([
  [
    'seccompProfile',
    { steps: [{ securityContext: { seccompProfile: 'RuntimeDefault' } }] },
    '{type: RuntimeDefault}',
  ],
  ['command', { steps: [{ command: 'make' }] }, '["make"]'],
  ['timeout', { steps: [{ timeout: 30 }] }, '"30s"'],
  ['optional', { workspaces: [{ optional: 'true' }] }, 'true without quotes'],
  ['runAsUser', { steps: [{ securityContext: { runAsUser: '1000' } }] }, 'without quotes'],
  ['steps', { steps: { image: 'x' } }, 'a - before'],
])('%s of a wrong type is refused with what would be right', (_title, spec, hint) => {
  expect(problemOf(task(spec)).hint).toContain(hint);
});

test('integers have the range of their Go type', () => {
  const user = (runAsUser: string) =>
    decodeObject(
      fromJson(
        `{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"a"},"spec":{"steps":[{"securityContext":{"runAsUser":${runAsUser}}}]}}`,
      ),
    );
  expect(user('9223372036854775807')).toMatchObject({ name: 'a' });
  expect(user('-9223372036854775808')).toMatchObject({ name: 'a' });
  expect(() => user('9223372036854775808')).toThrow(FieldProblem);
  const mode = (defaultMode: number) => task({ volumes: [{ name: 'v', secret: { defaultMode } }] });
  expect(decode(mode(2_147_483_647))).toMatchObject({ name: 'a' });
  expect(problemOf(mode(2_147_483_648)).path.at(-1)).toBe('defaultMode');
});

test('a field that the version does not have may hold anything', () => {
  const step = { image: 'x', computeResources: 'much' };
  expect(problemOf(task({ steps: [step] })).path.at(-1)).toBe('computeResources');
  expect(decode({ ...(task({ steps: [step] }) as object), apiVersion: 'tekton.dev/v1beta1' })).toMatchObject({
    name: 'a',
  });
});
