import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

const quay = 'quay.io/acme/test-workflows';

async function ensured(
  options: Parameters<typeof sampleProject>[0] = { repository: quay },
): Promise<SampleProject> {
  const project = sampleProject(options);
  const ran = await runInProcess(['ensure', '--config', project.config, '--offline']);
  expect(ran.code).toBe(0);
  return project;
}

/** Offline everything falls back; without its state a project looks as after a clone. */
const asCloned = (project: SampleProject) => [
  '--config',
  project.config,
  '--state-dir',
  `${project.directory}/none`,
];

good(
  'run',
  'the PipelineRun names the digest of the lock, and sends no request',
  async ({ inProcess, spawned }) => {
    await using project = await ensured();
    const ran = await inProcess(['alpha', ...asCloned(project), '--param', 'MESSAGE=hi: "x"\n- y']);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(load(ran.stdout)).toMatchObject({
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: { generateName: 'alpha-' },
      spec: {
        pipelineRef: {
          resolver: 'bundles',
          params: [
            {
              name: 'bundle',
              value: expect.stringMatching(/^quay\.io\/acme\/test-workflows\/alpha:v1\.0\.0@sha256:/),
            },
            { name: 'name', value: 'workflow' },
            { name: 'kind', value: 'pipeline' },
          ],
        },
        params: [{ name: 'MESSAGE', value: 'hi: "x"\n- y' }],
      },
    });
    const built = await spawned(['alpha', ...asCloned(project)]);
    expect(built.stdout).toContain('value: hello\n');
  },
);

good('run', 'the JSON document', async ({ inProcess }) => {
  await using project = await ensured();
  const ran = await inProcess(['alpha', ...asCloned(project), '-o', 'json']);
  const document = JSON.parse(ran.stdout);
  expect(Object.keys(document)).toEqual([
    'version',
    'bundle',
    'reference',
    'digest',
    'run',
    'preflight',
    'warnings',
    'error',
  ]);
  expect(document).toMatchObject({
    version: 1,
    bundle: 'alpha',
    run: { kind: 'PipelineRun' },
    preflight: {
      problems: [],
      reach: {
        scheme: 'https',
        reachable: true,
        reason: 'public',
        message: expect.any(String),
        remedy: null,
      },
    },
    warnings: [],
    error: null,
  });
  expect(document.reference).toBe(`${quay}/alpha:v1.0.0@${document.digest}`);
});

good('run', 'a fallback is named as the cluster names it', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  const fallback = `fallback: {registry: "${registry.host}/fall", clusterReference: "10.96.0.7:5000/fall"}`;
  await using project = sampleProject({ repository: 'registry.invalid/acme', settings: [fallback] });
  await runInProcess(['ensure', '--config', project.config, '--no-push']);
  const ran = await inProcess(['alpha', '--config', project.config, '-o', 'json']);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    reference: expect.stringMatching(/^10\.96\.0\.7:5000\/fall\/alpha:v1\.0\.0@sha256:/),
    preflight: { reach: { scheme: 'http', reachable: true, reason: 'private-address' } },
  });
});

good('run', 'what the preflight refuses can be printed all the same', async ({ inProcess }) => {
  await using project = await ensured();
  const words = ['alpha', '--config', project.config, '--repository', 'kind-registry:5000/acme/alpha'];
  const ran = await inProcess([...words, '--no-preflight']);
  expect(ran.stdout).toContain('value: kind-registry:5000/acme/alpha:v1.0.0@sha256:');
  expect(ran.stderr).toMatch(/^warning: kind-registry:5000 is a name of the cluster/);
});

bad('run', 'an embedded fallback, which no pod reaches', async ({ inProcess }) => {
  await using project = await ensured();
  const ran = await inProcess(['alpha', '--config', project.config]);
  expect([ran.code, ran.stdout]).toEqual([7, '']);
  expect(ran.stderr).toMatch(/^error\[PREFLIGHT_FAILED\].*own pod.*\nhint: .*ClusterIP/);
  const json = await inProcess(['alpha', '--config', project.config, '-o', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: { code: 'PREFLIGHT_FAILED', details: { problems: [{ rule: 'loopback', severity: 'error' }] } },
  });
});

bad('run', 'sources that the lock does not know', async ({ inProcess }) => {
  await using project = sampleProject({ repository: quay });
  expect((await inProcess(['alpha', '--config', project.config])).stderr).toContain('error[LOCK_STALE]');
  await runInProcess(['ensure', '--config', project.config, '--offline']);
  project.write(
    'pipelines/alpha.yaml',
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: {steps: [{image: busybox}]}\n',
  );
  const ran = await inProcess(['alpha', '--config', project.config]);
  expect([ran.code, ran.stdout]).toEqual([4, '']);
  expect(ran.stderr).toContain('hint: Run: npx tekton-bundles ensure alpha');
});

bad('run', 'names, params and objects that are none', async ({ inProcess }) => {
  await using project = await ensured();
  const refused = async (...words: string[]) => {
    const ran = await inProcess([...words, ...asCloned(project)]);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    return ran.stderr;
  };
  expect(await refused('alpa')).toContain('Did you mean alpha?');
  expect(await refused('alpha', '--param', 'MESAGE=x')).toContain('It takes MESSAGE');
  expect(await refused('alpha', '--object', 'task/workflow')).toContain('It holds pipeline/workflow');
  expect(await refused('alpha', '--cache', 'sometimes')).toContain('always, never, auto');
  expect(await refused('alpha', '--repository', 'https://x/y')).toContain('REFERENCE_INVALID');
});

bad('run', 'a bundle with several Tasks and no word which', async ({ inProcess }) => {
  await using project = sampleProject({ repository: quay, workflow: false });
  const task = (name: string) =>
    `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{image: a}]}\n`;
  project.write('pipelines/alpha.yaml', `${task('one')}---\n${task('two')}`);
  await runInProcess(['ensure', '--config', project.config, '--offline']);
  const ran = await inProcess(['alpha', ...asCloned(project)]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const chosen = await inProcess(['alpha', ...asCloned(project), '--object', 'Task/two']);
  expect(load(chosen.stdout)).toMatchObject({ kind: 'TaskRun', spec: { taskRef: { resolver: 'bundles' } } });
});
