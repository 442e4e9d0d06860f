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
