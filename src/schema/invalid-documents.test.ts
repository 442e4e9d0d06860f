import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sampleDigest, schemaWith } from '../../test/support/samples/sample-schema.js';
import {
  createDocumentValidator,
  type PlacedDocumentProblem,
  validateDocuments,
} from './validate-document.js';

const validateDocument = createDocumentValidator();

const flat = schemaWith(`  - name: COUNT
    type: integer
    required: false
    description: How many
    default: 2
    minimum: 0
    maximum: 9
  - name: MODE
    type: string
    required: true
    description: How
    enum: [fast, slow]
    depends_on: [COUNT]
`);

const remediation = `apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata:
  name: restart
spec:
  version: "1.0.0"
  description:
    what: Restarts it
    whenToUse: It hangs
  actionType: RestartPod
  labels:
    severity: [critical]
    environment: ["*"]
    component: [v1/Pod]
    priority: P1
  customLabels:
    team: blue
  detectedLabels:
    stateful: true
    gitOpsTool: flux
  execution:
    engine: tekton
    bundle: quay.io/a/b:v1@${sampleDigest}
  dependencies:
    secrets:
      - name: token
  parameters:
    - name: RATIO
      type: float
      required: true
      description: How much
      minimum: 0.5
`;

const action = `apiVersion: kubernaut.ai/v1alpha1
kind: ActionType
metadata:
  name: restart-pod
spec:
  name: RestartPod
  description:
    what: Restarts a pod
    whenToUse: It hangs
`;

/** The rule, the sound document, what is replaced in it, and by what; `«` marks where the problem is to be found, if not at the start. */
type Case = readonly [rule: string, document: string, sound: string | RegExp, broken: string];

const errors: readonly Case[] = [
  // what a reader of YAML finds
  ['yaml', flat, 'kind: WorkflowSchema\n', 'kind: [\n«'],
  ['merge-conflict', flat, 'kind: WorkflowSchema', '«<<<<<<< ours\nkind: WorkflowSchema'],
  // the flat structure
  ['kind-value', flat, 'kind: WorkflowSchema', 'kind: «WorkflowSchemas'],
  ['document-type', flat, /^[\s\S]*$/, '«- a\n'],
  ['api-version-value', flat, 'kubernaut.io/v1alpha1', '«kubernaut.io/v1'],
  ['unknown-key', flat, '  version:', '  «versoin: 1\n  version:'],
  ['metadata-required', flat, /metadata:\n(?: {2}.*\n)+/, ''],
  ['metadata-type', flat, /metadata:\n(?: {2}.*\n)+/, 'metadata: «x\n'],
  ['metadata-workflow-id-required', flat, /metadata:\n.*\n/, '«metadata:\n'],
  ['metadata-workflow-id-pattern', flat, 'workflow_id: hello', 'workflow_id: «Hello_1'],
  ['metadata-workflow-id-length', flat, 'workflow_id: hello', `workflow_id: «${'h'.repeat(256)}`],
  ['metadata-version-pattern', flat, '"1.0.0"', '«v1.0.0'],
  ['metadata-version-type', flat, '"1.0.0"', '«1.0'],
  ['metadata-description-length', flat, 'Says hello', `«${'x'.repeat(501)}`],
  ['metadata-name-length', flat, '  version', '  name: «""\n  version'],
  [
    'metadata-maintainers-email-pattern',
    flat,
    '  version',
    '  maintainers: [{name: A, email: «a@b}]\n  version',
  ],
  ['metadata-maintainers-name-required', flat, '  version', '  maintainers: [«{email: a@b.io}]\n  version'],
  ['labels-signal-type-required', flat, /labels:\n.*\n/, '«labels:\n'],
  ['labels-severity-value', flat, 'severity: low', 'severity: «info'],
  ['labels-severity-type', flat, 'severity: low', 'severity: «[low]'],
  ['labels-priority-value', flat, 'P3', '«p3'],
  ['labels-risk-tolerance-value', flat, 'risk_tolerance: low', 'risk_tolerance: «none'],
  ['labels-environment-length', flat, 'environment: test', 'environment: «""'],
  ['labels-type', flat, '  severity', '  own: «1\n  severity'],
  ['custom-label-key', flat, '  severity', '  «system/x: a\n  severity'],
  [
    'custom-label-count',
    flat,
    'labels:\n',
    `«labels:\n${Array.from({ length: 11 }, (_, index) => `  own${index}: x\n`).join('')}`,
  ],
  ['execution-engine-value', flat, 'engine: tekton', 'engine: «lambda'],
  ['bundle-reference', flat, 'quay.io/a/b:v1@', '«quay.io/A/b:v1@'],
  ['parameters-count', flat, /parameters:\n[\s\S]*$/, 'parameters: «[]\n'],
  ['parameters-required', flat, /parameters:\n[\s\S]*$/, ''],
  ['parameters-name-required', flat, '  - name: MODE\n    type', '  - «type'],
  ['parameters-type-value', flat, 'type: integer', 'type: «float'],
  ['parameters-required-type', flat, 'required: false', 'required: «"no"'],
  [
    'parameters-required-required',
    flat,
    '  - name: MODE\n    type: string\n    required: true\n',
    '  - «name: MODE\n    type: string\n',
  ],
  ['parameters-description-length', flat, 'description: How many', 'description: «""'],
  ['parameters-minimum-type', flat, 'minimum: 0', 'minimum: «0.5'],
  ['parameters-enum-count', flat, '[fast, slow]', '«[]'],
  ['parameters-enum-unique', flat, '[fast, slow]', '«[fast, fast]'],
  ['parameters-enum-type', flat, '[fast, slow]', '[fast, «1]'],
  ['parameters-depends-on-type', flat, 'depends_on: [COUNT]', 'depends_on: «COUNT'],
  // rules that a structure cannot express
  ['parameter-name-unique', flat, /$/, '  - {name: «MODE, type: string, required: true, description: a}\n'],
  ['range', flat, /default: 2\n.*\n.*\n/, 'minimum: 10\n    maximum: «9\n'],
  ['enum-on-string', flat, '    maximum: 9', '    maximum: 9\n    enum: «["2"]'],
  ['pattern-on-string', flat, '    maximum: 9', '    maximum: 9\n    pattern: «"2"'],
  ['minimum-on-number', flat, '    enum:', '    minimum: «1\n    enum:'],
  ['maximum-on-number', flat, '    enum:', '    maximum: «1\n    enum:'],
  ['pattern-compiles', flat, '    enum:', '    pattern: «(?=a)\n    enum:'],
  ['enum-in-pattern', flat, '    enum: ', '    pattern: ^f\n    enum: «'],
  ['default-type', flat, 'default: 2', 'default: «"2"'],
  ['default-in-range', flat, 'default: 2', 'default: «10'],
  ['default-in-enum', flat, '    enum:', '    default: «medium\n    enum:'],
  ['default-in-pattern', flat, '    enum: [fast, slow]', '    default: «sloth\n    pattern: ^slow$'],
  ['depends-on-resolves', flat, '[COUNT]', '«[OTHER]'],
  ['depends-on-acyclic', flat, '[COUNT]', '«[MODE]'],
  [
    'default-in-range',
    flat,
    /$/,
    'rollback_parameters:\n  - {name: A, type: integer, required: true, description: a, minimum: 1, default: «0}\n',
  ],
  // the RemediationWorkflow
  ['spec-required', remediation, /spec:\n[\s\S]*$/, ''],
  ['metadata-name-pattern', remediation, 'name: restart', 'name: «Restart'],
  ['version-pattern', remediation, '"1.0.0"', '«"1.0"'],
  ['description-type', remediation, /description:\n.*\n.*\n/, 'description: «Restarts it\n'],
  [
    'description-when-to-use-required',
    remediation,
    /description:\n(.*\n).*\n/,
    '«description:\n    what: Restarts it\n',
  ],
  ['action-type-pattern', remediation, 'actionType: RestartPod', 'actionType: «restart-pod'],
  ['action-type-required', remediation, /spec:\n([\s\S]*) {2}actionType: RestartPod\n/, '«spec:\n$1'],
  ['labels-severity-value', remediation, '[critical]', '[critical, «medium]'],
  ['labels-severity-count', remediation, '[critical]', '«[]'],
  ['labels-severity-type', remediation, '[critical]', '«critical'],
  ['labels-component-pattern', remediation, '[v1/Pod]', '[«pod]'],
  ['labels-environment-type', remediation, '["*"]', '[«true]'],
  ['labels-cluster-type', remediation, '    priority', '    cluster: «edge\n    priority'],
  ['custom-labels-type', remediation, 'team: blue', 'team: «1'],
  ['detected-labels-stateful-value', remediation, 'stateful: true', 'stateful: «false'],
  ['detected-labels-git-ops-tool-value', remediation, 'gitOpsTool: flux', 'gitOpsTool: «fluxx'],
  ['unknown-key', remediation, 'stateful: true', '«statefull: true'],
  ['execution-required', remediation, /spec:\n([\s\S]*) {2}execution:\n(?: {4}.*\n)+/, '«spec:\n$1'],
  ['execution-bundle-required', remediation, /execution:\n.*\n.*\n/, '«execution:\n    engine: tekton\n'],
  ['execution-engine-value', remediation, 'engine: tekton', 'engine: «shell'],
  ['bundle-pinned', remediation, /quay\.io.*/, '«quay.io/a/b:v1'],
  [
    'ansible-engine-config',
    remediation,
    'execution:\n    engine: tekton',
    '«execution:\n    engine: ansible',
  ],
  ['ansible-engine-config', remediation, 'engine: tekton', 'engine: ansible\n    engineConfig: «site.yml'],
  ['resources-engine', remediation, '    engine: tekton', '    «resources: {}\n    engine: tekton'],
  ['labels-priority-length', remediation, 'priority: P1', 'priority: «""'],
  ['parameters-name-length', remediation, 'name: RATIO', 'name: «""'],
  ['ansible-playbook-path', remediation, 'engine: tekton', 'engine: ansible\n    «engineConfig: {}'],
  ['dependency-unique', remediation, '      - name: token', '      - name: token\n      - name: «token'],
  ['parameters-type-value', remediation, 'type: float', 'type: «number'],
  ['parameters-minimum-type', remediation, 'minimum: 0.5', 'minimum: «"0.5"'],
  ['rollback-parameters-type', remediation, /$/, '  rollbackParameters: «{}\n'],
  // the ActionType
  ['name-pattern', action, 'name: RestartPod', 'name: «restartPod'],
  ['description-what-required', action, /description:\n.*\n/, '«description:\n'],
  ['metadata-name-required', action, 'metadata:\n  name: restart-pod', '«metadata:\n  labels: {a: b}'],
];

const warnings: readonly Case[] = [
  ['parameter-upper-snake-case', flat, 'name: MODE', 'name: «mode'],
  ['target-resource-reserved', flat, 'name: MODE', 'name: «TARGET_RESOURCE'],
  ['bundle-pinned', flat, /quay\.io.*/, '«quay.io/a/b:v1'],
  ['bundle-named', flat, /execution:\n.*\n.*\n/, '«execution:\n  engine: tekton\n'],
  ['former-label', flat, '  severity', '  «kubernaut.ai/category: x\n  severity'],
  ['wildcard-alone', remediation, '["*"]', '[test, «"*"]'],
  ['detected-label-text', remediation, 'stateful: true', 'stateful: «"true"'],
  ['labels-environment-unique', remediation, '["*"]', '«[a, a]'],
  [
    'execution-service-account-name-pattern',
    remediation,
    '    engine',
    '    serviceAccountName: «Runner\n    engine',
  ],
  ['execution-bundle-digest-pattern', remediation, '    engine', '    bundleDigest: «sha256:0\n    engine'],
  [
    'bundle-digest-agrees',
    remediation,
    '    engine',
    `    bundleDigest: «sha256:${'1'.repeat(64)}\n    engine`,
  ],
  ['dependencies-secrets-name-pattern', remediation, 'name: token', 'name: «To_ken'],
  ['minimum-on-number', remediation, /float([\s\S]*minimum: )/, 'string$1«'],
  ['version-pattern', remediation, '"1.0.0"', '«"01.0.0"'],
  ['labels-priority-pattern', remediation, 'priority: P1', 'priority: «P9'],
  ['labels-severity-unique', remediation, '[critical]', '«[info, info]'],
  ['action-type-length', remediation, 'RestartPod', `«R${'r'.repeat(255)}`],
  ['custom-labels-length', remediation, 'team: blue', 'team: «""'],
  ['custom-label-key', remediation, 'team: blue', '«"system/x": blue'],
  ['bundle-reference', remediation, 'quay.io/a/b:v1@', '«quay.io/A/b:v1@'],
  [
    'parameter-name-unique',
    remediation,
    /$/,
    '    - {name: «RATIO, type: float, required: true, description: a}\n',
  ],
  [
    'parameters-enum-count',
    remediation,
    /type: float([\s\S]*) {6}minimum.*/,
    'type: string$1      enum: «[]',
  ],
  [
    'pattern-compiles',
    remediation,
    /type: float([\s\S]*) {6}minimum.*/,
    'type: string$1      pattern: «(?=a)',
  ],
  [
    'rollback-parameters-description-length',
    remediation,
    /$/,
    '  rollbackParameters: [{name: A, type: string, required: true, description: «""}]\n',
  ],
  [
    'ansible-commit',
    remediation,
    'engine: tekton',
    `engine: ansible\n    engineConfig: {playbookPath: a.yml}\n    bundleDigest: «${sampleDigest}`,
  ],
  [
    'resources-dropped',
    remediation,
    'engine: tekton',
    'engine: job\n    «resources: {requests: {cpu: 500m}, limits: {cpu: 1}}',
  ],
  ['engine-config-ignored', remediation, '    engine', '    «engineConfig: {a: 1}\n    engine'],
];

test.each([
  ['flat schema', flat],
  ['RemediationWorkflow', remediation],
  ['ActionType', action],
])('the %s that the others are made from is sound', async (_name, text) => {
  expect((await validateDocument(text, { file: 'x.yaml' })).problems).toEqual([]);
});

test.each(errors)('%s is an error at its place', async (rule, document, sound, broken) => {
  await expectProblem({ rule, severity: 'error' }, document.replace(sound, broken));
});

test.each(warnings)('%s is a warning at its place', async (rule, document, sound, broken) => {
  await expectProblem({ rule, severity: 'warning' }, document.replace(sound, broken));
});

async function expectProblem(
  wanted: Pick<PlacedDocumentProblem, 'rule' | 'severity'>,
  marked: string,
): Promise<void> {
  const at = marked.indexOf('«');
  const { problems } = await validateDocument(marked.replace('«', ''), { file: 'dir/x.yaml' });
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  expect(problem).toMatchObject({ ...wanted, file: 'dir/x.yaml' });
  expect(problem!.message).not.toBe('');
  const before = marked.slice(0, Math.max(0, at)).split('\n');
  expect([problem!.line, problem!.column]).toEqual([before.length, before.at(-1)!.length + 1]);
}

test.each([
  ['a key without a value is not there', 'tekton', /dependencies:\n.*\n.*/, 'dependencies:'],
  ['a priority may be in lower case', 'tekton', 'priority: P1', 'priority: p1'],
  [
    'a playbook is pinned by its commit',
    'ansible',
    /engine: tekton\n.*/,
    `engine: ansible\n    bundle: https://git.example/ops.git\n    bundleDigest: ${'c'.repeat(40)}\n    engineConfig: {playbookPath: site.yml}`,
  ],
] as const)('%s', async (_title, _engine, sound, other) => {
  const { problems } = await validateDocument(remediation.replace(sound, other), { file: 'x.yaml' });
  expect(problems).toEqual([]);
});

test.each([
  ['resources-quantity', 'requests: {cpu: «half}'],
  ['resources-within-limits', 'requests: {cpu: «1500m}, limits: {cpu: 1}'],
  ['resources-within-limits', 'requests: {memory: «1Gi}, limits: {memory: 1000M}'],
])('%s is an error of a job at its place', async (rule, resources) => {
  const text = remediation.replace('engine: tekton', `engine: job\n    resources: {${resources}}`);
  const at = text.indexOf('«') - text.lastIndexOf('\n', text.indexOf('«'));
  const { problems } = await validateDocument(text.replace('«', ''), { file: 'x.yaml' });
  const found = problems.map((problem) => [problem.rule, problem.severity, problem.column]);
  expect(found).toContainEqual([rule, 'error', at]);
  expect(found).toContainEqual(['resources-dropped', 'warning', 5]);
});

test('there is a document for more than sixty rules, and all of them are documented', () => {
  const page = readFileSync(new URL('../../docs/reference/schema-rules.md', import.meta.url), 'utf8');
  const rules = new Set([...errors, ...warnings].map(([rule]) => rule));
  expect(rules.size).toBeGreaterThanOrEqual(60);
  const structural = /-(?:required|type|value|pattern|length|count|unique)$/;
  for (const rule of rules) if (!structural.test(rule)) expect(page).toContain(`\`${rule}\``);
});

test('an empty file, one that is not a text, and other documents are refused, not thrown over', async () => {
  for (const text of [
    '',
    'a: 1\n---\nb: 2\n',
    'apiVersion: v1\nkind: ConfigMap\n',
    'null',
    '- a',
    '\u0000',
    '"x"',
    '&a [*a]',
  ]) {
    const { problems } = await validateDocument(text, { file: 'x.yaml' });
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  }
});

test('of a file of several documents each of ours is checked in its place, and others are passed over', async () => {
  const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\n';
  const text = `${role}---\n${remediation}---\n${action.replace('RestartPod', 'restartPod')}`;
  const found = await validateDocuments(text, { file: 'x.yaml' });
  expect(found.map(({ document, kind, problems }) => [document, kind, problems.length])).toEqual([
    [2, 'remediation-workflow', 0],
    [3, 'action-type', 1],
  ]);
  const line = text.split('\n').findIndex((one) => one.includes('restartPod')) + 1;
  expect(found[1]?.problems[0]).toMatchObject({ rule: 'name-pattern', line });
  const alone = await validateDocument(remediation, { file: 'x.yaml' });
  expect([found[0]?.workflowId, found[0]?.canonicalHash]).toEqual([alone.workflowId, alone.canonicalHash]);
});

test('documents of a file that cannot be read, or are not workflow documents, are reported as such', async () => {
  const others = await validateDocuments('kind: A\n---\nkind: B\n', { file: 'x.yaml' });
  expect(others.map(({ problems }) => problems.map(({ rule }) => rule))).toEqual([['kind-value']]);
  const broken = await validateDocuments(`${remediation}---\na: [\n`, { file: 'x.yaml' });
  expect(broken.map(({ problems }) => problems.map(({ rule }) => rule))).toEqual([[], ['yaml']]);
});
