import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ImageProject, imageProject } from '../support/engines/image-project.js';
import { makeBase, type PodmanStore, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { mustRun, runCli } from '../support/program/run-cli.js';
import { seededRandom, testSeed } from '../support/random/seeded-random.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';

const peers = findPeers('podman', 'busybox', 'skopeo', 'docker-registry');
const runs = Number(process.env.OTHER_TEAM_RUNS ?? 50);
const little = ['--min-disk', '1M', '--min-memory', '1M'];

/** What another team has in the same store and registry: made by podman, and by bundles with uses of their own. */
async function otherTeam(store: PodmanStore, registry: string): Promise<ImageProject> {
  const { podman } = store;
  const own = imageProject(
    [
      'theirs: {reference: localhost/theirs:v1, context: svc}',
      'listed: {reference: localhost/listed:v1, context: svc, platforms: [linux/amd64, linux/arm64]}',
    ],
    { 'svc/Containerfile': 'FROM scratch\nCOPY main /main\n', 'svc/main': 'of another team' },
  );
  const ran = await ensure(own, store, []);
  expect(ran.code, ran.stderr).toBe(0);
  // Built by bundles for a repository of theirs, and without a name since.
  own.write('svc/main', 'older');
  expect((await ensure(own, store, ['theirs'])).code).toBe(0);
  const id = (await podman('image', 'inspect', '--format', '{{.Id}}', 'localhost/theirs:v1')).trim();
  const named = JSON.parse(await podman('image', 'inspect', 'localhost/theirs:v1'))[0].RepoTags as string[];
  await podman('untag', id, ...named);
  own.write('svc/main', 'of another team');
  expect((await ensure(own, store, ['theirs'])).code).toBe(0);
  const context = join(store.directory, 'plain');
  mkdirSync(context);
  writeFileSync(join(context, 'file'), 'plain');
  writeFileSync(join(context, 'Containerfile'), 'FROM localhost/base:1\nCOPY file /file\nRUN echo 1 >/one\n');
  await podman('build', '--quiet', '--tag', 'localhost/svc:theirs', '--tag', 'localhost/taken:v1', context);
  writeFileSync(join(context, 'file'), 'without a name');
  await podman('build', '--quiet', context);
  await podman('create', '--name', 'their-container', 'localhost/svc:theirs', 'true');
  for (const name of ['their-volume', 'their-other-volume']) {
    await podman('volume', 'create', name);
    const place = (await podman('volume', 'inspect', '--format', '{{.Mountpoint}}', name)).trim();
    writeFileSync(join(place, 'data'), `data of ${name}`);
  }
  await podman('push', '--quiet', '--tls-verify=false', 'localhost/svc:theirs', `${registry}/acme/remote:v1`);
  await podman('push', '--quiet', '--tls-verify=false', 'localhost/base:1', `${registry}/acme/remote:v2`);
  await podman('rmi', `${registry}/acme/remote:v1`, `${registry}/acme/remote:v2`).catch(() => undefined);
  return own;
}

interface Snapshot {
  readonly images: readonly string[];
  readonly volumes: readonly string[];
  readonly containers: readonly string[];
  readonly registry: readonly string[];
}

/** Everything in the store and the registry; what is ours comes beside it. */
async function snapshot({ podman }: PodmanStore, registry: string): Promise<Snapshot> {
  const listed = JSON.parse(await podman('images', '--all', '--format', 'json')) as {
    Id: string;
    Digest: string;
    Names?: string[];
  }[];
  const images = listed.flatMap(({ Id, Digest, Names }) =>
    (Names ?? ['(no name)']).map((name) => `${name} ${Id} ${Digest}`),
  );
  const volumes = [];
  for (const volume of JSON.parse(await podman('volume', 'ls', '--format', 'json')) as {
    Name: string;
    Mountpoint: string;
    CreatedAt: string;
  }[]) {
    const text = readdirSync(volume.Mountpoint)
      .sort()
      .map((file) => `${file}: ${readFileSync(join(volume.Mountpoint, file), 'utf8')}`)
      .join('\n');
    volumes.push(`${volume.Name} ${volume.CreatedAt} ${createHash('sha256').update(text).digest('hex')}`);
  }
  const containers = JSON.parse(await podman('ps', '--all', '--format', 'json')) as {
    Id: string;
    ImageID: string;
  }[];
  const remote = [];
  for (const tag of ['v1', 'v2']) {
    const place = `docker://${registry}/acme/remote:${tag}`;
    remote.push(
      `${tag} ${JSON.parse(await mustRun(peers!.skopeo, ['inspect', '--tls-verify=false', place])).Digest}`,
    );
  }
  return {
    images: [...new Set(images)].sort(),
    volumes: volumes.sort(),
    containers: containers.map(({ Id, ImageID }) => `${Id} ${ImageID}`).sort(),
    registry: remote,
  };
}

async function ensure(
  project: ImageProject,
  store: PodmanStore,
  words: readonly string[],
  killAfterMs?: number,
) {
  const killWhen = killAfterMs === undefined ? undefined : new Promise((r) => setTimeout(r, killAfterMs));
  return await runCli(['images', 'ensure', '--output', 'json', ...little, ...words], {
    cwd: project.directory,
    env: { ...store.env, ...project.env },
    ...(killWhen ? { killWhen } : {}),
  });
}

test.skipIf(peers === undefined)(
  `what another team has stays as it is over ${runs} random runs of ensure and prune`,
  { timeout: 600_000 + runs * 10_000 },
  async () => {
    await using registry = await startDockerRegistry();
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using _theirs = await otherTeam(store, registry.host);
    const before = await snapshot(store, registry.host);
    await using ours = imageProject(
      [
        'a: {reference: localhost/svc:v1, context: a}',
        'b: {reference: localhost/b, context: b}',
        // Names that are taken: here, and in the registry.
        'taken: {reference: localhost/taken:v1, context: a}',
        `remote: {reference: "${registry.host}/acme/remote:v1", context: b}`,
        'list: {reference: localhost/list, context: a, platforms: [linux/amd64, linux/arm64]}',
      ],
      {
        'a/Containerfile': 'FROM scratch\nCOPY main /main\n',
        'a/main': '0',
        'b/Containerfile': 'FROM localhost/base:1\nCOPY main /main\nRUN cat /main >/copy\n',
        'b/main': '0',
      },
    );
    const seed = testSeed();
    const random = seededRandom(seed);
    const done: string[] = [];
    for (let index = 0; index < runs; index++) {
      const choice = random();
      if (random() < 0.6) ours.write(`${random() < 0.5 ? 'a' : 'b'}/main`, String(Math.floor(random() * 6)));
      let words: string[];
      if (choice < 0.65) {
        const names = ['a', 'b', 'taken', 'remote', 'list'].filter(() => random() < 0.5);
        const kill = random() < 0.2 ? Math.floor(random() * 3_000) : undefined;
        words = [
          ...names,
          ...(random() < 0.3 ? ['--no-push'] : []),
          ...(random() < 0.2 ? ['--sequential'] : []),
        ];
        const ran = await ensure(ours, store, words, kill);
        if (ran.signal === null) expect([0, 4], ran.stderr).toContain(ran.code);
        done.push(`ensure ${words.join(' ')}${kill === undefined ? '' : ` killed after ${kill} ms`}`);
      } else {
        words = [
          ...(random() < 0.8 ? ['--yes'] : []),
          ...['--grace', random() < 0.8 ? '0s' : '1h'],
          ...(random() < 0.2 ? ['--no-dangling'] : []),
          ...(random() < 0.4 ? ['--host'] : []),
        ];
        const ran = await runCli(['images', 'prune', ...words], {
          cwd: ours.directory,
          env: { ...store.env, ...ours.env },
        });
        expect(ran.code, ran.stderr).toBe(0);
        done.push(`prune ${words.join(' ')}`);
      }
      const now = await snapshot(store, registry.host);
      const context = `BUNDLES_TEST_SEED=${seed} after ${done.join('\n')}`;
      expect(now.images, context).toEqual(expect.arrayContaining([...before.images]));
      expect({ ...now, images: [] }, context).toEqual({ ...before, images: [] });
    }
    console.info(`another team: BUNDLES_TEST_SEED=${seed}, ${done.length} runs:\n${done.join('\n')}`);
  },
);
