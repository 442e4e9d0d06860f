import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import { shardOf } from '../../src/project/lock/shard.js';
import { freePort } from '../support/network/free-port.js';
import { gate } from '../support/network/gate.js';
import { findPeers } from '../support/peers.js';
import { type RunOptions, runCli } from '../support/program/run-cli.js';
import { contentRequests, failedRequests, surplusOf } from '../support/registry/content-requests.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

const peers = findPeers('docker-registry');
const program = peers?.['docker-registry'] ?? '';

const names = (count: number) => Array.from({ length: count }, (_, index) => `bundle-${index}`);
const shardsOf = (of: number) => Array.from({ length: of }, (_, index) => index + 1);
const partOf = ({ directory }: SampleProject, shard: number) => join(directory, 'parts', `${shard}.yaml`);
const lockOf = ({ directory }: SampleProject) => readFileSync(join(directory, 'bundles.lock'), 'utf8');

/** As on a machine of its own: nothing but the checkout is shared. */
async function ensureShard(
  project: SampleProject,
  shard: number,
  of: number,
  { words: more = [], ...options }: RunOptions & { readonly words?: readonly string[] } = {},
) {
  const own = ['--state-dir', join(project.directory, `state-${shard}`), '--no-fallback', '-o', 'json'];
  const words = ['ensure', '--shard', `${shard}/${of}`, '--part', partOf(project, shard), ...own, ...more];
  return await runCli(words, { cwd: project.directory, ...options });
}

async function mergeLock(project: SampleProject, shards: readonly number[]) {
  const parts = shards.map((shard) => partOf(project, shard));
  return await runCli(['lock', 'merge', ...parts, '-o', 'json'], { cwd: project.directory });
}

test.skipIf(peers === undefined)(
  '16 shards in 16 processes make the lock of one run, byte for byte, by the same requests',
  async () => {
    const port = await freePort();
    const options = { repository: `127.0.0.1:${port}/acme`, bundles: names(640), workflow: false };
    await using whole = sampleProject(options);
    const run = ['ensure', '--no-fallback', '--debug', '-o', 'json'];
    /** The first time all is published; then all is there, and each bundle is asked for once. */
    const ask = async (work: () => Promise<string>) => {
      await using registry = await startDockerRegistry({ program, port });
      const asked = async () => {
        await registry.forget();
        const failed = failedRequests(await work());
        return { requests: contentRequests(await registry.requests()), failed };
      };
      return { cold: await asked(), warm: await asked() };
    };
    const byOne = await ask(async () => {
      const ran = await runCli(run, { cwd: whole.directory });
      expect(ran.code, ran.stderr.slice(-2000)).toBe(0);
      return ran.stderr;
    });
    await using project = sampleProject(options);
    const byShards = await ask(async () => {
      const started = shardsOf(16).map((shard) => ensureShard(project, shard, 16, { words: ['--debug'] }));
      const ran = await Promise.all(started);
      expect(ran.map(({ code }) => code)).toEqual(shardsOf(16).map(() => 0));
      const results = ran.map(({ stdout }) => JSON.parse(stdout) as EnsureResult);
      for (const [index, { bundles }] of results.entries())
        expect(bundles.filter(({ name }) => shardOf(name, 16) !== index + 1)).toEqual([]);
      expect(existsSync(join(project.directory, 'bundles.lock.writing'))).toBe(false);
      const merged = await mergeLock(project, shardsOf(16));
      expect(merged.code, merged.stderr).toBe(0);
      return ran.map(({ stderr }) => stderr).join('');
    });
    expect(lockOf(project)).toBe(lockOf(whole));
    // A request whose answer was lost on a busy machine is sent again, no matter who sent it; nothing else comes more often. An upload
    // asks first whether the blob arrived, and begins again by another POST.
    for (const [heat, most] of [['cold', 3] as const, ['warm', 1] as const]) {
      for (const [one, other] of [[byShards, byOne] as const, [byOne, byShards] as const]) {
        const { requests, failed } = one[heat];
        const surplus = surplusOf(requests, other[heat].requests);
        expect(surplus.length, JSON.stringify({ heat, surplus, failed })).toBeLessThanOrEqual(
          most * failed.length,
        );
      }
    }
    expect(byShards.cold.requests.length).toBeGreaterThan(640 * 4);
    expect(new Set(byShards.warm.requests).size).toBe(640);
    expect(byShards.warm.requests.length).toBeLessThanOrEqual(640 + byShards.warm.failed.length);
  },
);

test.skipIf(peers === undefined)(
  'a shard that was killed leaves no part; run again it changes nothing of the others',
  async () => {
    await using registry = await startDockerRegistry({ program });
    const bundles = names(120);
    await using project = sampleProject({ repository: `${registry.host}/acme`, bundles, workflow: false });
    for (const shard of [1, 3]) expect((await ensureShard(project, shard, 3)).code).toBe(0);
    const others = [1, 3].map((shard) => readFileSync(partOf(project, shard), 'utf8'));
    await registry.forget();
    const publishing = gate();
    const ran = await ensureShard(project, 2, 3, {
      env: { CI: 'true' },
      killWhen: publishing.opened,
      onStderr: (text) => {
        if (text.includes('publishing')) publishing.open();
      },
    });
    expect([ran.signal, existsSync(partOf(project, 2))]).toEqual(['SIGKILL', false]);
    const gap = await mergeLock(project, [1, 3]);
    expect([gap.code, JSON.parse(gap.stdout)]).toMatchObject([
      4,
      { error: { code: 'LOCK_PARTS_MISMATCH', details: { reason: 'missing-shard', missing: ['2/3'] } } },
    ]);
    expect((await ensureShard(project, 2, 3)).code).toBe(0);
    const touched = contentRequests(await registry.requests()).map(
      (line) => /bundle-\d+/.exec(line)?.[0] ?? '',
    );
    expect([...new Set(touched)].map((name) => shardOf(name, 3))).toEqual([...new Set(touched)].map(() => 2));
    expect([1, 3].map((shard) => readFileSync(partOf(project, shard), 'utf8'))).toEqual(others);
    expect((await mergeLock(project, shardsOf(3))).code).toBe(0);
    // The lock of one run: it has nothing to change, and nothing to publish.
    const after = await runCli(['ensure', '--frozen', '--no-push', '--no-fallback', '-o', 'json'], {
      cwd: project.directory,
    });
    const { summary } = JSON.parse(after.stdout) as EnsureResult;
    expect([after.code, summary.reused]).toEqual([0, bundles.length]);
  },
);
