import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prepareWorkflows } from '../../src/testing/prepare-workflows.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const labels =
  '{signal_type: t, severity: high, component: pod, environment: test, priority: P1, risk_tolerance: low}';

const kept = (parameter = 'MESSAGE') => `apiVersion: kubernaut.io/v1alpha1
kind: WorkflowSchema
metadata: {workflow_id: kept, version: "1.0.0", description: Says it}
labels: ${labels}
execution: {engine: tekton, bundle: ""}
parameters: [{name: ${parameter}, type: string, required: false, description: what to say}]
`;

function project() {
  const made = sampleProject({
    repository: 'quay.invalid/acme',
    workflow: false,
    settings: [
      'workflows:',
      `  day: {bundle: alpha, id: day, description: By day, labels: ${labels}}`,
      '  kept: {bundle: alpha, document: deploy/kept.yaml}',
    ],
  });
  made.write('deploy/kept.yaml', kept());
  return made;
}

test('separate workflows follow their bundle into the catalog of a suite, again and again', async () => {
  await using given = project();
  await using prepared = await prepareWorkflows({ project: given.config });
  const contents = async () => {
    const answer = await fetch(`${prepared.catalog}/api/v1/workflows`);
    const { workflows } = (await answer.json()) as {
      workflows: { workflow_name: string; version: string; content: string }[];
    };
    return workflows.filter(({ content }) => content.includes(prepared.workflows.alpha?.digest ?? 'none'));
  };
  expect(Object.keys(prepared.workflows).sort()).toEqual(['alpha', 'day', 'kept']);
  for (const [text, version] of [
    ['other', '1.0.1'],
    ['third', '1.0.2'],
  ] as const) {
    given.write('pipelines/alpha.yaml', samplePipeline(text));
    const changed = await prepared.refresh();
    expect(changed.map(({ name, error }) => [name, error])).toEqual([['alpha', null]]);
    expect((await contents()).map((one) => [one.workflow_name, one.version]).sort()).toEqual([
      ['day', version],
      ['kept', version],
    ]);
    expect(prepared.workflows.kept).toMatchObject({ version, digest: prepared.workflows.alpha?.digest });
  }
  expect(await prepared.refresh()).toEqual([]);

  given.write('deploy/kept.yaml', 'kind: [');
  const broken = await prepared.refresh();
  expect(broken).toMatchObject([{ name: 'kept', digest: null, error: { code: expect.any(String) } }]);
  expect(await prepared.refresh(), 'a failure is reported once').toEqual([]);
  given.write('pipelines/alpha.yaml', samplePipeline('fourth'));
  expect((await prepared.refresh()).map(({ name }) => name)).toEqual(['alpha']);
  expect(await prepared.refresh(), 'nor is its bundle').toEqual([]);
  given.write('deploy/kept.yaml', kept());
  expect(await prepared.refresh()).toMatchObject([
    { name: 'kept', digest: prepared.workflows.alpha?.digest, error: null },
  ]);
});

test('what others are given of a bundle or workflow is reported when it changes, without a new digest too', async () => {
  await using given = project();
  await using prepared = await prepareWorkflows({ project: given.config, catalog: 'none' });
  const declared = readFileSync(given.config, 'utf8');
  const refresh = async (text: string) => {
    given.write('bundles.yaml', text);
    const changes = await prepared.refresh();
    expect(JSON.parse(readFileSync(prepared.file, 'utf8'))).toEqual(prepared.workflows);
    expect(await prepared.refresh(), 'once').toEqual([]);
    return changes.map(({ name, previous, digest }) => [name, previous === null, digest === previous]);
  };
  const digest = prepared.workflows.alpha?.digest;
  expect(await refresh(declared.replace('By day', 'By night'))).toEqual([['day', false, true]]);
  expect(await refresh(declared.replace('tag: v1.0.0', 'tag: v1.0.1'))).toEqual([['alpha', false, true]]);
  expect(prepared.workflows.kept?.reference).toMatch(/:v1\.0\.1@/);
  const fewer = declared.replace(/^ {2}day:.*\n/m, '');
  expect(await refresh(fewer)).toEqual([
    ['alpha', false, true],
    ['day', false, false],
  ]);
  expect(await refresh(declared)).toEqual([['day', true, false]]);
  const renamed = declared.replace('  alpha:', '  beta:').replaceAll('bundle: alpha', 'bundle: beta');
  expect(await refresh(renamed)).toEqual([
    ['beta', true, false],
    ['alpha', false, false],
  ]);
  expect(prepared.workflows.beta).toMatchObject({ bundle: 'beta', digest });
  expect(prepared.workflows.day?.reference).toMatch(/\/beta:/);
});

test('a separate workflow that cannot be prepared stops as a bundle does', async () => {
  await using given = project();
  given.write('deploy/kept.yaml', kept().replace('engine: tekton', 'engine: job'));
  await expect(prepareWorkflows({ project: given.config, catalog: 'none' })).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    details: { bundles: [{ name: 'kept', error: { code: 'SCHEMA_INVALID' } }] },
  });
});
