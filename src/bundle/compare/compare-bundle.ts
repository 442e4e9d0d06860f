import { readContent } from '../../content/read-content.js';
import type { CallOptions, ReadableStore } from '../../content/store.js';
import { isBundlesError } from '../../errors.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { type ImageConfig, parseImageConfig } from '../../oci/image-config.js';
import { type ImageManifest, MANIFEST_BYTES, parseImageManifest } from '../../oci/manifest.js';
import { isImageManifest, mediaTypes } from '../../oci/media-types.js';
import { type Bundle, withCreated } from '../build-bundle.js';
import { readCreated } from '../created-time.js';
import { compareLayers } from './compare-layers.js';
import {
  type BundleDifference,
  type DifferentWhat,
  isTolerated,
  mapDifference,
  type ObjectDifference,
} from './difference.js';

/** Media types under which a layer is an archive of one file, whatever its compression. */
const layerTypes: readonly string[] = [
  mediaTypes.dockerLayerGzip,
  mediaTypes.ociLayerGzip,
  mediaTypes.ociLayer,
  mediaTypes.dockerLayer,
];

/** How a stored bundle relates to ours: the same digest, other bytes of the same content, or other content. */
export type BundleComparison =
  | { readonly relation: 'same' }
  | {
      readonly relation: 'equivalent';
      /** At least one; none of them changes the content. */
      readonly differences: readonly BundleDifference[];
      /** The other bundle's exact text, where it has one. */
      readonly created: string | undefined;
      /** Our bundle with their `created`, where that gives exactly their digest. */
      readonly rebuilt: Bundle | undefined;
    }
  | {
      readonly relation: 'different';
      /** The first of the differences that change the content. */
      readonly reason: DifferentWhat;
      readonly differences: readonly BundleDifference[];
      /** Objects that differ; none where the other is not a bundle at all. */
      readonly objects: readonly ObjectDifference[];
    };

/** What `compareBundle` compares with. */
export interface CompareBundleOptions extends CallOptions {
  /** Of the other bundle's manifest. */
  readonly descriptor: Descriptor;
}

const configTypes: readonly string[] = [mediaTypes.dockerConfig, mediaTypes.ociConfig];

/**
 * Compares a bundle in memory with what a store holds. A layer whose digest differs is read and its uncompressed bytes are hashed,
 * because the diff ids of a config are claims. Nothing is read where the digests are equal.
 *
 * @throws what the store throws (NOT_FOUND, DIGEST_MISMATCH, a registry's errors), TOO_LARGE for a manifest over 4 MiB
 * @example
 * ```ts
 * import { buildBundle, compareBundle, createMemoryStore, writeImage } from 'tekton-bundles/bundle';
 * import { readFile } from 'node:fs/promises';
 * import { readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 *
 * const later = buildBundle(objects, { created: '2026-01-01T00:00:00Z' });
 * const comparison = await compareBundle(later, store, { descriptor: await store.resolve('v1') });
 * console.log(comparison.relation); // equivalent
 * ```
 */
export async function compareBundle(
  ours: Bundle,
  store: ReadableStore,
  { descriptor, signal }: CompareBundleOptions,
): Promise<BundleComparison> {
  if (descriptor.digest === ours.digest) return { relation: 'same' };
  const options = signal ? { signal } : {};
  const ourManifest = parseImageManifest(ours.image.manifest.bytes, mediaTypes.dockerManifest);
  const ourConfig = parseImageConfig(ours.image.config.bytes);

  if (!isImageManifest(descriptor.mediaType)) {
    return different([{ what: 'type', ours: mediaTypes.dockerManifest, theirs: descriptor.mediaType }]);
  }
  const manifestBytes = await readContent(store, descriptor, { limit: MANIFEST_BYTES, ...options });
  const manifest = readable(() => parseImageManifest(manifestBytes, descriptor.mediaType));
  if (typeof manifest === 'string')
    return different([{ what: 'manifest', ours: 'readable', theirs: manifest }]);
  if (!configTypes.includes(manifest.config.mediaType)) {
    return different([{ what: 'type', ours: mediaTypes.dockerConfig, theirs: manifest.config.mediaType }]);
  }
  const config = await readConfig(ours, store, { descriptor: manifest.config, ...options });
  if (typeof config === 'string') return different([{ what: 'config', ours: 'readable', theirs: config }]);

  const layers = await compareLayers(ours, store, { layers: manifest.layers, ...options });
  const differences = [
    ...compareManifest(ourManifest, manifest),
    ...layers.differences,
    ...compareConfig(ourConfig, config),
  ];
  if (!differences.every(isTolerated)) return different(differences, layers.objects);
  if (differences.length === 0) {
    differences.push({ what: 'serialization', ours: ours.digest, theirs: descriptor.digest });
  }
  return {
    relation: 'equivalent',
    differences,
    created: config.created,
    rebuilt: rebuild(ours, config, descriptor),
  };
}

/** Our own config needs no reading: equal digests, equal bytes. */
async function readConfig(
  ours: Bundle,
  store: ReadableStore,
  { descriptor, signal }: CompareBundleOptions,
): Promise<ImageConfig | string> {
  if (descriptor.digest === ours.configDigest) return parseImageConfig(ours.image.config.bytes);
  if (descriptor.size > MANIFEST_BYTES) return `${descriptor.size} bytes`;
  const bytes = await readContent(store, descriptor, { limit: MANIFEST_BYTES, signal });
  return readable(() => parseImageConfig(bytes));
}

/** The parsed value, or why it has none. */
function readable<T extends object>(parse: () => T): T | string {
  try {
    return parse();
  } catch (error) {
    if (isBundlesError(error, 'BUNDLE_INVALID') || isBundlesError(error, 'TOO_LARGE')) return error.message;
    throw error;
  }
}

function rebuild(ours: Bundle, { created }: ImageConfig, { digest }: Descriptor): Bundle | undefined {
  if (created === undefined || readCreated(created) === undefined) return undefined;
  const rebuilt = withCreated(ours, created);
  return rebuilt.digest === digest ? rebuilt : undefined;
}

function different(
  differences: readonly BundleDifference[],
  objects: readonly ObjectDifference[] = [],
): BundleComparison {
  const first = differences.find((difference) => !isTolerated(difference));
  return { relation: 'different', reason: first?.what as DifferentWhat, differences, objects };
}

/** Compares everything in two configs, diff ids included: equal content requires equal claims. */
function compareConfig(ours: ImageConfig, theirs: ImageConfig): BundleDifference[] {
  const differences = mapDifference('labels', ours.labels, theirs.labels);
  const claims = [ours.diffIds.join(' '), theirs.diffIds.join(' ')] as const;
  if (claims[0] !== claims[1]) differences.push({ what: 'diff-ids', ours: claims[0], theirs: claims[1] });
  const platforms = [platform(ours), platform(theirs)] as const;
  if (platforms[0] !== platforms[1])
    differences.push({ what: 'config', ours: platforms[0], theirs: platforms[1] });
  if (theirs.others.length > 0)
    differences.push({ what: 'config', ours: '', theirs: theirs.others.join(', ') });
  if (ours.created !== theirs.created)
    differences.push(createdDifference(ours.created ?? '', theirs.created ?? ''));
  const histories = [history(ours), history(theirs)] as const;
  if (histories[0] !== histories[1])
    differences.push({ what: 'history', ours: histories[0], theirs: histories[1] });
  return differences;
}

function createdDifference(ours: string, theirs: string): BundleDifference {
  const [here, there] = [readCreated(ours), readCreated(theirs)];
  const sameMoment = here !== undefined && here.milliseconds === there?.milliseconds;
  return { what: 'created', ours, theirs, ...(sameMoment ? { zone: there.zone } : {}) };
}

function platform({ os, architecture }: ImageConfig): string {
  return `platform ${JSON.stringify(`${os}/${architecture}`)}`;
}

function history({ history }: ImageConfig): string {
  return `${history.length} entries${history.length === 0 ? '' : ` of ${[...new Set(history)].join(', ')}`}`;
}

/** Everything a manifest states but for its layers' content and annotations. */
function compareManifest(ours: ImageManifest, theirs: ImageManifest): BundleDifference[] {
  const differences: BundleDifference[] = mapDifference('annotations', ours.annotations, theirs.annotations);
  if (theirs.artifactType) differences.push({ what: 'type', ours: 'an image', theirs: theirs.artifactType });
  if (theirs.subject)
    differences.push({ what: 'type', ours: 'an image', theirs: `refers to ${theirs.subject.digest}` });
  const foreign = theirs.layers.find(({ mediaType }) => !layerTypes.includes(mediaType));
  if (foreign)
    differences.push({ what: 'type', ours: mediaTypes.dockerLayerGzip, theirs: foreign.mediaType });
  const dialects = [dialect(ours), dialect(theirs)] as const;
  if (!foreign && dialects[0] !== dialects[1]) {
    differences.push({ what: 'media-types', ours: dialects[0], theirs: dialects[1] });
  }
  return differences;
}

/** All media types of a manifest, each once. */
function dialect({ mediaType, config, layers }: ImageManifest): string {
  return [...new Set([mediaType, config.mediaType, ...layers.map((layer) => layer.mediaType)])].join(', ');
}
