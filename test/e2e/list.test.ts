import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';
import { samplePlaces } from '../support/samples/sample-places.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

good('list', 'a line for each object, by tag and by digest', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const lines = ['pipeline.tekton.dev/workflow', 'task.tekton.dev/build'];
  const byDigest = given.reference.replace(':v1', `@${given.digest}`);
  for (const words of [[given.reference], [byDigest], [given.reference, '-o', 'name']]) {
    const ran = await inProcess(words);
    expect(ran.stdout.trimEnd().split('\n').sort()).toEqual(lines);
  }
});

good('list', 'a kind in any case and number, and a name', async ({ inProcess }) => {
  await using given = await pushedBundle();
  for (const words of [['task'], ['Tasks'], ['TASK', 'build']]) {
    const ran = await inProcess([given.reference, ...words]);
    expect([ran.code, ran.stdout]).toEqual([0, 'task.tekton.dev/build\n']);
  }
});

good('list', 'the objects themselves as YAML and JSON', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const yaml = await inProcess([given.reference, 'pipeline', 'workflow', '-o', 'yaml']);
  expect(load(yaml.stdout)).toEqual(load(samplePipeline('pushed')));
  const all = await inProcess([given.reference, '-o', 'yaml']);
  expect(loadAll(all.stdout).length).toBe(2);
  const json = JSON.parse((await inProcess([given.reference, 'task', '-o', 'json'])).stdout) as Record<
    string,
    unknown
  >;
  expect(json).toMatchObject({
    version: 1,
    reference: given.reference,
    digest: given.digest,
    objects: [{ apiVersion: 'tekton.dev/v1beta1', kind: 'task', name: 'build', object: { kind: 'Task' } }],
    error: null,
  });
});

good('list', 'the same of a registry, a layout and archives', async ({ inProcess }) => {
  await using given = await pushedBundle();
  await using places = await samplePlaces(given.reference);
  const wanted = JSON.parse((await inProcess([given.reference, '-o', 'json'])).stdout) as object;
  for (const place of places.all) {
    const ran = await inProcess([place, '-o', 'json']);
    expect(JSON.parse(ran.stdout)).toEqual({ ...wanted, reference: place });
  }
});

bad(
  'list',
  'a file that is not there, one that is not an archive, and a layout without the tag',
  async ({ inProcess }) => {
    await using directory = tempDir();
    const file = join(directory.path, 'x.tar');
    expect((await inProcess([`oci-archive:${file}`])).code).toBe(3);
    writeFileSync(file, 'no archive');
    const ran = await inProcess([`docker-archive:${file}`]);
    expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('error[ARCHIVE_INVALID]')]);
    expect((await inProcess([`oci:${directory.path}:v1`])).code).toBe(3);
    expect((await inProcess(['docker-daemon:x:v1'])).code).toBe(2);
  },
);

bad('list', 'a tag that is not there, and names the reference', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const ran = await inProcess([given.reference.replace(':v1', ':v2')]);
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringMatching(/error\[NOT_FOUND\].*acme\/pushed:v2/)]);
});

bad('list', 'an object that is not in it, and lists what is', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const ran = await inProcess([given.reference, 'task', 'deploy']);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain('error[NOT_FOUND]: Cannot find the task "deploy"');
  expect(ran.stderr).toContain('task build');
  expect((await inProcess([given.reference, 'stepaction'])).code).toBe(3);
});

bad('list', 'no tag, no reference, a form that does not exist', async ({ inProcess }) => {
  for (const words of [['quay.io/acme/x'], ['://'], ['quay.io/acme/x:v1', '-o', 'xml']]) {
    const ran = await inProcess(words);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
  }
});

bad('list', 'a registry that denies, and one that is not there', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing' });
  expect((await inProcess([`${registry.host}/acme/x:v1`])).code).toBe(5);
  expect((await inProcess(['127.0.0.1:1/acme/x:v1'])).code).toBe(6);
});

bad('list', 'an image that is not a bundle', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { registry } = given;
  registry.intercept = (request) =>
    request.url.includes('/manifests/')
      ? Response.json(
          { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: 'none' },
          { headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' } },
        )
      : undefined;
  const ran = await inProcess([given.reference]);
  expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('error[BUNDLE_INVALID]')]);
});

good('list', 'YAML that can be built again to the same bundle', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { project, registry } = given;
  const words = 'params: [{name: a, default: "yes"}, {name: b, default: "1.10"}]';
  const steps = 'steps: [{name: s, image: busybox, script: "#!/bin/sh\\n\\n  echo"}]';
  const head = 'kind: Task\napiVersion: tekton.dev/v1\nmetadata: {name: words}\n';
  project.write('x.yaml', `${head}spec:\n  ${words}\n  ${steps}\n`);
  const reference = `${registry.host}/acme/words:v1`;
  const push = async (file: string) => {
    const path = join(project.directory, file);
    const ran = await runInProcess(['push', reference, '-f', path, '-o', 'json']);
    return JSON.parse(ran.stdout) as { digest: string };
  };
  const { digest } = await push('x.yaml');
  project.write('again.yaml', (await inProcess([reference, '-o', 'yaml'])).stdout);
  expect((await push('again.yaml')).digest).toBe(digest);
});

good('list', 'alone: the declared bundles, and what has changed since the lock', async ({ inProcess }) => {
  await using project = sampleProject({
    repository: 'registry.invalid/acme',
    bundles: ['alpha', 'beta', 'gamma'],
  });
  const config = ['--config', project.config];
  expect((await runInProcess(['ensure', 'alpha', 'beta', '--offline', ...config])).code).toBe(0);
  project.write('pipelines/beta.yaml', samplePipeline('other'));
  const json = await inProcess([...config, '-o', 'json']);
  const { bundles } = JSON.parse(json.stdout) as { bundles: Record<string, unknown>[] };
  expect(bundles).toMatchObject([
    { name: 'alpha', tag: 'v1.0.0', state: 'unchanged', reference: 'registry.invalid/acme/alpha:v1.0.0' },
    { name: 'beta', state: 'changed' },
    { name: 'gamma', state: 'new', locked: null },
  ]);
  expect(bundles[0]?.digest).toBe(bundles[0]?.locked);
  expect(bundles[1]?.digest).not.toBe(bundles[1]?.locked);
  const text = (await inProcess(config)).stdout.split('\n');
  expect(text[0]).toMatch(/^✓ alpha {2}unchanged {2}[0-9a-f]{12} {2}v1\.0\.0$/);
  expect(text.at(-2)).toBe('3 bundles: 1 unchanged, 1 changed, 1 new');
  expect((await inProcess([...config, '-o', 'name'])).stdout).toBe('alpha\nbeta\ngamma\n');
  expect(load((await inProcess([...config, '-o', 'yaml'])).stdout)).toEqual({ bundles, workflows: [] });
  expect((await runInProcess(['ls', ...config])).stdout).toBe((await inProcess(config)).stdout);
});

good('list', 'alone: separate workflows, without a request', async ({ inProcess }) => {
  const labels =
    'labels: {signal_type: t, severity: high, component: pod, environment: test, priority: P1, risk_tolerance: low}';
  await using project = sampleProject({
    repository: 'registry.invalid/acme',
    bundles: ['alpha', 'beta'],
    workflow: false,
    settings: [
      'workflows:',
      `  day: {bundle: alpha, id: day, description: By day, ${labels}}`,
      '  foreign: {reference: "registry.invalid/acme/job:v1", document: deploy/foreign.yaml}',
      '  gone: {bundle: alpha, document: deploy/gone.yaml}',
      '  kept: {bundle: beta, document: deploy/kept.yaml}',
    ],
  });
  const kept = (engine: string) =>
    `apiVersion: kubernaut.ai/v1alpha1\nkind: RemediationWorkflow\nmetadata: {name: any}\nspec: {version: 1.0.0, execution: {engine: ${engine}, bundle: ""}}\n`;
  project.write('deploy/foreign.yaml', kept('job'));
  project.write('deploy/kept.yaml', kept('tekton'));
  const list = async () => {
    const ran = await inProcess(['--config', project.config, '-o', 'json']);
    const { workflows } = JSON.parse(ran.stdout) as { workflows: Record<string, unknown>[] };
    return { code: ran.code, workflows, states: workflows.map(({ state }) => state) };
  };
  project.write('deploy/gone.yaml', kept('tekton'));
  expect(await list()).toMatchObject({ code: 0, states: ['new', 'new', 'new', 'new'] });
  rmSync(join(project.directory, 'deploy/gone.yaml'));
  await runInProcess(['ensure', '--offline', '--config', project.config]);
  const { code, workflows } = await list();
  expect([code, workflows]).toMatchObject([
    7,
    [
      { name: 'day', bundle: 'alpha', state: 'unchanged', document: 'schemas/day-workflow-schema.yaml' },
      { name: 'foreign', bundle: null, state: 'new', digest: null, locked: null, error: null },
      { name: 'gone', state: 'failed', error: { code: 'SOURCE_NOT_FOUND' } },
      { name: 'kept', engine: 'tekton', state: 'unchanged', document: 'deploy/kept.yaml' },
    ],
  ]);
  expect(workflows[0]?.digest).toBe(workflows[0]?.locked);
  project.write('pipelines/alpha.yaml', samplePipeline('other'));
  project.write('pipelines/beta.yaml', 'kind: [');
  expect((await list()).states).toEqual(['changed', 'new', 'failed', 'skipped']);
  const text = (await inProcess(['--config', project.config])).stdout;
  expect(text).toContain('; 4 workflows: 1 changed, 1 new, 1 failed, 1 skipped');
  expect(text).toMatch(
    /^· day {2,}changed {2,}[0-9a-f]{12} {2}alpha {2}schemas\/day-workflow-schema\.yaml$/m,
  );
});

bad('list', 'declared bundles that cannot be built, or where nothing is declared', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
  project.write('pipelines/alpha.yaml', 'kind: [');
  const ran = await inProcess(['--config', project.config]);
  expect([ran.code, ran.stdout]).toEqual([7, expect.stringContaining('error[YAML_INVALID]')]);
  expect(ran.stdout).toContain('2 bundles: 1 new, 1 failed');
  expect((await inProcess(['--config', `${project.directory}/nowhere.yaml`])).code).toBe(2);
});
