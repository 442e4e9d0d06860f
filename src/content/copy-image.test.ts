import { expect, test } from 'vitest';
import { contentOf, sampleImage } from '../../test/support/samples/sample-image.js';
import type { Image } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { copyImage } from './copy-image.js';
import { createMemoryStore, type MemoryStore } from './memory-store.js';
import { verifyImage } from './verify-image.js';

async function put(store: MemoryStore, image: Image, tag: string): Promise<void> {
  for (const { descriptor, bytes } of [...image.layers, image.config]) await store.write(descriptor, bytes);
  await store.writeTagged(image.manifest.descriptor, image.manifest.bytes, tag);
}

test('copyImage() copies an image with its tags and finds everything the second time', async () => {
  const [source, target] = [createMemoryStore(), createMemoryStore()];
  await put(source, sampleImage('a'), 'v1');
  const first = await copyImage({ source, target }, 'v1', { tags: ['v1', 'latest'] });
  expect(first).toMatchObject({ copied: 4, existing: 0 });
  expect(await target.tags()).toEqual(['latest', 'v1']);
  expect(await verifyImage(target, 'latest')).toMatchObject({ checked: 4, unproven: [] });
  const second = await copyImage({ source, target }, 'v1', { tags: ['v2'] });
  expect(second).toMatchObject({ copied: 0, existing: 1, bytes: 0 });
  expect(await target.resolve('v2')).toEqual(first.descriptor);
});

test('copyImage() copies an index, children before parents, and shared blobs once', async () => {
  const [source, memory] = [createMemoryStore(), createMemoryStore()];
  const images = [sampleImage('a'), sampleImage('b')];
  for (const image of images) await put(source, image, 'x');
  const index = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [images[0], images[1], images[0]].map((image) => image?.manifest.descriptor),
    }),
    mediaTypes.ociIndex,
  );
  await source.writeTagged(index.descriptor, index.bytes, 'all');
  const order: string[] = [];
  const target: MemoryStore = {
    ...memory,
    write: (descriptor, bytes, options) => {
      order.push(descriptor.digest);
      return memory.write(descriptor, bytes, options);
    },
  };
  expect(await copyImage({ source, target }, 'all')).toMatchObject({ copied: 9 });
  expect(order.at(-1)).toBe(index.descriptor.digest);
  expect(new Set(order).size).toBe(order.length);
  for (const { manifest, config, layers } of images) {
    const at = order.indexOf(manifest.descriptor.digest);
    for (const { descriptor } of [config, ...layers])
      expect(order.indexOf(descriptor.digest)).toBeLessThan(at);
  }
  await verifyImage(target, index.descriptor.digest);
});

test('copyImage() reports which side failed and leaves no manifest', async () => {
  const image = sampleImage('a');
  const [source, target] = [createMemoryStore(), createMemoryStore()];
  await put(source, image, 'v1');
  await expect(copyImage({ source, target }, 'v2')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { side: 'source', operation: 'resolve' },
  });
  const full: MemoryStore = { ...target, write: () => Promise.reject(new Error('full')) };
  await expect(copyImage({ source, target: full }, 'v1')).rejects.toMatchObject({
    code: 'UNEXPECTED',
    details: { side: 'target', operation: 'write' },
  });
  const broken: MemoryStore = {
    ...source,
    read: (descriptor, options) =>
      source.read(
        descriptor.mediaType === mediaTypes.dockerLayerGzip ? { ...descriptor, size: 3 } : descriptor,
        options,
      ),
  };
  await expect(copyImage({ source: broken, target }, 'v1', { tags: ['v1'] })).rejects.toMatchObject({
    code: 'DIGEST_MISMATCH',
    details: { side: 'source', operation: 'read' },
  });
  await source.delete(image.config.descriptor.digest);
  await expect(copyImage({ source, target: createMemoryStore() }, 'v1')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { side: 'source', operation: 'read' },
  });
  expect(await target.manifests()).toEqual([]);
  expect(await target.tags()).toEqual([]);
});

test('copyImage() ends with the reason of its signal, unwrapped', async () => {
  const [source, target] = [createMemoryStore(), createMemoryStore()];
  await put(source, sampleImage('a'), 'v1');
  const abort = new AbortController();
  const reason = new Error('stop');
  const slow: MemoryStore = {
    ...target,
    has: async (descriptor, options) => {
      abort.abort(reason);
      return target.has(descriptor, options);
    },
  };
  await expect(copyImage({ source, target: slow }, 'v1', { signal: abort.signal })).rejects.toBe(reason);
  expect(await target.manifests()).toEqual([]);
});

test('verifyImage() finds a diffId that lies and a layer that is missing', async () => {
  const store = createMemoryStore();
  const [right, wrong] = [sampleImage('a'), sampleImage('b')];
  const manifest = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.dockerManifest,
      config: wrong.config.descriptor,
      layers: right.layers.map(({ descriptor }) => descriptor),
    }),
    mediaTypes.dockerManifest,
  );
  await put(store, right, 'right');
  await put(store, { ...right, config: wrong.config, manifest }, 'wrong');
  await verifyImage(store, 'right');
  await expect(verifyImage(store, 'wrong')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  await expect(verifyImage(store, 'right', { unpackedLimit: 3 })).rejects.toMatchObject({
    code: 'TOO_LARGE',
  });
  await store.delete(right.layers[1]?.descriptor.digest ?? '');
  await expect(verifyImage(store, 'right')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
