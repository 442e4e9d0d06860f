import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { copyImage } from '../content/copy-image.js';
import { createMemoryStore, type MemoryStore } from '../content/memory-store.js';
import { readContent } from '../content/read-content.js';
import { verifyImage } from '../content/verify-image.js';
import type { Descriptor } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { mediaTypes } from '../oci/media-types.js';
import { appendLayer } from './append-layer.js';
import { type LayerEntry, packLayer } from './layer-archive.js';

const entries: readonly LayerEntry[] = [
  { type: 'directory', path: 'opt/app' },
  { type: 'file', path: 'opt/app/main.js', bytes: Buffer.from('main'), executable: true },
  { type: 'file', path: `opt/app/${'long/'.repeat(60)}é.txt`, bytes: Buffer.from('') },
  { type: 'symlink', path: 'opt/app/main', target: 'main.js' },
];

interface Dialect {
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
  readonly index: string;
}

const oci: Dialect = {
  manifest: mediaTypes.ociManifest,
  config: mediaTypes.ociConfig,
  layer: mediaTypes.ociLayerGzip,
  index: mediaTypes.ociIndex,
};
const docker: Dialect = {
  manifest: mediaTypes.dockerManifest,
  config: mediaTypes.dockerConfig,
  layer: mediaTypes.dockerLayerGzip,
  index: mediaTypes.dockerManifestList,
};

async function write(store: MemoryStore, bytes: Uint8Array | object, mediaType: string): Promise<Descriptor> {
  const whole = bytes instanceof Uint8Array ? bytes : Buffer.from(JSON.stringify(bytes));
  const descriptor = { mediaType, digest: digestOf(whole), size: whole.length };
  await store.write(descriptor, whole);
  return descriptor;
}

/** An image of one layer; its config has fields that must be kept. */
async function writeBase(store: MemoryStore, architecture: string, dialect: Dialect): Promise<Descriptor> {
  const layer = await packLayer([{ type: 'file', path: 'base', bytes: Buffer.from(architecture) }]);
  const config = {
    ...{ architecture, os: 'linux', ...(architecture === 'arm64' ? { variant: 'v8' } : {}) },
    config: { Env: ['A=1', 'PATH=/base/bin'], Cmd: ['sh'], Labels: { of: 'base' }, StopSignal: 'SIGINT' },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  };
  return write(
    store,
    {
      schemaVersion: 2,
      mediaType: dialect.manifest,
      config: await write(store, config, dialect.config),
      layers: [await write(store, layer.content.bytes, dialect.layer)],
    },
    dialect.manifest,
  );
}

async function writeIndex(store: MemoryStore, dialect: Dialect, architectures = ['amd64', 'arm64', 's390x']) {
  const manifests: object[] = [];
  for (const architecture of architectures) {
    const platform = { os: 'linux', architecture };
    manifests.push({ ...(await writeBase(store, architecture, dialect)), platform });
  }
  return write(store, { schemaVersion: 2, mediaType: dialect.index, manifests }, dialect.index);
}

const runtime = {
  user: '1001',
  entrypoint: ['node', 'main.js'],
  workingDirectory: '/workspace',
  path: ['/opt/app'],
  labels: { version: '1' },
};

test('packLayer() gives the same bytes in whatever order entries come, and tar reads them', async () => {
  const layer = await packLayer(entries);
  expect(await packLayer(entries.toReversed())).toEqual(layer);
  const archive = gunzipSync(layer.content.bytes);
  expect(digestOf(archive)).toBe(layer.diffId);
  const found: object[] = [];
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    const { name, type, mode, uid, gid, mtime, linkname, uname } = entry.header;
    found.push({ name, type, mode, linkname });
    expect([uid, gid, mtime, uname]).toEqual([0, 0, new Date(0), '']);
    entry.resume();
  }
  expect(found).toEqual([
    { name: 'opt/app/', type: 'directory', mode: 0o755, linkname: null },
    { name: `opt/app/${'long/'.repeat(60)}é.txt`, type: 'file', mode: 0o644, linkname: null },
    { name: 'opt/app/main', type: 'symlink', mode: 0o777, linkname: 'main.js' },
    { name: 'opt/app/main.js', type: 'file', mode: 0o755, linkname: null },
  ]);
});

test('packLayer() refuses paths that leave the root, and paths named twice', async () => {
  for (const path of ['', '/a', 'a/', '../a', 'a/./b', 'a//b', 'a\0b']) {
    const refused = packLayer([{ type: 'directory', path }]);
    await expect(refused, path).rejects.toMatchObject({ code: 'BUNDLE_INVALID', details: { path } });
  }
  await expect(packLayer([...entries, ...entries])).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});

test.each([oci, docker])(
  'appendLayer() puts one layer on each platform of an index: $index',
  async (dialect) => {
    const store = createMemoryStore();
    const wanted = (await writeIndex(store, dialect)).digest;
    const layer = await packLayer(entries);
    const appended = await appendLayer({ store, wanted }, layer, { runtime });
    expect(await appendLayer({ store, wanted }, layer, { runtime })).toMatchObject({
      descriptor: appended.descriptor,
    });
    const target = createMemoryStore();
    await copyImage({ source: appended.store, target }, appended.descriptor, { tags: ['v1'] });
    const index = JSON.parse(Buffer.from(await readContent(target, appended.descriptor)).toString());
    expect(index.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux', variant: 'v8' },
    ]);
    // The base's manifests are not among what was copied.
    expect((await target.manifests()).length).toBe(3);
    for (const { platform, descriptor } of appended.images) {
      await verifyImage(target, descriptor.digest);
      const manifest = JSON.parse(Buffer.from(await readContent(target, descriptor)).toString());
      const last = { mediaType: dialect.layer, digest: layer.content.descriptor.digest };
      expect(manifest.layers).toMatchObject([{ mediaType: dialect.layer }, last]);
      const config = JSON.parse(Buffer.from(await readContent(target, manifest.config)).toString());
      expect(config).toMatchObject({ os: 'linux', architecture: platform.slice('linux/'.length) });
      expect(config.rootfs.diff_ids[1]).toBe(layer.diffId);
      expect(config.history).toEqual([{ created: '1970-01-01T00:00:00Z', created_by: 'tekton-bundles' }]);
      expect(config.config).toEqual({
        ...{ User: '1001', Entrypoint: ['node', 'main.js'], WorkingDir: '/workspace', StopSignal: 'SIGINT' },
        Env: ['PATH=/opt/app:/base/bin', 'A=1'],
        Labels: { of: 'base', version: '1' },
      });
    }
  },
);

test('appendLayer() makes one image of one image, and leaves everything else alone', async () => {
  const store = createMemoryStore();
  const base = await writeBase(store, 'arm64', oci);
  const appended = await appendLayer({ store, wanted: base.digest }, await packLayer(entries));
  expect(appended.images).toMatchObject([{ platform: 'linux/arm64', descriptor: appended.descriptor }]);
  const manifest = JSON.parse(Buffer.from(await readContent(appended.store, appended.descriptor)).toString());
  const config = JSON.parse(Buffer.from(await readContent(appended.store, manifest.config)).toString());
  expect(config).toMatchObject({ variant: 'v8', config: { Cmd: ['sh'], Env: ['A=1', 'PATH=/base/bin'] } });
});

test('appendLayer() refuses platforms that the base lacks or misnames', async () => {
  const store = createMemoryStore();
  const { digest: wanted } = await writeIndex(store, oci, ['amd64']);
  const layer = await packLayer(entries);
  await expect(appendLayer({ store, wanted }, layer)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { platform: 'linux/arm64', platforms: ['linux/amd64'] },
  });
  const manifests = [
    { ...(await writeBase(store, 'amd64', oci)), platform: { os: 'linux', architecture: 'arm64' } },
  ];
  const index = await write(store, { schemaVersion: 2, manifests }, mediaTypes.ociIndex);
  const misnamed = appendLayer({ store, wanted: index.digest }, layer, { platforms: ['linux/arm64'] });
  await expect(misnamed).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});
