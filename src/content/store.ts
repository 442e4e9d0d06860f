import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';

/**
 * A store holds the content of one repository: manifests, blobs and tags. Manifests and blobs are distinguished by
 * the descriptor's media type (`isManifest`). A function asks for the smallest role it needs.
 */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Role of a store: whether it holds some content. */
export interface ContentPresence {
  has(descriptor: Descriptor, options?: CallOptions): Promise<boolean>;
}

/** Role of a store: reads content. */
export interface ContentReader {
  /** The stream fails at its end when size or digest disagree (DIGEST_MISMATCH). @throws NOT_FOUND */
  read(descriptor: Descriptor, options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
}

/** Role of a store: takes content. */
export interface ContentWriter {
  /** Writing what is there already succeeds. @throws DIGEST_MISMATCH when bytes and descriptor disagree */
  write(
    descriptor: Descriptor,
    bytes: Uint8Array | ReadableStream<Uint8Array>,
    options?: CallOptions,
  ): Promise<void>;
}

/** How a tag is resolved. */
export interface ResolveOptions extends CallOptions {
  /** The content is probably absent: use the request that proves an absence soonest. Default false. */
  readonly likelyAbsent?: boolean | undefined;
  /** A first refusal needs no second look: what depends on it is worth one request. Default false. */
  readonly refusalCounts?: boolean | undefined;
}

/** Role of a store: finds manifests by tag or digest. */
export interface Resolver {
  /** The descriptor of a manifest by tag or digest. @throws NOT_FOUND */
  resolve(tagOrDigest: string, options?: ResolveOptions): Promise<Descriptor>;
}

/** Role of a store: puts tags. */
export interface Tagger {
  /** Makes the tag name a manifest that the store holds; replaces what it named. @throws NOT_FOUND */
  tag(descriptor: Descriptor, tag: string, options?: CallOptions): Promise<void>;
}

/** A store to read from. */
export type ReadableStore = ContentPresence & ContentReader & Resolver;
/** A store to read from and to write to. */
export type Store = ReadableStore & ContentWriter & Tagger;

/** Optional ability: all tags, sorted by UTF-8 bytes. */
export interface TagLister {
  tags(options?: CallOptions): Promise<string[]>;
}

/** Optional ability: removes a manifest (with its tags) or a blob by digest, or one tag by its name. */
export interface Deleter {
  delete(digestOrTag: string, options?: CallOptions): Promise<void>;
}

/** Optional ability: puts a manifest and its tag in one step, for stores that would collect it in between. */
export interface TaggedWriter {
  writeTagged(descriptor: Descriptor, bytes: Uint8Array, tag: string, options?: CallOptions): Promise<void>;
}

/** Optional ability: every manifest, tagged or not, once. */
export interface ManifestLister {
  manifests(options?: CallOptions): Promise<Descriptor[]>;
}

/** Optional ability: takes a blob over from another repository of the same registry, without sending it. */
export interface BlobMounter {
  /** False where the registry would rather have it sent. */
  mount(descriptor: Descriptor, from: string, options?: CallOptions): Promise<boolean>;
}

/** Optional ability: the manifests whose subject is this one. */
export interface ReferrerLister {
  referrers(subject: Digest, options?: CallOptions): Promise<readonly Descriptor[]>;
}

/** Optional ability: what a tag names, by the cheapest request; undefined if the tag does not exist. */
export interface TagPeeker {
  peek(tag: string, options?: ResolveOptions): Promise<Descriptor | undefined>;
}
