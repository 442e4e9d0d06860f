import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { serveDataStorage } from '../support/catalog/served-data-storage.js';
import { fileTree } from '../support/file-tree.js';
import { bad, good } from '../support/program/command-cases.js';
import { isAlive } from '../support/program/is-alive.js';
import { cliPath, runCli } from '../support/program/run-cli.js';
import { remediationProject, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const repository = 'quay.invalid/acme/tests';

/** What `with` reports before the command runs. */
const readyLine = (stderr: string) => stderr.split('\n', 1)[0];

/** Reads every workflow of the result from the registry, and reports what it found. */
const reader = `
const { readFileSync } = require('node:fs');
(async () => {
  const found = {};
  for (const [name, one] of Object.entries(JSON.parse(readFileSync(process.env.BUNDLES_RESULT, 'utf8')))) {
    const [, host, path, digest] = /^([^/]+)\\/(.*):[^:@]+@(.*)$/.exec(one.reference);
    const answer = await fetch('http://' + host + '/v2/' + path + '/manifests/' + digest);
    found[name] = { ...one, status: answer.status, host, schemaText: one.schema && readFileSync(one.schema, 'utf8'), runText: one.run && readFileSync(one.run, 'utf8') };
  }
  const catalog = process.env.DATASTORAGE_URL;
  const listed = catalog && (await (await fetch(catalog + '/api/v1/workflows')).json()).workflows;
  console.log(JSON.stringify({ registry: process.env.BUNDLES_REGISTRY, found, listed }));
})();`;

good('with', 'a command finds registry, result, schemas and runs by variables alone', async ({ spawned }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  await using temporary = tempDir();
  const before = fileTree(project.directory);
  const words = ['--config', project.config, '--', process.execPath, '-e', reader];
  const ran = await spawned(words, { env: { TMPDIR: temporary.path } });
  expect([ran.code, ran.stderr]).toEqual([
    0,
    expect.stringMatching(/^2 workflows ready at 127\.0\.0\.1:\d+;/),
  ]);
  const { registry, found, listed } = JSON.parse(ran.stdout);
  expect(Object.keys(found)).toEqual(['test-alpha', 'test-beta']);
  const { 'test-alpha': alpha } = found;
  expect(alpha).toMatchObject({
    bundle: 'alpha',
    version: '1.0.0',
    status: 200,
    host: registry,
    clusterReference: null,
  });
  expect(alpha.reference).toMatch(new RegExp(`^${registry}/alpha:v1\\.0\\.0@sha256:[0-9a-f]{64}$`));
  expect(alpha.pinned).toBe(`${repository}/alpha:v1.0.0@${alpha.digest}`);
  expect(alpha.schemaText).toContain(alpha.pinned);
  expect(alpha.runText).toContain(`${registry}/alpha:v1.0.0@${alpha.digest}`);
  const registered = listed.find((one: { workflow_name: string }) => one.workflow_name === 'test-alpha');
  expect(registered).toMatchObject({
    workflow_id: alpha.workflowId,
    container_image: alpha.reference,
    container_digest: alpha.digest,
    content: alpha.schemaText,
  });
  expect(fileTree(project.directory)).toEqual(before);
  expect(await readdir(temporary.path)).toEqual([]);
});

good(
  'with',
  'ends with the exit status of the command, or of the signal that ended it',
  async ({ spawned }) => {
    await using project = sampleProject({ repository });
    await using temporary = tempDir();
    const env = { TMPDIR: temporary.path };
    const exit = async (...words: string[]) =>
      (await spawned(['--quiet', '--no-catalog', '--config', project.config, '--', ...words], { env })).code;
    expect(await exit('sh', '-c', 'exit 0')).toBe(0);
    expect(await exit('sh', '-c', 'exit 7')).toBe(7);
    expect(await exit('sh', '-c', 'kill -KILL $$')).toBe(137);
    expect(await readdir(temporary.path)).toEqual([]);
  },
);

good(
  'with',
  'starts no catalog for a project that declares no workflow, so that it needs no database',
  async ({ spawned }) => {
    await using project = sampleProject({ repository, workflow: false });
    const words = ['--config', project.config, '--', process.execPath, '-e', reader];
    const ran = await spawned(words, {});
    expect([ran.code, ran.stderr]).toEqual([
      0,
      expect.stringMatching(/^1 bundle ready at 127\.0\.0\.1:\d+;/),
    ]);
    const { found, listed } = JSON.parse(ran.stdout);
    expect([found.alpha.status, found.alpha.workflowId, listed]).toEqual([200, null, undefined]);
  },
);

good('with', 'registers what it serves in a catalog that is given, with its token', async ({ spawned }) => {
  await using project = sampleProject({ repository });
  await using catalog = await serveDataStorage();
  const words = ['--config', project.config, '--catalog', catalog.url, '--', process.execPath, '-p'];
  const env = { DATASTORAGE_TOKEN: 'secret-token' };
  const first = await spawned([...words, 'process.env.BUNDLES_REGISTRY'], { env });
  expect([first.code, catalog.problems]).toEqual([0, []]);
  const [registered] = catalog.workflows;
  expect(registered?.container_image?.startsWith(`${first.stdout.trim()}/alpha:v1.0.0@`)).toBe(true);
  expect([...catalog.tokens]).toEqual(['Bearer secret-token']);
  const second = await spawned([...words, '"it ran"'], { env });
  expect([second.code, second.stdout]).toEqual([8, '']);
  expect(second.stderr).toMatch(/error\[CATALOG_CONFLICT\].*is what is served now/);
  expect(catalog.workflows).toEqual([registered]);
});

good('with', 'separate workflows are ready too, several of one bundle', async ({ spawned }) => {
  await using project = sampleProject({ repository, workflow: false });
  const document = (id: string) => `apiVersion: kubernaut.io/v1alpha1
kind: WorkflowSchema
metadata: {workflow_id: ${id}, version: 1.0.0, description: ours}
labels: {signal_type: t, severity: low, component: pod, environment: test, priority: P3, risk_tolerance: low}
execution: {engine: tekton, bundle: ""}
parameters: [{name: MESSAGE, type: string, required: false, description: what to say}]
`;
  project.write('deploy/both.yaml', `${document('one')}---\n${document('two')}`);
  const entry = (name: string) => `  ${name}: {bundle: alpha, document: deploy/both.yaml}\n`;
  const text = readFileSync(project.config, 'utf8');
  project.write('bundles.yaml', `${text}workflows:\n${entry('one')}${entry('two')}`);
  const before = fileTree(project.directory);
  const ran = await spawned(['--config', project.config, '--', process.execPath, '-e', reader]);
  expect([ran.code, readyLine(ran.stderr)]).toEqual([
    0,
    expect.stringMatching(/^1 bundle, 2 workflows ready at /),
  ]);
  const { found, listed } = JSON.parse(ran.stdout);
  expect(Object.keys(found)).toEqual(['alpha', 'one', 'two']);
  for (const name of ['one', 'two']) {
    expect(found[name]).toMatchObject({
      bundle: 'alpha',
      version: '1.0.0',
      reference: found.alpha.reference,
    });
    const held = listed.find((one: { workflow_name: string }) => one.workflow_name === name);
    expect(held).toMatchObject({
      workflow_id: found[name].workflowId,
      container_image: found.alpha.reference,
    });
    expect(held.content).toContain(found.alpha.pinned);
  }
  expect(fileTree(project.directory)).toEqual(before);
});

bad('with', 'a catalog that cannot take what the project writes', async ({ spawned }) => {
  await using project = remediationProject({ repository });
  const words = ['--config', project.config];
  const command = ['--', process.execPath, '-p', 'process.env.DATASTORAGE_URL'];
  const refused = await spawned([...words, '--catalog', 'http://127.0.0.1:1', ...command]);
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('error[CONFIG_INVALID]');
  expect(await spawned([...words, ...command])).toMatchObject({ code: 0, stdout: 'undefined\n' });
});

bad(
  'with',
  'a program that is not there, no command, no project, a bundle that cannot be built',
  async ({ spawned }) => {
    await using project = sampleProject({ repository });
    await using temporary = tempDir();
    const env = { TMPDIR: temporary.path };
    const missing = await spawned(['--config', project.config, '--', 'no-such-program'], { env });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
    const none = await spawned(['--config', project.config], { env });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
    const nowhere = await spawned(['--config', 'nowhere.yaml', '-o', 'json', '--', 'true'], { env });
    expect([nowhere.code, JSON.parse(nowhere.stdout).error.code]).toEqual([2, 'CONFIG_NOT_FOUND']);
    project.write('pipelines/alpha.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
    const broken = await spawned(['--config', project.config, '--', 'sh', '-c', ': >"$TMPDIR/ran"'], {
      env,
    });
    expect([broken.code, broken.stderr]).toEqual([7, expect.stringContaining('error[OBJECT_INVALID]')]);
    expect(await readdir(temporary.path)).toEqual([]);
  },
);

bad('with', 'a cluster that cannot be queried', async ({ spawned }) => {
  await using project = sampleProject({ repository });
  const words = ['--config', project.config, '--cluster', 'kind', '--', 'true'];
  const ran = await spawned(words, { env: { KUBECONFIG: '/nonexistent/config' } });
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[CLUSTER_CONFIG_INVALID]')]);
});

/** Starts `with` over a command that prints its pid and waits. */
async function startWaiting(config: string, temporary: string) {
  const told = join(temporary, 'pid');
  const code = `process.on('SIGTERM', () => process.exit(42)); setInterval(() => {}, 1e3); require('node:fs').writeFileSync(${JSON.stringify(told)}, String(process.pid))`;
  const words = ['with', '--quiet', '--no-catalog', '--config', config, '--', process.execPath, '-e', code];
  const holder = spawn(process.execPath, [cliPath, ...words], {
    env: { PATH: process.env.PATH, TMPDIR: temporary },
    stdio: 'ignore',
  });
  const pid = await vi.waitFor(() => Number(readFileSync(told, 'utf8') || Number.NaN), { timeout: 100_000 });
  return { holder, pid };
}

test('with passes SIGTERM on and ends as its command does', async () => {
  await using project = sampleProject({ repository });
  await using temporary = tempDir();
  const { holder, pid } = await startWaiting(project.config, temporary.path);
  holder.kill('SIGTERM');
  const code = await new Promise((resolve) => holder.once('close', resolve));
  expect([code, isAlive(pid), await readdir(temporary.path)]).toEqual([42, false, ['pid']]);
});

test('after SIGKILL of with itself neither its command nor its files are left', async () => {
  await using project = sampleProject({ repository });
  await using temporary = tempDir();
  const { holder, pid } = await startWaiting(project.config, temporary.path);
  holder.kill('SIGKILL');
  await vi.waitFor(
    async () => expect([isAlive(pid), await readdir(temporary.path)]).toEqual([false, ['pid']]),
    { timeout: 100_000 },
  );
});

test('20 suites at once do not meet and leave nothing behind, five of them killed', async () => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  await using temporary = tempDir();
  const script = join(project.directory, 'reader.cjs');
  await writeFile(script, reader);
  const runs = Array.from({ length: 20 }, (_, index) =>
    runCli(
      [
        'with',
        '--quiet',
        ...(index < 4 ? [] : ['--no-catalog']),
        '--config',
        project.config,
        '--',
        process.execPath,
        script,
      ],
      {
        env: { TMPDIR: temporary.path },
        ...(index % 4 === 3
          ? { killWhen: new Promise((resolve) => setTimeout(resolve, 300 + index * 100)) }
          : {}),
      },
    ),
  );
  const ended = (await Promise.all(runs)).filter(({ signal }) => signal === null);
  expect(ended.length).toBeGreaterThanOrEqual(15);
  const registries = ended.map(({ code, stdout, stderr }) => {
    expect([code, stderr]).toEqual([0, '']);
    const { registry, found } = JSON.parse(stdout);
    expect(Object.values(found).map((one) => (one as { status: number }).status)).toEqual([200, 200]);
    return registry;
  });
  expect(new Set(registries).size).toBe(registries.length);
  await vi.waitFor(async () => expect(await readdir(temporary.path)).toEqual([]), { timeout: 100_000 });
});

good(
  'with',
  'a project whose schemas are not a directory, with bundles that are not workflows',
  async ({ spawned }) => {
    await using project = sampleProject({
      repository,
      bundles: ['alpha', 'beta'],
      settings: ['catalog: none'],
    });
    project.write('schemas', 'a file');
    project.write(
      'pipelines/gamma.yaml',
      readFileSync(join(project.directory, 'pipelines/beta.yaml'), 'utf8'),
    );
    const declared = readFileSync(project.config, 'utf8');
    project.write('bundles.yaml', `${declared}  gamma:\n    files: [pipelines/gamma.yaml]\n`);
    const words = ['--no-catalog', '--config', project.config, '--', process.execPath, '-e', ''];
    const ran = await spawned(words);
    expect(ran.code).toBe(0);
    expect(readyLine(ran.stderr)).toMatch(/^3 bundles, 2 of them workflows, ready at /);
  },
);

bad('with', 'a lock that cannot be read', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  await mkdir(join(project.directory, 'bundles.lock'));
  const ran = await inProcess(['--config', project.config, '--', process.execPath, '-e', '']);
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[NOT_READABLE]')]);
});
