import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const repository = 'quay.invalid/acme/tests';

good('up', 'keeps everything ready until it is stopped, and reports it in a file', async ({ started }) => {
  await using project = sampleProject({ repository });
  await using temporary = tempDir();
  const ready = join(project.directory, 'ready.json');
  await using running = await started(['--config', project.config, '--ready-file', ready], {
    env: { TMPDIR: temporary.path },
  });
  expect(running.line).toMatch(/^export BUNDLES_RESULT=/);
  const { version, variables, workflows, error } = JSON.parse(readFileSync(ready, 'utf8'));
  expect([version, error]).toEqual([1, null]);
  expect(JSON.parse(readFileSync(variables.BUNDLES_RESULT, 'utf8'))).toEqual(workflows);
  expect((await fetch(`${variables.DATASTORAGE_URL}/health/ready`)).status).toBe(200);
  const { digest } = workflows['test-alpha'];
  const url = `http://${variables.BUNDLES_REGISTRY}/v2/alpha/manifests/${digest}`;
  expect((await fetch(url)).status).toBe(200);
  const ended = await running.stop('SIGTERM');
  expect([ended.code, existsSync(ready), await readdir(temporary.path)]).toEqual([0, false, []]);
  await expect(fetch(url)).rejects.toThrow();
});

good('up', 'leaves nothing when it is killed', async ({ started }) => {
  await using project = sampleProject({ repository });
  await using temporary = tempDir();
  const env = { TMPDIR: temporary.path };
  const running = await started(['--no-catalog', '--config', project.config, '-o', 'json'], { env });
  expect(running.line).toBe('{');
  await running.stop('SIGKILL');
  await vi.waitFor(async () => expect(await readdir(temporary.path)).toEqual([]), { timeout: 100_000 });
  await using second = await started(['--config', project.config], { env });
  expect((await second.stop('SIGINT')).code).toBe(0);
});

bad('up', 'a project that is not there, a ready file that cannot be written', async ({ spawned }) => {
  await using project = sampleProject({ repository });
  const nowhere = await spawned(['--config', 'nowhere.yaml']);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('error[CONFIG_NOT_FOUND]')]);
  const words = [
    '--config',
    project.config,
    '--ready-file',
    join(project.directory, 'no', 'such', 'directory'),
  ];
  const unwritable = await spawned(words);
  expect([unwritable.code, unwritable.stderr]).toEqual([9, expect.stringContaining('error[NOT_WRITABLE]')]);
});

/** Documents on standard output behind the first one, as they come. */
async function* changes(file: string): AsyncGenerator<Record<string, unknown>> {
  for (let seen = 0; ; ) {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{"'));
    if (lines.length > seen) yield JSON.parse(lines[seen++] ?? '');
    else await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

good('up', '--watch serves again what changes, by a line each', async ({ inProcess }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  const [out, ready] = [join(project.directory, 'out'), join(project.directory, 'ready')];
  writeFileSync(out, '');
  const controller = new AbortController();
  const words = ['--watch', '--config', project.config, '-o', 'json', '--ready-file', ready];
  const ending = inProcess(words, {
    signal: controller.signal,
    onStdout: (text) => appendFileSync(out, text),
  });
  await vi.waitFor(() => expect(existsSync(ready)).toBe(true), { timeout: 150_000 });
  const seen = changes(out);
  const next = async () => (await seen.next()).value as Record<string, unknown>;
  const { variables } = JSON.parse(readFileSync(ready, 'utf8'));
  const served = (name: string, tag: string) =>
    fetch(`http://${variables.BUNDLES_REGISTRY}/v2/${name}/manifests/${tag}`, { method: 'HEAD' });
  const catalog = async () => {
    const answer = await fetch(`${variables.DATASTORAGE_URL}/api/v1/workflows`);
    return ((await answer.json()) as { workflows: { container_digest: string }[] }).workflows.map(
      (one) => one.container_digest,
    );
  };

  project.write('pipelines/alpha.yaml', samplePipeline('other'));
  const changed = await next();
  expect(changed).toMatchObject({ name: 'alpha', error: null, lint: { errors: 0 } });
  expect(changed.digest).not.toBe(changed.previous);
  expect((await served('alpha', 'v1.0.0')).headers.get('docker-content-digest')).toBe(changed.digest);
  expect(await catalog()).toContain(changed.digest);
  const told = JSON.parse(readFileSync(variables.BUNDLES_RESULT, 'utf8'));
  expect(told['test-alpha'].digest).toBe(changed.digest);
  await vi.waitFor(() => expect(JSON.parse(readFileSync(ready, 'utf8')).workflows).toEqual(told));

  project.write('pipelines/alpha.yaml', 'kind: [');
  expect(await next()).toMatchObject({ name: 'alpha', digest: null, error: { code: 'YAML_INVALID' } });
  expect((await served('alpha', 'v1.0.0')).headers.get('docker-content-digest')).toBe(changed.digest);
  project.write('pipelines/alpha.yaml', samplePipeline('third'));
  const mended = await next();
  expect(mended).toMatchObject({ name: 'alpha', previous: changed.digest, error: null });
  expect(await catalog()).toContain(mended.digest);

  const declared = readFileSync(project.config, 'utf8');
  const { version } = JSON.parse(readFileSync(ready, 'utf8')).workflows['test-alpha'];
  project.write('bundles.yaml', declared.replace('severity: low', 'severity: high'));
  expect(await next(), 'its workflow is another').toMatchObject({ name: 'alpha', digest: mended.digest });
  await vi.waitFor(() => {
    const { workflows } = JSON.parse(readFileSync(ready, 'utf8'));
    expect(workflows['test-alpha'].version).not.toBe(version);
    expect(workflows).toEqual(JSON.parse(readFileSync(variables.BUNDLES_RESULT, 'utf8')));
  });
  project.write('bundles.yaml', declared);
  expect(await next()).toMatchObject({ name: 'alpha', digest: mended.digest, previous: mended.digest });

  project.write('bundles.yaml', 'version: [');
  expect(await next()).toMatchObject({ name: project.config, error: { code: 'CONFIG_INVALID' } });
  project.write('bundles.yaml', declared);
  expect(await next(), 'valid again').toMatchObject({ name: project.config, digest: null, error: null });
  project.write('bundles.yaml', 'version: [');
  expect(await next()).toMatchObject({ name: project.config, error: { code: 'CONFIG_INVALID' } });
  mkdirSync(join(project.directory, 'more', 'deep'), { recursive: true });
  project.write('more/deep/gamma.yaml', samplePipeline('gamma'));
  project.write('bundles.yaml', `${declared}  gamma:\n    files: [more/deep/gamma.yaml]\n`);
  expect(await next()).toMatchObject({ name: 'gamma', previous: null, error: null });
  project.write('more/deep/gamma.yaml', samplePipeline('again'));
  expect(await next()).toMatchObject({ name: 'gamma', error: null });
  project.write('bundles.yaml', declared);
  expect(await next()).toMatchObject({ name: 'gamma', digest: null, error: null });
  controller.abort(new Error('enough'));
  expect((await ending).code).toBe(0);
});
