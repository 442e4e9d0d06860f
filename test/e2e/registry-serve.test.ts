import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { listen } from '../support/network/listen.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { sha256 } from '../support/registry/registry-requests.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { statusUnderName } from '../support/status-under-name.js';
import { tempDir } from '../support/temp-dir.js';

good('registry serve', 'serves what a fallback wrote, until SIGTERM ends it with 0', async ({ started }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const ensure = ['ensure', '--config', project.config];
  const before = await runJson(ensure);
  expect(before.bundle).toMatchObject({ outcome: 'fallback', served: { live: false } });
  await using running = await started(['--port', '0'], { cwd: project.directory });
  const [, host = ''] =
    /^serving \.bundles\/registry at http:\/\/(127\.0\.0\.1:\d+)$/.exec(running.line) ?? [];
  const during = await runJson(ensure);
  expect(during.bundle.served).toMatchObject({
    live: true,
    reference: `${host}/acme/alpha:v1.0.0@${during.bundle.digest}`,
  });
  const listed = await runInProcess(['list', `${host}/acme/alpha:v1.0.0`]);
  expect(listed.stdout).toBe('pipeline.tekton.dev/workflow\n');
  expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  expect((await runJson(ensure)).bundle.served).toMatchObject({ live: false });
});

good(
  'registry serve',
  'reports its address as JSON and requests with --verbose, takes pushes',
  async ({ started }) => {
    await using directory = tempDir();
    const words = ['--port', '0', '--root', directory.path, '--output', 'json', '--verbose'];
    await using running = await started(words);
    const { url, root, error } = JSON.parse(running.line) as Record<string, string | null>;
    expect([root, error]).toEqual([directory.path, null]);
    await using project = sampleProject({ repository: `${new URL(url ?? '').host}/acme` });
    expect((await runJson(['ensure', '--config', project.config])).bundle.outcome).toBe('published');
    const ended = await running.stop('SIGINT');
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringContaining('GET /v2/acme/alpha/manifests/v1.0.0 404'),
    ]);
  },
);

good('registry serve', 'asks for passwords, keeps its limits, and may be read-only', async ({ started }) => {
  await using directory = tempDir();
  const users = join(directory.path, 'users');
  writeFileSync(users, 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n');
  const own = ['--port', '0', '--root', join(directory.path, 'root'), '--output', 'json'];
  await using locked = await started([...own, '--host', '0.0.0.0', '--htpasswd', users, '--max-size', '10K']);
  const { url } = JSON.parse(locked.line) as { url: string };
  const authorization = `Basic ${btoa('robot:s3cret-pass')}`;
  const ask = (path: string, options: RequestInit = {}) => fetch(`${url}${path}`, options);
  expect((await ask('/v2/')).status).toBe(401);
  expect((await ask('/v2/', { headers: { authorization } })).status).toBe(200);
  const post = async (bytes: number) => {
    const body = Buffer.alloc(bytes, 'x');
    const digest = sha256(body);
    const path = `/v2/a/blobs/uploads/?digest=${digest}`;
    return (await ask(path, { method: 'POST', body, headers: { authorization } })).status;
  };
  expect([await post(5000), await post(6000)]).toEqual([201, 507]);
  expect((await locked.stop('SIGTERM')).code).toBe(0);

  await using readOnly = await started([...own, '--read-only']);
  const open = (JSON.parse(readOnly.line) as { url: string }).url;
  const held = `${open}/v2/a/blobs/${sha256(Buffer.alloc(5000, 'x'))}`;
  expect((await fetch(held)).status).toBe(200);
  expect((await fetch(held, { method: 'DELETE' })).status).toBe(405);
  expect((await readOnly.stop('SIGTERM')).code).toBe(0);
});

good(
  'registry serve',
  'answers to its own names, the one of the cluster and those it was given, and to no others',
  async ({ started }) => {
    await using project = sampleProject({ repository: 'registry.invalid/acme' });
    const declared = readFileSync(project.config, 'utf8');
    const fallback = 'fallback: {registry: localhost:5055/acme, clusterReference: kind-registry:5055/acme}';
    project.write('bundles.yaml', `${declared}\n${fallback}\n`);
    const words = [
      '--port',
      '0',
      '--allow-host',
      'registry.test',
      '--allow-host',
      '203.0.113.7',
      '--verbose',
    ];
    await using running = await started(words, { cwd: project.directory });
    const port = Number(/:(\d+)$/.exec(running.line)?.[1]);
    const status = (host: string, headers = {}) => statusUnderName(host, { port, headers });
    for (const host of [
      'localhost',
      `127.0.0.1:${port}`,
      'kind-registry:5055',
      'registry.test',
      '203.0.113.7',
    ])
      expect(await status(host), host).toBe(200);
    expect(await status('evil.example')).toBe(421);
    expect(await status('localhost', { origin: 'http://evil.example' })).toBe(403);
    const ended = await running.stop('SIGTERM');
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('GET /v2/ 421')]);
  },
);

bad('registry serve', 'a host that is none, and a bundles.yaml that is none', async ({ inProcess }) => {
  await using directory = tempDir();
  const signal = AbortSignal.abort();
  const own = ['--port', '0', '--root', directory.path];
  const host = await inProcess([...own, '--allow-host', 'http://x'], { signal });
  expect([host.code, host.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const config = await inProcess([...own, '--config', join(directory.path, 'nowhere.yaml')], { signal });
  expect([config.code, config.stderr]).toEqual([2, expect.stringContaining('error[CONFIG_NOT_FOUND]')]);
});

bad('registry serve', 'a file of users that is none, and sizes that are none', async ({ inProcess }) => {
  await using directory = tempDir();
  const users = join(directory.path, 'users');
  writeFileSync(users, 'robot:s3cret-pass\n');
  const signal = AbortSignal.abort();
  for (const file of [users, join(directory.path, 'nobody')]) {
    const ran = await inProcess(['--root', directory.path, '--htpasswd', file], { signal });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[CREDENTIALS_INVALID]')]);
    expect(ran.stderr).not.toContain('s3cret');
  }
  for (const words of [
    ['--max-size', '10 GB'],
    ['--max-blob-size', '0'],
    ['--max-uploads', 'many'],
  ]) {
    const ran = await inProcess(words, { signal });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  }
});

bad('registry serve', 'a port that is taken', async ({ spawned }) => {
  await using directory = tempDir();
  const server = createServer();
  const port = await listen(server);
  const ran = await spawned(['--port', `${port}`, '--root', directory.path]);
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[ADDRESS_IN_USE]')]);
  expect(ran.stderr).toContain(`${port}`);
});

bad(
  'registry serve',
  'an address that other machines reach, and ports that are none',
  async ({ inProcess }) => {
    for (const words of [
      ['--host', '0.0.0.0'],
      ['--host', '::'],
      ['--host', '192.0.2.1'],
      ['--port', '65536'],
      ['--port', 'http'],
    ]) {
      const ran = await inProcess(words, { signal: AbortSignal.abort() });
      expect([ran.code, ran.stderr], words.join(' ')).toEqual([2, expect.stringContaining('error[USAGE]')]);
    }
  },
);

bad('registry serve', 'a directory that cannot be one', async ({ spawned }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  mkdirSync(join(project.directory, 'state'));
  project.write('state/registry', 'a file');
  const ran = await spawned(['--port', '0', '--state-dir', join(project.directory, 'state')]);
  expect([ran.code, ran.stdout]).toEqual([9, '']);
});

good('registry serve', 'reports that it listens on every address', async ({ started }) => {
  await using directory = tempDir();
  const words = ['--port', '0', '--root', directory.path, '--host', '0.0.0.0', '--allow-anonymous'];
  await using text = await started(words);
  expect(text.line).toMatch(
    / at http:\/\/127\.0\.0\.1:\d+, listening on every address of this machine \(0\.0\.0\.0\)$/,
  );
  await using json = await started([...words, '-o', 'json']);
  const { url, host, port } = JSON.parse(json.line) as Record<string, string | number>;
  expect([url, host]).toEqual([`http://127.0.0.1:${port}`, '0.0.0.0']);
  for (const one of [text, json]) expect((await one.stop('SIGTERM')).code).toBe(0);
});
