import { join } from 'node:path';
import type { Clock } from '../../async/clock.js';
import { systemClock } from '../../async/system-clock.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { isDigest } from '../../oci/digest.js';
import { isManifest } from '../../oci/media-types.js';
import { requireLegalName, requireLegalTag } from '../legal-tag.js';
import { notFound } from '../not-found.js';
import type {
  CallOptions,
  ContentPresence,
  ContentReader,
  Deleter,
  ManifestLister,
  Resolver,
  Tagger,
  TagLister,
} from '../store.js';
import { sameName } from './image-names.js';
import { type BlobFiles, createLayoutBlobs } from './layout-blobs.js';
import { addManifest, removeManifest, removeTag, setTag } from './layout-entries.js';
import { hasLayoutMark, layoutMark } from './layout-files.js';
import { createLayoutIndex } from './layout-index.js';

/** The store of an OCI image layout directory. */
export interface LayoutStore
  extends ContentPresence,
    ContentReader,
    Resolver,
    Tagger,
    TagLister,
    Deleter,
    ManifestLister,
    BlobFiles {
  readonly directory: string;
  /** Tags, and names that are none, sorted. */
  names(options?: CallOptions): Promise<string[]>;
  /** Whether there is a layout already. */
  isThere(): Promise<boolean>;
  /** Makes an empty one where there is none. */
  create(): Promise<void>;
  write(
    descriptor: Descriptor,
    content: Uint8Array | ReadableStream<Uint8Array>,
    options?: LayoutWriteOptions,
  ): Promise<void>;
  writeTagged(
    descriptor: Descriptor,
    bytes: Uint8Array,
    tag: string,
    options?: LayoutWriteOptions,
  ): Promise<void>;
}

/** Options of one write into a layout. */
export interface LayoutWriteOptions extends CallOptions {
  /** Runs before a manifest is listed, while nothing can be deleted; where it fails, the write fails. */
  readonly beforeListing?: () => Promise<void>;
}

/** How a layout directory is written. */
export interface LayoutStoreOptions {
  readonly clock?: Clock;
  /** Content is on the disk before the index names it, and the index before a call returns. Default true. */
  readonly durable?: boolean;
  /** Where blobs are until they are whole; of the same file system. Default `.tmp` of the layout. */
  readonly temporaries?: string;
  /** What may be put as a tag: tags alone, or any name that skopeo writes, such as `hello:8.3`. Default `tag`. */
  readonly puts?: 'tag' | 'name';
  /** How long to wait for other processes that write. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Opens an OCI image layout directory as a content store. A tag is the annotation `org.opencontainers.image.ref.name` in index.json.
 *
 * Nothing is read or created until the first call. Several processes may use one directory at once: blobs are renamed into place and
 * never changed, the index changes under a lock, and an entry is written only after its content.
 *
 * @throws LAYOUT_INVALID, NOT_WRITABLE, DISK_FULL, BUSY from the calls of the store
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, openLayoutStore, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const store = openLayoutStore('layout');
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 * console.log(await store.tags()); // [ 'v1' ]
 * ```
 */
export function openLayoutStore(directory: string, options: LayoutStoreOptions = {}): LayoutStore {
  const { clock = systemClock, durable = true, timeoutMs = 30_000, temporaries, puts = 'tag' } = options;
  const requireLegal = puts === 'tag' ? requireLegalTag : requireLegalName;
  const where = `the layout ${JSON.stringify(directory)}`;
  const blobs = createLayoutBlobs(directory, { durable, clock, temporaries });
  const index = createLayoutIndex(directory, { blobs, clock, durable, timeoutMs });

  const write = async (
    descriptor: Descriptor,
    content: Uint8Array | ReadableStream<Uint8Array>,
    options: LayoutWriteOptions & { readonly tag?: string } = {},
  ) => {
    const { tag, signal, beforeListing } = options;
    if (tag !== undefined) requireLegal(tag);
    await blobs.write(descriptor, content, signal);
    if (!isManifest(descriptor.mediaType)) return;
    await index.update(async (entries) => {
      await beforeListing?.();
      // Another process may have deleted it; none deletes while the index is locked.
      if (!(await blobs.has(descriptor))) {
        if (!(content instanceof Uint8Array)) throw notFound(descriptor.digest, { where });
        await blobs.write(descriptor, content, signal);
      }
      return addManifest(entries, descriptor, tag);
    }, options);
  };

  const { sizeOf, readRange, receive, adopt, share } = blobs;
  return {
    directory,
    sizeOf,
    readRange,
    receive,
    adopt,
    share,
    isThere: () => hasLayoutMark(directory),
    async create() {
      if (await hasLayoutMark(directory)) return;
      await makeDirectory(directory);
      await writeFileAtomic(join(directory, 'oci-layout'), layoutMark);
    },
    write: (descriptor, content, options) => write(descriptor, content, options),
    writeTagged: (descriptor, bytes, tag, options) => write(descriptor, bytes, { ...options, tag }),
    async has(descriptor, { signal } = {}) {
      signal?.throwIfAborted();
      if (!(await blobs.has(descriptor))) return false;
      return !isManifest(descriptor.mediaType) || (await index.read()).byDigest.has(descriptor.digest);
    },
    read: (descriptor, { signal } = {}) => blobs.read(descriptor, signal),
    async resolve(tagOrDigest, { signal } = {}) {
      signal?.throwIfAborted();
      const { byDigest, byTag, byName } = await index.read();
      const found = isDigest(tagOrDigest)
        ? byDigest.get(tagOrDigest)
        : (byTag.get(tagOrDigest) ?? byName.get(tagOrDigest) ?? byName.get(sameName(tagOrDigest)));
      if (!found) {
        throw notFound(tagOrDigest, { where, held: [...byTag.keys(), ...byName.keys()].sort() });
      }
      return found;
    },
    async tag(descriptor, tag, options = {}) {
      requireLegal(tag);
      await index.update(async (entries) => {
        if (!(await blobs.has(descriptor))) throw notFound(descriptor.digest, { where });
        return setTag(entries, descriptor.digest, { tag, where });
      }, options);
    },
    async tags({ signal } = {}) {
      signal?.throwIfAborted();
      return [...(await index.read()).byTag.keys()].sort();
    },
    async names({ signal } = {}) {
      signal?.throwIfAborted();
      const { byTag, byName } = await index.read();
      return [...byTag.keys(), ...byName.keys()].sort();
    },
    async manifests({ signal } = {}) {
      signal?.throwIfAborted();
      return [...(await index.read()).byDigest.values()];
    },
    async delete(digestOrTag, options = {}) {
      if (!isDigest(digestOrTag)) {
        await index.update((entries) => removeTag(entries, digestOrTag, { where }), options);
        return;
      }
      const isListed = (await index.read()).byDigest.has(digestOrTag);
      if (!isListed && !(await blobs.exists(digestOrTag))) throw notFound(digestOrTag, { where });
      await index.update((entries) => removeManifest(entries, digestOrTag), {
        ...options,
        afterwards: () => blobs.delete(digestOrTag),
      });
    },
  };
}
