import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRunningRegistry } from '../../src/registry-server/find-running.js';
import { startRegistryProcess } from '../support/registry-process.js';
import { pushParts, sha256, talkTo } from '../support/registry-requests.js';
import { tempDir } from '../support/temp-dir.js';

interface Acknowledged {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly blobs: readonly string[];
}

/** Pushes small images one after the other until the registry no longer answers. */
async function pushUntilGone(url: string, { client, acknowledged, until }: PushOptions): Promise<void> {
  const registry = talkTo(fetch, url);
  for (let count = 0; !until?.aborted; count++) {
    const [repository, tag] = [count % 2 ? 'shared/by-all' : `own/client-${client}`, `t-${client}-${count}`];
    try {
      const manifest = await pushParts(registry, repository, { layer: `${tag} ${'x'.repeat(count % 5000)}` });
      const put = await registry.pushManifest(repository, tag, manifest);
      if (put.status !== 201) throw new Error(`${put.status} ${put.text}`);
      const digest = put.headers.get('docker-content-digest') ?? '';
      acknowledged.push({ repository, tag, digest, blobs: manifest.layers.map((layer) => layer.digest) });
    } catch (error) {
      // fetch() says so when the connection is refused or reset; an answer that is no success is a failure.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

interface PushOptions {
  readonly client: string;
  readonly acknowledged: Acknowledged[];
  readonly until?: AbortSignal;
}

async function expectReadable(url: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const registry = talkTo(fetch, url);
  for (const { repository, tag, digest, blobs } of acknowledged) {
    const manifest = await registry.send('GET', `/v2/${repository}/manifests/${tag}`);
    expect([manifest.status, sha256(manifest.bytes)], `${repository}:${tag}`).toEqual([200, digest]);
    for (const blob of blobs) {
      const { status, bytes } = await registry.send('GET', `/v2/${repository}/blobs/${blob}`);
      expect([status, sha256(bytes)]).toEqual([200, blob]);
    }
  }
}

/** More of them: BUNDLES_TEST_KILLS=50. */
const kills = Number(process.env.BUNDLES_TEST_KILLS ?? '5');

test(`${kills} kills under load lose nothing that was acknowledged`, {
  timeout: 30_000 + kills * 5000,
}, async () => {
  await using directory = tempDir('registry-kill-');
  const acknowledged: Acknowledged[] = [];
  for (let round = 0; round < kills; round++) {
    const before = acknowledged.length;
    const registry = await startRegistryProcess(directory.path);
    const clients = Array.from({ length: 4 }, (_, client) =>
      pushUntilGone(registry.url, { client: `${round}-${client}`, acknowledged }),
    );
    while (acknowledged.length === before) await sleep(5);
    await sleep(Math.random() * 400);
    await registry.kill();
    await Promise.all(clients);
    expect(await findRunningRegistry(directory.path)).toBeUndefined();
  }
  await using again = await startRegistryProcess(directory.path);
  await expectReadable(again.url, acknowledged);
  expect((await findRunningRegistry(directory.path))?.url).toBe(again.url);
  await again.stop();
  expect(await readdir(join(directory.path, '.serving'))).toEqual([]);
  expect(again.complaints).toEqual([]);
});

test('two processes on one directory lose nothing of each other', { timeout: 60_000 }, async () => {
  await using directory = tempDir('registry-pair-');
  await using one = await startRegistryProcess(directory.path);
  await using other = await startRegistryProcess(directory.path);
  const acknowledged: Acknowledged[] = [];
  const until = AbortSignal.timeout(2000);
  await Promise.all(
    [one, other].flatMap(({ url }, index) =>
      ['a', 'b', 'c'].map((name) => pushUntilGone(url, { client: `${index}-${name}`, acknowledged, until })),
    ),
  );
  expect(acknowledged.length).toBeGreaterThan(20);
  await expectReadable(one.url, acknowledged);
  await expectReadable(other.url, acknowledged);
  const { text } = await talkTo(fetch, one.url).send('GET', '/v2/shared/by-all/tags/list');
  const shared = acknowledged
    .filter(({ repository }) => repository === 'shared/by-all')
    .map(({ tag }) => tag);
  expect((JSON.parse(text) as { tags: string[] }).tags).toEqual(shared.sort());
  expect([...one.complaints, ...other.complaints]).toEqual([]);
});

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
