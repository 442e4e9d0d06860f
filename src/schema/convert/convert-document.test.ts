import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { BundlesError, isBundlesError } from '../../errors.js';
import { toRemediationWorkflow } from '../../workflow/remediation-workflow.js';
import { writeSchema } from '../../workflow/schema-document.js';
import type { Workflow } from '../../workflow/workflow.js';
import { toWorkflowSchema } from '../../workflow/workflow-schema.js';
import { createDocumentValidator } from '../validate-document.js';
import {
  type ConvertDocumentOptions,
  convertDocument,
  convertDocuments,
  hasComments,
} from './convert-document.js';

const bundle = `quay.io/a/b:v1@sha256:${'0'.repeat(64)}`;

const workflow: Workflow = {
  id: 'restart',
  version: '1.0.0',
  title: 'Restart it',
  maintainers: [{ name: 'A', email: 'a@b.io' }],
  description: { what: 'Restarts it', whenToUse: 'It hangs' },
  labels: {
    signal_type: 'Hang',
    severity: ['medium'],
    component: ['deployment'],
    environment: ['test'],
    priority: 'P1',
    cluster: [],
    risk_tolerance: 'low',
    custom: new Map([['team', 'blue']]),
  },
  actionType: 'RestartPod',
  detectedLabels: new Map(),
  dependencies: { secrets: [], configMaps: [] },
  execution: { engine: 'tekton', bundle },
  parameters: [
    {
      name: 'A',
      type: 'integer',
      required: false,
      description: 'a',
      default: 1,
      minimum: 0,
      dependsOn: ['B'],
    },
    { name: 'B', type: 'string', required: true, description: 'b', enum: ['x'] },
  ],
  rollbackParameters: [{ name: 'C', type: 'boolean', required: false, description: 'c' }],
};
const flat = writeSchema(toWorkflowSchema(workflow));
const full: Workflow = {
  ...workflow,
  description: { ...workflow.description, whenNotToUse: 'Never', preconditions: 'None' },
  labels: {
    ...workflow.labels,
    severity: ['critical', 'info'],
    component: ['apps/v1/Deployment'],
    environment: ['*'],
    cluster: ['edge'],
  },
  detectedLabels: new Map<string, true | string>([['stateful', true]]),
  dependencies: { secrets: ['token'], configMaps: ['settings'] },
  execution: {
    ...workflow.execution,
    serviceAccountName: 'runner',
    engineConfig: { a: 1 },
    bundleDigest: bundle.split('@')[1]!,
  },
  parameters: [{ name: 'F', type: 'float', required: false, description: 'f', default: 0.5, maximum: 1 }],
};
const remediation = writeSchema(toRemediationWorkflow(full));
const supplement = { actionType: 'RestartPod', whenToUse: 'It hangs' };

const convert = (text: string, options: Omit<ConvertDocumentOptions, 'file'>) =>
  convertDocument(text, { file: 'x.yaml', ...options });

async function refusal(text: string, options: Omit<ConvertDocumentOptions, 'file'>): Promise<BundlesError> {
  const error: unknown = await convert(text, options).catch((reason: unknown) => reason);
  if (!(error instanceof BundlesError)) throw new Error('It was converted');
  return error;
}

test('a flat schema becomes a RemediationWorkflow, and what changes is reported', async () => {
  const { text, notes, from } = await convert(flat, { to: 'remediation-workflow', supplement });
  expect(from).toBe('workflow-schema');
  expect(load(text)).toEqual(
    JSON.parse(
      JSON.stringify(
        toRemediationWorkflow({
          ...workflow,
          labels: { ...workflow.labels, severity: ['warning'], component: ['apps/v1/Deployment'] },
        }),
      ),
    ),
  );
  expect(notes.map(({ effect, rule, path, line }) => [effect, rule, path, line])).toEqual([
    ['lost', 'name-lost', 'metadata.name', 7],
    ['changed', 'label-changed', 'labels.signal_type', 13],
    ['changed', 'severity-changed', 'labels.severity', 14],
    ['changed', 'component-changed', 'labels.component', 15],
    ['changed', 'label-changed', 'labels.risk_tolerance', 18],
  ]);
});

test('a RemediationWorkflow becomes a flat schema, and what is lost is reported', async () => {
  const { text, notes } = await convert(remediation, { to: 'workflow-schema' });
  expect(load(text)).toMatchObject({
    metadata: { workflow_id: 'restart', version: '1.0.0', description: 'Restarts it' },
    labels: {
      signal_type: 'Hang',
      severity: 'critical',
      component: 'deployment',
      environment: '*',
      team: 'blue',
    },
    parameters: [{ name: 'F', type: 'string', required: false, description: 'f', default: '0.5' }],
    rollback_parameters: [{ name: 'C' }],
  });
  expect(notes.filter(({ effect }) => effect === 'lost').map(({ path }) => path)).toEqual([
    ...['spec.description.whenToUse', 'spec.description.whenNotToUse', 'spec.description.preconditions'],
    ...['spec.actionType', 'spec.labels.severity[1]', 'spec.labels.cluster', 'spec.detectedLabels.stateful'],
    ...['spec.execution.bundleDigest', 'spec.execution.engineConfig', 'spec.execution.serviceAccountName'],
    ...['spec.dependencies.secrets', 'spec.dependencies.configMaps', 'spec.parameters[0].maximum'],
  ]);
  expect(notes.filter(({ effect }) => effect === 'changed').map(({ rule }) => rule)).toEqual([
    'component-changed',
    'float-changed',
  ]);
  for (const { line, path } of notes) {
    const key = path
      .split('.')
      .at(-1)!
      .replace(/\[\d+\]$/, '');
    expect(
      remediation
        .split('\n')
        .slice(line - 2, line)
        .join(),
    ).toMatch(new RegExp(`${key}|critical`));
  }
});

test('there and back again gives the same except what was reported', async () => {
  const there = await convert(flat, { to: 'remediation-workflow', supplement });
  const back = await convert(there.text, { to: 'workflow-schema' });
  const { name: _, ...metadata } = toWorkflowSchema(workflow).metadata;
  expect(load(back.text)).toEqual(JSON.parse(JSON.stringify({ ...toWorkflowSchema(workflow), metadata })));
});

test('its own format in the words of today: former labels are imported, comments are reported', async () => {
  const old = flat
    .replace(/^#.*/, '# of an older time')
    .replace('"1.0.0"', 'v1.0.0 # raised')
    .replace('signal_type:', 'kubernaut.ai/signal-type:')
    .replace('severity:', 'kubernaut.ai/severity:')
    .replace('team:', 'kubernaut.ai/team:')
    .replace('priority: P1', 'priority: p1')
    .replace(
      'parameters:\n',
      'parameters:\n  - {name: TARGET_RESOURCE, type: string, required: true, description: t}\n',
    );
  const { text, notes } = await convert(`${old}x-mine: 1\n`, { to: 'workflow-schema' });
  expect(load(text)).toEqual(load(flat));
  expect(notes.map(({ effect, rule }) => `${effect} ${rule}`)).toEqual([
    'lost comments-lost',
    'imported version-imported',
    'imported former-label-imported',
    'imported former-label-imported',
    'imported former-label-imported',
    'lost target-resource-lost',
    'lost key-lost',
  ]);
});

test('what the other format needs is requested, with the option that supplies it', async () => {
  const error = await refusal(flat.replace(/ {2}bundle:.*\n/, ''), { to: 'remediation-workflow' });
  expect(error.code).toBe('SCHEMA_INVALID');
  expect(error.hint).toMatch(/--when-to-use TEXT.*--action-type NAME.*--bundle REFERENCE/);
  const paths = (error.details.problems as { path: string }[]).map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['spec.actionType', 'spec.description.whenToUse', 'spec.execution.bundle']),
  );
  const labels = await refusal(remediation.replace(/ {4}(?:signal_type|risk_tolerance).*\n/g, ''), {
    to: 'workflow-schema',
  });
  expect(labels.hint).toBe('Add --label signal_type=VALUE --label risk_tolerance=VALUE');
  const widget = await refusal(flat.replace('deployment', 'widget'), {
    to: 'remediation-workflow',
    supplement,
  });
  expect(widget.hint).toBe('Add --label component=VALUE');
  const supplied = await convert(flat.replace('deployment', 'widget'), {
    to: 'remediation-workflow',
    supplement: {
      ...supplement,
      labels: new Map([
        ['component', ['x.io/v1/Widget', 'v1/Pod']],
        ['own', ['1']],
      ]),
      bundle,
    },
  });
  expect(load(supplied.text)).toMatchObject({
    spec: { labels: { component: ['x.io/v1/Widget', 'v1/Pod'] }, customLabels: { own: '1' } },
  });
});

test.each(['apiVersion: v1\nkind: ConfigMap\n', 'a: [', '- a\n', ''])(
  '%j is not a document to convert',
  async (text) => {
    expect(isBundlesError(await refusal(text, { to: 'workflow-schema' }), 'SCHEMA_INVALID')).toBe(true);
  },
);

test.each([
  ['a: 1 # b\n', true],
  ['# b\na: 1\n', true],
  ['# Generated by bundles x\na: 1\n', false],
  ['a: "x # y"\nb: x#y\nc: |\n  # no comment\n', false],
])('%j has comments: %s', async (text, has) => {
  expect(await hasComments(text)).toBe(has);
});

const fixtures = join(import.meta.dirname, '../../../../shared/upstream/seed-fixtures');
const missing = !existsSync(fixtures);
if (missing) console.warn('skipped: ../shared/upstream/seed-fixtures is not there');

test.skipIf(missing).each(['hello-world', 'failing'])('the seed schema %s is imported', async (name) => {
  const text = readFileSync(join(fixtures, `${name}-workflow-schema.yaml`), 'utf8');
  const labels = new Map(
    Object.entries({ environment: ['test'], priority: ['P3'], risk_tolerance: ['low'] }),
  );
  const converted = await convert(text, { to: 'workflow-schema', supplement: { labels, bundle } });
  expect(load(converted.text)).toMatchObject({
    metadata: { version: '1.0.0' },
    labels: { signal_type: 'test', severity: 'low', component: 'deployment', business_category: 'testing' },
  });
  expect(converted.notes.filter(({ rule }) => rule === 'former-label-imported')).toHaveLength(8);
  const { problems } = await createDocumentValidator()(converted.text, { file: name });
  expect(problems).toEqual([]);
  const crd = await convert(converted.text, { to: 'remediation-workflow', supplement });
  expect(load(crd.text)).toMatchObject({
    spec: { labels: { severity: ['info'], component: ['apps/v1/Deployment'] } },
  });
});

test('a RemediationWorkflow in older words is mended within its format', async () => {
  const old = remediation
    .replace('version: "1.0.0"', 'version: v2.0.0')
    .replace(/severity:\n.*\n.*/, 'severity: [low, medium]')
    .replace(/component:\n.*/, 'component: deployment')
    .replace('priority: P1', 'priority: p1');
  const { text, notes } = await convert(old, { to: 'remediation-workflow' });
  expect(load(text)).toMatchObject({
    spec: {
      version: '2.0.0',
      labels: { severity: ['info', 'warning'], component: ['apps/v1/Deployment'], priority: 'P1' },
    },
  });
  expect(notes.map(({ rule, path }) => [rule, path])).toEqual([
    ['version-imported', 'spec.version'],
    ['severity-changed', 'spec.labels.severity'],
    ['severity-changed', 'spec.labels.severity'],
    ['component-changed', 'spec.labels.component'],
  ]);
  const again = await convert(text, { to: 'remediation-workflow' });
  expect([again.text, again.notes]).toEqual([text, []]);
});

test('a flat schema in the words of the other format is mended within its own', async () => {
  const old = flat.replace('severity: medium', 'severity: [warning]').replace('"1.0.0"', 'v1.0.0');
  const { text, notes } = await convert(old, { to: 'workflow-schema' });
  expect(load(text)).toMatchObject({ metadata: { version: '1.0.0' }, labels: { severity: 'medium' } });
  expect(notes.map(({ rule }) => rule).sort()).toEqual([
    'list-changed',
    'severity-changed',
    'version-imported',
  ]);
});

const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: runner # mine\n';

test('of several documents each workflow is converted, and the others stay as they are', async () => {
  const text = `${account}---\n${flat}---\n${flat.replace('workflow_id: restart', 'workflow_id: again')}`;
  const converted = await convertDocuments(text, { file: 'x.yaml', to: 'remediation-workflow', supplement });
  expect(converted.text.startsWith(`${account}---\n`)).toBe(true);
  const [, ...workflows] = loadAll(converted.text) as { metadata: { name: string } }[];
  expect(workflows.map(({ metadata }) => metadata.name)).toEqual(['restart', 'again']);
  // Positions are those of the file.
  const lines = text.split('\n');
  for (const { path, line } of converted.notes) expect(lines[line - 1]).toContain(path.split('.').at(-1));
});

test('for each of several documents the reason why it cannot be converted is reported', async () => {
  const text = `${flat}---\n${account}---\n${flat}`;
  const error: unknown = await convertDocuments(text, { file: 'x.yaml', to: 'remediation-workflow' }).catch(
    (reason: unknown) => reason,
  );
  expect(isBundlesError(error, 'SCHEMA_INVALID') && error.details).toMatchObject({
    file: 'x.yaml',
    documents: [{ document: 1 }, { document: 3 }],
  });
  const none = await convertDocuments(`${account}---\n${account}`, {
    file: 'x.yaml',
    to: 'workflow-schema',
  }).catch((reason: unknown) => reason);
  expect(isBundlesError(none, 'SCHEMA_INVALID') && none.details.rule).toBe('kind-value');
});
