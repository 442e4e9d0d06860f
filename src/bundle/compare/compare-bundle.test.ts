import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sampleObject } from '../../../test/support/samples/sample-object.js';
import { createMemoryStore } from '../../content/memory-store.js';
import type { ReadableStore } from '../../content/store.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { digestOf } from '../../oci/digest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { layerTar } from '../../tekton/layers/layer-tar.js';
import { type Bundle, buildBundle } from '../build-bundle.js';
import { type BundleComparison, compareBundle } from './compare-bundle.js';
import { describeDifference } from './difference.js';

const objects = [sampleObject({ kind: 'Pipeline', name: 'workflow' }), sampleObject({ name: 'helper' })];
const tars = objects.map(({ name, json }) => layerTar(name, json));
const ours = buildBundle(objects, { annotations: { a: '1' }, labels: { l: '1' } });

// biome-ignore lint/suspicious/noExplicitAny: the tests edit keys of manifests and configs that no type declares
type Json = any;

interface Change {
  /** Replaces layer bytes, by index. */
  readonly layers?: Record<number, Uint8Array>;
  readonly manifest?: (manifest: Json) => void;
  readonly config?: (config: Json) => void;
  readonly mediaType?: string;
  readonly indent?: number;
  readonly source?: Bundle;
}

/** A store with our bundle after some changes, its digests consistent again. */
async function changed({ layers = {}, manifest, config, mediaType, indent, source = ours }: Change = {}) {
  const store = createMemoryStore();
  const write = async (type: string, bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = { mediaType: type, digest: digestOf(bytes), size: bytes.length };
    await store.write(descriptor, bytes);
    return descriptor;
  };
  const configJson = JSON.parse(Buffer.from(source.image.config.bytes).toString());
  config?.(configJson);
  const configDescriptor = await write(mediaTypes.dockerConfig, Buffer.from(JSON.stringify(configJson)));
  const manifestJson = JSON.parse(Buffer.from(source.image.manifest.bytes).toString());
  manifestJson.config = {
    ...manifestJson.config,
    size: configDescriptor.size,
    digest: configDescriptor.digest,
  };
  for (const [index, layer] of source.image.layers.entries()) {
    const { digest, size } = await write(mediaTypes.dockerLayerGzip, layers[index] ?? layer.bytes);
    Object.assign(manifestJson.layers[index], { digest, size });
  }
  manifest?.(manifestJson);
  const bytes = Buffer.from(JSON.stringify(manifestJson, null, indent));
  const descriptor = await write(mediaType ?? manifestJson.mediaType ?? mediaTypes.dockerManifest, bytes);
  const reads: string[] = [];
  const counted: ReadableStore = {
    ...store,
    read: (wanted, options) => {
      reads.push(wanted.digest);
      return store.read(wanted, options);
    },
  };
  return { store: counted, descriptor, reads };
}

async function compared(change: Change): Promise<BundleComparison> {
  const { store, descriptor } = await changed(change);
  return compareBundle(ours, store, { descriptor });
}

const whats = (comparison: BundleComparison) =>
  comparison.relation === 'same' ? [] : comparison.differences.map(({ what }) => what);

test('the same digest needs no reading', async () => {
  const { store, descriptor, reads } = await changed();
  expect(await compareBundle(ours, store, { descriptor })).toEqual({ relation: 'same' });
  expect(reads).toEqual([]);
});

test('another zone for the same moment is equivalent, is named and is rebuilt', async () => {
  const created = '1969-12-31T19:00:00-05:00';
  const theirs = buildBundle(objects, { created, annotations: { a: '1' }, labels: { l: '1' } });
  const { store, descriptor, reads } = await changed({ source: theirs });
  const comparison = await compareBundle(ours, store, { descriptor });
  expect(comparison).toEqual({
    relation: 'equivalent',
    differences: [{ what: 'created', ours: '1970-01-01T00:00:00Z', theirs: created, zone: '-05:00' }],
    created,
    rebuilt: theirs,
  });
  expect(reads).toEqual([theirs.digest, theirs.configDigest]);
});

test('another moment is equivalent and rebuilt, but is not a zone', async () => {
  const theirs = buildBundle(objects, {
    created: '2025-01-01T00:00:00Z',
    annotations: { a: '1' },
    labels: { l: '1' },
  });
  const comparison = await compared({ source: theirs });
  expect(comparison).toMatchObject({ relation: 'equivalent', rebuilt: { digest: theirs.digest } });
  expect(comparison).not.toHaveProperty('differences.0.zone');
});

test('layers compressed by another encoder are equivalent and cannot be rebuilt', async () => {
  const comparison = await compared({
    layers: { 0: gzipSync(tars[0]!), 1: gzipSync(tars[1]!, { level: 9 }) },
    config: (config) => {
      config.created = '2025-01-01T00:00:00Z';
    },
  });
  expect(comparison).toMatchObject({
    relation: 'equivalent',
    created: '2025-01-01T00:00:00Z',
    rebuilt: undefined,
  });
  expect(whats(comparison)).toEqual(['compression', 'compression', 'created']);
});

test('the OCI dialect, also without compression, is equivalent', async () => {
  const comparison = await compared({
    layers: { 0: tars[0]! },
    manifest: (manifest) => {
      manifest.mediaType = mediaTypes.ociManifest;
      manifest.config.mediaType = mediaTypes.ociConfig;
      manifest.layers[0].mediaType = mediaTypes.ociLayer;
      manifest.layers[1].mediaType = mediaTypes.ociLayerGzip;
    },
  });
  expect(comparison.relation).toBe('equivalent');
  expect(whats(comparison)).toEqual(['media-types', 'compression']);
});

test('another history is equivalent', async () => {
  const comparison = await compared({
    config: (config) => {
      delete config.history;
    },
  });
  expect([comparison.relation, whats(comparison)]).toEqual(['equivalent', ['history']]);
});

test('the same document with other white space is equivalent', async () => {
  const comparison = await compared({ indent: 2 });
  expect([comparison.relation, whats(comparison)]).toEqual(['equivalent', ['serialization']]);
});

test('our config over foreign layers is different', async () => {
  const foreign = layerTar('helper', Buffer.from('{"evil":true}'));
  const { store, descriptor } = await changed({ layers: { 1: gzipSync(foreign) } });
  expect(await compareBundle(ours, store, { descriptor })).toMatchObject({
    relation: 'different',
    reason: 'objects',
    objects: [{ change: 'changed', kind: 'task', name: 'helper' }],
  });
});

test('our layers under a config with other diff ids are different', async () => {
  const comparison = await compared({ config: (config) => config.rootfs.diff_ids.reverse() });
  expect(comparison).toMatchObject({ relation: 'different', reason: 'diff-ids' });
});

const half = ours.image.layers[0]!.bytes.subarray(0, 60);
test.each([
  ['cut short', half],
  ['followed by something', Buffer.concat([ours.image.layers[0]!.bytes, Buffer.from('\0\0')])],
  ['growing without end', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ['empty', new Uint8Array(0)],
])('a layer that is %s makes a bundle different', async (_, bytes) => {
  const comparison = await compared({ layers: { 0: bytes } });
  expect(comparison).toMatchObject({
    relation: 'different',
    objects: [{ change: 'changed', kind: 'pipeline', name: 'workflow' }],
  });
});

test('objects that were added, removed or moved are named', async () => {
  const other = sampleObject({ name: 'other' });
  const theirs = buildBundle([objects[1]!, objects[0]!, other], {
    annotations: { a: '1' },
    labels: { l: '1' },
  });
  const more = buildBundle([...objects, sampleObject({ name: 'new' })], {
    annotations: { a: '1' },
    labels: { l: '1' },
  });
  const { store, descriptor } = await changed({ source: theirs });
  expect(await compareBundle(more, store, { descriptor })).toMatchObject({
    relation: 'different',
    objects: [
      { change: 'added', kind: 'task', name: 'new' },
      { change: 'removed', kind: 'task', name: 'other' },
      { change: 'moved', kind: 'task', name: 'helper' },
    ],
  });
});

test.each<[string, string, Change]>([
  ['another annotation', 'annotations', { manifest: (m) => Object.assign(m.annotations, { a: '2' }) }],
  ['no annotations', 'annotations', { manifest: (m) => delete m.annotations }],
  ['one more label', 'labels', { config: (c) => Object.assign(c.config.Labels, { m: '1' }) }],
  [
    'one more layer annotation',
    'layer-annotations',
    { manifest: (m) => Object.assign(m.layers[0].annotations, { m: '1' }) },
  ],
  [
    'another object version',
    'layer-annotations',
    { manifest: (m) => Object.assign(m.layers[0].annotations, { 'dev.tekton.image.apiVersion': 'v1beta1' }) },
  ],
  ['an environment', 'config', { config: (c) => Object.assign(c.config, { Env: ['A=B'] }) }],
  ['a platform', 'config', { config: (c) => Object.assign(c, { os: 'linux', architecture: 'amd64' }) }],
  ['an artifact type', 'type', { manifest: (m) => Object.assign(m, { artifactType: 'a/b' }) }],
  ['the config of an artifact', 'type', { manifest: (m) => Object.assign(m.config, { mediaType: 'a/b' }) }],
  ['a layer of another type', 'type', { manifest: (m) => Object.assign(m.layers[1], { mediaType: 'a/b' }) }],
  ['a subject', 'type', { manifest: (m) => Object.assign(m, { subject: m.config }) }],
  ['no config', 'manifest', { manifest: (m) => delete m.config }],
  ['a config without layers', 'config', { config: (c) => delete c.rootfs }],
  ['an index', 'type', { indent: 1, mediaType: mediaTypes.ociIndex }],
  ['schema 1', 'type', { indent: 1, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }],
])('%s makes a bundle different', async (_, reason, change) => {
  expect(await compared(change)).toMatchObject({ relation: 'different', reason });
});

test('a layer that the store lacks is an error, not a verdict', async () => {
  const { store, descriptor } = await changed({
    manifest: (manifest) => {
      manifest.layers[0].digest = `sha256:${'0'.repeat(64)}`;
    },
  });
  await expect(compareBundle(ours, store, { descriptor })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('an abort rejects with its reason', async () => {
  const { store, descriptor } = await changed({ indent: 1 });
  const reason = new Error('enough');
  await expect(compareBundle(ours, store, { descriptor, signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
});

test('a difference reads as one line', () => {
  const line = describeDifference({ what: 'created', ours: '', theirs: 'x\u001b[31m\n', zone: '+01:00' });
  expect(line).toBe('created: x\u001b[31m there, nothing here (the same moment, written in zone +01:00)');
});
