import type { FeatureFlags } from '../../../src/tekton/validate/feature-flags.js';

/** An object with one thing wrong, and the same with that thing right. */
export interface LintCase {
  readonly rule: string;
  /** Number of the rule in the list of Tekton's 33, where it is one of them. */
  readonly tekton?: number;
  readonly title: string;
  readonly bad: object;
  readonly good: object;
  readonly flags?: FeatureFlags;
}

type Fields = Readonly<Record<string, unknown>>;

const object = (kind: string, spec: Fields, { apiVersion = 'tekton.dev/v1', name = 'sample' } = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});
const beta = { apiVersion: 'tekton.dev/v1beta1' };
const step = (fields: Fields = {}) => ({ image: 'busybox:1.36', ...fields });
const task = (spec: Fields = {}) => object('Task', { steps: [step()], ...spec });
const taskWith = (fields: Fields, spec: Fields = {}) => task({ steps: [step(fields)], ...spec });
const ref = (name: string, fields: Fields = {}) => ({ name, taskRef: { name: 'some-task' }, ...fields });
const pipeline = (spec: Fields = {}) => object('Pipeline', { tasks: [ref('a')], ...spec });
const pipelineWith = (fields: Fields, spec: Fields = {}) => pipeline({ tasks: [ref('a', fields)], ...spec });
const param = (value: unknown) => ({ params: [{ name: 'p', value }] });
const action = (spec: Fields = {}) => object('StepAction', { image: 'busybox:1.36', ...spec }, beta);

const list = { params: [{ name: 'list', type: 'array' }] };
const thing = { params: [{ name: 'thing', type: 'object', properties: { key: { type: 'string' } } }] };
const values = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

const variables = (names: string) => [...names].map((name, index) => ({ name, value: `${index}` }));
const mounts = (names: string) =>
  [...names].map((name, index) => ({ name: `v${index}`, mountPath: `/${name}` }));
const ports = (...numbers: readonly number[]) => numbers.map((containerPort) => ({ containerPort }));
const alphaAction = (params: readonly Fields[]) =>
  object('StepAction', { image: 'busybox:1.36', params }, { apiVersion: 'tekton.dev/v1alpha1' });

/** For each rule of which Tekton is the judge, at least one object that breaks it and one that does not. */
export const lintCases: readonly LintCase[] = [
  {
    rule: 'no-invalid-name',
    tekton: 1,
    title: 'upper case in the name',
    bad: object('Task', { steps: [step()] }, { name: 'Sample' }),
    good: object('Task', { steps: [step()] }, { name: 'sample.v1' }),
  },
  {
    rule: 'no-invalid-name',
    tekton: 1,
    title: 'a name of 64 characters',
    bad: object('Pipeline', { tasks: [ref('a')] }, { name: 'x'.repeat(64) }),
    good: object('Pipeline', { tasks: [ref('a')] }, { name: 'x'.repeat(63) }),
  },
  { rule: 'no-missing-steps', tekton: 2, title: 'no steps', bad: task({ steps: [] }), good: task() },
  {
    rule: 'no-invalid-step-name',
    tekton: 3,
    title: 'a dot in the name of a step',
    bad: taskWith({ name: 'a.b' }),
    good: taskWith({ name: 'a-b' }),
  },
  {
    rule: 'no-duplicate-step',
    tekton: 3,
    title: 'two steps of one name',
    bad: task({ steps: [step({ name: 'a' }), step({ name: 'a' })] }),
    good: task({ steps: [step({ name: 'a' }), step({ name: 'b' }), step(), step()] }),
  },
  {
    rule: 'no-missing-image',
    tekton: 4,
    title: 'a step without an image',
    bad: task({ steps: [{ script: 'true' }] }),
    good: task({ steps: [{ script: 'true' }], stepTemplate: { image: 'busybox:1.36' } }),
  },
  {
    rule: 'no-missing-image',
    tekton: 4,
    title: 'a sidecar without an image',
    bad: task({ sidecars: [{ name: 's' }] }),
    good: task({ sidecars: [step({ name: 's' })] }),
  },
  {
    rule: 'no-invalid-step-ref',
    tekton: 4,
    title: 'an image beside ref',
    bad: taskWith({ ref: { name: 'some-action' } }),
    good: task({ steps: [{ ref: { name: 'some-action' } }], stepTemplate: { image: 'busybox:1.36' } }),
  },
  {
    rule: 'no-invalid-step-ref',
    tekton: 4,
    title: 'params without ref',
    bad: taskWith(param('x')),
    good: task({ steps: [{ ref: { name: 'some-action' }, ...param('x') }] }),
  },
  {
    rule: 'no-script-with-command',
    tekton: 5,
    title: 'script and command',
    bad: taskWith({ script: 'true', command: ['true'] }),
    good: taskWith({ script: 'true', args: ['x'] }),
  },
  {
    rule: 'no-script-with-command',
    tekton: 5,
    title: 'the command comes from the template',
    bad: taskWith({ script: 'true' }, { stepTemplate: { command: ['sh'] } }),
    good: taskWith({}, { stepTemplate: { command: ['sh'] } }),
  },
  {
    rule: 'no-invalid-on-error',
    tekton: 6,
    title: 'a word that onError does not take',
    bad: taskWith({ onError: 'ignore' }),
    good: taskWith({ onError: '$(params.mode)' }, { params: [{ name: 'mode' }] }),
  },
  {
    rule: 'no-negative-timeout',
    tekton: 7,
    title: 'a timeout below 0',
    bad: taskWith({ timeout: '-1s' }),
    good: taskWith({ timeout: '-0s' }),
  },
  {
    rule: 'no-reserved-mount',
    tekton: 8,
    title: 'a mount below /tekton/',
    bad: taskWith(
      { volumeMounts: [{ name: 'v', mountPath: '/tekton/../tekton/run' }] },
      { volumes: [{ name: 'v' }] },
    ),
    good: taskWith(
      { volumeMounts: [{ name: 'v', mountPath: '/tekton/home' }] },
      { volumes: [{ name: 'v' }] },
    ),
  },
  {
    rule: 'no-reserved-mount',
    tekton: 8,
    title: 'a volume that Tekton makes itself',
    bad: taskWith({ volumeMounts: [{ name: 'tekton-internal-x', mountPath: '/x' }] }),
    good: taskWith({ volumeMounts: [{ name: 'internal-x', mountPath: '/x' }] }),
  },
  {
    rule: 'no-duplicate-volume',
    tekton: 9,
    title: 'two volumes of one name',
    bad: task({ volumes: [{ name: 'v' }, { name: 'v' }] }),
    good: task({ volumes: [{ name: 'v' }, { name: 'w' }] }),
  },
  {
    rule: 'no-invalid-param-name',
    tekton: 10,
    title: 'a digit first',
    bad: task({ params: [{ name: '1st' }] }),
    good: task({ params: [{ name: '_1st.a' }] }),
  },
  {
    rule: 'no-invalid-param-name',
    tekton: 10,
    title: 'a dot in the name of an object',
    bad: task({ params: [{ name: 'a.b', type: 'object', properties: { key: {} } }] }),
    good: task({ params: [{ name: 'a-b', type: 'object', properties: { key: {} } }] }),
  },
  {
    rule: 'no-duplicate-param',
    tekton: 10,
    title: 'a param declared twice',
    bad: task({ params: [{ name: 'a' }, { name: 'a' }] }),
    good: task({ params: [{ name: 'a' }, { name: 'A' }] }),
  },
  {
    rule: 'no-invalid-param-type',
    tekton: 11,
    title: 'a type that does not exist',
    bad: task({ params: [{ name: 'a', type: 'number' }] }),
    good: task({ params: [{ name: 'a', type: 'string' }] }),
  },
  {
    rule: 'no-invalid-param-type',
    tekton: 11,
    title: 'a default of another type',
    bad: task({ params: [{ name: 'a', type: 'array', default: 'x' }] }),
    good: task({
      params: [
        { name: 'a', type: 'array', default: ['x'] },
        { name: 'b', default: ['x'] },
      ],
    }),
  },
  {
    rule: 'no-invalid-param-type',
    tekton: 11,
    title: 'a list of numbers is not an array',
    bad: task({ params: [{ name: 'a', type: 'array', default: [1, 2] }] }),
    good: task({ params: [{ name: 'a', type: 'array', default: ['1', '2'] }] }),
  },
  {
    rule: 'no-invalid-param-type',
    tekton: 11,
    title: 'an object without properties',
    bad: task({ params: [{ name: 'a', type: 'object' }] }),
    good: task({ params: [{ name: 'a', properties: { key: {} } }] }),
  },
  {
    rule: 'no-invalid-param-type',
    tekton: 11,
    title: 'a property that is not a string',
    bad: task({ params: [{ name: 'a', type: 'object', properties: { key: { type: 'array' } } }] }),
    good: task(thing),
  },
  {
    rule: 'no-undefined-param',
    tekton: 12,
    title: 'an unknown param in a script',
    bad: taskWith({ script: 'echo $(params.b)' }, { params: [{ name: 'a' }] }),
    good: taskWith({ script: 'echo $(params.a)' }, { params: [{ name: 'a' }] }),
  },
  {
    rule: 'no-undefined-param',
    tekton: 12,
    title: 'an unknown param in brackets',
    bad: taskWith({ args: ['$(params["b.c"])', "$(params['a.b'])"] }, { params: [{ name: 'a.b' }] }),
    good: taskWith({ args: ['$(params["a.b"])', "$(params['a.b'])"] }, { params: [{ name: 'a.b' }] }),
  },
  {
    rule: 'no-undefined-param',
    tekton: 12,
    title: 'an unknown param in a mount',
    bad: taskWith({ volumeMounts: [{ name: 'v', mountPath: '/$(params.x)' }] }),
    good: taskWith({ volumeMounts: [{ name: 'v', mountPath: '/$(workspaces.x)' }] }),
  },
  {
    rule: 'no-undefined-param',
    tekton: 12,
    title: 'an unknown key of an object',
    bad: taskWith({ script: '$(params.thing.none)' }, thing),
    good: taskWith({ script: '$(params.thing.key)' }, thing),
  },
  {
    rule: 'no-invalid-param-use',
    tekton: 13,
    title: 'a whole array in a script',
    bad: taskWith({ script: '$(params.list[*])' }, list),
    good: taskWith({ script: '$(params.list[0])' }, list),
  },
  {
    rule: 'no-invalid-param-use',
    tekton: 13,
    title: 'a whole array within other text',
    bad: taskWith({ args: ['--x=$(params.list[*])'] }, list),
    good: taskWith({ args: ['$(params.list[*])'] }, list),
  },
  {
    rule: 'no-invalid-param-use',
    tekton: 13,
    title: 'a whole object',
    bad: taskWith({ args: ['$(params.thing)'] }, thing),
    good: taskWith({ args: ['$(params.thing.key)'] }, thing),
  },
  {
    rule: 'no-undefined-context',
    tekton: 14,
    title: 'a context variable of a task that does not exist',
    bad: taskWith({ script: '$(context.taskRun.id)' }),
    good: taskWith({ script: '$(context.taskRun.uid) $(context.task.retry-count)' }),
  },
  {
    rule: 'no-undefined-context',
    tekton: 14,
    title: 'a context variable of a pipeline that does not exist',
    bad: pipelineWith(param('$(context.pipeline.uid)')),
    good: pipelineWith(param('$(context.pipelineRun.uid) $(context.pipelineTask.retries)')),
  },
  {
    rule: 'no-invalid-result',
    tekton: 15,
    title: 'a name that ends in -',
    bad: task({ results: [{ name: 'r-' }] }),
    good: task({ results: [{ name: 'r-1' }] }),
  },
  {
    rule: 'no-invalid-result',
    tekton: 15,
    title: 'a type that does not exist',
    bad: task({ results: [{ name: 'r', type: 'number' }] }),
    good: task({ results: [{ name: 'r', properties: { key: {} } }] }),
  },
  {
    rule: 'no-invalid-result',
    tekton: 15,
    title: 'a value that is not the result of a step',
    bad: task({ results: [{ name: 'r', value: '$(steps.s.outputs.r)' }] }),
    good: task({ results: [{ name: 'r', value: '$(steps.s.results.r)' }] }),
  },
  {
    rule: 'no-invalid-result',
    tekton: 15,
    title: 'the result of a step of a type that does not exist',
    bad: taskWith({ results: [{ name: 'r', type: 'number' }] }),
    good: taskWith({ results: [{ name: 'r', type: 'array' }] }),
  },
  {
    rule: 'no-undefined-result',
    tekton: 16,
    title: 'the path of an unknown result',
    bad: taskWith({ script: 'date > $(results.r.path)' }),
    good: taskWith({ script: 'date > $(results.r.path)' }, { results: [{ name: 'r' }] }),
  },
  {
    rule: 'no-undefined-result',
    tekton: 16,
    title: 'the path of an unknown result of the step',
    bad: taskWith({ script: 'date > $(step.results.s.path)', results: [{ name: 'r' }] }),
    good: taskWith({ script: 'date > $(step.results.r.path)', results: [{ name: 'r' }] }),
  },
  {
    rule: 'no-duplicate-workspace',
    tekton: 17,
    title: 'a workspace of a task declared twice',
    bad: task({ workspaces: [{ name: 'w' }, { name: 'w', mountPath: '/x' }] }),
    good: task({ workspaces: [{ name: 'w' }, { name: 'v' }] }),
  },
  {
    rule: 'no-duplicate-mount-path',
    tekton: 17,
    title: 'a workspace where a volume is mounted',
    bad: taskWith(
      { volumeMounts: [{ name: 'v', mountPath: '/data/' }] },
      { workspaces: [{ name: 'w', mountPath: '/data' }] },
    ),
    good: taskWith(
      { volumeMounts: [{ name: 'v', mountPath: '/data' }] },
      { workspaces: [{ name: 'w', mountPath: '/date' }] },
    ),
  },
  {
    rule: 'no-missing-workspace',
    tekton: 17,
    title: 'a step uses a workspace that is not declared',
    bad: taskWith({ workspaces: [{ name: 'w' }] }),
    good: taskWith({ workspaces: [{ name: 'w' }] }, { workspaces: [{ name: 'w' }] }),
  },
  {
    rule: 'no-empty-pipeline',
    tekton: 18,
    title: 'nothing in the spec',
    bad: pipeline({ tasks: [] }),
    good: pipeline(),
  },
  {
    rule: 'no-empty-pipeline',
    tekton: 18,
    title: 'finally without tasks',
    bad: pipeline({ tasks: [], finally: [ref('f')] }),
    good: pipeline({ finally: [ref('f')] }),
  },
  {
    rule: 'no-invalid-task-name',
    tekton: 19,
    title: 'a dot in the name of a task',
    bad: pipeline({ tasks: [ref('a.b')] }),
    good: pipeline({ tasks: [ref('a-b')] }),
  },
  {
    rule: 'no-duplicate-task',
    tekton: 19,
    title: 'one name in tasks and in finally',
    bad: pipeline({ finally: [ref('a')] }),
    good: pipeline({ finally: [ref('b')] }),
  },
  {
    rule: 'no-ambiguous-task',
    tekton: 20,
    title: 'neither taskRef nor taskSpec',
    bad: pipeline({ tasks: [{ name: 'a' }] }),
    good: pipeline(),
  },
  {
    rule: 'no-ambiguous-task',
    tekton: 20,
    title: 'taskRef and taskSpec',
    bad: pipelineWith({ taskSpec: { steps: [step()] } }),
    good: pipeline({ tasks: [{ name: 'a', taskSpec: { steps: [step()] } }] }),
  },
  {
    rule: 'no-disabled-feature',
    tekton: 20,
    title: 'a pipeline inside a pipeline',
    bad: pipeline({ tasks: [{ name: 'a', pipelineRef: { name: 'p' } }] }),
    good: pipeline(),
  },
  {
    rule: 'no-missing-steps',
    tekton: 21,
    title: 'an embedded task without steps',
    bad: pipeline({ tasks: [{ name: 'a', taskSpec: { description: 'x' } }] }),
    good: pipeline({ tasks: [{ name: 'a', taskSpec: { steps: [step()] } }] }),
  },
  {
    rule: 'no-undefined-param',
    tekton: 21,
    title: 'an embedded task that uses a param nobody declares',
    bad: pipeline({ tasks: [{ name: 'a', taskSpec: { steps: [step({ script: '$(params.x)' })] } }] }),
    good: pipeline({
      params: [{ name: 'x' }],
      tasks: [{ name: 'a', taskSpec: { steps: [step({ script: '$(params.x)' })] } }],
    }),
  },
  {
    rule: 'no-invalid-custom-task',
    tekton: 21,
    title: 'a kind beside steps',
    bad: pipeline({ tasks: [{ name: 'a', taskSpec: { kind: 'Task', steps: [step()] } }] }),
    good: pipeline({ tasks: [{ name: 'a', taskSpec: { apiVersion: 'x.dev/v1', kind: 'Wait', spec: {} } }] }),
  },
  {
    rule: 'no-invalid-custom-task',
    tekton: 21,
    title: 'a kind without apiVersion',
    bad: pipeline({ tasks: [{ name: 'a', taskRef: { kind: 'ClusterTask', name: 't' } }] }),
    good: pipeline({ tasks: [{ name: 'a', taskRef: { kind: 'Task', name: 't' } }] }),
  },
  {
    rule: 'no-invalid-custom-task',
    tekton: 21,
    title: 'an apiVersion without a group',
    bad: pipeline({ tasks: [{ name: 'a', taskRef: { apiVersion: 'v1', kind: 'Wait', name: 't' } }] }),
    good: pipeline({ tasks: [{ name: 'a', taskRef: { apiVersion: 'x.dev/v1', kind: 'Wait', name: 't' } }] }),
  },
  {
    rule: 'no-invalid-ref',
    tekton: 22,
    title: 'a name beside params of a resolver',
    bad: pipeline({ tasks: [{ name: 'a', taskRef: { name: 't', resolver: 'git', params: [] } }] }),
    good: pipeline({ tasks: [{ name: 'a', taskRef: { resolver: 'git', params: [] } }] }),
  },
  {
    rule: 'no-invalid-ref',
    tekton: 22,
    title: 'params without a resolver',
    bad: pipeline({ tasks: [{ name: 'a', taskRef: param('x') }] }),
    good: pipeline({ tasks: [{ name: 'a', taskRef: { resolver: 'git', ...param('x') } }] }),
  },
  {
    rule: 'no-invalid-ref',
    tekton: 22,
    title: 'a name that no object has',
    bad: pipeline({ tasks: [{ name: 'a', taskRef: { name: 'some task' } }] }),
    good: pipeline({ tasks: [{ name: 'a', taskRef: { name: 'Some_Task' } }] }),
  },
  {
    rule: 'no-invalid-ref',
    tekton: 22,
    title: 'no name at all',
    bad: task({ steps: [{ ref: {} }] }),
    good: task({ steps: [{ ref: { name: 'some-action' } }] }),
  },
  {
    rule: 'no-invalid-on-error',
    tekton: 23,
    title: 'continue beside retries',
    bad: pipelineWith({ onError: 'continue', retries: 1 }),
    good: pipelineWith({ onError: 'stopAndFail', retries: 1 }),
  },
  {
    rule: 'no-invalid-workspace',
    tekton: 24,
    title: 'a workspace without a name',
    bad: pipeline({ workspaces: [{ description: 'x' }] }),
    good: pipeline({ workspaces: [{ name: 'w' }] }),
  },
  {
    rule: 'no-duplicate-workspace',
    tekton: 24,
    title: 'a workspace of a pipeline declared twice',
    bad: pipeline({ workspaces: [{ name: 'w' }, { name: 'w' }] }),
    good: pipeline({ workspaces: [{ name: 'w' }, { name: 'v' }] }),
  },
  {
    rule: 'no-missing-workspace',
    tekton: 24,
    title: 'a task is given a workspace that is not declared',
    bad: pipelineWith({ workspaces: [{ name: 'w', workspace: 'v' }] }, { workspaces: [{ name: 'w' }] }),
    good: pipelineWith({ workspaces: [{ name: 'w' }] }, { workspaces: [{ name: 'w' }] }),
  },
  {
    rule: 'no-pipeline-missing-task',
    tekton: 25,
    title: 'runAfter an unknown task',
    bad: pipelineWith({ runAfter: ['b'] }),
    good: pipeline({ tasks: [ref('a', { runAfter: ['b'] }), ref('b')] }),
  },
  {
    rule: 'no-pipeline-missing-task',
    tekton: 25,
    title: 'the result of an unknown task',
    bad: pipelineWith({ when: [{ input: '$(tasks.b.results.r)', operator: 'in', values: ['x'] }] }),
    good: pipeline({
      tasks: [
        ref('a', { when: [{ input: '$(tasks.b.results.r)', operator: 'in', values: ['x'] }] }),
        ref('b'),
      ],
    }),
  },
  {
    rule: 'no-pipeline-task-cycle',
    tekton: 25,
    title: 'two tasks that wait for each other',
    bad: pipeline({ tasks: [ref('a', { runAfter: ['b'] }), ref('b', param('$(tasks.a.results.r)'))] }),
    good: pipeline({ tasks: [ref('a', { runAfter: ['b'] }), ref('b', param('$(tasks.a.status.r)'))] }),
  },
  {
    rule: 'no-pipeline-task-cycle',
    tekton: 25,
    title: 'a script of an embedded task closes the circle',
    bad: pipeline({
      tasks: [{ name: 'a', taskSpec: { steps: [step({ script: '$(tasks.a.results.r)' })] } }],
    }),
    good: pipeline({
      tasks: [{ name: 'a', taskSpec: { steps: [step({ script: '$(tasks.b.results.r)' })] } }, ref('b')],
    }),
  },
  {
    rule: 'no-invalid-finally',
    tekton: 26,
    title: 'runAfter in finally',
    bad: pipeline({ finally: [ref('f', { runAfter: ['a'] })] }),
    good: pipeline({ finally: [ref('f')] }),
  },
  {
    rule: 'no-invalid-finally',
    tekton: 26,
    title: 'the result of another task in finally',
    bad: pipeline({ finally: [ref('f', param('$(tasks.g.results.r)')), ref('g')] }),
    good: pipeline({ finally: [ref('f', param('$(tasks.a.results.r)')), ref('g')] }),
  },
  {
    rule: 'no-invalid-finally',
    tekton: 26,
    title: 'the result of an unknown task',
    bad: pipeline({ finally: [ref('f', param('$(tasks.z.results.r)'))] }),
    good: pipeline({ finally: [ref('f', param('$(tasks.a.results.r)'))] }),
  },
  {
    rule: 'no-misplaced-status',
    tekton: 27,
    title: 'the status of a task outside finally',
    bad: pipeline({ tasks: [ref('a'), ref('b', param('$(tasks.a.status)'))] }),
    good: pipeline({ finally: [ref('b', param('$(tasks.a.status) $(tasks.status) $(tasks.a.reason)'))] }),
  },
  {
    rule: 'no-misplaced-status',
    tekton: 27,
    title: 'the status of an unknown task',
    bad: pipeline({ finally: [ref('f', param('$(tasks.b.status)'))] }),
    good: pipeline({ finally: [ref('f', param('$(tasks.a.status)'))] }),
  },
  {
    rule: 'no-invalid-pipeline-result',
    tekton: 28,
    title: 'a result that is not a result of a task',
    bad: pipeline({ params: [{ name: 'x' }], results: [{ name: 'r', value: '$(params.x)' }] }),
    good: pipeline({ results: [{ name: 'r', value: '$(tasks.a.results.r)' }] }),
  },
  {
    rule: 'no-invalid-pipeline-result',
    tekton: 28,
    title: 'the result of an unknown task',
    bad: pipeline({ results: [{ name: 'r', value: '$(tasks.b.results.r)' }] }),
    good: pipeline({ finally: [ref('b')], results: [{ name: 'r', value: '$(finally.b.results.r)' }] }),
  },
  {
    rule: 'no-invalid-when',
    tekton: 29,
    title: 'an operator that does not exist',
    bad: pipelineWith({ when: [{ input: 'x', operator: 'exists', values: ['x'] }] }),
    good: pipelineWith({ when: [{ input: 'x', operator: 'notin', values: ['x'] }] }),
  },
  {
    rule: 'no-invalid-when',
    tekton: 29,
    title: 'no values',
    bad: taskWith({ when: [{ input: 'x', operator: 'in', values: [] }] }),
    good: taskWith({ when: [{ input: 'x', operator: 'in', values: [''] }] }),
  },
  {
    rule: 'no-invalid-when',
    tekton: 29,
    title: 'cel beside input',
    flags: { features: ['enable-cel-in-whenexpression'] },
    bad: pipelineWith({ when: [{ cel: "'a' == 'a'", input: 'x' }] }),
    good: pipelineWith({ when: [{ cel: "'a' == 'a'" }] }),
  },
  {
    rule: 'no-disabled-feature',
    tekton: 29,
    title: 'cel, which is off',
    bad: pipelineWith({ when: [{ cel: "'a' == 'a'" }] }),
    good: pipelineWith({ when: [{ input: 'x', operator: 'in', values: ['x'] }] }),
  },
  {
    rule: 'no-invalid-matrix',
    tekton: 30,
    title: 'a param in matrix and in params',
    bad: pipelineWith({ ...param('x'), matrix: { params: [{ name: 'p', value: ['1'] }] } }),
    good: pipelineWith({ ...param('x'), matrix: { params: [{ name: 'q', value: ['1'] }] } }),
  },
  {
    rule: 'no-invalid-matrix',
    tekton: 30,
    title: '257 combinations',
    bad: pipelineWith({
      matrix: {
        params: [
          { name: 'p', value: values(16) },
          { name: 'q', value: values(16) },
        ],
        include: [{ params: [{ name: 'p', value: 'x' }] }],
      },
    }),
    good: pipelineWith({
      matrix: {
        params: [
          { name: 'p', value: values(16) },
          { name: 'q', value: values(16) },
        ],
      },
    }),
  },
  {
    rule: 'no-duplicate-param',
    tekton: 30,
    title: 'a param twice in a matrix',
    bad: pipelineWith({
      matrix: {
        params: [
          { name: 'p', value: ['1'] },
          { name: 'p', value: ['2'] },
        ],
      },
    }),
    good: pipelineWith({
      matrix: {
        params: [
          { name: 'p', value: ['1'] },
          { name: 'q', value: ['2'] },
        ],
      },
    }),
  },
  {
    rule: 'no-invalid-matrix',
    tekton: 30,
    title: 'one result of a task with a matrix',
    bad: pipeline({
      tasks: [
        ref('a', { matrix: { params: [{ name: 'p', value: ['1'] }] } }),
        ref('b', param('$(tasks.a.results.r)')),
      ],
    }),
    good: pipeline({
      tasks: [
        ref('a', { matrix: { params: [{ name: 'p', value: ['1'] }] } }),
        ref('b', param(['$(tasks.a.results.r[*])'])),
      ],
    }),
  },
  {
    rule: 'no-undefined-param',
    tekton: 31,
    title: 'an unknown param of a pipeline',
    bad: pipelineWith(param('$(params.x)')),
    good: pipelineWith(param('$(params.x)'), { params: [{ name: 'x' }] }),
  },
  {
    rule: 'no-undefined-param',
    tekton: 31,
    title: 'an unknown param in a matrix',
    bad: pipelineWith({ matrix: { params: [{ name: 'p', value: ['$(params.x)'] }] } }),
    good: pipelineWith(
      { matrix: { params: [{ name: 'p', value: ['$(params.x)'] }] } },
      { params: [{ name: 'x' }] },
    ),
  },
  {
    rule: 'no-invalid-param-use',
    tekton: 31,
    title: 'a whole array within the value of a string',
    bad: pipelineWith(param('x $(params.list[*])'), list),
    good: pipelineWith(param('$(params.list[*])'), list),
  },
  {
    rule: 'no-invalid-param-use',
    tekton: 31,
    title: 'a whole object in when',
    bad: pipelineWith({ when: [{ input: '$(params.thing)', operator: 'in', values: ['x'] }] }, thing),
    good: pipelineWith({ when: [{ input: '$(params.thing.key)', operator: 'in', values: ['x'] }] }, thing),
  },
  {
    rule: 'no-duplicate-param',
    tekton: 32,
    title: 'a param given twice',
    bad: pipelineWith({
      params: [
        { name: 'p', value: '1' },
        { name: 'p', value: '2' },
      ],
    }),
    good: pipelineWith({
      params: [
        { name: 'p', value: '1' },
        { name: 'q', value: '2' },
      ],
    }),
  },
  {
    rule: 'no-missing-image',
    tekton: 33,
    title: 'a StepAction without an image',
    bad: object('StepAction', {}, beta),
    good: action(),
  },
  {
    rule: 'no-script-with-command',
    tekton: 33,
    title: 'a StepAction with script and command',
    bad: action({ script: 'true', command: ['true'] }),
    good: action({ script: 'true', args: ['x'] }),
  },
  {
    rule: 'no-param-in-script',
    tekton: 33,
    title: 'a param in the script of a StepAction',
    bad: action({ params: [{ name: 'x' }], script: 'echo $(params.x)' }),
    good: action({ params: [{ name: 'x' }], script: 'echo $X', env: [{ name: 'X', value: '$(params.x)' }] }),
  },
  {
    rule: 'no-fixed-volume',
    title: 'a StepAction that names its volume',
    bad: action({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    good: action({ params: [{ name: 'v' }], volumeMounts: [{ name: '$(params.v)', mountPath: '/v' }] }),
  },
  {
    rule: 'no-invalid-param-enum',
    title: 'a default that is none of the enum',
    flags: { features: ['enable-param-enum'] },
    bad: task({ params: [{ name: 'a', enum: ['x', 'y'], default: 'z' }] }),
    good: task({ params: [{ name: 'a', enum: ['x', 'y'], default: 'y' }] }),
  },
  {
    rule: 'no-invalid-reference',
    title: 'more than two names behind params',
    bad: taskWith({ script: '$(params.a.b.c)' }, { params: [{ name: 'a' }] }),
    good: taskWith({ script: '$(params["a.b.c"])' }, { params: [{ name: 'a.b.c' }] }),
  },
  {
    rule: 'no-unknown-variable',
    title: 'a command of the shell in the value of a param',
    bad: pipelineWith(param('$(date)')),
    good: pipelineWith(param('$DATE $$(date +%s)')),
  },
  {
    rule: 'no-misplaced-step-result',
    title: 'the result of a step in a script',
    bad: taskWith({ script: 'echo $(steps.s.results.r)' }),
    good: taskWith({ args: ['$(steps.s.results.r)'] }),
  },
  {
    rule: 'no-reserved-sidecar',
    title: 'a sidecar named as one of Tekton',
    bad: task({ sidecars: [step({ name: 'tekton-log-results' })] }),
    good: task({ sidecars: [step({ name: 'log-results' })] }),
  },
  {
    rule: 'no-removed-field',
    title: 'resources, which are gone',
    bad: object('Task', { steps: [step()], resources: { inputs: [] } }, beta),
    good: object('Task', { steps: [step()] }, beta),
  },
  {
    rule: 'no-removed-field',
    title: 'a bundle in taskRef, which is gone',
    bad: object(
      'Pipeline',
      { tasks: [{ name: 'a', taskRef: { name: 't', bundle: 'quay.io/x/y:z' } }] },
      beta,
    ),
    good: object('Pipeline', { tasks: [{ name: 'a', taskRef: { resolver: 'bundles', params: [] } }] }, beta),
  },
  {
    rule: 'no-child-pipeline-result',
    title: 'the result of a pipeline inside',
    flags: { apiFields: 'alpha' },
    bad: pipeline({
      tasks: [{ name: 'a', pipelineRef: { name: 'p' } }, ref('b', param('$(tasks.a.results.r)'))],
    }),
    good: pipeline({ tasks: [{ name: 'a', pipelineRef: { name: 'p' } }, ref('b', { runAfter: ['a'] })] }),
  },
  {
    rule: 'no-missing-param-value',
    title: 'a param without a value, which no client can send on',
    bad: pipelineWith({ params: [{ name: 'p' }] }),
    good: pipelineWith({ params: [{ name: 'p', value: null }] }),
  },
  {
    rule: 'no-missing-param-value',
    title: 'a param without a value in a matrix of v1beta1',
    bad: object(
      'Pipeline',
      { tasks: [ref('a', { matrix: { include: [{ params: [{ name: 'p' }] }] } })] },
      beta,
    ),
    good: object(
      'Pipeline',
      { tasks: [ref('a', { matrix: { include: [{ params: [{ name: 'p', value: 'x' }] }] } })] },
      beta,
    ),
  },
  {
    rule: 'no-unmergeable-step',
    title: 'a variable twice with another between, beside those of the template',
    bad: taskWith({ env: variables('aba') }, { stepTemplate: { env: variables('x') } }),
    good: taskWith({ env: variables('aab') }, { stepTemplate: { env: variables('x') } }),
  },
  {
    rule: 'no-unmergeable-step',
    title: 'a mount path twice with another between, beside those of the template',
    bad: taskWith({ volumeMounts: mounts('aba') }, { stepTemplate: { volumeMounts: mounts('x') } }),
    good: taskWith({ volumeMounts: mounts('aba') }, { stepTemplate: { image: 'x' } }),
  },
  {
    rule: 'no-unmergeable-step',
    title: 'a port of v1beta1 twice with another between, beside those of the template',
    bad: object(
      'Task',
      { steps: [step({ ports: ports(2, 3, 2) })], stepTemplate: { ports: ports(1) } },
      beta,
    ),
    good: object(
      'Task',
      { steps: [step({ ports: ports(2, 2, 3) })], stepTemplate: { ports: ports(1) } },
      beta,
    ),
  },
  {
    rule: 'no-param-cycle',
    title: 'defaults of a v1alpha1 StepAction that need each other',
    bad: alphaAction([
      { name: 'a', default: '$(params.b)' },
      { name: 'b', default: '$(params.a)' },
    ]),
    good: alphaAction([{ name: 'a', default: '$(params.b)' }, { name: 'b' }]),
  },
  {
    rule: 'no-undefined-param',
    title: 'a default of a v1alpha1 StepAction that names no param',
    bad: alphaAction([{ name: 'a', default: '$(params.b)' }]),
    good: alphaAction([{ name: 'a', default: '$(b)' }]),
  },
  {
    rule: 'no-undefined-param',
    title: 'a param that a v1alpha1 StepAction does not declare',
    bad: object('StepAction', { image: 'x', args: ['$(params.b)'] }, { apiVersion: 'tekton.dev/v1alpha1' }),
    good: object('StepAction', { image: 'x', args: ['b'] }, { apiVersion: 'tekton.dev/v1alpha1' }),
  },
];
