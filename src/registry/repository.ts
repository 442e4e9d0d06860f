import { requireLegalTag } from '../content/legal-tag.js';
import type {
  CallOptions,
  Deleter,
  ResolveOptions,
  Store,
  TaggedWriter,
  TagLister,
} from '../content/store.js';
import { checkContent, createContentCheck } from '../content/verified-stream.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { isManifest } from '../oci/media-types.js';
import { hasBlob, readBlob, streamOf } from './blobs.js';
import type { Access, RegistryConnection } from './connection/connection.js';
import { getManifest, peekManifest, resolveManifest } from './manifests.js';
import type { PutOptions } from './put-manifest.js';
import { listTags } from './tags.js';
import type { TagChange } from './update-tag.js';

/** One repository of a registry as a content store. */
export interface RegistryRepository extends Store, TagLister, Deleter, TaggedWriter {
  readonly registry: string;
  readonly repository: string;
  /** Our access there, by the answers so far. */
  access(): Access;
  /** Requests the right to push from now on; some registries create the repository then. */
  forPush(): RegistryRepository;
  /** What a tag names, undefined where that is proven to be nothing; where it is likely absent, by a GET alone. */
  peek(tag: string, options?: ResolveOptions): Promise<Descriptor | undefined>;
  /** Puts a manifest under a tag, whose bytes the caller has proven. */
  put(manifest: Content, tag: string, options?: PutOptions): Promise<void>;
  /** Requests of this repository so far, token requests included. */
  requests(): number;
  /** Waits by the client's clock. */
  pause(ms: number, options?: CallOptions): Promise<void>;
  /** Takes a blob over from another repository of this registry; false where it has to be sent. */
  mount(descriptor: Descriptor, from: string, options?: CallOptions): Promise<boolean>;
  /** The manifests that refer to this one. */
  referrers(subject: Digest, options?: CallOptions): Promise<readonly Descriptor[]>;
  /** Lists a manifest at the fallback tag of its subject, for a registry without the referrers API. */
  addReferrer(manifest: Content, options?: CallOptions): Promise<void>;
  /** Reads, changes and puts what a tag names until no change is needed, so that concurrent additions are kept. */
  update(tag: string, change: TagChange, options?: CallOptions): Promise<boolean>;
  /** Sends a blob where it is missing, and reports which it was. */
  upload(content: Content, options?: CallOptions): Promise<'uploaded' | 'existing'>;
}

export interface RepositoryParts {
  readonly connection: RegistryConnection;
  readonly access: () => Access;
  readonly requests: () => number;
  readonly forPush: () => RegistryRepository;
}

export function createRepository({
  connection,
  access,
  requests,
  forPush,
}: RepositoryParts): RegistryRepository {
  // Loaded on first use: a run that finds everything in order does not need it.
  const put = async (manifest: Content, name: string, options: PutOptions) => {
    const { putManifest } = await import('./put-manifest.js');
    await putManifest(connection, manifest, { ...options, name });
  };
  const upload: RegistryRepository['upload'] = async (content, options = {}) =>
    (await import('./upload-blob.js')).uploadBlob(connection, content, options);
  return {
    registry: connection.registry,
    repository: connection.repository,
    access,
    forPush,
    requests,
    put: (manifest, tag, options = {}) => put(manifest, tag, options),
    pause: (ms, { signal } = {}) => connection.clock.sleep(ms, signal),
    upload,
    async mount(descriptor, from, options = {}) {
      const { mountBlob } = await import('./upload-blob.js');
      return mountBlob(connection, descriptor, { from, ...options });
    },
    async referrers(subject, options = {}) {
      const { listReferrers } = await import('./referrers.js');
      return listReferrers(connection, subject, options);
    },
    async addReferrer(manifest, options = {}) {
      const { addReferrer } = await import('./referrers.js');
      await addReferrer(connection, manifest, options);
    },
    async update(tag, change, options = {}) {
      const { updateTag } = await import('./update-tag.js');
      return updateTag(connection, tag, change, options);
    },
    peek: (tag, options = {}) => peekManifest(connection, tag, options),
    resolve: (tagOrDigest, options = {}) => resolveManifest(connection, tagOrDigest, options),
    async has({ mediaType, digest }, options = {}) {
      if (!isManifest(mediaType)) return hasBlob(connection, digest, options);
      return (await peekManifest(connection, digest, options)) !== undefined;
    },
    async read(descriptor, options = {}) {
      if (!isManifest(descriptor.mediaType)) return readBlob(connection, descriptor, options);
      const { bytes } = await getManifest(connection, descriptor.digest, options);
      checkContent(descriptor, bytes);
      return streamOf(bytes);
    },
    async write(descriptor, bytes, options = {}) {
      const content = await collect(descriptor, bytes, options);
      if (isManifest(descriptor.mediaType)) await put(content, descriptor.digest, options);
      else await upload(content, options);
    },
    async tag(descriptor, tag, options = {}) {
      requireLegalTag(tag);
      const { bytes } = await getManifest(connection, descriptor.digest, options);
      await put({ descriptor, bytes }, tag, options);
    },
    async writeTagged(descriptor, bytes, tag, options = {}) {
      const content = await collect(descriptor, bytes, options);
      await put(content, tag, options);
    },
    tags: (options = {}) => listTags(connection, options),
    async delete(digestOrTag, options = {}) {
      const { deleteContent } = await import('./delete.js');
      await deleteContent(connection, digestOrTag, options);
    },
  };
}

/** The whole content, proven before anything is sent. */
async function collect(
  descriptor: Descriptor,
  source: Uint8Array | ReadableStream<Uint8Array>,
  { signal }: CallOptions,
): Promise<Content> {
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) {
    checkContent(descriptor, source);
    return { descriptor, bytes: source };
  }
  const check = createContentCheck(descriptor);
  const chunks: Uint8Array[] = [];
  const reader = source.getReader();
  const abort = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      check.update(piece.value);
      chunks.push(piece.value);
    }
    signal?.throwIfAborted();
    check.finish();
  } catch (error) {
    abort();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return { descriptor, bytes: Buffer.concat(chunks) };
}
