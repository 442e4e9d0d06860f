import { expect, test } from 'vitest';
import { readContent } from '../../../src/content/read-content.js';
import type {
  ManifestLister,
  ReadableStore,
  Store,
  TaggedWriter,
  TagLister,
} from '../../../src/content/store.js';
import { verifyImage } from '../../../src/content/verify-image.js';
import { digestOf } from '../../../src/oci/digest.js';
import type { Image } from '../../../src/oci/image.js';
import { mediaTypes } from '../../../src/oci/media-types.js';
import { contentOf, sampleImage } from '../samples/sample-image.js';

export type ReadStore = ReadableStore & TagLister & ManifestLister;

export interface GivenImage {
  readonly image: Image;
  readonly tags: readonly string[];
}

/** Proves the promises of a store to read from; `open` gives one that holds these images and nothing else. */
export function readableContract(
  title: string,
  open: (images: readonly GivenImage[]) => Promise<ReadStore>,
): void {
  const check = (name: string, run: () => Promise<void>) => test(`${title}: ${name}`, run);
  const first = sampleImage('first');
  const second = sampleImage('second', { layers: 3 });

  check('tags, sorted, name manifests with their media types and sizes', async () => {
    const store = await open([
      { image: first, tags: ['v1', 'latest'] },
      { image: second, tags: ['v10', 'v2'] },
    ]);
    expect(await store.tags()).toEqual(['latest', 'v1', 'v10', 'v2']);
    expect(await store.resolve('v1')).toMatchObject(first.manifest.descriptor);
    expect(await store.resolve('latest')).toMatchObject(first.manifest.descriptor);
    expect(await store.resolve('v2')).toMatchObject(second.manifest.descriptor);
    expect(await store.resolve(second.manifest.descriptor.digest)).toMatchObject(second.manifest.descriptor);
  });

  check('manifests are listed once each', async () => {
    const store = await open([
      { image: first, tags: ['v1', 'latest'] },
      { image: second, tags: ['v2'] },
    ]);
    const digests = (await store.manifests()).map(({ digest }) => digest).sort();
    expect(digests).toEqual([first, second].map(({ manifest }) => manifest.descriptor.digest).sort());
  });

  check('everything that a manifest names is there, byte for byte', async () => {
    const store = await open([{ image: second, tags: ['v1'] }]);
    for (const { descriptor, bytes } of [second.manifest, second.config, ...second.layers]) {
      expect(await store.has(descriptor)).toBe(true);
      expect(Buffer.from(await readContent(store, descriptor)).equals(bytes)).toBe(true);
    }
    const report = await verifyImage(store, 'v1');
    expect([report.checked, report.unproven]).toEqual([5, []]);
  });

  check('what is not there is NOT_FOUND', async () => {
    const store = await open([{ image: first, tags: ['v1'] }]);
    const { descriptor } = contentOf('nothing');
    const manifest = { ...descriptor, mediaType: mediaTypes.dockerManifest };
    for (const wanted of [descriptor, manifest]) {
      expect(await store.has(wanted)).toBe(false);
      await expect(store.read(wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    for (const name of ['v2', '', '../v1', '__proto__', 'constructor', descriptor.digest]) {
      await expect(store.resolve(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  check('a read fails at its end when size or digest disagree', async () => {
    const store = await open([{ image: first, tags: ['v1'] }]);
    const { descriptor } = first.config;
    for (const size of [descriptor.size - 1, descriptor.size + 1, 0]) {
      expect(await store.has({ ...descriptor, size })).toBe(false);
      const read = store.read({ ...descriptor, size }).then(drain);
      await expect(read).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    }
  });

  check('a read can be given up, and changed bytes change nothing', async () => {
    const store = await open([{ image: first, tags: ['v1'] }]);
    const { descriptor } = first.config;
    await (await store.read(descriptor)).cancel();
    (await readContent(store, descriptor)).fill(0);
    expect(digestOf(await readContent(store, descriptor))).toBe(descriptor.digest);
  });

  check('an aborted call rejects with the reason', async () => {
    const store = await open([{ image: first, tags: ['v1'] }]);
    const reason = new Error('stop');
    const options = { signal: AbortSignal.abort(reason) };
    const { descriptor } = first.config;
    const calls = [
      () => store.has(descriptor, options),
      () => store.read(descriptor, options).then(drain),
      () => store.resolve('v1', options),
      () => store.tags(options),
      () => store.manifests(options),
    ];
    for (const call of calls) await expect(call()).rejects.toBe(reason);
  });
}

/** Puts images into a store. */
export async function fillStore(store: Store & TaggedWriter, images: readonly GivenImage[]): Promise<void> {
  for (const { image, tags } of images) {
    for (const { descriptor, bytes } of [...image.layers, image.config]) await store.write(descriptor, bytes);
    const { descriptor, bytes } = image.manifest;
    await store.write(descriptor, bytes);
    for (const tag of tags) await store.tag(descriptor, tag);
  }
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
