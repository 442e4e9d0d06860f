import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test as everywhere, expect } from 'vitest';
import { openLayoutStore } from '../../src/content/layout/layout-store.js';
import { readContent } from '../../src/content/read-content.js';
import type { Descriptor } from '../../src/oci/descriptor.js';
import { type Digest, digestOf } from '../../src/oci/digest.js';
import { parseImageManifest, parseManifest } from '../../src/oci/manifest.js';
import { type Container, canContain, openContainer } from '../support/cluster/container-rootfs.js';
import {
  type PipelineObject,
  runPipeline,
  type Step,
  type StepRun,
  type TaskObject,
} from '../support/cluster/run-pipeline.js';
import { writeNodeBase } from '../support/engines/node-base.js';
import { fileTree } from '../support/file-tree.js';
import { findPeers } from '../support/peers.js';
import { cliPath, mustRun, run } from '../support/program/run-cli.js';
import { runLines } from '../support/program/run-lines.js';
import { judge } from '../support/random/judge.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

// What deploy/ is for: the container image, made by our own writer and by buildah, and run as a cluster runs it; Tasks and
// Pipeline, published by the program, judged and resolved by Tekton's code, their steps run in that image.

const peers = findPeers(
  ...(['docker-registry', 'node-amd64', 'node-arm64', 'sbom-judge', 'buildah', 'skopeo'] as const),
  ...(['judge', 'resolver', 'git'] as const),
);
const isHere = process.arch === 'x64' && canContain;
if (!isHere) console.warn('SKIPPED: images of linux/amd64 are run by root on such a machine');
const test = everywhere.skipIf(peers === undefined || !isHere);
const root = fileURLToPath(new URL('../../', import.meta.url));

interface WrittenImage {
  readonly digest: Digest;
  readonly platforms: Readonly<Record<string, Digest>>;
  readonly layer: { readonly digest: Digest; readonly size: number };
  readonly sbom: Digest;
}

let directory: TempDir;
let registry: DockerRegistry;
let written: WrittenImage;
let container: Container;

beforeAll(async () => {
  if (peers === undefined || !isHere) return;
  directory = tempDir('container-image-');
  registry = await startDockerRegistry({ program: peers['docker-registry'] });
  await writeNodeBase(join(directory.path, 'base'), '24', {
    amd64: peers['node-amd64'],
    arm64: peers['node-arm64'],
  });
  const base = `oci:${join(directory.path, 'base')}:24`;
  written = await writeImage(root, ['--base', base, '--to', `oci:${layout()}:v1`]);
  const amd64 = await openLayoutStore(layout()).resolve(written.platforms['linux/amd64']!);
  container = await openContainer(layout(), amd64);
});

afterAll(async () => {
  await container?.[Symbol.asyncDispose]();
  await registry?.close();
  await directory?.[Symbol.asyncDispose]();
});

const layout = () => join(directory.path, 'image');

/** `npm run image` without its build. */
async function writeImage(checkout: string, words: readonly string[], umask = '022'): Promise<WrittenImage> {
  const program = [process.execPath, '--import', './scripts/typescript.mjs', 'scripts/image/image.ts'];
  const line = ['-c', `umask ${umask}; exec "$@"`, 'sh', ...program, ...words];
  return JSON.parse(await mustRun('sh', line, { cwd: checkout, env: { TZ: 'Asia/Tokyo' } })) as WrittenImage;
}

async function readJson(descriptor: Descriptor): Promise<Record<string, never>> {
  return JSON.parse(Buffer.from(await readContent(openLayoutStore(layout()), descriptor)).toString());
}

test('the image is an index of amd64 and arm64 with one layer, and skopeo reads it', async () => {
  const store = openLayoutStore(layout());
  const index = await store.resolve('v1');
  const manifest = parseManifest(await readContent(store, index), index.mediaType);
  const platforms = manifest.type === 'index' ? manifest.manifests.map(({ platform }) => platform) : [];
  expect(platforms).toEqual([
    { architecture: 'amd64', os: 'linux' },
    { architecture: 'arm64', os: 'linux' },
  ]);
  for (const [platform, digest] of Object.entries(written.platforms)) {
    const descriptor = await store.resolve(digest);
    const image = parseImageManifest(await readContent(store, descriptor), descriptor.mediaType);
    expect(image.layers.at(-1)?.digest, platform).toBe(written.layer.digest);
    expect(await readJson(image.config)).toMatchObject({
      architecture: platform.slice('linux/'.length),
      config: {
        User: '1001:0',
        Entrypoint: ['node', '/opt/bundles/bin/bundles.js'],
        Env: ['PATH=/opt/bundles/bin:/usr/local/bin:/usr/bin'],
      },
    });
    // Every layer of the index is read whole and checked.
    const copied = join(directory.path, `skopeo-${digest.slice(7, 19)}`);
    const source = `oci:${layout()}:v1`;
    const architecture = ['--override-arch', platform.slice('linux/'.length)];
    await mustRun(peers!.skopeo, [...architecture, 'copy', '--quiet', source, `dir:${copied}`]);
  }
  // The layer is for every platform: it holds no machine code.
  const machineCode = fileTree(join(container.path, 'opt'));
  expect(Object.keys(machineCode).filter((path) => /\.(?:node|so|bare|dylib|dll)$/.test(path))).toEqual([]);
});

test('two builds give the same bytes: from another checkout, with another umask, on a registry', async () => {
  const checkout = join(directory.path, 'checkout');
  mkdirSync(checkout, { mode: 0o700 });
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'LICENSE'];
  for (const name of ['bin', 'schemas', 'scripts', 'src', ...settings])
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  // Of another time; packages are what npm ci unpacks.
  await mustRun('cp', ['-rl', join(root, 'node_modules'), join(checkout, 'node_modules')]);
  await mustRun('sh', ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, 'scripts/build.mjs'], {
    cwd: checkout,
  });
  const base = `${registry.host}/acme/base:24`;
  await mustRun(process.execPath, [cliPath, 'copy', `oci:${join(directory.path, 'base')}:24`, base]);
  await registry.forget();
  const to = `${registry.host}/acme/bundles:v1`;
  const again = await writeImage(checkout, ['--base', base, '--to', to], '077');
  expect(again).toEqual({ ...written, image: to });
  // The layers of the base are mounted, not read and sent again.
  const requests = await registry.requests();
  const mounted = requests.filter(({ path, status }) => path.includes('mount=') && status === 201);
  expect(mounted.length).toBe(2);
  const store = openLayoutStore(layout());
  for (const digest of Object.values(written.platforms)) {
    const descriptor = await store.resolve(digest);
    const { layers } = parseImageManifest(await readContent(store, descriptor), descriptor.mediaType);
    const ofBase = requests.filter(({ path }) => path.includes(layers[0]!.digest.slice('sha256:'.length)));
    expect(ofBase.map(({ method }) => method)).toEqual(['POST']);
  }
});

test('files of the layer are readable for all users and writable only for root', async () => {
  const looked = await mustRun('find', [join(container.path, 'opt'), ...['-printf', '%y %m %U:%G %t\\n']], {
    env: { TZ: 'UTC' },
  });
  const kinds = new Set(
    looked
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 3).join(' ')),
  );
  expect([...kinds].sort()).toEqual(['d 755 0:0', 'f 644 0:0', 'f 755 0:0', 'l 777 0:0']);
});

test('a user of no name in group 0 runs the main job with a root that is read-only', async () => {
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await chmod(project.directory, 0o775);
  await mustRun('chgrp', ['-R', '0', project.directory]);
  const before = fileTree(container.path);
  const request = {
    args: ['ensure', '--no-fallback', '--state-dir', '/tmp/state', '--output', 'json'],
    env: { CI: 'true' },
    workingDirectory: '/workspace/source',
    volumes: { '/workspace/source': project.directory },
  };
  const first = await container.run(request);
  expect([first.code, first.stderr.split('\n').filter((line) => line.startsWith('error'))]).toEqual([0, []]);
  const outcomes = (text: string) =>
    (JSON.parse(text) as { bundles: { outcome: string }[] }).bundles.map(({ outcome }) => outcome);
  expect(new Set(outcomes(first.stdout))).toEqual(new Set(['published']));
  expect(statSync(join(project.directory, 'bundles.lock'))).toMatchObject({ uid: 12_345, gid: 0 });
  const second = await container.run({ ...request, args: [...request.args, '--frozen'] });
  expect([second.code, new Set(outcomes(second.stdout))]).toEqual([0, new Set(['reused'])]);
  expect(existsSync(join(project.directory, '.bundles'))).toBe(false);
  // Nothing but the workspace was written to.
  expect(Object.keys(fileTree(container.path)).filter((path) => !(path in before))).toEqual([
    'workspace/',
    'workspace/source/',
  ]);
});

test('the bill of materials refers to the index and to each image, and is valid CycloneDX', async () => {
  const bytes = readFileSync(join(container.path, 'opt/bundles/sbom.cdx.json'));
  expect(digestOf(bytes)).toBe(written.sbom);
  const { components } = JSON.parse(bytes.toString()) as { components: { name: string; version: string }[] };
  const inLayer = fileTree(join(container.path, 'opt/bundles'));
  const installed = Object.keys(inLayer).filter((path) =>
    /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(path),
  );
  const names = installed.map((path) => {
    const { name, version } = JSON.parse(readFileSync(join(container.path, 'opt/bundles', path), 'utf8'));
    return `${name}@${version}`;
  });
  const listed = components.map(({ name, version }) => `${name}@${version}`);
  expect(names.filter((name) => !listed.includes(name))).toEqual([]);
  const judged = join(directory.path, 'sbom');
  mkdirSync(judged);
  writeFileSync(join(judged, 'image.cdx.json'), bytes);
  const { problems } = JSON.parse(await mustRun(peers!['sbom-judge'], [judged])) as { problems: string[] };
  // The judge is for bundles, whose materials are images.
  expect(problems.filter((problem) => !/^pkg:npm\/.*: not an image in a repository$/.test(problem))).toEqual(
    [],
  );
  const store = openLayoutStore(layout());
  const subjects: unknown[] = [];
  for (const descriptor of await store.manifests()) {
    const manifest = parseManifest(await readContent(store, descriptor), descriptor.mediaType);
    if (manifest.artifactType === 'application/vnd.cyclonedx+json') subjects.push(manifest.subject?.digest);
  }
  expect(subjects.sort()).toEqual([written.digest, ...Object.values(written.platforms)].sort());
});

test('buildah makes the same files by the Containerfile, and the same image twice', async () => {
  const context = join(directory.path, 'context');
  const program = ['--import', './scripts/typescript.mjs', 'scripts/image/image.ts', '--context', context];
  await mustRun(process.execPath, program, { cwd: root });
  const storage = ['--root', join(directory.path, 'buildah'), '--runroot', join(directory.path, 'run')];
  const buildah = [...storage, '--storage-driver', 'vfs'];
  const place = `[vfs@${join(directory.path, 'buildah')}+${join(directory.path, 'run')}]`;
  const base = `oci:${join(directory.path, 'base')}:24`;
  await mustRun(peers!.skopeo, ['copy', '--quiet', base, `containers-storage:${place}localhost/base:24`]);
  const digests: string[] = [];
  for (const name of ['first', 'second']) {
    const to = join(directory.path, `built-${name}`);
    const args = [
      ...['--isolation', 'chroot', '--timestamp', '0', '--no-cache', '--build-arg', 'BASE=localhost/base:24'],
      ...['--quiet', '--tag', name],
    ];
    await mustRun(peers!.buildah, [...buildah, 'bud', ...args, context]);
    await mustRun(peers!.buildah, [
      ...buildah,
      'push',
      '--quiet',
      '--disable-compression',
      name,
      `oci:${to}:v1`,
    ]);
    digests.push((await openLayoutStore(to).resolve('v1')).digest);
  }
  expect(digests[1]).toBe(digests[0]);
  const to = join(directory.path, 'built-first');
  await using built = await openContainer(to, await openLayoutStore(to).resolve('v1'));
  expect(built.config).toMatchObject({ User: '1001:0', Entrypoint: container.config.Entrypoint });
  expect(fileTree(join(built.path, 'opt'))).toEqual(fileTree(join(container.path, 'opt')));
  const ran = await built.run({ args: ['--version'], volumes: {} });
  expect([ran.code, ran.stdout]).toEqual([
    0,
    (await container.run({ args: ['--version'], volumes: {} })).stdout,
  ]);
});

const htpasswd = 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n';

/** An object of the bundle of deploy/, by the code of Tekton's resolver. */
async function resolved<Kind>(reference: Readonly<Record<string, string>>): Promise<Kind> {
  const [answer] = await runLines<{ data?: string; error?: string }>(peers!.resolver, [reference]);
  if (answer?.data === undefined) throw new Error(answer?.error);
  return JSON.parse(Buffer.from(answer.data, 'base64').toString()) as Kind;
}

/** Publishes the bundle of deploy/ by the program in the image, and gives its reference with its digest. */
async function publishTasks(): Promise<string> {
  const to = `${registry.host}/acme/cluster`;
  const args = ['ensure', '--config', '/workspace/deploy/bundles.yaml', '--repository', to, '--push'];
  const more = ['--no-fallback', '--state-dir', '/tmp/state', '--output', 'json'];
  // A checkout may be open to its owner alone.
  const copied = join(directory.path, 'deploy');
  cpSync(join(root, 'deploy'), copied, { recursive: true });
  await mustRun('chmod', ['-R', 'a+rX', copied]);
  const volumes = { '/workspace/deploy': copied };
  const ran = await container.run({ args: [...args, ...more], volumes });
  const { bundles } = JSON.parse(ran.stdout) as { bundles: { pinned: string; outcome: string }[] };
  expect([ran.code, bundles.map(({ outcome }) => outcome)]).toEqual([0, ['published']]);
  return bundles[0]!.pinned;
}

/** A checkout of ten bundles with an origin, for pods of group 0. */
async function checkout(repository: string) {
  const project = sampleProject({
    repository,
    bundles: Array.from({ length: 10 }, (_, index) => `b${index}`),
  });
  const origin = tempDir('origin-');
  const git = (...words: string[]) =>
    mustRun(peers!.git, ['-C', project.directory, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words]);
  await mustRun(peers!.git, ['init', '--quiet', '--bare', '--initial-branch=main', origin.path]);
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'start');
  await git('remote', 'add', 'origin', origin.path);
  await git('push', '--quiet', 'origin', 'main');
  for (const path of [project.directory, origin.path]) await mustRun('chown', ['-R', '12345:0', path]);
  const log = () =>
    mustRun(peers!.git, ['-c', 'safe.directory=*', '-C', origin.path, 'log', '--format=%H %an %s', 'main']);
  return {
    project,
    log: async () => (await log()).trimEnd().split('\n'),
    async [Symbol.asyncDispose]() {
      await origin[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

test('Tekton accepts Tasks and Pipeline, resolves them from their bundle, and the shards merge into one lock', async () => {
  const bundle = await publishTasks();
  const reference = (kind: string, name: string) => ({ bundle, kind, name });
  const pipeline = await resolved<PipelineObject>(reference('pipeline', 'bundles-ensure'));
  const objects: object[] = [pipeline];
  for (const name of ['bundles-ensure', 'bundles-merge'])
    objects.push(await resolved(reference('task', name)));
  const judged = judge(
    peers!.judge,
    objects.map((object) => JSON.stringify(object)),
  );
  expect(judged.map(({ decode, unknown, errors }) => ({ decode, unknown, errors }))).toEqual(
    objects.map(() => ({ unknown: [], errors: [] })),
  );

  await using locked = await startDockerRegistry({ program: peers!['docker-registry'], htpasswd });
  await using source = await checkout(`${locked.host}/acme`);
  const { directory: at } = source.project;
  await using secret = tempDir('secret-');
  const auths = { [locked.host]: { auth: Buffer.from('robot:s3cret-pass').toString('base64') } };
  writeFileSync(join(secret.path, '.dockerconfigjson'), JSON.stringify({ auths }));
  await mustRun('chown', ['-R', '12345:0', secret.path]);
  const tries: string[] = [];
  const runStep = async ({ step, taskRun, attempt, volumes }: StepRun): Promise<boolean> => {
    tries.push(`${taskRun} ${step.name} ${attempt}`);
    const env = Object.fromEntries((step.env ?? []).map(({ name, value }) => [name, value]));
    const ran =
      step.script === undefined ? await inImage(step, env, volumes) : await inGit(step, env, volumes);
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([0, expect.anything()]);
    // A pod that is lost when its work is done, of a shard and of the merge.
    return !(attempt === 0 && ['run-7-ensure-1', 'run-7-merge-0'].includes(taskRun));
  };
  const inImage = (step: Step, env: Record<string, string>, volumes: StepRun['volumes']) => {
    expect(step.image).toBe('the-image');
    const places = { ...volumes, '/workspace/source': at, '/workspace/registry-auth': secret.path };
    return container.run({ args: step.args, env, workingDirectory: step.workingDir!, volumes: places });
  };
  const inGit = async (step: Step, env: Record<string, string>, volumes: StepRun['volumes']) => {
    const here = (text: string) =>
      Object.entries(volumes).reduce((whole, [place, path]) => whole.replace(place, path), text);
    const script = join(volumes['/tekton/home'], 'script');
    writeFileSync(script, step.script!, { mode: 0o755 });
    const variables = Object.entries(env).map(([name, value]) => [name, here(value)] as const);
    const as = { uid: 12_345, gid: 0, cwd: at, env: Object.fromEntries(variables) };
    return run(script, step.args, as);
  };
  const ensureInShards = () =>
    runPipeline({
      ...{ pipeline, runStep, resolve: (found) => resolved<TaskObject>(found) },
      workspaces: ['source', 'registry-auth'],
      params: {
        ...{ bundle, image: 'the-image', 'git-image': 'git', branch: 'main', profile: 'none' },
        'part-repository': `${locked.host}/acme/parts`,
      },
    });

  const first = await ensureInShards();
  expect(first.tasks.ensure!.map(({ summary }) => summary)).toHaveLength(4);
  for (const { part, IMAGES } of first.tasks.ensure!) {
    expect(part).toMatch(/^oci:127\.0\.0\.1:\d+\/acme\/parts:run-7-ensure-\d@sha256:[0-9a-f]{64}$/);
    expect(IMAGES).toBe(part!.slice('oci:'.length));
  }
  // What the lost shard had published, its second try reuses.
  expect(tries.filter((line) => line.endsWith(' 1'))).toEqual([
    ...['run-7-ensure-1 ensure 1', 'run-7-merge-0 merge 1', 'run-7-merge-0 commit 1'],
  ]);
  expect(first.tasks.ensure![1]!.summary).toMatch(/^reused [1-9]\d*, published 0, fallback 0, failed 0$/);
  const log = await source.log();
  expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    ...['tekton-bundles chore: update bundles.lock', 'a start'],
  ]);
  expect(first.results.commit).toBe(log[0]!.split(' ')[0]);

  // The lock is that of one run over all bundles, and a second Pipeline has nothing to commit.
  const lock = readFileSync(join(at, 'bundles.lock'), 'utf8');
  await using twin = tempDir('twin-');
  for (const path of ['bundles.yaml', 'pipelines'])
    cpSync(join(at, path), join(twin.path, path), { recursive: true });
  await mustRun(process.execPath, [cliPath, 'ensure', '--offline'], { cwd: twin.path });
  expect(lock).toBe(readFileSync(join(twin.path, 'bundles.lock'), 'utf8'));
  const second = await ensureInShards();
  expect([second.results.commit, await source.log()]).toEqual([first.results.commit, log]);
  expect(second.tasks.ensure!.map(({ part }) => part)).toEqual(first.tasks.ensure!.map(({ part }) => part));
});
