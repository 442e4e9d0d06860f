import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLimiter } from '../async/limiter.js';
import { gunzipCapped, isGzip } from '../bytes/gunzip-capped.js';
import { createMemoryStore } from '../content/memory-store.js';
import { readContent } from '../content/read-content.js';
import type { CallOptions, ReadableStore } from '../content/store.js';
import { writeImage } from '../content/write-image.js';
import { isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { Content, Image } from '../oci/image.js';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.js';
import { type ImageManifest, MANIFEST_BYTES } from '../oci/manifest.js';
import { objectAnnotations } from '../tekton/layers/annotations.js';
import { firstTarEntry } from '../tekton/layers/first-tar-entry.js';
import type { TektonObject } from '../tekton/objects/object.js';
import { readSources } from '../tekton/sources/read-sources.js';
import type { Bundle } from './build-bundle.js';
import { notBundle, readBundleManifest, refuseTooMany } from './read-bundle-manifest.js';
import { BUNDLE_BYTES, layersTooLarge, OBJECT_BYTES } from './read-layer.js';

/** A bundle with everything in it, wherever it came from. */
export interface LoadedBundle {
  readonly digest: Digest;
  /** Of the index that the reference named, where it named one. */
  readonly index: Digest | undefined;
  readonly image: Image;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** In layer order. */
  readonly objects: readonly LoadedObject[];
}

/** One layer of a loaded bundle, and the object in it. */
export interface LoadedObject {
  /** From the layer's annotations; undefined where they lack it. */
  readonly annotated: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string };
  readonly layer: Descriptor;
  /** Of the archive's bytes, not what the config claims. */
  readonly diffId: Digest;
  /** The layer as it is stored. */
  readonly compressed: Uint8Array;
  /** The layer before compression. */
  readonly archive: Uint8Array;
  /** The file in it: JSON or YAML. */
  readonly content: Uint8Array;
  /** What the content is; undefined where it is not a Tekton object. */
  readonly object: TektonObject | undefined;
}

const mostLayers = 100;
/** Of all layers together, as they are stored. */
const packedBytes = 8 * 1024 * 1024;
const atOnce = 4;

/**
 * Reads a whole bundle into memory, also one that the cluster would refuse: the result reports what its layers claim and what they
 * hold.
 *
 * @throws BUNDLE_INVALID for what is not an image of layers, TOO_LARGE, and what the store throws
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, loadBundle, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/failing.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 * const loaded = await loadBundle(store, 'v1');
 * console.log(loaded.objects.map(({ annotated }) => annotated.kind)); // [ 'pipeline' ]
 * ```
 */
export async function loadBundle(
  store: ReadableStore,
  tagOrDigest: string,
  options: CallOptions = {},
): Promise<LoadedBundle> {
  const { descriptor, digest, index, manifest } = await readBundleManifest(store, tagOrDigest, options);
  const { layers, config } = manifest;
  if (layers.length > mostLayers) throw notBundle(digest, `it has ${layers.length} layers`);
  if (layers.reduce((sum, { size }) => sum + size, 0) > packedBytes)
    throw layersTooLarge(digest, packedBytes);
  const small = { limit: MANIFEST_BYTES, ...options };
  const configBytes = await readContent(store, config, small);
  const parsedConfig = parseImageConfig(configBytes);
  refuseTooMany(digest, 'labels', [parsedConfig.labels]);
  const limiter = createLimiter(atOnce);
  const contents = await Promise.all(
    layers.map((layer) =>
      limiter.run(async (): Promise<Content> => {
        return {
          descriptor: layer,
          bytes: await readContent(store, layer, { limit: packedBytes, ...options }),
        };
      }, options.signal),
    ),
  );
  let left = BUNDLE_BYTES;
  const objects: LoadedObject[] = [];
  for (const content of contents) {
    // What arrives meanwhile, a signal too, is heard between two of them.
    await nextTurn();
    options.signal?.throwIfAborted();
    const object = await loadObject(content, left);
    left -= object.archive.length;
    objects.push(object);
  }
  return {
    digest,
    index,
    image: {
      manifest: { descriptor, bytes: await readContent(store, descriptor, small) },
      config: { descriptor: config, bytes: configBytes },
      layers: contents,
    },
    manifest,
    config: parsedConfig,
    objects,
  };
}

/**
 * Loads a bundle that was built in memory, to compare or to explain it.
 *
 * @throws BUNDLE_INVALID, TOO_LARGE
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, loadBuiltBundle, readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/failing.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const loaded = await loadBuiltBundle(buildBundle(objects, { labels: { team: 'build' } }));
 * console.log(loaded.config.labels.team); // build
 * ```
 */
export async function loadBuiltBundle({ image }: Pick<Bundle, 'image'>): Promise<LoadedBundle> {
  const store = await storeOf(image);
  return loadBundle(store, image.manifest.descriptor.digest);
}

/** A store that holds one image. */
export async function storeOf(image: Image): Promise<ReadableStore> {
  const store = createMemoryStore();
  await writeImage(store, image);
  return store;
}

async function loadObject({ descriptor, bytes }: Content, limit: number): Promise<LoadedObject> {
  const what = `the layer ${descriptor.digest}`;
  const archive = isGzip(bytes) ? await gunzipCapped(bytes, { limit, what }) : bytes;
  if (archive.length > limit) throw layersTooLarge(descriptor.digest, BUNDLE_BYTES);
  const content = firstTarEntry(archive) ?? archive;
  return {
    annotated: annotatedOf(descriptor),
    layer: descriptor,
    diffId: digestOf(archive),
    compressed: bytes,
    archive,
    content,
    object: parseObject(content, descriptor),
  };
}

function annotatedOf({ annotations = {} }: Descriptor): LoadedObject['annotated'] {
  const found: Record<string, string> = {};
  for (const [field, key] of Object.entries(objectAnnotations)) {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (value !== undefined) found[field] = value;
  }
  return found;
}

function parseObject(bytes: Uint8Array, { digest }: Descriptor): TektonObject | undefined {
  if (bytes.length > OBJECT_BYTES) return undefined;
  try {
    return readSources([{ path: `layer ${digest}`, bytes }]).objects[0];
  } catch (error) {
    if (!isBundlesError(error)) throw error;
    return undefined;
  }
}
