import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sampleEvent, sampleRegistration } from '../support/catalog/catalog-samples.js';
import { listen } from '../support/network/listen.js';
import { bad, good } from '../support/program/command-cases.js';
import { cliPath } from '../support/program/run-cli.js';
import { statusUnderName } from '../support/status-under-name.js';
import { tempDir } from '../support/temp-dir.js';

const json = { 'content-type': 'application/json' };

function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  });
}

good('catalog serve', 'keeps what is registered, logs in JSON, and ends well', async ({ started }) => {
  await using state = tempDir();
  const own = ['--state-dir', state.path, '--port', '0', '--output', 'json'];
  await using first = await started(own);
  const { url, ...told } = JSON.parse(first.line) as Record<string, string>;
  expect(told).toEqual({
    version: 1,
    host: '127.0.0.1',
    port: Number(new URL(url ?? '').port),
    root: join(state.path, 'catalog'),
    database: 'pglite',
    mode: 'lenient',
    error: null,
  });
  expect((await post(url ?? '', '/api/v1/workflows', sampleRegistration())).status).toBe(201);
  expect((await post(url ?? '', '/api/v1/audit/events', sampleEvent())).status).toBe(201);
  const ended = await first.stop('SIGTERM');
  expect(ended.code).toBe(0);
  const lines = ended.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 'info',
      message: 'request',
      method: 'POST',
      path: '/api/v1/workflows',
      status: 201,
    }),
  );
  await using again = await started([...own, '--strict', '--quiet']);
  const second = JSON.parse(again.line) as Record<string, string>;
  expect(second.mode).toBe('strict');
  const list = (await (await fetch(`${second.url}/api/v1/workflows`)).json()) as { total: number };
  expect(list.total).toBe(1);
  const fake = sampleRegistration({ version: '2.0.0', content_hash: 'f'.repeat(64) });
  expect((await post(second.url ?? '', '/api/v1/workflows', fake)).status).toBe(400);
  expect(await again.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });
});

good('catalog serve', 'takes over from a process that was killed', async ({ started }) => {
  await using state = tempDir();
  const own = ['--state-dir', state.path, '--port', '0', '--output', 'json'];
  const child = spawn(process.execPath, [cliPath, 'catalog', 'serve', ...own], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  expect((await post(url, '/api/v1/workflows', sampleRegistration())).status).toBe(201);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await using next = await started(own);
  const found = await fetch(`${(JSON.parse(next.line) as { url: string }).url}/api/v1/workflows`);
  expect(((await found.json()) as { total: number }).total).toBe(1);
  expect((await next.stop('SIGTERM')).code).toBe(0);
});

good(
  'catalog serve',
  'answers requests under way while it ends, and reports that it is not ready',
  async ({ started }) => {
    await using state = tempDir();
    await using running = await started([
      '--state-dir',
      state.path,
      '--port',
      '0',
      '-o',
      'json',
      '--drain',
      '6s',
    ]);
    const { url } = JSON.parse(running.line) as { url: string };
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const ended = running.stop('SIGTERM');
    const ready = async () => {
      const answer = await fetch(`${url}/health/ready`);
      return [answer.status, await answer.json()];
    };
    await expect.poll(ready).toEqual([503, { status: 'not_ready', reason: 'shutting_down' }]);
    expect((await post(url, '/api/v1/workflows', sampleRegistration())).status).toBe(201);
    expect((await ended).code).toBe(0);
  },
);

good(
  'catalog serve',
  'asks for its token, and answers to its own names and to no web page of others',
  async ({ started }) => {
    await using state = tempDir();
    const file = join(state.path, 'token');
    writeFileSync(file, 'a-token-of-some-length\n');
    const own = ['--state-dir', state.path, '--port', '0', '-o', 'json'];
    await using guarded = await started([...own, '--host', '0.0.0.0', '--token-file', file]);
    const { url } = JSON.parse(guarded.line) as { url: string };
    expect((await fetch(`${url}/api/v1/workflows`)).status).toBe(401);
    const authorization = 'Bearer a-token-of-some-length';
    expect((await fetch(`${url}/api/v1/workflows`, { headers: { authorization } })).status).toBe(200);
    const ended = await guarded.stop('SIGTERM');
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('a-token-of-some-length')]);

    await using open = await started([...own, '--allow-host', 'catalog.test']);
    const { host, port } = new URL((JSON.parse(open.line) as { url: string }).url);
    const status = (name: string, headers = {}) =>
      statusUnderName(name, { port: Number(port), path: '/audit', headers });
    for (const name of [host, `localhost:${port}`, 'catalog.test'])
      expect(await status(name), name).toBe(200);
    expect(await status('evil.example')).toBe(421);
    expect(await status(host, { origin: 'http://evil.example' })).toBe(403);
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(await status(host, link)).toBe(200);
    expect(await status(host, { ...link, 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect((await open.stop('SIGTERM')).code).toBe(0);
  },
);

bad('catalog serve', 'a directory that another catalog serves', async ({ started, inProcess }) => {
  await using state = tempDir();
  await using running = await started(['--state-dir', state.path, '--port', '0', '-o', 'json']);
  const { url } = JSON.parse(running.line) as { url: string };
  const ran = await inProcess(['--state-dir', state.path, '--port', '0']);
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[BUSY]')]);
  expect(ran.stderr).toContain(url);
  expect((await running.stop('SIGTERM')).code).toBe(0);
});

bad('catalog serve', 'a database that does not answer, and one that is none', async ({ inProcess }) => {
  await using state = tempDir();
  const own = ['--state-dir', state.path, '--port', '0', '--database'];
  const silent = await inProcess([...own, 'postgres://me:s3cret-pass@127.0.0.1:1/catalog']);
  expect([silent.code, silent.stderr]).toEqual([8, expect.stringContaining('error[DATABASE_UNAVAILABLE]')]);
  expect(silent.stderr).toContain('ECONNREFUSED');
  expect(silent.stderr).not.toContain('s3cret-pass');
  for (const url of ['mysql://me:s3cret-pass@host/db', 'not a URL with s3cret-pass', 'postgres:///']) {
    const ran = await inProcess([...own, url]);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
    expect(ran.stderr).not.toContain('s3cret-pass');
  }
});

bad('catalog serve', 'data that is none', async ({ inProcess }) => {
  await using state = tempDir();
  mkdirSync(join(state.path, 'catalog', 'data'), { recursive: true });
  writeFileSync(join(state.path, 'catalog', 'data', 'PG_VERSION'), 'ninety\n');
  const ran = await inProcess(['--state-dir', state.path, '--port', '0']);
  expect([ran.code, ran.stderr]).toEqual([8, expect.stringContaining('error[DATABASE_UNAVAILABLE]')]);
});

bad('catalog serve', 'an open address, a short token, an empty one, a taken port', async ({ inProcess }) => {
  await using state = tempDir();
  const file = (name: string, text: string) => {
    writeFileSync(join(state.path, name), text);
    return join(state.path, name);
  };
  for (const words of [
    ['--host', '0.0.0.0'],
    ['--token-file', file('short', 'secret')],
    ['--token-file', file('empty', '\n')],
    ['--token-file', join(state.path, 'nowhere')],
    ['--port', '70000'],
    ['--drain', 'soon'],
    ['--allow-host', 'catalog.test:80'],
  ]) {
    const ran = await inProcess(['--state-dir', state.path, '--port', '0', ...words]);
    expect([words, ran.code, ran.stderr]).toEqual([words, 2, expect.stringContaining('error[USAGE]')]);
  }
  const server = createServer();
  const port = await listen(server);
  const ran = await inProcess(['--state-dir', state.path, '--port', String(port)]);
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[ADDRESS_IN_USE]')]);
});
