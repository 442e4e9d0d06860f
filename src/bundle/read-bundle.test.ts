import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sampleObject } from '../../test/support/samples/sample-object.js';
import { createMemoryStore } from '../content/memory-store.js';
import type { Descriptor } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { mediaTypes } from '../oci/media-types.js';
import { buildBundle } from './build-bundle.js';
import { readBundle } from './read-bundle.js';

const objects = [sampleObject({ kind: 'Pipeline', name: 'workflow' }), sampleObject({ name: 'helper' })];
const bundle = buildBundle(objects);

async function filledStore() {
  const store = createMemoryStore();
  const { manifest, config, layers } = bundle.image;
  for (const { descriptor, bytes } of [config, ...layers]) await store.write(descriptor, bytes);
  await store.writeTagged(manifest.descriptor, manifest.bytes, 'v1');
  return store;
}

/** Our manifest after a change, under the tag `changed`. */
async function changedStore(
  change: (manifest: { layers: { annotations: Record<string, string> }[] }) => void,
) {
  const store = await filledStore();
  const manifest = JSON.parse(Buffer.from(bundle.image.manifest.bytes).toString());
  change(manifest);
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = { mediaType: mediaTypes.dockerManifest, digest: digestOf(bytes), size: bytes.length };
  await store.writeTagged(descriptor, bytes, 'changed');
  return store;
}

test('a bundle is read back with its objects', async () => {
  const stored = await readBundle(await filledStore(), 'v1');
  expect(stored.digest).toBe(bundle.digest);
  expect(stored.objects).toMatchObject([
    { apiVersion: 'v1', kind: 'pipeline', name: 'workflow' },
    { apiVersion: 'v1', kind: 'task', name: 'helper' },
  ]);
  expect(stored.config.diffIds).toEqual(bundle.objects.map(({ diffId }) => diffId));
  for (const [index, object] of objects.entries()) {
    expect(Buffer.from(await stored.readObject(index)).equals(object.json)).toBe(true);
  }
  await expect(stored.readObject(2)).rejects.toThrow(RangeError);
});

test.each(['dev.tekton.image.apiVersion', 'dev.tekton.image.kind', 'dev.tekton.image.name'])(
  'a layer without %s is not an object',
  async (key) => {
    const store = await changedStore(({ layers }) => delete layers[1]!.annotations[key]);
    const error = await readBundle(store, 'changed').catch((error) => error);
    expect(error.code).toBe('BUNDLE_INVALID');
    expect(error.message).toContain(`layer 1 has no annotation ${key}`);
  },
);

test.each(['Task', 'tasks'])('the kind %s is refused as the resolver does', async (kind) => {
  const store = await changedStore(({ layers }) => {
    layers[0]!.annotations['dev.tekton.image.kind'] = kind;
  });
  await expect(readBundle(store, 'changed')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});

test('twenty layers are taken, one more is not', async () => {
  const fill = (count: number) =>
    changedStore((manifest) => {
      manifest.layers = Array.from({ length: count }, () => manifest.layers[0]!);
    });
  expect((await readBundle(await fill(20), 'changed')).objects.length).toBe(20);
  await expect(readBundle(await fill(21), 'changed')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});

test('an index leads to its linux/amd64 image', async () => {
  const store = await filledStore();
  const entry = ({ mediaType, digest, size }: Descriptor, architecture: string) => ({
    mediaType,
    digest,
    size,
    platform: { os: 'linux', architecture },
  });
  const index = (architectures: readonly string[]) =>
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: architectures.map((name) => entry(bundle.image.manifest.descriptor, name)),
      }),
    );
  for (const [tag, names] of [
    ['some', ['arm64', 'amd64']],
    ['none', ['arm64']],
  ] as const) {
    const bytes = index(names);
    await store.writeTagged(
      { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length },
      bytes,
      tag,
    );
  }
  expect((await readBundle(store, 'some')).digest).toBe(bundle.digest);
  await expect(readBundle(store, 'none')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});

test('a layer that is not an archive is the object itself, compressed or not', async () => {
  for (const bytes of [gzipSync('kind: Task\n'), Buffer.from('kind: Task\n')]) {
    const store = await changedStore(({ layers }) => {
      Object.assign(layers[0]!, { digest: digestOf(bytes), size: bytes.length });
    });
    const descriptor = { mediaType: mediaTypes.dockerLayerGzip, digest: digestOf(bytes), size: bytes.length };
    await store.write(descriptor, bytes);
    const stored = await readBundle(store, 'changed');
    expect(Buffer.from(await stored.readObject(0)).toString()).toBe('kind: Task\n');
  }
});

test('a layer that grows beyond the limit is refused', async () => {
  const bytes = gzipSync(Buffer.alloc(33 * 1024 * 1024));
  const store = await changedStore(({ layers }) => {
    Object.assign(layers[0]!, { digest: digestOf(bytes), size: bytes.length });
  });
  await store.write(
    { mediaType: mediaTypes.dockerLayerGzip, digest: digestOf(bytes), size: bytes.length },
    bytes,
  );
  const stored = await readBundle(store, 'changed');
  await expect(stored.readObject(0)).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('what is not there is not found', async () => {
  await expect(readBundle(await filledStore(), 'v2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
