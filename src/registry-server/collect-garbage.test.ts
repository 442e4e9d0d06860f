import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pushParts, type Registry, sha256, talkTo } from '../../test/support/registry/registry-requests.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { systemClock } from '../async/system-clock.js';
import { openLayoutStore } from '../content/layout/layout-store.js';
import { digestOf } from '../oci/digest.js';
import { mediaTypes } from '../oci/media-types.js';
import { type CollectGarbageOptions, collectGarbage } from './collect-garbage.js';
import { createRegistryHandler } from './handler.js';

const hour = 3_600_000;

async function startRegistry() {
  const directory = tempDir();
  const root = directory.path;
  const registry = talkTo(createRegistryHandler({ root }));
  // The kernel stamps files with the real time: the collector looks from the future instead.
  const collect = (options: Partial<CollectGarbageOptions> & { readonly inMs?: number } = {}) =>
    collectGarbage({
      root,
      clock: { ...systemClock, now: () => Date.now() + (options.inMs ?? 2 * hour) },
      ...options,
    });
  return { ...registry, root, collect, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

async function push(registry: Registry, repository: string, tag: string | undefined, more: object = {}) {
  const manifest = await pushParts(registry, repository, {
    layer: `layer of ${tag} ${JSON.stringify(more)}`,
    ...more,
  });
  const digest = sha256(JSON.stringify(manifest));
  const put = await registry.pushManifest(repository, tag ?? digest, manifest);
  if (put.status !== 201) throw new Error(put.text);
  return { digest, layer: manifest.layers[0]?.digest ?? '', size: JSON.stringify(manifest).length };
}

async function status(registry: Registry, path: string): Promise<number> {
  return (await registry.send('GET', path)).status;
}

test('a blob that no manifest names goes, and everything else stays', async () => {
  await using registry = await startRegistry();
  const kept = await push(registry, 'acme/hello', 'v1');
  const lost = await registry.pushBlob('acme/hello', 'named by nobody');
  expect(await registry.collect()).toEqual({
    repositories: [{ name: 'acme/hello', blobs: 1, manifests: 0, bytes: 15 }],
    blobs: 1,
    manifests: 0,
    uploads: 0,
    bytes: 15,
    problems: [],
  });
  expect(await status(registry, `/v2/acme/hello/blobs/${lost}`)).toBe(404);
  expect(await status(registry, '/v2/acme/hello/manifests/v1')).toBe(200);
  expect(await status(registry, `/v2/acme/hello/blobs/${kept.layer}`)).toBe(200);
  expect(await registry.collect()).toMatchObject({ blobs: 0, repositories: [] });
});

test('fresh content stays, also what was pushed or mounted again', async () => {
  await using registry = await startRegistry();
  const digest = await registry.pushBlob('a', 'old');
  const path = join(registry.root, 'a', 'blobs', ...digest.split(':'));
  expect(await registry.collect({ inMs: 0 })).toMatchObject({ blobs: 0 });
  expect(await registry.collect({ inMs: hour - 60_000 })).toMatchObject({ blobs: 0 });

  await utimes(path, 1, 1);
  await openLayoutStore(join(registry.root, 'a')).write(
    { mediaType: mediaTypes.octets, digest: digestOf(Buffer.from('old')), size: 3 },
    Buffer.from('old'),
  );
  expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
  await registry.pushBlob('b', 'old');
  const mount = await registry.send('POST', `/v2/a/blobs/uploads/?mount=${digest}&from=b`);
  expect(mount.status).toBe(201);
  expect(await registry.collect({ inMs: 0 })).toMatchObject({ blobs: 0 });
});

test('a manifest without a tag stays unless it is asked for, and then goes with its blobs', async () => {
  await using registry = await startRegistry();
  const old = await push(registry, 'a', 'v1');
  const replaced = await push(registry, 'a', 'v1', { annotations: { build: '2' } });
  expect(await registry.collect()).toMatchObject({ blobs: 0, manifests: 0 });
  expect(await status(registry, `/v2/a/manifests/${old.digest}`)).toBe(200);
  expect(await registry.collect({ untagged: true })).toMatchObject({ blobs: 2, manifests: 1, problems: [] });
  expect(await status(registry, `/v2/a/manifests/${old.digest}`)).toBe(404);
  expect(await status(registry, `/v2/a/blobs/${old.layer}`)).toBe(404);
  expect(await status(registry, `/v2/a/manifests/${replaced.digest}`)).toBe(200);
  expect(await registry.collect({ untagged: true })).toMatchObject({ blobs: 0, manifests: 0 });
});

test('what an index names stays with it, and so does what signs something that stays', async () => {
  await using registry = await startRegistry();
  const child = await push(registry, 'a', undefined, { annotations: { child: 'yes' } });
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: child.digest, size: child.size }],
  };
  await registry.pushManifest('a', 'all', index);
  const descriptor = ({ digest, size }: { digest: string; size: number }) => ({
    mediaType: mediaTypes.ociManifest,
    digest,
    size,
  });
  const signature = await push(registry, 'a', undefined, { subject: descriptor(child) });
  const counter = await push(registry, 'a', undefined, { subject: descriptor(signature) });
  const orphan = await push(registry, 'a', undefined, {
    subject: { mediaType: mediaTypes.ociManifest, digest: sha256('gone'), size: 4 },
  });
  expect(await registry.collect({ untagged: true })).toMatchObject({ manifests: 1, blobs: 2, problems: [] });
  expect(await status(registry, `/v2/a/manifests/${orphan.digest}`)).toBe(404);
  for (const kept of [child, signature, counter]) {
    expect(await status(registry, `/v2/a/manifests/${kept.digest}`)).toBe(200);
    expect(await status(registry, `/v2/a/blobs/${kept.layer}`)).toBe(200);
  }
  await registry.send('DELETE', '/v2/a/manifests/all');
  expect(await registry.collect({ untagged: true })).toMatchObject({ manifests: 4 });
  const index2 = JSON.parse(await readFile(join(registry.root, 'a', 'index.json'), 'utf8'));
  expect(index2.manifests).toEqual([]);
  expect(await readdir(join(registry.root, 'a', 'blobs', 'sha256'))).toEqual([]);
});

test('a manifest of an index that another tool wrote is kept though the layout does not list it', async () => {
  await using registry = await startRegistry();
  const child = await push(registry, 'a', 'child');
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      { mediaType: mediaTypes.ociManifest, digest: child.digest, size: child.size },
      { mediaType: mediaTypes.ociManifest, digest: sha256('of another platform'), size: 19 },
    ],
  });
  await registry.pushBlob('a', index);
  await writeFile(
    join(registry.root, 'a', 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: mediaTypes.ociIndex,
          digest: sha256(index),
          size: index.length,
          annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/a name that is not a tag' },
        },
      ],
    }),
  );
  expect(await registry.collect({ untagged: true })).toMatchObject({ blobs: 0, manifests: 0, problems: [] });
  expect(await status(registry, `/v2/a/blobs/${child.layer}`)).toBe(200);
});

test('a dry run reports the same and changes nothing', async () => {
  await using registry = await startRegistry();
  await push(registry, 'a', 'v1');
  await push(registry, 'a', 'v1', { annotations: { build: '2' } });
  await registry.pushBlob('b/c', 'lost');
  await registry.send('POST', '/v2/a/blobs/uploads/');
  const before = await snapshot(registry.root);
  const planned = await registry.collect({ untagged: true, dryRun: true });
  expect(await snapshot(registry.root)).toEqual(before);
  expect(planned.repositories.map(({ name }) => name)).toEqual(['a', 'b/c']);
  expect(planned).toMatchObject({ blobs: 3, manifests: 1, uploads: 1 });
  expect(await registry.collect({ untagged: true })).toEqual(planned);
});

test('a repository that cannot be understood is left as it is, and the others are swept', async () => {
  await using registry = await startRegistry();
  for (const name of ['broken', 'torn', 'well']) {
    await registry.pushBlob(name, 'lost');
    await push(registry, name, 'v1');
  }
  const torn = await push(registry, 'torn', 'v2');
  await writeFile(join(registry.root, 'torn', 'blobs', ...torn.digest.split(':')), 'torn');
  await writeFile(join(registry.root, 'broken', 'index.json'), '{');
  const { blobs, problems } = await registry.collect();
  expect(blobs).toBe(1);
  expect(problems.map(({ name, error }) => [name, error.code])).toEqual([
    ['broken', 'LAYOUT_INVALID'],
    ['torn', 'DIGEST_MISMATCH'],
  ]);
  expect(await status(registry, `/v2/torn/blobs/${sha256('lost')}`)).toBe(200);
});

test('a blob with two repositories frees its bytes with the second', async () => {
  await using registry = await startRegistry();
  const digest = await registry.pushBlob('a', 'x'.repeat(1000));
  await registry.send('POST', `/v2/b/blobs/uploads/?mount=${digest}&from=a`);
  const { repositories, bytes } = await registry.collect();
  expect(repositories.map(({ bytes }) => bytes)).toEqual([0, 1000]);
  expect(bytes).toBe(1000);
});

test('a push over old content that is just being collected is refused or whole, never torn', async () => {
  await using registry = await startRegistry();
  const outcomes = new Set<number>();
  for (let round = 0; round < 30; round++) {
    const name = `race/r${round}`;
    const manifest = await pushParts(registry, name, { layer: `old layer ${round}` });
    const [put] = await Promise.all([
      registry.pushManifest(name, 'v1', manifest),
      registry.collect({ graceMs: 0, inMs: 60_000 }),
    ]);
    outcomes.add(put.status);
    const pulled = await status(registry, `/v2/${name}/manifests/v1`);
    expect([put.status, pulled]).toEqual(put.status === 201 ? [201, 200] : [404, 404]);
    if (put.status !== 201) continue;
    for (const { digest } of manifest.layers) {
      expect(await status(registry, `/v2/${name}/blobs/${digest}`)).toBe(200);
    }
  }
  expect([...outcomes].every((outcome) => outcome === 201 || outcome === 404)).toBe(true);
});

test('a root without anything has no garbage', async () => {
  await using registry = await startRegistry();
  await rm(registry.root, { recursive: true });
  expect(await registry.collect()).toMatchObject({ repositories: [], bytes: 0, problems: [] });
});

async function snapshot(root: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path] = `${(await stat(path)).mtimeMs} ${sha256(await readFile(path))}`;
  }
  return files;
}
