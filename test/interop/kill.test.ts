import { afterAll, beforeAll, expect, test } from 'vitest';
import { isBundlesError } from '../../src/errors.js';
import { createNodeTransport, type Transport } from '../../src/http/connect/node-transport.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { startByteProxy } from '../support/network/byte-proxy.js';
import { findPeers } from '../support/peers.js';
import { expectTagsWhole, type KilledProject, killedProject } from '../support/program/killed-project.js';
import { runCli } from '../support/program/run-cli.js';
import { seededRandom, testSeed } from '../support/random/seeded-random.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';

const peers = findPeers('docker-registry');
const bundles = Array.from({ length: 10 }, (_, index) => `bundle-${index}`);
const kills = Number(process.env.BUNDLES_TEST_KILLS ?? '30');
let registry: DockerRegistry;
let transport: Transport;

beforeAll(async () => {
  transport = createNodeTransport();
  if (peers) registry = await startDockerRegistry({ program: peers['docker-registry'] });
});

afterAll(async () => {
  await transport.close();
  await registry?.close();
});

test.skipIf(peers === undefined)(`${kills} kills of runs that publish leave nothing broken`, async () => {
  await using proxy = await startByteProxy(registry.host);
  const whole = await bytesOfRun();
  const seen: number[] = [];
  await atMoments(kills, async (moment, recorded) => {
    const repository = `${proxy.host}/killed/p${seen.length}`;
    await using project = await killedProject({ repository, bundles, recorded });
    // The last tenth of the moments comes after the last request: files are written then.
    const requested = proxy.reached(Math.ceil(whole * Math.min(0.998, moment / 0.9)));
    const killWhen = requested.then(() => sleep(Math.max(0, moment - 0.9) * 500));
    await runCli(['ensure'], { cwd: project.directory, killWhen });
    void proxy.reached(Number.POSITIVE_INFINITY);
    await project.expectWhole();
    const before = await countWholeTags(repository);
    await project.expectConverges([]);
    expect(await countWholeTags(repository)).toBe(bundles.length);
    seen.push(before);
  });
  console.info(`tags after each kill: ${seen.join(' ')}`);
  expect(Math.min(...seen)).toBe(0);
  expect(Math.max(...seen)).toBeGreaterThan(0);

  async function bytesOfRun(): Promise<number> {
    const repository = `${proxy.host}/killed/first`;
    await using project = await killedProject({ repository, bundles, recorded: false });
    void proxy.reached(Number.POSITIVE_INFINITY);
    await project.expectConverges([]);
    return proxy.sent;
  }
});

test(`${kills / 2} kills of runs that fall back leave nothing broken`, async () => {
  const words = ['--offline'];
  const open = (recorded: boolean): Promise<KilledProject> =>
    killedProject({ repository: 'registry.invalid/killed', bundles, recorded });
  await using whole = await open(false);
  const { milliseconds } = await runCli(['ensure', ...words], { cwd: whole.directory });
  let killed = 0;
  await atMoments(kills / 2, async (moment, recorded) => {
    await using project = await open(recorded);
    const timeoutMs = Math.ceil(moment * milliseconds);
    const { signal } = await runCli(['ensure', ...words], { cwd: project.directory, timeoutMs });
    if (signal === 'SIGKILL') killed++;
    await project.expectWhole();
    await project.expectConverges(words);
  });
  expect(killed).toBeGreaterThan(0);
});

/** One random moment in each part of a run, from 0 to 1; every other run goes over an older lock. */
async function atMoments(
  count: number,
  kill: (moment: number, recorded: boolean) => Promise<void>,
): Promise<void> {
  const seed = testSeed();
  const random = seededRandom(seed);
  for (let index = 0; index < count; index++) {
    const moment = (index + random()) / count;
    try {
      await kill(moment, index % 2 === 1);
    } catch (cause) {
      throw new Error(`killed at ${moment.toFixed(3)} of a run, BUNDLES_TEST_SEED=${seed}`, { cause });
    }
  }
}

async function countWholeTags(repository: string): Promise<number> {
  const client = createRegistryClient({ send: transport });
  const [, path] = /^[^/]+\/(.+)$/.exec(repository) ?? [];
  let tags = 0;
  for (const name of bundles) {
    const place = { registry: registry.host, repository: `${path}/${name}` };
    tags += await untilNamed(() => expectTagsWhole(client.repository(place)));
  }
  return tags;
}

/** The registry goes on with a PUT whose client is gone, and lists its tag a moment before the tag can be resolved. */
async function untilNamed<T>(look: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await look();
    } catch (error) {
      if (!isBundlesError(error, 'NOT_FOUND') || tries === 50) throw error;
      await sleep(100);
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
