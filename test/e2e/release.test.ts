import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { createNodeTransport } from '../../src/http/connect/node-transport.js';
import { digestOf } from '../../src/oci/digest.js';
import { createGitHub } from '../../src/release/github/github.js';
import { ensureGitHubRelease, type GitHubReleaseRequest } from '../../src/release/github-release.js';
import { createFastClock } from '../support/clocks/fast-clock.js';
import { githubFaults } from '../support/github/github-faults.js';
import { type LoopbackGitHub, startLoopbackGitHub } from '../support/github/loopback-github.js';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { seededRandom } from '../support/random/seeded-random.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const tag = 'v1.0.0';

async function prepared(): Promise<SampleProject> {
  const project = sampleProject({ repository: 'quay.io/acme', bundles: ['alpha', 'beta'] });
  expect((await runInProcess(['ensure', '--offline', '--config', project.config])).code).toBe(0);
  return project;
}

async function serve(options: Parameters<typeof startLoopbackGitHub>[0] = {}): Promise<LoopbackGitHub> {
  const server = await startLoopbackGitHub(options);
  server.refs.set(`tags/${tag}`, server.refs.get('heads/main')!);
  return server;
}

/** Runs the command as a job does, on a clock for which GitHub's pauses are short. */
function release(
  { inProcess }: CommandRunner,
  server: Pick<LoopbackGitHub, 'url' | 'token' | 'repository'>,
  words: readonly string[],
) {
  const environment = {
    ...{ GITHUB_API_URL: server.url, GITHUB_REPOSITORY: server.repository, GITHUB_TOKEN: server.token },
  };
  return inProcess([...words, '-o', 'json'], { environment, clock: createFastClock(200) });
}

const writes = ({ requests }: LoopbackGitHub, from = 0) =>
  requests.slice(from).filter(({ method }) => method !== 'GET');

good('release', 'drafts, uploads, publishes; again it changes nothing', async (runner) => {
  await using project = await prepared();
  await using server = await serve();
  server.immutableReleases = true;
  const words = [tag, '--config', project.config];
  const dry = await release(runner, server, [...words, '--dry-run']);
  expect([dry.code, JSON.parse(dry.stdout).action, writes(server)]).toEqual([3, 'planned', []]);
  const ran = await release(runner, server, words);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const result = JSON.parse(ran.stdout);
  expect(result).toMatchObject({
    repository: 'acme/shop',
    tag,
    action: 'created',
    draft: false,
    immutable: true,
  });
  expect(server.releases).toMatchObject([{ tag_name: tag, name: tag, draft: false, prerelease: false }]);
  const [{ assets = [], body = '' } = {}] = server.releases;
  expect(body).toMatch(/^\| alpha \| `quay\.io\/acme\/alpha:v1\.0\.0@sha256:[0-9a-f]{64}` \|$/m);
  expect(assets.map(({ name }) => name)).toEqual([
    ...['bundles.lock', 'alpha-workflow-schema.yaml', 'alpha.spdx.json'],
    ...['beta-workflow-schema.yaml', 'beta.spdx.json', 'SHA256SUMS'],
  ]);
  const bytesOf = (name: string) => assets.find((asset) => asset.name === name)!.bytes;
  for (const path of ['bundles.lock', 'schemas/alpha-workflow-schema.yaml'])
    expect(bytesOf(path.split('/').at(-1)!)).toEqual(readFileSync(join(project.directory, path)));
  const sums = assets
    .filter(({ name }) => name !== 'SHA256SUMS')
    .map(({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
  expect(bytesOf('SHA256SUMS').toString().split('\n').sort()).toEqual(sums.join('').split('\n').sort());
  const sbom = await runInProcess(['sbom', 'alpha', '--config', project.config]);
  expect(bytesOf('alpha.spdx.json').toString()).toBe(sbom.stdout);

  const before = server.requests.length;
  // A checkout with other line ends is the same commit.
  const lock = join(project.directory, 'bundles.lock');
  writeFileSync(lock, readFileSync(lock, 'utf8').replaceAll('\n', '\r\n'));
  const again = await release(runner, server, words);
  expect([again.code, JSON.parse(again.stdout).action, writes(server, before)]).toEqual([0, 'unchanged', []]);
  expect(server.requests.length - before).toBe(2);
});

good('release', "takes a person's draft with its text, and leaves it a draft if asked to", async (runner) => {
  await using project = await prepared();
  await using server = await serve({ prefix: '/api/v3' });
  server.assetDigests = false;
  const github = await open(server);
  await github.ask('draft', (rest, where) =>
    rest.repos.createRelease({ ...where, tag_name: tag, name: 'By hand', body: 'Words', draft: true }),
  );
  const words = [tag, '--config', project.config, '--draft', '--sbom-format', 'cyclonedx'];
  const ran = await release(runner, server, words);
  expect(JSON.parse(ran.stdout)).toMatchObject({ action: 'updated', draft: true });
  expect(server.releases).toMatchObject([{ name: 'By hand', body: 'Words', draft: true }]);
  expect(server.releases[0]?.assets.map(({ name }) => name)).toContain('alpha.cdx.json');
  expect(JSON.parse((await release(runner, server, words)).stdout)).toMatchObject({ action: 'unchanged' });
  // Nobody can have downloaded from a draft yet, so a changed file is replaced.
  server.releases[0]!.assets[0]!.bytes = Buffer.from('old');
  const replaced = JSON.parse((await release(runner, server, words)).stdout);
  expect(replaced.assets.map((one: { action: string }) => one.action)).toEqual([
    'replaced',
    ...replaced.assets.slice(1).map(() => 'unchanged'),
  ]);
  expect(replaced).toMatchObject({ action: 'updated', draft: true });
  const published = await release(
    runner,
    server,
    words.filter((word) => word !== '--draft'),
  );
  expect(JSON.parse(published.stdout)).toMatchObject({ action: 'updated', draft: false });
});

bad('release', 'what is published and differs, immutable or not', async (runner) => {
  await using project = await prepared();
  await using server = await serve();
  const words = [tag, '--config', project.config];
  expect((await release(runner, server, words)).code).toBe(0);
  const [published] = server.releases;
  const asset = published!.assets[1]!;
  const content = asset.bytes;
  asset.bytes = Buffer.from('other');
  const differing = await release(runner, server, words);
  expect([differing.code, JSON.parse(differing.stdout).error]).toMatchObject([
    4,
    { code: 'RELEASE_DIFFERS', details: { files: [asset.name] } },
  ]);
  published!.immutable = true;
  const immutable = await release(runner, server, [...words, '--replace']);
  expect([immutable.code, JSON.parse(immutable.stdout).error.code]).toEqual([4, 'RELEASE_IMMUTABLE']);
  published!.immutable = false;
  const replaced = JSON.parse((await release(runner, server, [...words, '--replace'])).stdout);
  expect(replaced).toMatchObject({ action: 'updated', error: null });
  expect(published!.assets.find(({ name }) => name === asset.name)?.bytes).toEqual(content);
  // What is missing takes nothing away from anybody.
  published!.assets.splice(0, 1);
  expect(JSON.parse((await release(runner, server, words)).stdout)).toMatchObject({ action: 'updated' });
  expect(published!.assets).toHaveLength(6);
});

bad('release', 'a tag that is not there or none, a stale lock or schema, a missing token', async (runner) => {
  await using project = await prepared();
  await using server = await serve();
  const failed = async (words: readonly string[], given: Partial<LoopbackGitHub> = {}) => {
    const ran = await release(runner, { ...server, ...given }, [...words, '--config', project.config]);
    return [ran.code, JSON.parse(ran.stdout).error.code];
  };
  expect(await failed(['v9'])).toEqual([3, 'NOT_FOUND']);
  for (const name of ['refs/../x', '-x', 'a b', 'v1.lock'])
    expect(await failed(['--', name])).toEqual([2, 'USAGE']);
  expect(await failed([tag], { token: '' })).toEqual([2, 'USAGE']);
  expect(await failed([tag], { repository: '' })).toEqual([2, 'USAGE']);
  expect(await failed([tag], { token: 'ghs_another-token-than-that' })).toEqual([5, 'GITHUB_DENIED']);
  project.write('notes.md', 'x'.repeat(125_001));
  expect(await failed([tag, '--notes', join(project.directory, 'notes.md')])).toEqual([2, 'USAGE']);
  const schema = join(project.directory, 'schemas/beta-workflow-schema.yaml');
  const text = readFileSync(schema, 'utf8');
  writeFileSync(schema, `${text}# by hand\n`);
  expect(await failed([tag])).toEqual([4, 'LOCK_STALE']);
  writeFileSync(schema, text);
  project.write('pipelines/beta.yaml', samplePipeline('changed'));
  expect(await failed([tag])).toEqual([4, 'LOCK_STALE']);
  expect(writes(server)).toEqual([]);
});

async function open(server: LoopbackGitHub, timeoutMs = 30_000) {
  const { url, token, repository } = server;
  const send = createNodeTransport();
  return createGitHub({ send, clock: systemClock, url, token, repository, timeoutMs, secondMs: 1 });
}

function request(given: Partial<GitHubReleaseRequest> = {}): GitHubReleaseRequest {
  const files = ['bundles.lock', 'a.spdx.json', 'SHA256SUMS'].map((name) => {
    const bytes = new TextEncoder().encode(`${name} of this release`);
    return { name, bytes, digest: digestOf(bytes) };
  });
  const usual = {
    title: tag,
    notes: 'notes',
    prerelease: false,
    draft: false,
    replace: false,
    dryRun: false,
  };
  return { tag, ...usual, files, ...given };
}

/** What an earlier run, or a person, may have left. */
function leaveBehind(server: LoopbackGitHub, random: () => number): void {
  const kind = Math.floor(random() * 5);
  if (kind < 2) return;
  const asset = (id: number, name: string, state: 'uploaded' | 'starter', text: string) => ({
    ...{ id, name, label: null, state, content_type: 'text/plain', bytes: Buffer.from(text) },
  });
  server.releases.push({
    ...{ id: 7, tag_name: tag, target_commitish: 'main', name: 'old', body: 'by hand', prerelease: false },
    ...{ draft: kind !== 4, immutable: false },
    assets: [
      asset(8, 'notes.txt', 'uploaded', 'of a person'),
      ...(kind === 3 ? [asset(9, 'SHA256SUMS', 'starter', 'SHA256')] : []),
      ...(kind === 4 ? [asset(9, 'a.spdx.json', 'uploaded', 'a.spdx.json of this release')] : []),
    ],
  });
}

async function surviveSchedule(seed: number): Promise<void> {
  const random = seededRandom(seed);
  let faulty = true;
  let dies: { at: number; controller: AbortController } | undefined;
  await using server = await serve({
    pageSize: 1 + Math.floor(random() * 3),
    faults: ({ method }) => {
      const chance = method === 'GET' ? 0.1 : 0.4;
      if (!faulty || random() > chance) return undefined;
      return githubFaults[Math.floor(random() * githubFaults.length)];
    },
    meanwhile: () => {
      if (dies && --dies.at === 0) dies.controller.abort(new Error('killed'));
    },
  });
  server.assetDigests = random() < 0.7;
  server.immutableReleases = random() < 0.5;
  leaveBehind(server, random);
  const isOld = server.releases.length > 0;
  for (let attempt = 0; attempt < 3; attempt++) {
    dies = { at: 1 + Math.floor(random() * 30), controller: new AbortController() };
    const { signal } = dies.controller;
    await open(server, 60)
      .then((github) => ensureGitHubRelease(github, request(), { signal }))
      .catch((error: Error & { code?: string }) => {
        const known = ['GITHUB_UNREACHABLE', 'GITHUB_REFUSED', 'RATE_LIMITED', 'killed'];
        expect(known, `${seed}: ${error.message}`).toContain(error.code ?? error.message);
      });
  }
  [faulty, dies] = [false, undefined];
  const github = await open(server);
  await ensureGitHubRelease(github, request());
  const before = server.requests.length;
  const again = await ensureGitHubRelease(github, request());
  expect([seed, again.action, writes(server, before)]).toEqual([seed, 'unchanged', []]);
  expect(server.releases.map((one) => [one.tag_name, one.draft, one.body])).toEqual([
    [tag, false, isOld ? 'by hand' : 'notes'],
  ]);
  const assets = server.releases[0]!.assets.map(({ name, state, bytes }) => [name, state, bytes.toString()]);
  const wanted = request().files.map(({ name }) => [name, 'uploaded', `${name} of this release`]);
  const own = isOld ? [['notes.txt', 'uploaded', 'of a person']] : [];
  expect(assets.sort(), `seed ${seed}`).toEqual([...own, ...wanted].sort());
}

test('60 random schedules of faults, deaths and leftovers: one release, every file once and whole', async () => {
  // Beside each other: most of their time they wait for answers that never come.
  for (let seed = 1; seed <= 60; seed += 15)
    await Promise.all(Array.from({ length: 15 }, (_, at) => surviveSchedule(seed + at)));
});

test('jobs for one tag at the same time end with one release', async () => {
  await using server = await serve();
  const runs = await Promise.allSettled(
    Array.from({ length: 3 }, async () => ensureGitHubRelease(await open(server), request())),
  );
  expect(runs.some(({ status }) => status === 'fulfilled')).toBe(true);
  await ensureGitHubRelease(await open(server), request());
  expect(server.releases.map(({ draft, assets }) => [draft, assets.length])).toEqual([[false, 3]]);
});
