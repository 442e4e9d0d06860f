import { readContent } from '../content/read-content.js';
import type { CallOptions, ReadableStore } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.js';
import { type ImageIndex, type ImageManifest, MANIFEST_BYTES, parseManifest } from '../oci/manifest.js';
import { objectAnnotations } from '../tekton/annotations.js';
import { firstTarEntry } from '../tekton/first-tar-entry.js';
import { readLayer } from './read-layer.js';

/** What the cluster's resolver takes at most. */
const MAX_OBJECTS = 20;

/** A bundle in a store; its layers are read when asked for. */
export interface StoredBundle {
  /** Of the image manifest; where the reference named an index, that of its linux/amd64 entry. */
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** In layer order. */
  readonly objects: readonly StoredObject[];
  /** The content of the object at this index: JSON or YAML. @throws BUNDLE_INVALID, TOO_LARGE, NOT_FOUND */
  readObject(index: number, options?: CallOptions): Promise<Uint8Array>;
}

/** What a layer's annotations say of its object. */
export interface StoredObject {
  /** The version alone, e.g. `v1`. */
  readonly apiVersion: string;
  /** In lower case. */
  readonly kind: string;
  readonly name: string;
  readonly layer: Descriptor;
}

/**
 * Reads manifest and config of a bundle by the rules of the cluster's resolver: every layer has its three annotations,
 * kinds are lower-case and singular, at most 20 layers.
 *
 * @throws BUNDLE_INVALID, TOO_LARGE, and what the store throws
 */
export async function readBundle(
  store: ReadableStore,
  tagOrDigest: string,
  options: CallOptions = {},
): Promise<StoredBundle> {
  const { digest, manifest } = await readManifest(store, await store.resolve(tagOrDigest, options), options);
  if (manifest.layers.length > MAX_OBJECTS) {
    throw notBundle(
      digest,
      `it has ${manifest.layers.length} layers, the resolver takes at most ${MAX_OBJECTS}`,
    );
  }
  const objects = manifest.layers.map((layer, index) => objectOf(layer, { digest, index }));
  const config = parseImageConfig(
    await readContent(store, manifest.config, { limit: MANIFEST_BYTES, ...options }),
  );
  return {
    digest,
    manifest,
    config,
    objects,
    async readObject(index, callOptions = {}) {
      const object = objects[index];
      if (!object) throw new RangeError(`No object ${index} in a bundle of ${objects.length}`);
      const bytes = await readLayer(store, object.layer, callOptions);
      return firstTarEntry(bytes) ?? bytes;
    },
  };
}

interface FoundManifest {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
}

async function readManifest(
  store: ReadableStore,
  descriptor: Descriptor,
  options: CallOptions,
): Promise<FoundManifest> {
  const manifest = await parse(store, descriptor, options);
  if (manifest.type === 'image') return { digest: descriptor.digest, manifest };
  const entry = manifest.manifests.find(
    ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === 'amd64'),
  );
  if (!entry) throw notBundle(descriptor.digest, 'it is an index without an entry for linux/amd64');
  const inner = await parse(store, entry, options);
  if (inner.type === 'image') return { digest: entry.digest, manifest: inner };
  throw notBundle(descriptor.digest, 'it is an index of indexes');
}

async function parse(
  store: ReadableStore,
  descriptor: Descriptor,
  options: CallOptions,
): Promise<ImageManifest | ImageIndex> {
  const bytes = await readContent(store, descriptor, { limit: MANIFEST_BYTES, ...options });
  return parseManifest(bytes, descriptor.mediaType);
}

interface LayerPlace {
  readonly digest: Digest;
  readonly index: number;
}

function objectOf(layer: Descriptor, place: LayerPlace): StoredObject {
  const [apiVersion, kind, name] = [
    required(layer, objectAnnotations.apiVersion, place),
    required(layer, objectAnnotations.kind, place),
    required(layer, objectAnnotations.name, place),
  ];
  if (kind !== kind.toLowerCase() || kind.endsWith('s')) {
    const problem = `the kind ${JSON.stringify(kind.slice(0, 100))} of layer ${place.index} is not lower-case and singular`;
    throw notBundle(place.digest, problem);
  }
  return { apiVersion, kind, name, layer };
}

function required({ annotations = {} }: Descriptor, key: string, { digest, index }: LayerPlace): string {
  const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  if (value !== undefined) return value;
  throw notBundle(digest, `layer ${index} has no annotation ${key}`);
}

function notBundle(digest: Digest, problem: string): BundlesError {
  return new BundlesError('BUNDLE_INVALID', `Cannot read the bundle ${digest}: ${problem}`, {
    hint: 'The cluster could not read it either; push it again from its sources',
    details: { digest },
  });
}
