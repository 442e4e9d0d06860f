import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SchemaObject } from '../workflow/parameters/pipeline-params.js';
import { createDocumentValidator } from './validate-document.js';

const validate = createDocumentValidator();

interface Sample {
  readonly params?: readonly object[];
  readonly workspaces?: readonly object[];
  readonly script?: string;
  readonly kind?: string;
  readonly name?: string;
}

const mode = { name: 'MODE', type: 'string', description: 'How', default: 'fast' };
const target = { name: 'TARGET_RESOURCE', type: 'string' };

function objects(sample: Sample = {}): SchemaObject[] {
  const {
    params = [mode, target],
    workspaces = [],
    script = 'run',
    kind = 'Pipeline',
    name = 'workflow',
  } = sample;
  const tasks = [{ name: 'one', taskSpec: { steps: [{ script }] } }];
  const json = Buffer.from(JSON.stringify({ kind, metadata: { name }, spec: { params, workspaces, tasks } }));
  return [{ kind, name, json, origin: { file: 'p.yaml', document: 1, line: 7 } }];
}

const head = `apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata: {name: restart}
spec:
  version: "1.0.0"
  description: {what: a, whenToUse: b}
  actionType: RestartPod
  labels: {severity: [info], environment: ["*"], component: [v1/Pod], priority: P1}
  execution: {engine: tekton, bundle: "quay.io/a/b:v1@sha256:${'0'.repeat(64)}"}
`;

/** Line 11 is the parameter, whose keys are on separate lines. */
function document(parameter: string, more = ''): string {
  return `${head}  parameters:\n    - ${parameter}\n${more}`;
}

const fits = '{name: MODE, type: string, required: false, description: a, default: fast, enum: [fast, slow]}';

async function problemsOf(text: string, sample: Sample = {}): Promise<unknown[]> {
  const { problems } = await validate(text, {
    file: 'x.yaml',
    pipeline: { objects: objects(sample), bundle: 'restart' },
  });
  return problems.map(({ rule, severity, file, line }) => [rule, severity, file, line]);
}

test('a schema fits the Pipeline it was derived from', async () => {
  expect(await problemsOf(document(fits), { script: 'case $MODE in fast) a;; slow) b;; esac' })).toEqual([]);
});

test('a parameter that the Pipeline does not declare brings a note, and none where an agent fills it in', async () => {
  expect(await problemsOf(document(fits.replace('MODE', 'MOOD')))).toEqual([
    ['param-in-pipeline', 'note', 'x.yaml', 11],
  ]);
  for (const part of ['NAME', 'KIND', 'NAMESPACE', 'API_VERSION'])
    expect(await problemsOf(document(fits.replace('MODE', `TARGET_RESOURCE_${part}`)))).toEqual([]);
});

test.each<[string, string, Sample, string, number]>([
  ['pipeline-named-workflow', fits, { name: 'build' }, 'p.yaml', 7],
  ['pipeline-named-workflow', fits, { kind: 'Task' }, 'p.yaml', 7],
  ['param-type-string', fits, { params: [mode, { name: 'A', type: 'array', default: [] }] }, 'p.yaml', 7],
  ['param-unique', fits, { params: [mode, mode] }, 'p.yaml', 7],
  ['param-named', fits, { params: [mode, { type: 'string' }] }, 'p.yaml', 7],
  [
    'required-without-default',
    fits.replace(', default: fast', ''),
    { params: [{ name: 'MODE', type: 'string' }] },
    'x.yaml',
    11,
  ],
  ['required-param-listed', fits, { params: [mode, { name: 'OTHER', type: 'string' }] }, 'x.yaml', 10],
  ['enum-in-pipeline', fits, { params: [{ ...mode, enum: ['fast'] }] }, 'x.yaml', 11],
])('%s is an error', async (rule, parameter, sample, file, line) => {
  expect(await problemsOf(document(parameter), sample)).toEqual([[rule, 'error', file, line]]);
});

test('what a workflow depends on needs a workspace of the Pipeline', async () => {
  const dependencies = '  dependencies: {secrets: [{name: token}], configMaps: [{name: settings}]}\n';
  const workspaces = [{ name: 'secret-token' }];
  expect(await problemsOf(document(fits, dependencies), { workspaces })).toEqual([
    ['dependency-workspace', 'error', 'x.yaml', 12],
  ]);
  const both = [...workspaces, { name: 'configmap-settings' }];
  expect(await problemsOf(document(fits, dependencies), { workspaces: both })).toEqual([]);
});

test.each<[string, string, Sample, number]>([
  ['enum-implemented', fits, { script: 'if [ "$MODE" = fast ]; then a; fi' }, 11],
  ['default-as-pipeline', fits.replace('default: fast', 'default: slow'), {}, 11],
  ['workspace-given', fits, { workspaces: [{ name: 'source' }, { name: 'cache', optional: true }] }, 1],
])('%s is a warning', async (rule, parameter, sample, line) => {
  expect(await problemsOf(document(parameter), sample)).toEqual([[rule, 'warning', 'x.yaml', line]]);
});

test('a default of another type is the same default', async () => {
  const params = (text: string) => ({ params: [{ ...mode, default: text }] });
  const parameter = (value: string, type: string) =>
    `{name: MODE, type: ${type}, required: false, description: a, default: ${value}}`;
  expect(await problemsOf(document(parameter('2', 'integer')), params('2'))).toEqual([]);
  expect(await problemsOf(document(parameter('0.5', 'float')), params('0.50'))).toEqual([]);
  expect(await problemsOf(document(parameter('true', 'boolean')), params('true'))).toEqual([]);
  expect(await problemsOf(document(parameter('[a]', 'array')), params('["a"]'))).toEqual([]);
});

test('every rule of the match is documented', () => {
  const page = readFileSync(new URL('../../docs/reference/schema-rules.md', import.meta.url), 'utf8');
  for (const file of ['pipeline-match', '../ensure/schemas/validate-project']) {
    const source = readFileSync(new URL(`./${file}.ts`, import.meta.url), 'utf8');
    const rules = [...source.matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map(([, rule]) => rule!);
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(page).toContain(`\`${rule}\``);
  }
});
