import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../src/oci/digest.js';
import { startContainerd } from '../support/engines/containerd.js';
import { findPeers } from '../support/peers.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'containerd', 'ctr', 'skopeo', 'crane', 'oras', 'docker-registry');
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('SKIPPED: podman and containerd are started as root only');
const interop = test.skipIf(peers === undefined || !isRoot);
const name = 'quay.io/acme/alpha:v1.0.0';
let home: TempDir;
let digest: string;
let ociDigest: string;

/** One bundle, exported in each format and in the media types of OCI. */
beforeAll(async () => {
  if (peers === undefined || !isRoot) return;
  home = tempDir('exports-');
  await using project = sampleProject({ repository: 'quay.io/acme' });
  const write = async (directory: string, words: readonly string[]) => {
    const to = ['--to', join(home.path, directory), '--config', project.config, '-o', 'json'];
    const ran = await runInProcess(['export', 'alpha', ...words, ...to]);
    if (ran.code !== 0) throw new Error(ran.stderr);
    return (JSON.parse(ran.stdout) as { bundles: [{ digest: string }] }).bundles[0].digest;
  };
  digest = await write('oci-archive', ['--format', 'oci-archive']);
  await write('docker-archive', ['--format', 'docker-archive']);
  await write('layout', ['--format', 'layout']);
  ociDigest = await write('oci', ['--format', 'oci-archive', '--media-types', 'oci']);
});

afterAll(() => home?.[Symbol.asyncDispose]());

const archives: readonly [string, () => string][] = [
  ['oci-archive', () => digest],
  ['docker-archive', () => digest],
  ['oci', () => ociDigest],
];

interop('podman loads every archive under its name and digest', async () => {
  for (const [directory, wanted] of archives) {
    const roots = ['--root', at(`podman-${directory}`), '--runroot', at(`podman-run-${directory}`)];
    const podman = (...words: string[]) =>
      mustRun(peers!.podman, [...roots, '--storage-driver', 'vfs', ...words], { env: environment() });
    expect(await podman('load', '-i', at(directory, 'alpha.tar'))).toContain(`Loaded image: ${name}`);
    expect((await podman('images', '--digests', '--format', '{{.Digest}}')).trim()).toBe(wanted());
  }
});

interop('containerd imports every archive under its name and digest', async () => {
  await using daemon = await startContainerd(peers!, home.path);
  for (const [directory, wanted] of archives) {
    for (const words of [[], ['--all-platforms']]) {
      await daemon.ctr('images', 'import', '--snapshotter', 'native', ...words, at(directory, 'alpha.tar'));
      const listed = await daemon.ctr('images', 'ls');
      expect(listed).toContain(name);
      expect(listed).toContain(wanted());
      await daemon.ctr('images', 'rm', name);
    }
  }
});

interop('containerd imports an archive with referrers; oras finds them after a copy', async () => {
  await using registry = await startDockerRegistry({ program: peers!['docker-registry'] });
  const reference = await pushed(registry);
  const attached = await runInProcess(['sbom', reference, '--attach', '-o', 'json']);
  const { bundles } = JSON.parse(attached.stdout) as {
    bundles: [{ digest: string; sbom: { digest: string }; referrer: { digest: string } }];
  };
  const [bundle] = bundles;
  const to = ['--to', at('with-referrers')];
  await runInProcess(['export', reference, '--format', 'oci-archive', '--referrers', ...to]);
  const archive = at('with-referrers', 'one.tar');
  await using daemon = await startContainerd(peers!, home.path);
  await daemon.ctr('images', 'import', '--snapshotter', 'native', '--all-platforms', archive);
  expect(await daemon.ctr('images', 'ls')).toContain(bundle.digest);
  const back = `${registry.host}/back/one`;
  await runInProcess(['copy', `oci-archive:${archive}`, `${back}:v1`]);
  const options = { env: environment(), cwd: at('with-referrers') };
  const found = JSON.parse(
    await mustRun(peers!.oras, ['discover', '--plain-http', '--format', 'json', `${back}:v1`], options),
  ) as { referrers?: object[]; manifests?: object[] };
  expect(found.referrers ?? found.manifests).toMatchObject([
    { artifactType: 'application/spdx+json', digest: bundle.referrer.digest },
  ]);
  await mustRun(peers!.oras, ['pull', '--plain-http', `${back}@${bundle.referrer.digest}`], options);
  expect(digestOf(readFileSync(at('with-referrers', 'one.spdx.json')))).toBe(bundle.sbom.digest);
});

interop('skopeo inspects every export without a tag, and by tag with the media types of OCI', async () => {
  const places: readonly [string, string][] = [
    [`oci-archive:${at('oci-archive', 'alpha.tar')}`, digest],
    [`docker-archive:${at('docker-archive', 'alpha.tar')}`, digest],
    [`oci:${at('layout', 'alpha')}`, digest],
    [`oci-archive:${at('oci', 'alpha.tar')}`, ociDigest],
    [`oci-archive:${at('oci', 'alpha.tar')}:v1.0.0`, ociDigest],
  ];
  for (const [place, wanted] of places) {
    const said = JSON.parse(await mustRun(peers!.skopeo, ['inspect', place], { env: environment() })) as {
      Digest: string;
      Layers: string[];
    };
    // A docker-archive has no manifest of its own: skopeo makes one, of uncompressed layers.
    if (!place.startsWith('docker-archive:')) expect([place, said.Digest]).toEqual([place, wanted]);
    expect(said.Layers.length).toBe(1);
  }
  const byTag = await run(
    peers!.skopeo,
    ['inspect', `oci-archive:${at('oci-archive', 'alpha.tar')}:v1.0.0`],
    {
      env: environment(),
    },
  );
  expect(byTag.code).not.toBe(0);
});

interop('a layout that crane or oras wrote of our bundle is read, and is the same', async () => {
  await using registry = await startDockerRegistry({ program: peers!['docker-registry'] });
  const reference = await pushed(registry);
  const options = { env: environment() };
  await mustRun(peers!.crane, ['pull', '--insecure', '--format=oci', reference, at('by-crane')], options);
  const oras = ['copy', '--from-plain-http', reference, '--to-oci-layout', `${at('by-oras')}:v1`];
  await mustRun(peers!.oras, oras, options);
  await mustRun('tar', ['-C', at('by-oras'), '-czf', at('by-oras.tar.gz'), '.'], options);
  const places = [
    `oci:${at('by-crane')}`,
    `oci:${at('by-oras')}:v1`,
    `oci-archive:${at('by-oras.tar.gz')}:v1`,
  ];
  for (const place of places) {
    const ran = await runInProcess(['diff', reference, place, '-o', 'json']);
    expect([place, JSON.parse(ran.stdout)]).toMatchObject([place, { same: true, identical: true }]);
  }
});

interop('what skopeo writes of our bundle has no annotations, and is reported as what it is', async () => {
  await using registry = await startDockerRegistry({ program: peers!['docker-registry'] });
  const reference = await pushed(registry);
  const places = [
    `oci:${at('by-skopeo')}:v1`,
    `oci-archive:${at('by-skopeo.tar')}:v1`,
    `docker-archive:${at('by-skopeo-docker.tar')}:quay.io/acme/one:v1`,
  ];
  for (const place of places) {
    const words = ['--insecure-policy', 'copy', '--src-tls-verify=false', `docker://${reference}`, place];
    await mustRun(peers!.skopeo, words, { env: environment() });
    const inspected = await runInProcess(['inspect', place, '-o', 'json']);
    expect([place, JSON.parse(inspected.stdout)]).toMatchObject([
      place,
      {
        objects: [{ kind: null, name: null, apiVersion: 'tekton.dev/v1' }],
        problems: expect.arrayContaining([expect.objectContaining({ rule: 'layer-annotations' })]),
      },
    ]);
    const listed = await runInProcess(['list', place]);
    expect([listed.code, listed.stderr]).toEqual([7, expect.stringContaining('has no annotation')]);
    const explained = await runInProcess(['explain', reference, '--against', place, '-o', 'json']);
    const { causes } = JSON.parse(explained.stdout) as { causes: { cause: string }[] };
    expect(causes.map(({ cause }) => cause)).toContain('layer-annotation');
  }
});

async function pushed({ host }: DockerRegistry): Promise<string> {
  const file = at('one.yaml');
  writeFileSync(
    file,
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: one}\nspec: {steps: [{image: a}]}\n',
  );
  const reference = `${host}/acme/one:v1`;
  expect((await runInProcess(['push', reference, '-f', file])).code).toBe(0);
  return reference;
}

function at(...parts: string[]): string {
  return join(home.path, ...parts);
}

function environment(): Record<string, string> {
  return { HOME: home.path };
}
