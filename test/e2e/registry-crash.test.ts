import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findRunningRegistry } from '../../src/registry-server/find-running.js';
import { testSeed } from '../support/random/seeded-random.js';
import {
  type Acknowledged,
  pushUntilGone,
  requireReadable,
  sharedRepository,
} from '../support/registry/push-load.js';
import { killRegistryUnderLoad } from '../support/registry/registry-kills.js';
import { talkTo } from '../support/registry/registry-requests.js';
import { startServeCommand } from '../support/registry/serve-command.js';
import { tempDir } from '../support/temp-dir.js';

/** More of them: BUNDLES_TEST_KILLS=50, or npm run soak. */
const kills = Number(process.env.BUNDLES_TEST_KILLS ?? '5');

test(`${kills} kills under load lose nothing that was acknowledged and leave nothing torn`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  await using directory = tempDir('registry-kill-');
  const seed = testSeed();
  const report = await killRegistryUnderLoad(directory.path, { kills, seed }).catch((cause: unknown) => {
    throw new Error(`BUNDLES_TEST_SEED=${seed}`, { cause });
  });
  console.info(JSON.stringify(report));
  expect(report.acknowledged).toBeGreaterThanOrEqual(kills);
  expect(report.tags).toBeGreaterThanOrEqual(report.acknowledged);
});

test('who was killed is no longer found, and the next one is', async () => {
  await using directory = tempDir('registry-kill-');
  const registry = await startServeCommand(directory.path);
  expect((await findRunningRegistry(directory.path))?.url).toBe(registry.url);
  await registry.kill();
  expect(await findRunningRegistry(directory.path)).toBeUndefined();
  await using again = await startServeCommand(directory.path);
  expect((await findRunningRegistry(directory.path))?.url).toBe(again.url);
  await again.stop();
  expect(await readdir(join(directory.path, '.serving'))).toEqual([]);
});

test('two processes on one directory lose nothing of each other', async () => {
  await using directory = tempDir('registry-pair-');
  await using one = await startServeCommand(directory.path);
  await using other = await startServeCommand(directory.path);
  const acknowledged: Acknowledged[] = [];
  const enough = new AbortController();
  const watch = setInterval(() => acknowledged.length > 40 && enough.abort(), 10);
  onTestFinished(() => clearInterval(watch));
  await Promise.all(
    [one, other].flatMap(({ url }, index) =>
      ['a', 'b', 'c'].map((name) =>
        pushUntilGone(url, { client: `${index}-${name}`, acknowledged, until: enough.signal }),
      ),
    ),
  );
  await requireReadable(one.url, acknowledged);
  await requireReadable(other.url, acknowledged);
  const { text } = await talkTo(fetch, one.url).send('GET', `/v2/${sharedRepository}/tags/list`);
  const shared = acknowledged
    .filter(({ repository }) => repository === sharedRepository)
    .map(({ tag }) => tag);
  expect((JSON.parse(text) as { tags: string[] }).tags).toEqual(shared.sort());
  expect([...one.complaints, ...other.complaints]).toEqual([]);
});
