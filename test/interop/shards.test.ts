import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import { shardOf } from '../../src/project/lock/shard.js';
import { contentRequests } from '../support/content-requests.js';
import { startDockerRegistry } from '../support/docker-registry.js';
import { freePort } from '../support/free-port.js';
import { gate } from '../support/gate.js';
import { findPeers } from '../support/peers.js';
import { type RunOptions, runCli } from '../support/run-cli.js';
import { type SampleProject, sampleProject } from '../support/sample-project.js';

const peers = findPeers('docker-registry');
const program = peers?.['docker-registry'] ?? '';

const names = (count: number) => Array.from({ length: count }, (_, index) => `bundle-${index}`);
const shardsOf = (of: number) => Array.from({ length: of }, (_, index) => index + 1);
const partOf = ({ directory }: SampleProject, shard: number) => join(directory, 'parts', `${shard}.yaml`);
const lockOf = ({ directory }: SampleProject) => readFileSync(join(directory, 'bundles.lock'), 'utf8');

/** As on a machine of its own: nothing but the checkout is shared. */
async function ensureShard(project: SampleProject, shard: number, of: number, options: RunOptions = {}) {
  const own = ['--state-dir', join(project.directory, `state-${shard}`), '--no-fallback', '-o', 'json'];
  const words = ['ensure', '--shard', `${shard}/${of}`, '--part', partOf(project, shard), ...own];
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
    const run = ['ensure', '--no-fallback', '-o', 'json'];
    const requests: string[][] = [];
    const ask = async (work: () => Promise<void>) => {
      await using registry = await startDockerRegistry({ program, port });
      await work();
      requests.push(contentRequests(await registry.requests()));
      await registry.forget();
      // All is there: each shard asks once for each of its bundles.
      await work();
      requests.push(contentRequests(await registry.requests()));
    };
    await ask(async () => {
      const ran = await runCli(run, { cwd: whole.directory });
      expect(ran.code, ran.stderr).toBe(0);
    });
    await using project = sampleProject(options);
    await ask(async () => {
      const ran = await Promise.all(shardsOf(16).map((shard) => ensureShard(project, shard, 16)));
      expect(ran.map(({ code }) => code)).toEqual(shardsOf(16).map(() => 0));
      const results = ran.map(({ stdout }) => JSON.parse(stdout) as EnsureResult);
      for (const [index, { bundles }] of results.entries())
        expect(bundles.filter(({ name }) => shardOf(name, 16) !== index + 1)).toEqual([]);
      expect(existsSync(join(project.directory, 'bundles.lock.writing'))).toBe(false);
      const merged = await mergeLock(project, shardsOf(16));
      expect(merged.code, merged.stderr).toBe(0);
    });
    expect(lockOf(project)).toBe(lockOf(whole));
    const [wholeCold = [], wholeWarm = [], cold = [], warm = []] = requests;
    // A busy machine may have a request repeated.
    expect([...new Set(cold)]).toEqual([...new Set(wholeCold)]);
    expect(Math.abs(cold.length - wholeCold.length)).toBeLessThan(10);
    expect(cold.length).toBeGreaterThan(640 * 4);
    expect([...new Set(warm)]).toEqual([...new Set(wholeWarm)]);
    expect(new Set(warm).size).toBe(640);
    expect(warm.length).toBeLessThan(650);
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
