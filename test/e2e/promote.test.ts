import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PromoteResult } from '../../src/release/promote-result.js';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { talkTo } from '../support/registry/registry-requests.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const accept = 'application/vnd.docker.distribution.manifest.v2+json';

async function digestAt({ inner }: GuardedRegistry, path: string): Promise<string | null> {
  const { status, headers } = await talkTo(inner).send('HEAD', `/v2/${path}`, { headers: { accept } });
  return status === 200 ? headers.get('docker-content-digest') : null;
}

async function promote({ inProcess }: CommandRunner, config: string, ...words: string[]) {
  const ran = await inProcess(['--config', config, '--output', 'json', ...words]);
  return { code: ran.code, result: JSON.parse(ran.stdout) as PromoteResult };
}

const writes = ({ seen }: GuardedRegistry, path: RegExp) =>
  seen.filter(
    ({ method, path: at, query }) => ['POST', 'PUT', 'PATCH'].includes(method) && path.test(at + query),
  );

good(
  'promote',
  'to another repository of the registry: mounted, by the digest of the lock',
  async (runner) => {
    await using registry = await startGuardedRegistry();
    await using project = sampleProject({ repository: `${registry.host}/dev` });
    const { bundle } = await runJson(['ensure', '--config', project.config]);
    registry.seen.length = 0;
    const { code, result } = await promote(
      runner,
      project.config,
      '--to',
      `${registry.host}/prod`,
      '--tag',
      'v2.0.0',
      '--tag',
      'stable',
    );
    const tag = (name: string) => ({ tag: name, action: 'put', previous: null, anchor: null });
    expect(code).toBe(0);
    expect(result).toEqual({
      version: 1,
      bundles: [
        {
          name: 'alpha',
          outcome: 'promoted',
          source: `${registry.host}/dev/alpha@${bundle.digest}`,
          target: `${registry.host}/prod/alpha:v2.0.0@${bundle.digest}`,
          digest: bundle.digest,
          copy: {
            digest: bundle.digest,
            tags: [tag('v2.0.0'), tag('stable')],
            referrers: 0,
            signatures: [],
            warnings: [],
            copied: 1,
            mounted: 2,
            existing: 1,
            bytes: expect.any(Number),
          },
          requests: expect.any(Number),
          error: null,
        },
      ],
      summary: {
        promoted: 1,
        unchanged: 0,
        failed: 0,
        bytes: expect.any(Number),
        requests: expect.any(Number),
      },
      error: null,
    });
    expect(writes(registry, /uploads/).every(({ query }) => query.includes('mount='))).toBe(true);
    expect(await digestAt(registry, 'prod/alpha/manifests/stable')).toBe(bundle.digest);
    const again = await promote(runner, project.config, '--to', `${registry.host}/prod`, '--tag', 'v2.0.0');
    expect(again.result.bundles).toMatchObject([{ outcome: 'unchanged' }]);
  },
);

good(
  'promote',
  'a fallback goes to the declared repository with the same digest, and is none any more',
  async (runner) => {
    await using registry = await startGuardedRegistry();
    await using project = sampleProject({
      repository: `${registry.host}/home`,
      settings: ['moving: [latest]'],
    });
    const { bundle } = await runJson(['ensure', '--config', project.config, '--offline']);
    expect(bundle.outcome).toBe('fallback');
    const lock = readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
    const ran = await runner.inProcess(['--config', project.config]);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(
      /^↑ alpha {2}promoted {2}[0-9a-f]{12} {2}\S+\/home\/alpha:v1\.0\.0\n +from \S+\/registry\/home\/alpha\n/,
    );
    for (const tag of ['v1.0.0', 'latest']) {
      expect(await digestAt(registry, `home/alpha/manifests/${tag}`)).toBe(bundle.digest);
    }
    expect(readFileSync(join(project.directory, 'bundles.lock'), 'utf8')).toBe(lock);
    const run = await runInProcess(['run', 'alpha', '--config', project.config, '--no-preflight']);
    expect(run.stdout).toContain(`value: ${registry.host}/home/alpha:v1.0.0@${bundle.digest}`);
    const again = await promote(runner, project.config);
    expect(again.result.bundles).toMatchObject([
      { outcome: 'unchanged', target: null, copy: null, requests: 0 },
    ]);
    expect((await runJson(['ensure', '--config', project.config])).bundle).toMatchObject({
      outcome: 'reused',
      changes: [],
    });
  },
);

good('promote', 'a fallback on a registry, and bundles that share a layer send it once', async (runner) => {
  await using fallback = await startGuardedRegistry();
  await using home = await startGuardedRegistry();
  const settings = [`fallback: "${fallback.host}/fall"`];
  await using project = sampleProject({
    repository: `${home.host}/home`,
    bundles: ['alpha', 'beta', 'gamma'],
    settings,
    workflow: false,
  });
  for (const name of ['alpha', 'beta', 'gamma'])
    project.write(`pipelines/${name}.yaml`, samplePipeline('shared'));
  home.intercept = () => new Response('', { status: 503 });
  const ran = await runJson(['ensure', '--config', project.config, '--no-push']);
  expect(ran.result.bundles.map(({ outcome }) => outcome)).toEqual(['fallback', 'fallback', 'fallback']);
  home.intercept = undefined;
  home.seen.length = 0;
  const { code, result } = await promote(runner, project.config);
  expect([code, result.summary.promoted]).toEqual([0, 3]);
  const sums = result.bundles.map(({ copy }) => [copy?.copied ?? 0, copy?.mounted ?? 0]);
  expect(
    sums.reduce((all, [copied = 0, mounted = 0]) => [all[0]! + copied, all[1]! + mounted], [0, 0]),
  ).toEqual([5, 4]);
  const sentBlobs = writes(home, /uploads\/\?digest=/);
  expect(sentBlobs.length).toBe(2);
});

bad('promote', 'bundles that the lock does not know, and tags that stay', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/dev`, bundles: ['alpha', 'beta'] });
  const unlocked = await promote(runner, project.config, '--to', `${registry.host}/prod`);
  expect([unlocked.code, unlocked.result.bundles.map(({ error }) => error?.code)]).toEqual([
    4,
    ['LOCK_STALE', 'LOCK_STALE'],
  ]);
  await runInProcess(['ensure', '--config', project.config]);
  await promote(runner, project.config, '--to', `${registry.host}/prod`);
  const before = await digestAt(registry, 'prod/alpha/manifests/v1.0.0');
  project.write('pipelines/alpha.yaml', samplePipeline('changed'));
  await runInProcess(['ensure', 'alpha', '--config', project.config, '--on-different', 'overwrite']);
  const moved = await promote(runner, project.config, '--to', `${registry.host}/prod`);
  expect([moved.code, moved.result.bundles.map(({ outcome }) => outcome)]).toEqual([
    4,
    ['failed', 'unchanged'],
  ]);
  expect(moved.result.bundles[0]?.error?.code).toBe('TAG_DIFFERS');
  expect(await digestAt(registry, 'prod/alpha/manifests/v1.0.0')).toBe(before);
  const forced = await promote(runner, project.config, 'alpha', '--to', `${registry.host}/prod`, '--force');
  expect(forced.result.bundles[0]?.copy?.tags).toMatchObject([{ action: 'moved', previous: before }]);
});

bad(
  'promote',
  'places that are not a repository, tags that are none, names that are not declared',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository: 'registry.invalid/dev' });
    const refused = async (...words: string[]) => {
      const ran = await inProcess([...words, '--config', project.config]);
      return [ran.code, /error\[(\w+)\]/.exec(ran.stderr)?.[1]];
    };
    expect(await refused('alpa', '--to', 'quay.io/x')).toEqual([2, 'USAGE']);
    expect(await refused('--to', 'quay.io/x:v1')).toEqual([2, 'USAGE']);
    expect(await refused('--to', 'https://quay.io/x')).toEqual([2, 'REFERENCE_INVALID']);
    expect(await refused('--to', 'quay.io/x', '--tag', 'a b')).toEqual([2, 'USAGE']);
  },
);

bad('promote', 'a registry that denies', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull' });
  await using project = sampleProject({ repository: `${registry.host}/home` });
  await runInProcess(['ensure', '--config', project.config, '--offline']);
  const ran = await inProcess(['--config', project.config]);
  expect([ran.code, ran.stdout]).toEqual([5, expect.stringContaining('error[REGISTRY_DENIED]')]);
});
