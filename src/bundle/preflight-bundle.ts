import { setImmediate as nextTurn } from 'node:timers/promises';
import { createMemoryStore } from '../content/memory-store.js';
import type { CallOptions, ReadableStore } from '../content/store.js';
import { writeImage } from '../content/write-image.js';
import { type BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { Image } from '../oci/image.js';
import { objectAnnotations } from '../tekton/layers/annotations.js';
import { firstTarEntry } from '../tekton/layers/first-tar-entry.js';
import type { TektonObject } from '../tekton/objects/object.js';
import { readSources } from '../tekton/sources/read-sources.js';
import { type BundleProblem, manifestProblems } from './bundle-problem.js';
import { type BundleManifest, readBundleManifest } from './read-bundle-manifest.js';
import { OBJECT_BYTES, readLayer } from './read-layer.js';

/** The problems that Tekton's bundles resolver and its controller would have with a bundle. */
export interface BundlePreflight {
  /** Of the image manifest; null where there is none that can be read. */
  readonly digest: Digest | null;
  /** In the order of the layers; empty: the cluster takes it. */
  readonly problems: readonly BundleProblem[];
}

/** What etcd takes in one request, unless it is configured otherwise. */
const etcdBytes = 1.5 * 1024 * 1024;
/** Room for what is around the object in a ResolutionRequest. */
const aroundBytes = 8 * 1024;

/**
 * Reads a bundle as Tekton's resolver would and lists everything that it would refuse or misread. An empty list means that the
 * cluster takes the bundle.
 *
 * @throws NOT_FOUND and what the store throws; problems of the bundle are in the result
 * @example
 * ```ts
 * import { buildBundle, createMemoryStore, preflightBundle, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const text = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build}\nspec: {steps: [{image: alpine:3.20}]}\n';
 * const { objects } = readSources([{ path: 'task.yaml', bytes: new TextEncoder().encode(text) }]);
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 * console.log((await preflightBundle(store, 'v1')).problems); // []
 * ```
 */
export async function preflightBundle(
  store: ReadableStore,
  tagOrDigest: string,
  options: CallOptions = {},
): Promise<BundlePreflight> {
  let found: BundleManifest;
  try {
    found = await readBundleManifest(store, tagOrDigest, options);
  } catch (error) {
    if (!isBundlesError(error, 'BUNDLE_INVALID') && !isBundlesError(error, 'TOO_LARGE')) throw error;
    return { digest: null, problems: [problem('bundle-readable', error.message)] };
  }
  const { digest, manifest } = found;
  const problems = manifestProblems(manifest);
  if (manifest.layers.length === 0) {
    problems.push(problem('bundle-not-empty', 'it has no layers, so no object can be found in it'));
  }
  problems.push(...duplicates(manifest.layers));
  for (const [layer, descriptor] of manifest.layers.entries()) {
    await nextTurn();
    options.signal?.throwIfAborted();
    problems.push(...(await layerProblems(store, { descriptor, layer }, options)));
  }
  return { digest, problems: problems.sort((left, right) => (left.layer ?? -1) - (right.layer ?? -1)) };
}

/** The same for a bundle in memory. */
export async function preflightImage(image: Image): Promise<BundlePreflight> {
  const store = createMemoryStore();
  await writeImage(store, image);
  return preflightBundle(store, image.manifest.descriptor.digest);
}

interface LayerLocation {
  readonly descriptor: Descriptor;
  readonly layer: number;
}

async function layerProblems(
  store: ReadableStore,
  { descriptor, layer }: LayerLocation,
  options: CallOptions,
): Promise<BundleProblem[]> {
  let archive: Uint8Array;
  try {
    archive = await readLayer(store, descriptor, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isBundlesError(error) || !unreadable.has(error.code)) throw error;
    return [problem('layer-readable', `layer ${layer} cannot be read: ${error.message}`, layer)];
  }
  const bytes = firstTarEntry(archive) ?? archive;
  const sizes = sizeProblems(bytes, layer);
  if (bytes.length > OBJECT_BYTES) return sizes;
  return [...sizes, ...objectProblems(bytes, { descriptor, layer })];
}

const unreadable: ReadonlySet<BundlesError['code']> = new Set([
  'NOT_FOUND',
  'BUNDLE_INVALID',
  'DIGEST_MISMATCH',
  'TOO_LARGE',
]);

/** What the resolver found goes through etcd in base64, as the status of a ResolutionRequest. */
function sizeProblems({ length }: Uint8Array, layer: number): BundleProblem[] {
  const stored = Math.ceil(length / 3) * 4 + aroundBytes;
  if (stored <= etcdBytes / 2) return [];
  const wanted = `it takes ${stored} in a ResolutionRequest, and etcd takes ${etcdBytes} in one request`;
  const message = `the object of layer ${layer} has ${length} bytes: ${wanted}`;
  return [{ ...problem('object-size', message, layer), severity: stored > etcdBytes ? 'error' : 'warning' }];
}

function objectProblems(bytes: Uint8Array, { descriptor, layer }: LayerLocation): BundleProblem[] {
  let objects: readonly TektonObject[];
  try {
    ({ objects } = readSources([{ path: `layer ${layer}`, bytes }]));
  } catch (error) {
    if (!isBundlesError(error)) throw error;
    return [problem('object-readable', `layer ${layer} contains no Tekton object: ${error.message}`, layer)];
  }
  const [object] = objects;
  const { [objectAnnotations.kind]: kind, [objectAnnotations.name]: name } = descriptor.annotations ?? {};
  if (!object || kind === undefined || name === undefined) return [];
  if (object.kind.toLowerCase() === kind.toLowerCase() && object.name === name) return [];
  const held = `${object.kind.toLowerCase()} ${JSON.stringify(object.name)}`;
  const message = `layer ${layer} is called ${kind} ${JSON.stringify(name)} and holds the ${held}`;
  return [{ ...problem('annotation-matches-object', message, layer), severity: 'warning' }];
}

/** The resolver takes the first of two. */
function duplicates(layers: readonly Descriptor[]): BundleProblem[] {
  const seen = new Set<string>();
  const problems: BundleProblem[] = [];
  for (const [layer, { annotations = {} }] of layers.entries()) {
    const { [objectAnnotations.kind]: kind, [objectAnnotations.name]: name } = annotations;
    if (kind === undefined || name === undefined) continue;
    const key = `${kind.toLowerCase()}\0${name}`;
    if (seen.has(key)) {
      const message = `layer ${layer} is a second ${kind} ${JSON.stringify(name)}, which is never found`;
      problems.push({ ...problem('object-unique', message, layer), severity: 'warning' });
    }
    seen.add(key);
  }
  return problems;
}

function problem(rule: BundleProblem['rule'], message: string, layer: number | null = null): BundleProblem {
  return { rule, severity: 'error', message, layer };
}
