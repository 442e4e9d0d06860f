import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test as everywhere, expect } from 'vitest';
import { openLayoutStore } from '../../src/content/layout-store.js';
import { readContent } from '../../src/content/read-content.js';
import type { Descriptor } from '../../src/oci/descriptor.js';
import { type Digest, digestOf } from '../../src/oci/digest.js';
import { parseImageManifest, parseManifest } from '../../src/oci/manifest.js';
import { type Container, canContain, openContainer } from '../support/container-rootfs.js';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { fileTree } from '../support/file-tree.js';
import { writeNodeBase } from '../support/node-base.js';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/run-cli.js';
import { sampleProject } from '../support/sample-project.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

// The container image of deploy/: made by our own writer, made by buildah, and run as a cluster runs it.

const peers = findPeers('docker-registry', 'node-amd64', 'node-arm64', 'sbom-judge', 'buildah', 'skopeo');
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
  written = await writeImage(root, ['--to', `oci:${layout()}:v1`]);
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
  const base = ['--base', `oci:${join(directory.path, 'base')}:24`];
  const line = ['-c', `umask ${umask}; exec "$@"`, 'sh', ...program, ...base, ...words];
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

test('two builds give the same bytes: from another checkout, with another umask and time zone, to a registry', async () => {
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
  const to = `${registry.host}/acme/bundles:v1`;
  const again = await writeImage(checkout, ['--to', to], '077');
  expect(again).toEqual({ ...written, image: to });
});

test('files of the layer are for everybody to read, and for nobody but root to change', async () => {
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
    await mustRun(peers!.buildah, [...buildah, 'push', '--quiet', name, `oci:${to}:v1`]);
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
