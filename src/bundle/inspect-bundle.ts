import type { CallOptions, ReadableStore } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { StringMap } from '../oci/json-view.js';
import { type ObjectFacts, objectFacts } from '../tekton/objects/object-facts.js';
import { type BundleOrigin, findOrigin } from './bundle-origin.js';
import type { BundleProblem } from './bundle-problem.js';
import { type LoadedBundle, type LoadedObject, loadBundle, storeOf } from './load-bundle.js';
import { preflightBundle } from './preflight-bundle.js';

/** All that a bundle states and is; keys are always there, null where they do not apply. */
export interface BundleInspection {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the manifest, of the config and of all layers. */
  readonly size: number;
  /** Where the reference named an index: its digest. */
  readonly index: Digest | null;
  readonly created: string | null;
  /** Of the manifest. */
  readonly annotations: StringMap;
  /** Of the config. */
  readonly labels: StringMap;
  readonly config: { readonly mediaType: string; readonly digest: Digest; readonly size: number };
  readonly objects: readonly InspectedObject[];
  readonly origin: BundleOrigin;
  /** What the cluster's resolver would refuse or misread. */
  readonly problems: readonly BundleProblem[];
}

/** One layer of an inspected bundle, and the object in it. */
export interface InspectedObject {
  /** With its group, as the content states; null where that is not a Tekton object. */
  readonly apiVersion: string | null;
  /** From the layer's annotations; null where they lack it. */
  readonly kind: string | null;
  readonly name: string | null;
  /** Of the layer's descriptor. */
  readonly annotations: StringMap;
  readonly layer: { readonly mediaType: string; readonly digest: Digest; readonly size: number };
  /** Of the layer before compression, found by reading it. */
  readonly diffId: Digest;
  /** Bytes of that archive, and of the object in it. */
  readonly tarSize: number;
  readonly contentSize: number;
  readonly facts: ObjectFacts | null;
}

/**
 * Reads a bundle and reports everything about it, also about one that the cluster would refuse: sizes, annotations, labels, objects
 * with their params and workspaces, where it came from, and the problems that the resolver would find.
 *
 * @throws BUNDLE_INVALID for what is not an image of layers, TOO_LARGE, and what the store throws
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, inspectBundle, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 * const { created, objects: inspected, problems } = await inspectBundle(store, 'v1');
 * console.log(created, problems.length); // 1970-01-01T00:00:00Z 0
 * console.log(inspected[0]?.facts?.params.map(({ name }) => name).join());
 * // TARGET_RESOURCE,MESSAGE,DELAY_SECONDS
 * ```
 */
export async function inspectBundle(
  store: ReadableStore,
  tagOrDigest: string,
  options: CallOptions = {},
): Promise<BundleInspection> {
  const loaded = await loadBundle(store, tagOrDigest, options);
  const { image, manifest, config, index } = loaded;
  const { problems } = await preflightBundle(await storeOf(image), loaded.digest, options);
  return {
    digest: loaded.digest,
    mediaType: manifest.mediaType,
    size: sizeOf(loaded),
    index: index ?? null,
    created: config.created ?? null,
    annotations: manifest.annotations,
    labels: config.labels,
    config: {
      mediaType: manifest.config.mediaType,
      digest: manifest.config.digest,
      size: manifest.config.size,
    },
    objects: loaded.objects.map(inspectObject),
    origin: await findOrigin(loaded, options),
    problems,
  };
}

function inspectObject({
  annotated,
  layer,
  diffId,
  archive,
  content,
  object,
}: LoadedObject): InspectedObject {
  const { mediaType, digest, size, annotations = {} } = layer;
  return {
    apiVersion: object?.apiVersion ?? null,
    kind: annotated.kind ?? null,
    name: annotated.name ?? null,
    annotations,
    layer: { mediaType, digest, size },
    diffId,
    tarSize: archive.length,
    contentSize: content.length,
    facts: object ? objectFacts(object) : null,
  };
}

/** A layer that is twice is stored once. */
function sizeOf({ image }: LoadedBundle): number {
  const parts = [image.manifest, image.config, ...image.layers].map(({ descriptor }) => descriptor);
  const sizes = new Map(parts.map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
