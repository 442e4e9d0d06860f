import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const task = (image: string) =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: alpha}\nspec: {steps: [{name: a, image: ${image}}]}\n`;

async function track({ inProcess }: CommandRunner, words: readonly string[]) {
  const ran = await inProcess([...words, '-o', 'json']);
  return { code: ran.code, document: JSON.parse(ran.stdout), stderr: ran.stderr };
}

good('trusted-tasks', 'prints and extends a list in a file, from the lock alone', async (runner) => {
  await using project = sampleProject({
    repository: 'registry.invalid/acme',
    bundles: ['alpha', 'beta'],
    workflow: false,
  });
  project.write('pipelines/alpha.yaml', task('busybox'));
  const ensure = () => runJson(['ensure', '--offline', '--config', project.config]);
  const first = (await ensure()).result.bundles[0]?.digest;
  const key = 'oci://registry.invalid/acme/alpha:v1.0.0';
  const words = ['--config', project.config];
  const { code, stdout } = await runner.inProcess(words);
  expect(code).toBe(0);
  expect(load(stdout)).toEqual({ trusted_tasks: { [key]: [{ ref: first }] } });

  const file = join(project.directory, 'list.yaml');
  const written = await track(runner, [...words, '--to', file]);
  expect(written.document).toMatchObject({
    bundles: [
      { name: 'alpha', key, digest: first, action: 'added' },
      { name: 'beta', action: 'skipped' },
    ],
    written: file,
    digest: null,
  });
  const text = readFileSync(file, 'utf8');
  expect((await track(runner, [...words, '--to', file])).document.bundles[0].action).toBe('held');
  expect(readFileSync(file, 'utf8')).toBe(text);

  project.write('pipelines/alpha.yaml', task('alpine'));
  const second = (await ensure()).result.bundles[0]?.digest;
  await track(runner, [...words, '--to', file, '--in-effect-days', '30']);
  const { trusted_tasks: tasks } = load(readFileSync(file, 'utf8')) as {
    trusted_tasks: Record<string, { ref: string; expires_on?: string }[]>;
  };
  expect(tasks[key]).toEqual([
    { ref: second },
    { ref: first, expires_on: expect.stringMatching(/T00:00:00Z$/) },
  ]);
  const shown = await runner.inProcess([...words, '--rules', '--group', 'acme']);
  expect(load(shown.stdout)).toEqual({
    trusted_task_rules: { allow: { acme: [{ pattern: 'oci://registry.invalid/acme/alpha' }] } },
  });
});

good('trusted-tasks', 'keeps a list as an artifact on a registry, and in a layout', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  project.write('pipelines/alpha.yaml', task('busybox'));
  await runJson(['ensure', '--config', project.config]);
  const words = ['--config', project.config];
  const list = `${registry.host}/acme/data-acceptable-bundles:latest`;
  const first = await track(runner, [...words, '--to', list]);
  expect(first.document).toMatchObject({ written: list, bundles: [{ action: 'added' }] });
  registry.seen.length = 0;
  const again = await track(runner, [...words, '--to', list]);
  expect(again.document).toMatchObject({ digest: first.document.digest, bundles: [{ action: 'held' }] });
  expect(registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  const layout = `oci:${join(project.directory, 'list')}:latest`;
  const copied = await track(runner, [...words, '--input', list, '--to', layout]);
  expect(copied.document).toMatchObject({ digest: first.document.digest, written: layout });
  const manifest = await fetch(`http://${registry.host}/v2/acme/data-acceptable-bundles/manifests/latest`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  expect(await manifest.json()).toMatchObject({
    layers: [
      {
        mediaType: 'application/vnd.cncf.openpolicyagent.data.layer.v1+json',
        annotations: { 'org.opencontainers.image.title': 'data/data/trusted_tekton_tasks.yml' },
      },
    ],
  });
  expect([first.document.previous, first.document.anchor, again.document.previous]).toEqual([
    null,
    null,
    null,
  ]);

  const change = async (image: string) => {
    project.write('pipelines/alpha.yaml', task(image));
    const { code } = await runJson(['ensure', 'alpha', '--on-different', 'overwrite', ...words]);
    expect(code).toBe(0);
  };
  const headOf = async (tag: string) =>
    (
      await fetch(`http://${registry.host}/v2/acme/data-acceptable-bundles/manifests/${tag}`, {
        method: 'HEAD',
      })
    ).headers.get('docker-content-digest');
  await change('alpine');
  const old = first.document.digest;
  const anchor = `latest-${old.slice(7, 19)}`;
  const moved = await track(runner, [...words, '--to', list]);
  expect(moved.document).toMatchObject({ previous: old, anchor });
  expect((await runner.inProcess([...words, '--to', layout])).stderr).toContain(anchor);
  expect(await headOf(anchor)).toBe(old);
  const kept = await track(runner, [...words, '--input', layout.replace(/latest$/, anchor)]);
  expect(kept.code).toBe(0);

  await change('debian');
  const second = await headOf('latest');
  registry.intercept = ({ method, url }) =>
    method === 'PUT' && url.includes('/manifests/latest-') ? new Response('no', { status: 403 }) : undefined;
  const refused = await track(runner, [...words, '--to', list]);
  expect([refused.code, refused.document.error.code, await headOf('latest')]).toEqual([
    4,
    'ANCHOR_FAILED',
    second,
  ]);
  const left = await track(runner, [...words, '--to', list, '--no-keep-old']);
  expect(left.document).toMatchObject({ previous: second, anchor: null });
  expect(await headOf('latest')).toBe(left.document.digest);
});

bad('trusted-tasks', 'lists that cannot be read or are not there', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  await runJson(['ensure', '--config', project.config]);
  const words = ['--config', project.config];
  const file = join(project.directory, 'list.yaml');
  writeFileSync(file, 'trusted_tasks: {x: [{until: now}]}\n');
  const wrong = await track(runner, [...words, '--to', file]);
  expect([wrong.code, wrong.document.error.code]).toEqual([2, 'TRUSTED_TASKS_INVALID']);
  expect(wrong.document.error.details.problems).toHaveLength(2);
  expect(readFileSync(file, 'utf8')).toContain('until');
  const missing = await track(runner, [...words, '--input', join(project.directory, 'none.yaml')]);
  expect([missing.code, missing.document.error.code]).toEqual([3, 'NOT_FOUND']);
  const bundle = await track(runner, [...words, '--input', `${registry.host}/acme/alpha:v1.0.0`]);
  expect([bundle.code, bundle.document.error.code]).toEqual([2, 'TRUSTED_TASKS_INVALID']);
});
