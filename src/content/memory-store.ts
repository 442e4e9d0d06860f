import { bytesInMemory } from '../bytes/byte-source.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { isManifest } from '../oci/media-types.js';
import { requireLegalTag } from './legal-tag.js';
import { notFound } from './not-found.js';
import { readContent } from './read-content.js';
import type { CallOptions, Deleter, ManifestLister, Store, TaggedWriter, TagLister } from './store.js';
import { checkContent, verifiedStream } from './verified-stream.js';

/** A content store in memory. */
export type MemoryStore = Store & TagLister & Deleter & TaggedWriter & ManifestLister;

const where = 'memory';

/**
 * Creates a content store in memory, which lives as long as the process.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 * console.log(await store.has(await store.resolve('v1'))); // true
 * ```
 */
export function createMemoryStore(): MemoryStore {
  const blobs = new Map<Digest, Uint8Array>();
  const manifests = new Map<Digest, Descriptor>();
  const tags = new Map<string, Digest>();

  const holds = ({ digest, size, mediaType }: Descriptor) =>
    blobs.get(digest)?.length === size && (!isManifest(mediaType) || manifests.has(digest));

  const setTag = (descriptor: Descriptor, tag: string) => {
    requireLegalTag(tag);
    const manifest = manifests.get(descriptor.digest);
    if (!manifest) throw notFound(descriptor.digest, { where });
    tags.set(tag, manifest.digest);
  };

  const write = async (
    descriptor: Descriptor,
    content: Uint8Array | ReadableStream<Uint8Array>,
    { signal }: CallOptions = {},
  ) => {
    signal?.throwIfAborted();
    const { mediaType, digest, size } = descriptor;
    const bytes =
      content instanceof Uint8Array ? content.slice() : await collect(descriptor, content, signal);
    checkContent(descriptor, bytes);
    if (!blobs.has(digest)) blobs.set(digest, bytes);
    if (isManifest(mediaType)) manifests.set(digest, Object.freeze({ mediaType, digest, size }));
  };

  return {
    write,
    async has(descriptor, { signal } = {}) {
      signal?.throwIfAborted();
      return holds(descriptor);
    },
    async read(descriptor, { signal } = {}) {
      signal?.throwIfAborted();
      const bytes = blobs.get(descriptor.digest);
      if (!bytes) throw notFound(descriptor.digest, { where });
      return verifiedStream(bytesInMemory(bytes.slice()), descriptor, signal);
    },
    async resolve(tagOrDigest, { signal } = {}) {
      signal?.throwIfAborted();
      const digest = isDigest(tagOrDigest) ? tagOrDigest : tags.get(tagOrDigest);
      const descriptor = digest && manifests.get(digest);
      if (!descriptor) throw notFound(tagOrDigest, { where });
      return descriptor;
    },
    async tag(descriptor, tag, { signal } = {}) {
      signal?.throwIfAborted();
      setTag(descriptor, tag);
    },
    async writeTagged(descriptor, bytes, tag, options) {
      requireLegalTag(tag);
      await write(descriptor, bytes, options);
      setTag(descriptor, tag);
    },
    async tags({ signal } = {}) {
      signal?.throwIfAborted();
      return [...tags.keys()].sort();
    },
    async manifests({ signal } = {}) {
      signal?.throwIfAborted();
      return [...manifests.values()];
    },
    async delete(digestOrTag, { signal } = {}) {
      signal?.throwIfAborted();
      if (!isDigest(digestOrTag)) {
        if (!tags.delete(digestOrTag)) throw notFound(digestOrTag, { where });
        return;
      }
      if (!blobs.delete(digestOrTag)) throw notFound(digestOrTag, { where });
      manifests.delete(digestOrTag);
      for (const [tag, digest] of tags) if (digest === digestOrTag) tags.delete(tag);
    },
  };
}

function collect(
  descriptor: Descriptor,
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const options = { limit: descriptor.size, signal };
  return readContent({ read: async () => stream }, descriptor, options);
}
