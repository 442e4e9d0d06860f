import { seededRandom } from './seeded-random.js';

type Json = Record<string, unknown> | unknown[];

/** Objects that differ from the given ones in up to three places, in ways that Tekton's validation looks at. */
export function mutatedObjects(
  bases: readonly object[],
  { seed, count }: { seed: number; count: number },
): object[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => {
    const object = structuredClone(pick(bases)) as { metadata: { name: string }; spec: Json };
    const changes = Math.floor(random() * 4);
    for (let change = 0; change < changes; change++) mutate(object, { random, pick });
    return object;
  });
}

interface Chance {
  readonly random: () => number;
  pick<T>(list: readonly T[]): T;
}

function mutate(
  { metadata, spec }: { metadata: { name: string }; spec: Json },
  { random, pick }: Chance,
): void {
  if (random() < 0.03) {
    metadata.name = pick(texts.filter((text) => text !== ''));
    return;
  }
  const node = pick(collectionsIn(spec));
  if (Array.isArray(node)) {
    if (node.length === 0) return;
    const at = Math.floor(random() * node.length);
    const action = Math.floor(random() * 4);
    if (action === 0) node.splice(at, 1);
    else if (action === 1) node.push(structuredClone(node[at]));
    else if (typeof node[at] === 'string') node[at] = pick(texts);
    else if (typeof node[at] === 'object')
      Object.assign(node[at] as object, structuredClone(pick(additions)));
    return;
  }
  const keys = Object.keys(node);
  const key = pick(keys.length > 0 ? keys : ['x']);
  const action = random();
  if (action < 0.2) delete node[key];
  else if (action < 0.6 && typeof node[key] === 'string') node[key] = pick(texts);
  else Object.assign(node, structuredClone(pick(additions)));
}

function collectionsIn(value: unknown): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Json, ...Object.values(value).flatMap(collectionsIn)];
}

const texts = [
  ...[
    '$(params.x)',
    '$(params.list[*])',
    '$(params.list)',
    'a $(params.list[*])',
    '$(params.list[0])',
    '$(params["x"])',
  ],
  ...[
    '$(params.obj)',
    '$(params.obj[*])',
    '$(params.obj.key)',
    '$(params.obj.none)',
    "$(params['list'][*])",
    '$(params.a.b.c)',
  ],
  ...[
    '$(tasks.a.results.r)',
    '$(tasks.b.results.r)',
    '$(tasks.b.results.r[*])',
    '$(tasks.a.results.r.k.z)',
    '$(finally.f.results.r)',
  ],
  ...[
    '$(tasks.a.status)',
    '$(tasks.status)',
    '$(tasks.zz.status)',
    '$(tasks.a.reason)',
    '$(tasks.a.outputs.x)',
  ],
  ...[
    '$(context.taskRun.name)',
    '$(context.taskRun.foo)',
    '$(context.pipelineRun.foo)',
    '$(context.pipeline.name)',
  ],
  ...[
    '$(results.r.path)',
    '$(results.none.path)',
    '$(step.results.r.path)',
    '$(steps.s.results.r)',
    '$(steps.s.outputs.x)',
  ],
  ...[
    '$(FOO)',
    '$(date)',
    'continue',
    'stopAndFail',
    'in',
    'notin',
    'string',
    'array',
    'object',
    '',
    'A_B',
    'a.b',
    'x',
    'list',
  ],
  ...[
    'obj',
    'a',
    'b',
    'f',
    'r',
    '/tekton/x',
    '/tekton/home',
    '/workspace/ws',
    'ws',
    'tekton-internal-x',
    '1h',
    '-1s',
  ],
  ...['tekton.dev/v1', 'ClusterTask', 'Task', 'https://x.y/z', 'git', '#!win', 'Bad Name', 'a/b', 'é'],
];

/** Three variables, the last of the first one's name. */
function twice(name: string) {
  return [
    { name, value: 'x' },
    { name: 'Z', value: 'y' },
    { name, value: 'z' },
  ];
}

const additions: readonly object[] = [
  { params: [{ name: 'x', value: '$(params.x)' }] },
  { script: '$(results.r.path)' },
  { command: ['$(params.list[*])'] },
  { args: ['a$(params.list)'] },
  { onError: 'continue' },
  { retries: 2 },
  { timeout: '-1s' },
  { runAfter: ['a'] },
  { ref: { name: 'x' } },
  { when: [{ input: 'x', operator: 'in', values: ['y'] }] },
  { matrix: { params: [{ name: 'x', value: ['1', '2'] }] } },
  { workspaces: [{ name: 'ws' }] },
  { results: [{ name: 'r', type: 'array' }] },
  { resolver: 'git' },
  { default: ['x'] },
  { default: [1, 'x'] },
  { type: 'array' },
  { properties: { key: {} } },
  { enum: ['a', 'a'] },
  { taskSpec: { steps: [{ image: 'x', script: '$(params.x)' }] } },
  { taskRef: { name: 'x' } },
  { apiVersion: 'x/y' },
  { kind: 'Foo' },
  {
    stepTemplate: {
      image: 'x',
      command: ['x'],
      env: [{ name: 'E', value: '$(params.q)' }],
      volumeMounts: [{ name: 'v', mountPath: '/m' }],
    },
  },
  { sidecars: [{ name: 'tekton-log-results' }] },
  {
    finally: [{ name: 'f', taskRef: { name: 't' }, params: [{ name: 'p', value: '$(tasks.a.results.r)' }] }],
  },
  { env: [{ name: 'E', value: '$(params.list)' }] },
  { volumeMounts: [{ name: 'v', mountPath: '/tekton/q' }] },
  { volumes: [{ name: 'v' }, { name: 'v' }] },
  { cel: "'x' == 'x'" },
  { pipelineSpec: { tasks: [], params: [{ name: 'p' }] } },
  { pipelineRef: { name: 'p' } },
  { value: ['$(params.list[*])', 'x'] },
  { bundle: 'x' },
  { stdoutConfig: { path: 'x' } },
  { description: null },
  { params: [{ name: 'x' }] },
  { default: '$(params.x)' },
  { default: '$(params.list)' },
  { env: twice('E') },
  { volumeMounts: twice('v').map(({ name }) => ({ name, mountPath: `/${name}` })) },
  { volumeDevices: twice('d').map(({ name }) => ({ name, devicePath: `/${name}` })) },
  { ports: [{ containerPort: 1 }, { containerPort: 2 }, { containerPort: 1 }] },
  { stepTemplate: { env: twice('E').slice(0, 2), volumeMounts: [{ name: 'v', mountPath: '/v' }] } },
  { stepTemplate: { volumeDevices: [{ name: 'd', devicePath: '/d' }], ports: [{ containerPort: 1 }] } },
];

const params = [
  { name: 'x' },
  { name: 'list', type: 'array', default: ['a'] },
  { name: 'obj', type: 'object', properties: { key: { type: 'string' } } },
];

const taskSpec = {
  params,
  workspaces: [{ name: 'ws' }],
  results: [{ name: 'r' }],
  volumes: [{ name: 'v' }],
  steps: [
    {
      name: 's',
      image: 'busybox',
      script: 'echo $(params.x)',
      results: [{ name: 'r' }],
      workspaces: [{ name: 'ws' }],
      env: [{ name: 'E', value: '$(params.obj.key)' }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    },
    {
      name: 's2',
      ref: { resolver: 'git', params: [{ name: 'url', value: 'x' }] },
      params: [{ name: 'p', value: 'q' }],
    },
    {
      name: 's3',
      image: 'x',
      command: ['x'],
      args: ['$(params.list[*])', '$(steps.s.results.r)'],
      timeout: '1h',
      onError: 'continue',
    },
  ],
  sidecars: [{ name: 'sc', image: 'x', script: 'y' }],
};

const templatedSpec = {
  stepTemplate: {
    image: 'x',
    env: [
      { name: 'E', value: 'x' },
      { name: 'F', valueFrom: { fieldRef: { fieldPath: 'p' } } },
    ],
    volumeMounts: [{ name: 'v', mountPath: '/v' }],
  },
  steps: [
    { env: [{ name: 'E', value: 'x' }, { name: 'F' }, { name: 'G', value: 'x' }] },
    { image: 'y', env: [{ name: 'F', value: 'x' }], volumeMounts: [{ name: 'v', mountPath: '/w' }] },
  ],
};

const pipelineSpec = {
  params,
  workspaces: [{ name: 'ws' }],
  tasks: [
    {
      name: 'a',
      taskRef: { name: 't' },
      workspaces: [{ name: 'w', workspace: 'ws' }],
      params: [
        { name: 'p', value: '$(params.x)' },
        { name: 'l', value: ['$(params.list[*])'] },
        { name: 'o', value: '$(params.obj[*])' },
        { name: 'k', value: { k: '$(params.obj.key)' } },
      ],
    },
    {
      name: 'b',
      runAfter: ['a'],
      taskSpec: {
        params: [{ name: 'q' }],
        results: [{ name: 'r' }],
        steps: [{ image: 'x', script: '$(params.q) $(params.x)' }],
      },
      matrix: {
        params: [{ name: 'q', value: ['1', '2'] }],
        include: [{ name: 'i', params: [{ name: 'q', value: '3' }] }],
      },
    },
    {
      name: 'c',
      taskRef: { resolver: 'bundles', params: [{ name: 'bundle', value: 'x' }] },
      params: [
        { name: 'p', value: '$(tasks.a.results.r)' },
        { name: 'm', value: ['$(tasks.b.results.r[*])'] },
      ],
      when: [{ input: '$(params.x)', operator: 'in', values: ['a', '$(params.list[*])'] }],
    },
    { name: 'd', taskRef: { apiVersion: 'x.dev/v1', kind: 'Foo', name: 'z' } },
  ],
  finally: [
    {
      name: 'f',
      taskRef: { name: 't' },
      params: [
        { name: 's', value: '$(tasks.a.status)' },
        { name: 'r', value: '$(tasks.a.results.r)' },
      ],
    },
  ],
  results: [{ name: 'out', value: '$(tasks.a.results.r)' }],
};

const actionSpec = {
  image: 'x',
  params,
  results: [{ name: 'r' }],
  env: [{ name: 'E', value: '$(params.x)' }],
  script: 'echo $E > $(step.results.r.path)',
  volumeMounts: [{ name: '$(params.x)', mountPath: '/x' }],
};

const object = (version: string, kind: string, spec: object) => ({
  apiVersion: `tekton.dev/${version}`,
  kind,
  metadata: { name: 'sample' },
  spec,
});

/** Objects that use nearly everything, and that Tekton takes. */
export const richObjects = [
  ...['v1', 'v1beta1'].flatMap((version) => [
    object(version, 'Task', taskSpec),
    object(version, 'Pipeline', pipelineSpec),
  ]),
  ...['v1alpha1', 'v1beta1'].map((version) => object(version, 'StepAction', actionSpec)),
  ...['v1', 'v1beta1'].flatMap((version) => [
    object(version, 'Task', templatedSpec),
    object(version, 'TaskRun', { params: [{ name: 'x', value: 'y' }], taskSpec }),
    object(version, 'PipelineRun', { params: [{ name: 'x', value: 'y' }], pipelineSpec }),
  ]),
];
