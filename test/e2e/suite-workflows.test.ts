import { expect, test } from 'vitest';
import { prepareWorkflows } from '../../src/testing/prepare-workflows.js';
import { samplePipeline, sampleProject } from '../support/sample-project.js';

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

test('workflows of their own follow their bundle into the catalog of a suite, again and again', async () => {
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

test('a workflow of its own that cannot be prepared stops as a bundle does', async () => {
  await using given = project();
  given.write('deploy/kept.yaml', kept().replace('engine: tekton', 'engine: job'));
  await expect(prepareWorkflows({ project: given.config, catalog: 'none' })).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    details: { bundles: [{ name: 'kept', error: { code: 'SCHEMA_INVALID' } }] },
  });
});
