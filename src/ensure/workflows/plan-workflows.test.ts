import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf, host, workflowRuns } from '../../../test/support/cluster/workflow-runs.js';
import { samplePipeline, sampleProject } from '../../../test/support/samples/sample-project.js';
import { runExitCode } from '../../cli/commands/ensure/run-projects.js';
import { readLock } from '../../project/lock/lock-file.js';
import { contentHash } from '../../workflow/schema-document.js';
import type { EnsureResult } from '../result.js';

const kept = (name: string, more = '', bundle = '""') =>
  `apiVersion: kubernaut.ai/v1alpha1\nkind: RemediationWorkflow\nmetadata: {name: ${name}}\nspec:\n  version: 1.0.0\n  execution:\n    engine: job\n    bundle: ${bundle}\n${more}`;

function jobs(lines: readonly string[]) {
  return sampleProject({
    repository: `${host}/acme`,
    workflow: false,
    settings: ['workflows:', ...lines.map((line) => `  ${line}`)],
  });
}
const job = `reference: "${host}/acme/job:v1", document: deploy/w.yaml`;

test('one bundle has several derived workflows, each with a schema and an entry of its own', async () => {
  const labels =
    'labels: {signal_type: t, severity: high, component: pod, environment: test, priority: P1, risk_tolerance: low}';
  await using project = jobs([
    `night: {bundle: alpha, id: night, description: By night, ${labels}}`,
    `day: {bundle: alpha, id: day, version: 2.0.0, description: By day, ${labels}, parameters: {MESSAGE: {enum: [hello, moin]}}}`,
    `wrong: {bundle: alpha, id: wrong, description: No, ${labels}, parameters: {NONE: {}}}`,
  ]);
  const { run, read } = workflowRuns(project, new Map());
  const first = await run();
  expect(first.workflows).toMatchObject([
    { name: 'day', outcome: 'recorded', engine: 'tekton', bundle: 'alpha', changes: ['lock', 'schema'] },
    { name: 'night', outcome: 'recorded', workflow: { name: 'night', version: '1.0.0', action: 'none' } },
    {
      name: 'wrong',
      outcome: 'failed',
      error: {
        code: 'SCHEMA_MISMATCH',
        details: { where: expect.stringContaining('workflows.wrong.parameters.NONE') },
      },
    },
  ]);
  expect(runExitCode('ensure', first)).toBe(7);
  const { workflows } = await readLock(join(project.directory, 'bundles.lock'));
  expect([...workflows.keys()]).toEqual(['day', 'night']);
  const text = read('schemas/day-workflow-schema.yaml');
  expect(text).toContain(first.bundles[0]?.pinned);
  expect(workflows.get('day')?.schema).toEqual({
    path: 'schemas/day-workflow-schema.yaml',
    contentHash: contentHash(text),
  });
  expect((await run({ names: ['night'] })).workflows.map(({ name, changes }) => [name, changes])).toEqual([
    ['night', []],
  ]);
  expect((await run({ names: ['alpha'] })).workflows).toHaveLength(3);
  await expect(run({ names: ['nigth'] })).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'Did you mean night?',
  });
});

test('check plans, writes nothing, and a document that fails stops no other', async () => {
  await using project = jobs([
    `a: {${job}, id: a}`,
    `b: {${job}, id: b}`,
    `c: {${job}, id: c}`,
    `d: {${job}, id: missing}`,
    `e: {reference: "${host}/acme/none:v1", document: deploy/e.yaml}`,
    `f: {bundle: alpha, document: deploy/w.yaml, id: f}`,
    'g: {bundle: alpha, document: deploy/none.yaml}',
  ]);
  const shared = `${kept('a')}---\n${kept('b', '', '|\n      block')}---\n${kept('c').replace('    bundle: ""\n', '')}---\n${kept('f')}`;
  project.write('deploy/w.yaml', shared);
  project.write('deploy/e.yaml', kept('e'));
  const { run, read } = workflowRuns(project, new Map([['job:v1', digestOf('1')]]));
  const planned = await run({ mode: 'check' });
  const codes = ({ workflows }: EnsureResult) => workflows.map(({ error }) => error?.code ?? null);
  const wanted = [
    null,
    'SCHEMA_INVALID',
    'SCHEMA_INVALID',
    'SCHEMA_INVALID',
    'IMAGE_NOT_FOUND',
    'SCHEMA_INVALID',
    'SOURCE_NOT_FOUND',
  ];
  expect(codes(planned)).toEqual(wanted);
  expect(planned.workflows[0]).toMatchObject({
    outcome: 'planned',
    changes: ['lock', 'schema'],
    requests: 1,
  });
  expect(read('deploy/w.yaml')).toBe(shared);
  expect(existsSync(join(project.directory, 'bundles.lock'))).toBe(false);
  expect(codes(await run())).toEqual(wanted);
  expect(read('deploy/w.yaml')).toBe(shared.replace('""', `"${host}/acme/job:v1@${digestOf('1')}"`));
});

test('offline an image is known by the lock alone, and a second workflow of it shares its pin', async () => {
  await using project = jobs([`w: {${job}}`]);
  project.write('deploy/w.yaml', kept('any'));
  const images = new Map([['job:v1', digestOf('1')]]);
  const { run, read, asked } = workflowRuns(project, images);
  expect((await run({ offline: true })).workflows[0]).toMatchObject({
    outcome: 'failed',
    error: { code: 'IMAGE_NOT_PINNED' },
  });
  expect(read('deploy/w.yaml')).toBe(kept('any'));
  await run();
  images.set('job:v1', digestOf('2'));
  project.write('deploy/x.yaml', kept('other'));
  project.write(
    'bundles.yaml',
    read('bundles.yaml').replace('workflows:', `workflows:\n  x: {${job.replace('w.yaml', 'x.yaml')}}`),
  );
  const both = await run({ offline: true });
  expect(both.workflows.map(({ digest, error }) => [digest, error])).toEqual([
    [digestOf('1'), null],
    [digestOf('1'), null],
  ]);
  expect(asked).toEqual(['HEAD job']);
});

test('the version is raised only where nothing but the digest changed since the lock', async () => {
  await using project = jobs([
    `w: {${job}, onDigestChange: patch}`,
    `k: {${job.replace('w.yaml', 'k.yaml')}}`,
  ]);
  project.write('deploy/w.yaml', kept('w'));
  project.write('deploy/k.yaml', kept('k'));
  const images = new Map([['job:v1', digestOf('1')]]);
  const { run, read } = workflowRuns(project, images);
  await run();
  const next = async (letter: string) => {
    images.set('job:v1', digestOf(letter));
    const { workflows } = await run({ update: true });
    return workflows.map(({ name, raisedFrom, workflow, warnings }) => [
      name,
      raisedFrom,
      workflow?.version,
      warnings.length,
    ]);
  };
  expect(await next('2')).toEqual([
    ['k', null, '1.0.0', 0],
    ['w', '1.0.0', '1.0.1', 0],
  ]);
  // A person changed the document too, first without and then with the next version.
  project.write('deploy/w.yaml', `${read('deploy/w.yaml')}# more\n`);
  expect(await next('3')).toEqual([
    ['k', null, '1.0.0', 0],
    ['w', null, '1.0.1', 1],
  ]);
  project.write('deploy/w.yaml', `${read('deploy/w.yaml').replace('1.0.1', '1.1.0-rc.1')}# more\n`);
  expect(await next('4')).toEqual([
    ['k', null, '1.0.0', 0],
    ['w', null, '1.1.0-rc.1', 0],
  ]);
  expect(await next('5')).toEqual([
    ['k', null, '1.0.0', 0],
    ['w', '1.1.0-rc.1', '1.1.0', 0],
  ]);
  // A run that was killed between the documents and the lock.
  const lock = read('bundles.lock');
  await next('6');
  project.write('bundles.lock', lock);
  expect(await next('6')).toEqual([
    ['k', null, '1.0.0', 0],
    ['w', null, '1.1.1', 0],
  ]);
});

test('a run with another tag writes its documents into the state directory', async () => {
  await using project = jobs(['t: {bundle: alpha, document: deploy/t.yaml, onDigestChange: patch}']);
  const text = kept('t').replace('job', 'tekton');
  project.write('deploy/t.yaml', text);
  const { run, read } = workflowRuns(project, new Map());
  const { workflows } = await run({ tag: 'v2.0.0' });
  expect(workflows[0]).toMatchObject({ schema: { path: '.bundles/schemas/deploy/t.yaml' } });
  expect(read('deploy/t.yaml')).toBe(text);
  expect(read('.bundles/schemas/deploy/t.yaml')).toContain('alpha:v2.0.0@sha256:');
  expect((await run({ tag: 'v2.0.0' })).workflows[0]?.changes).toEqual(['lock']);
  expect(existsSync(join(project.directory, 'bundles.lock'))).toBe(false);
});

test('the workflows of a bundle that fails are skipped, and keep document and lock', async () => {
  await using project = jobs(['t: {bundle: alpha, document: deploy/t.yaml}']);
  project.write('deploy/t.yaml', kept('t').replace('job', 'tekton'));
  const { run, read } = workflowRuns(project, new Map());
  await run();
  const [lock, text] = [read('bundles.lock'), read('deploy/t.yaml')];
  project.write('pipelines/alpha.yaml', 'kind: nonsense\n');
  const failed = await run();
  expect(failed.workflows[0]).toMatchObject({
    outcome: 'skipped',
    reason: 'bundle-failed',
    changes: [],
    error: null,
  });
  expect([read('bundles.lock'), read('deploy/t.yaml')]).toEqual([lock, text]);
  project.write('bundles.yaml', read('bundles.yaml').replace(/workflows:\n.*\n/, ''));
  project.write('pipelines/alpha.yaml', samplePipeline('alpha'));
  expect((await run({ frozen: true })).error).toMatchObject({ code: 'FROZEN' });
  await run();
  expect(read('bundles.lock')).not.toContain('workflows:');
});
