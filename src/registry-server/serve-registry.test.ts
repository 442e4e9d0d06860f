import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { findRunningRegistry } from './find-running.js';
import { serveRegistry } from './serve-registry.js';

test('a served registry is found by its state directory until it closes', async () => {
  await using root = tempDir();
  const one = await serveRegistry({ root: root.path });
  expect(await findRunningRegistry(root.path)).toMatchObject({ url: one.url, host: `127.0.0.1:${one.port}` });
  const other = await serveRegistry({ root: root.path });
  await one.close();
  expect((await findRunningRegistry(root.path))?.url).toBe(other.url);
  await Promise.all([other.close(), other.close()]);
  expect(await findRunningRegistry(root.path)).toBeUndefined();
  expect(await readdir(join(root.path, '.serving'))).toEqual([]);
});

test('an abort closes a served registry', async () => {
  await using root = tempDir();
  const controller = new AbortController();
  const { url } = await serveRegistry({ root: root.path, signal: controller.signal });
  controller.abort();
  await expect.poll(() => fetch(`${url}/v2/`).catch((error: Error) => error.message)).toBe('fetch failed');
  await expect.poll(() => readdir(join(root.path, '.serving'))).toEqual([]);
});

test('a registry that cannot leave its note does not stay up', async () => {
  await using root = tempDir();
  await writeFile(join(root.path, '.serving'), 'in the way');
  await expect(serveRegistry({ root: root.path })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
});

test('an address in use is an error', async () => {
  await using root = tempDir();
  const one = await serveRegistry({ root: root.path });
  await expect(serveRegistry({ root: root.path, port: one.port })).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
  });
  await one.close();
});

test.each(['0.0.0.0', '::', '192.0.2.1', 'registry.example', '127.0.0.1.example', '127.1'])(
  '%s is not served to everybody unless asked for',
  async (host) => {
    await using root = tempDir();
    await expect(serveRegistry({ root: root.path, host })).rejects.toMatchObject({
      code: 'USAGE',
      details: { host },
    });
    expect(await readdir(root.path)).toEqual([]);
  },
);

test('other machines are served with passwords, or when it is asked for', async () => {
  await using root = tempDir();
  const htpasswd = join(root.path, 'users');
  await writeFile(htpasswd, 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n');
  const locked = await serveRegistry({ root: root.path, host: '0.0.0.0', htpasswd });
  expect((await fetch(`${locked.url}/v2/`)).status).toBe(401);
  expect((await findRunningRegistry(root.path))?.url).toBe(locked.url);
  const authorization = `Basic ${btoa('robot:s3cret-pass')}`;
  expect((await fetch(`${locked.url}/v2/`, { headers: { authorization } })).status).toBe(200);
  await locked.close();

  const open = await serveRegistry({ root: root.path, host: '0.0.0.0', allowAnonymous: true });
  expect((await fetch(`${open.url}/v2/`)).status).toBe(200);
  await open.close();
});

test('a broken file of users keeps the registry from starting', async () => {
  await using root = tempDir();
  const htpasswd = join(root.path, 'users');
  await writeFile(htpasswd, 'robot:plain\n');
  await expect(serveRegistry({ root: root.path, htpasswd })).rejects.toMatchObject({
    code: 'CREDENTIALS_INVALID',
    details: { line: 1 },
  });
});

test('a read-only registry serves a directory in which it can leave no note', async () => {
  await using root = tempDir();
  await writeFile(join(root.path, '.serving'), 'in the way');
  const server = await serveRegistry({ root: root.path, readOnly: true });
  expect((await fetch(`${server.url}/v2/`)).status).toBe(200);
  await server.close();
});
