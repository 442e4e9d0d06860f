import type { CallOptions } from '../content/store.js';
import type { TektonObject } from '../tekton/objects/object.js';
import { type Bundle, buildBundle } from './build-bundle.js';
import { compareBundle } from './compare/compare-bundle.js';
import { type BundleDifference, describeDifference } from './compare/difference.js';
import { readCreated } from './created-time.js';
import { type LoadedBundle, storeOf } from './load-bundle.js';

/** Who could have built a bundle, found out by building its objects again. */
export interface BundleOrigin {
  /**
   * `exact`: our build of the same objects gives the same digest. `equivalent`: another digest, and nothing differs but
   * compression, media types or history. `different`: no build of these objects gives this.
   */
  readonly match: 'exact' | 'equivalent' | 'different';
  /** Programs that write exactly these bytes. */
  readonly builders: readonly ('bundles' | 'tkn')[];
  /** A sentence for people. */
  readonly summary: string;
  /** Between our build and the bundle, as one line each. */
  readonly differences: readonly string[];
}

/** Builds a bundle's objects again, with its annotations, labels and created time, and returns what that proves. */
export async function findOrigin(loaded: LoadedBundle, options: CallOptions = {}): Promise<BundleOrigin> {
  const rebuilt = rebuild(loaded);
  if (rebuilt === undefined) {
    const summary = 'another program: a layer contains no Tekton object, or the config has no created time';
    return { match: 'different', builders: [], summary, differences: [] };
  }
  const { descriptor } = loaded.image.manifest;
  const found = await compareBundle(rebuilt, await storeOf(loaded.image), { descriptor, ...options });
  if (found.relation === 'same') {
    return {
      match: 'exact',
      builders: ['bundles', 'tkn'],
      summary: exactly(rebuilt.created),
      differences: [],
    };
  }
  const differences = found.differences.map(describeDifference);
  const summary =
    found.relation === 'equivalent'
      ? equivalently(found.differences, loaded)
      : 'another program: neither bundles nor tkn writes this';
  return { match: found.relation, builders: [], summary, differences };
}

/** Builds the content of a loaded bundle again; undefined if it holds anything other than Tekton objects. */
export function rebuild({ objects, config, manifest }: LoadedBundle): Bundle | undefined {
  const found = objects.map(({ object }) => object);
  if (found.includes(undefined) || config.created === undefined) return undefined;
  const { annotations } = manifest;
  return buildBundle(found as TektonObject[], {
    created: config.created,
    annotations,
    labels: config.labels,
  });
}

function exactly(created: string): string {
  const time = readCreated(created);
  const isLocal = time !== undefined && time.milliseconds === 0 && time.zone !== 'Z';
  if (isLocal)
    return `bundles with --ctime ${created}, or tkn on a machine in time zone ${time.zone}, byte for byte`;
  return 'bundles, or tkn of Go 1.26 and before, byte for byte';
}

function equivalently(differences: readonly BundleDifference[], { image }: LoadedBundle): string {
  const kinds = new Set(differences.map(({ what }) => what));
  if (kinds.has('media-types')) {
    return 'a program that converted it to other media types, e.g. npx tekton-bundles export --media-types oci';
  }
  if (!kinds.has('compression')) return 'a program that writes the same content in another form';
  const isGo = image.layers.every(({ bytes }) => isGoGzip(bytes));
  return isGo
    ? 'tkn of a Go after 1.26, or another program written in Go: only compression differs'
    : 'a program that compresses otherwise than tkn: only compression differs';
}

/** True for what begins as tkn's layers do. */
export function isGoGzip(bytes: Uint8Array): boolean {
  return goHeader.every((byte, index) => bytes[index] === byte);
}

/** What Go's gzip writer begins with at its fastest level: no name, no time, unknown system. */
const goHeader = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];
