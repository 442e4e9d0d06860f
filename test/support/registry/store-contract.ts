import { afterAll, beforeAll, expect, test } from 'vitest';
import { readContent } from '../../../src/content/read-content.js';
import type { Deleter, Store, TaggedWriter, TagLister } from '../../../src/content/store.js';
import type { Descriptor } from '../../../src/oci/descriptor.js';
import { digestOf } from '../../../src/oci/digest.js';
import type { Image } from '../../../src/oci/image.js';
import { mediaTypes } from '../../../src/oci/media-types.js';
import { contentOf, sampleImage } from '../samples/sample-image.js';

type WholeStore = Store & TagLister & Deleter & TaggedWriter;

export interface ContractStore {
  readonly store: WholeStore;
  /** A second way to the same content, e.g. as another process would have it. Default: the store itself. */
  readonly other?: WholeStore;
  close?(): Promise<void>;
}

/**
 * Proves that a store keeps every promise of content/store.ts; `createStore` gives an empty one. `deletesTags: false`
 * for registries that delete by digest alone.
 */
export function storeContract(
  title: string,
  createStore: () => Promise<ContractStore>,
  { deletesTags = true }: { readonly deletesTags?: boolean } = {},
): void {
  let made: ContractStore[] = [];
  const open = async () => {
    const contract = await createStore();
    made.push(contract);
    return { other: contract.store, ...contract };
  };
  beforeAll(() => {
    made = [];
  });
  afterAll(async () => {
    for (const contract of made) await contract.close?.();
  });
  const check = (name: string, run: (stores: Awaited<ReturnType<typeof open>>) => Promise<void>) =>
    test(`${title}: ${name}`, async () => run(await open()));

  check('a blob is absent, then written, then read back by everyone', async ({ store, other }) => {
    const { descriptor, bytes } = contentOf('hello');
    expect(await store.has(descriptor)).toBe(false);
    await store.write(descriptor, bytes);
    expect(await store.has(descriptor)).toBe(true);
    expect(await other.has(descriptor)).toBe(true);
    expect(await readText(other, descriptor)).toBe('hello');
  });

  check('missing content is NOT_FOUND', async ({ store }) => {
    const { descriptor } = contentOf('nothing');
    const manifest = { ...descriptor, mediaType: mediaTypes.dockerManifest };
    for (const wanted of [descriptor, manifest]) {
      await expect(store.read(wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    for (const name of ['v1', descriptor.digest]) {
      await expect(store.resolve(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.delete(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await store.has(manifest)).toBe(false);
  });

  check('content of another digest, shorter or longer is refused and leaves nothing', async ({ store }) => {
    const { descriptor } = contentOf('right');
    for (const bytes of ['wrong', 'righ', 'right!', '', 'right'.repeat(10_000)].map(encode)) {
      const writes = [
        () => store.write(descriptor, bytes),
        () => store.write(descriptor, streamOf(bytes, 3)),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    }
    expect(await store.has(descriptor)).toBe(false);
    await store.write(descriptor, encode('right'));
    expect(await readText(store, descriptor)).toBe('right');
  });

  check('a manifest of another digest is refused and tags nothing', async ({ store }) => {
    const image = await withBlobs(store, sampleImage('wrong manifest'));
    const { descriptor } = image.manifest;
    const bytes = Buffer.concat([image.manifest.bytes, encode(' ')]);
    await expect(store.write(descriptor, bytes)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(store.writeTagged(descriptor, bytes, 'v1')).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    expect(await store.tags()).toEqual([]);
    expect(await store.has(descriptor)).toBe(false);
  });

  check('a read fails at its end when size or digest disagree', async ({ store }) => {
    const { descriptor, bytes } = contentOf('twelve bytes');
    await store.write(descriptor, bytes);
    for (const size of [11, 13, 1]) {
      const read = store.read({ ...descriptor, size }).then(drain);
      await expect(read).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    }
  });

  check('blobs come as streams of any granularity, large and empty', async ({ store, other }) => {
    const large = Buffer.alloc(1_500_000, 'abcdefghijklmnopqrstuvwxyz0123456789');
    for (const bytes of [new Uint8Array(0), encode('x'), large]) {
      const { descriptor } = contentOf(bytes);
      await store.write(descriptor, streamOf(bytes, 65_521));
      const read = await drain(await other.read(descriptor));
      expect(digestOf(read)).toBe(descriptor.digest);
    }
  });

  check('a read can be given up', async ({ store }) => {
    const { descriptor, bytes } = contentOf(Buffer.alloc(1_000_000, 7));
    await store.write(descriptor, bytes);
    const unread = await store.read(descriptor);
    await unread.cancel();
    const reader = (await store.read(descriptor)).getReader();
    await reader.read();
    await reader.cancel();
    expect((await drain(await store.read(descriptor))).length).toBe(1_000_000);
  });

  check('what a reader or writer does to its bytes later changes nothing', async ({ store }) => {
    const { descriptor, bytes } = contentOf(encode('immutable'));
    const given = bytes.slice();
    await store.write(descriptor, given);
    given.fill(0);
    (await readContent(store, descriptor)).fill(0);
    expect(await readText(store, descriptor)).toBe('immutable');
  });

  check('a failing source fails the write and leaves nothing', async ({ store }) => {
    const { descriptor } = contentOf('never whole');
    const reason = new Error('source');
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode('never')),
      pull: (controller) => controller.error(reason),
    });
    await expect(store.write(descriptor, stream)).rejects.toBeInstanceOf(Error);
    expect(await store.has(descriptor)).toBe(false);
  });

  check('a manifest is found by digest without a tag, with its media type', async ({ store, other }) => {
    const image = await withBlobs(store, sampleImage('untagged'));
    const { descriptor, bytes } = image.manifest;
    await store.write(descriptor, bytes);
    expect(await other.has(descriptor)).toBe(true);
    expect(await other.resolve(descriptor.digest)).toMatchObject(descriptor);
    expect(await store.tags()).toEqual([]);
    expect(Buffer.from(await readContent(other, descriptor)).equals(bytes)).toBe(true);
  });

  check('a tag names a manifest, and another one after a retag', async ({ store, other }) => {
    const [first, second] = [
      await written(store, sampleImage('first')),
      await written(store, sampleImage('second')),
    ];
    await store.tag(first, 'v1');
    expect(await other.resolve('v1')).toMatchObject(first);
    await store.tag(second, 'v1');
    expect(await other.resolve('v1')).toMatchObject(second);
    expect(await other.resolve(first.digest)).toMatchObject(first);
    await store.tag(second, 'v2');
    await store.tag(second, 'v2');
    expect(await other.tags()).toEqual(['v1', 'v2']);
  });

  check('a tag for what is not there is NOT_FOUND', async ({ store }) => {
    const { descriptor } = sampleImage('absent').manifest;
    await expect(store.tag(descriptor, 'v1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await store.tags()).toEqual([]);
  });

  check('writeTagged puts manifest and tag in one step', async ({ store, other }) => {
    const image = await withBlobs(store, sampleImage('in one step'));
    const { descriptor, bytes } = image.manifest;
    await store.writeTagged(descriptor, bytes, 'v1');
    await store.writeTagged(descriptor, bytes, 'latest');
    await store.writeTagged(descriptor, bytes, 'v1');
    expect(await other.resolve('latest')).toMatchObject(descriptor);
    expect(await other.tags()).toEqual(['latest', 'v1']);
  });

  check('illegal tags are refused', async ({ store }) => {
    const { manifest } = await withBlobs(store, sampleImage('illegal'));
    await store.write(manifest.descriptor, manifest.bytes);
    for (const tag of [
      '',
      '.',
      '..',
      '-x',
      'a/b',
      'a:b',
      'ä',
      'a b',
      '../x',
      'x'.repeat(129),
      '__proto__/x',
    ]) {
      await expect(store.tag(manifest.descriptor, tag)).rejects.toBeInstanceOf(Error);
      await expect(store.writeTagged(manifest.descriptor, manifest.bytes, tag)).rejects.toBeInstanceOf(Error);
    }
    expect(await store.tags()).toEqual([]);
  });

  check('tags are sorted by bytes', async ({ store }) => {
    const { manifest } = await withBlobs(store, sampleImage('sorted'));
    for (const tag of ['b', 'a10', 'Z', 'a9', '_x', '__proto__', 'constructor', 'a-1', 'a.1']) {
      await store.writeTagged(manifest.descriptor, manifest.bytes, tag);
    }
    expect(await store.tags()).toEqual([
      'Z',
      '__proto__',
      '_x',
      'a-1',
      'a.1',
      'a10',
      'a9',
      'b',
      'constructor',
    ]);
  });

  check('writing again succeeds', async ({ store }) => {
    const image = sampleImage('again');
    for (let round = 0; round < 3; round++) await written(store, image);
    const { descriptor, bytes } = image.config;
    await store.write(descriptor, streamOf(bytes, 7));
    expect(await readText(store, descriptor)).toBe(new TextDecoder().decode(bytes));
  });

  const checkTagDeletion = deletesTags ? check : () => undefined;
  checkTagDeletion(
    'deleting a tag keeps the manifest, deleting the manifest takes its tags',
    async ({ store, other }) => {
      const first = await written(store, sampleImage('delete first'));
      const second = await written(store, sampleImage('delete second'));
      await store.tag(first, 'v1');
      await store.tag(first, 'v2');
      await store.tag(second, 'v3');
      await store.delete('v1');
      expect(await other.tags()).toEqual(['v2', 'v3']);
      await store.delete('v2');
      expect(await other.resolve(first.digest)).toMatchObject(first);
      await store.tag(first, 'v4');
      await store.delete(first.digest);
      expect(await other.tags()).toEqual(['v3']);
      expect(await other.has(first)).toBe(false);
      await expect(other.resolve(first.digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.delete('v4')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await written(store, sampleImage('delete first'))).toMatchObject(first);
    },
  );

  check('a deleted blob is gone', async ({ store, other }) => {
    const { descriptor, bytes } = contentOf('to be deleted');
    await store.write(descriptor, bytes);
    await store.delete(descriptor.digest);
    expect(await other.has(descriptor)).toBe(false);
    await expect(other.read(descriptor)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  check('many writers at once lose nothing', async ({ store, other }) => {
    const images = Array.from({ length: 24 }, (_, index) => sampleImage(`writer ${index >> 1}`));
    await Promise.all(
      images.map(async (image, index) => {
        const target = index % 2 ? store : other;
        await withBlobs(target, image);
        await target.writeTagged(image.manifest.descriptor, image.manifest.bytes, `t${index}`);
      }),
    );
    expect(await store.tags()).toEqual(images.map((_, index) => `t${index}`).sort());
    for (const [index, image] of images.entries()) {
      expect(await other.resolve(`t${index}`)).toMatchObject(image.manifest.descriptor);
      for (const { descriptor } of [...image.layers, image.config, image.manifest]) {
        expect(digestOf(await readContent(store, descriptor))).toBe(descriptor.digest);
      }
    }
  });

  check('an aborted call does nothing and rejects with the reason', async ({ store }) => {
    const image = await withBlobs(store, sampleImage('aborted'));
    const { descriptor, bytes } = image.manifest;
    const blob = contentOf('aborted');
    const reason = new Error('stop');
    const options = { signal: AbortSignal.abort(reason) };
    const calls = [
      () => store.has(descriptor, options),
      () => store.read(image.config.descriptor, options).then(drain),
      () => store.resolve('v1', options),
      () => store.write(blob.descriptor, blob.bytes, options),
      () => store.write(blob.descriptor, streamOf(blob.bytes, 2), options),
      () => store.writeTagged(descriptor, bytes, 'v1', options),
      () => store.tag(descriptor, 'v1', options),
      () => store.tags(options),
      () => store.delete(image.config.descriptor.digest, options),
    ];
    for (const call of calls) await expect(call()).rejects.toBe(reason);
    expect(await store.tags()).toEqual([]);
    expect(await store.has(blob.descriptor)).toBe(false);
    expect(await store.has(image.config.descriptor)).toBe(true);
  });

  check('a write whose source falls silent ends with its signal', async ({ store }) => {
    const { descriptor } = contentOf('silent');
    const abort = new AbortController();
    const reason = new Error('stop');
    const silent = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encode('sil')) });
    const write = store.write(descriptor, silent, { signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);
    await expect(write).rejects.toBe(reason);
    expect(await store.has(descriptor)).toBe(false);
  });
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Writes everything a manifest names, so that a registry takes the manifest. */
async function withBlobs(store: Store, image: Image): Promise<Image> {
  for (const { descriptor, bytes } of [...image.layers, image.config]) await store.write(descriptor, bytes);
  return image;
}

async function written(store: Store, image: Image): Promise<Descriptor> {
  const { manifest } = await withBlobs(store, image);
  await store.write(manifest.descriptor, manifest.bytes);
  return manifest.descriptor;
}

function streamOf(bytes: Uint8Array, pieceLength: number): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(offset, offset + pieceLength));
      offset += pieceLength;
    },
  });
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readText(store: Store, descriptor: Descriptor): Promise<string> {
  return new TextDecoder().decode(await readContent(store, descriptor));
}
