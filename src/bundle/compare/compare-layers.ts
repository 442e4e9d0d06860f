import { setMaxListeners } from 'node:events';
import { createLimiter } from '../../async/limiter.js';
import { sha256Hex } from '../../bytes/sha256.js';
import type { CallOptions, ContentReader } from '../../content/store.js';
import { isBundlesError } from '../../errors.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { objectAnnotations } from '../../tekton/layers/annotations.js';
import type { Bundle } from '../build-bundle.js';
import { readLayer } from '../read-layer.js';
import { type BundleDifference, mapDifference, type ObjectDifference } from './difference.js';

const AT_ONCE = 4;

export interface LayersComparison {
  readonly differences: readonly BundleDifference[];
  readonly objects: readonly ObjectDifference[];
}

interface Pair {
  readonly index: number;
  readonly ours: Descriptor;
  readonly theirs: Descriptor;
}

/** Pairs the layers by kind and name, then proves for each pair that the content is equal. */
export async function compareLayers(
  bundle: Bundle,
  store: ContentReader,
  { layers, signal }: CallOptions & { readonly layers: readonly Descriptor[] },
): Promise<LayersComparison> {
  const { pairs, added, removed, moved } = pairUp(
    bundle.image.layers.map(({ descriptor }) => descriptor),
    layers,
  );
  const changed = await changedPairs(pairs, bundle, { store, signal });
  const objects = [
    ...added.map((layer) => object('added', layer)),
    ...removed.map((layer) => object('removed', layer)),
    ...changed.map(({ ours }) => object('changed', ours)),
    ...moved.map(({ ours }) => object('moved', ours)),
  ];
  const differences: BundleDifference[] = [];
  if (objects.length > 0) {
    const here = bundle.image.layers.map(({ descriptor }) => descriptor);
    differences.push({ what: 'objects', ours: listed(here), theirs: listed(layers) });
  }
  for (const { ours, theirs } of pairs) {
    const found = mapDifference('layer-annotations', ours.annotations ?? {}, theirs.annotations ?? {});
    for (const difference of found) differences.push(difference);
  }
  const recompressed = pairs.filter(
    (pair) => pair.ours.digest !== pair.theirs.digest && !changed.includes(pair),
  );
  for (const { ours, theirs } of recompressed) {
    differences.push({ what: 'compression', ours: ours.digest, theirs: theirs.digest });
  }
  return { differences, objects };
}

/** Pairs each of our layers with the remote layer at the same index, else with the first free one of the same object. */
function pairUp(ours: readonly Descriptor[], theirs: readonly Descriptor[]) {
  const pairs: (Pair & { readonly place: number })[] = [];
  const taken = new Set<number>();
  const take = (index: number, place: number) => {
    const [own, other] = [ours[index], theirs[place]];
    if (!own || !other || taken.has(place) || keyOf(own) !== keyOf(other)) return false;
    taken.add(place);
    pairs.push({ index, place, ours: own, theirs: other });
    return true;
  };
  const rest = ours.map((_, index) => index).filter((index) => !take(index, index));
  const added = rest.filter((index) => !theirs.some((_, place) => take(index, place)));
  pairs.sort((a, b) => a.index - b.index);
  let last = -1;
  const moved = pairs.filter(({ place }) => {
    const behind = place < last;
    last = Math.max(last, place);
    return behind;
  });
  return {
    pairs: pairs as readonly Pair[],
    moved: moved as readonly Pair[],
    added: ours.filter((_, index) => added.includes(index)),
    removed: theirs.filter((_, place) => !taken.has(place)),
  };
}

async function changedPairs(
  pairs: readonly Pair[],
  bundle: Bundle,
  { store, signal }: CallOptions & { readonly store: ContentReader },
): Promise<Pair[]> {
  const stop = new AbortController();
  const until = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  // One listener for each layer is not a leak.
  setMaxListeners(0, until);
  const limiter = createLimiter(AT_ONCE);
  try {
    const equal = await Promise.all(
      pairs.map((pair) => limiter.run(() => hasEqualContent(pair, bundle, { store, signal: until }), until)),
    );
    return pairs.filter((_, index) => !equal[index]);
  } finally {
    stop.abort();
  }
}

/** A broken layer, or one larger than ours, is different; a failure of the store is thrown. */
async function hasEqualContent(
  { index, ours, theirs }: Pair,
  bundle: Bundle,
  { store, signal }: { readonly store: ContentReader; readonly signal: AbortSignal },
): Promise<boolean> {
  if (theirs.digest === ours.digest) return theirs.size === ours.size;
  const wanted = bundle.objects[index];
  if (!wanted) return false;
  try {
    const bytes = await readLayer(store, theirs, { limit: wanted.tarSize, signal });
    return `sha256:${sha256Hex(bytes)}` === wanted.diffId;
  } catch (error) {
    if (isBundlesError(error, 'TOO_LARGE') || isBundlesError(error, 'BUNDLE_INVALID')) return false;
    throw error;
  }
}

function object(change: ObjectDifference['change'], layer: Descriptor): ObjectDifference {
  const annotations = layer.annotations ?? {};
  return {
    change,
    kind: annotations[objectAnnotations.kind] ?? '',
    name: annotations[objectAnnotations.name] ?? layer.digest,
  };
}

/** What the annotations name, e.g. `pipeline workflow, task helper`. */
function listed(layers: readonly Descriptor[]): string {
  return layers
    .map((layer) => object('changed', layer))
    .map(({ kind, name }) => `${kind} ${name}`.trim())
    .join(', ');
}

function keyOf({ annotations = {} }: Descriptor): string {
  return `${annotations[objectAnnotations.kind]}/${annotations[objectAnnotations.name]}`;
}
