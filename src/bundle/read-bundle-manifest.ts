import { readContent } from '../content/read-content.js';
import type { CallOptions, ReadableStore } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageIndex, type ImageManifest, MANIFEST_BYTES, parseManifest } from '../oci/manifest.js';

export interface BundleManifest {
  /** Of the image manifest, without annotations. */
  readonly descriptor: Descriptor;
  readonly digest: Digest;
  /** Of the index that the reference named, where it named one. */
  readonly index: Digest | undefined;
  readonly manifest: ImageManifest;
}

/**
 * The image manifest that the cluster's resolver reads for a reference: of an index the entry for linux/amd64.
 * @throws BUNDLE_INVALID, TOO_LARGE, and what the store throws
 */
export async function readBundleManifest(
  store: ReadableStore,
  tagOrDigest: string,
  options: CallOptions = {},
): Promise<BundleManifest> {
  const descriptor = await store.resolve(tagOrDigest, options);
  const manifest = await parse(store, descriptor, options);
  if (manifest.type === 'image') return found(descriptor, manifest, undefined);
  const entry = manifest.manifests.find(
    ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === 'amd64'),
  );
  if (!entry) throw notBundle(descriptor.digest, 'it is an index without an entry for linux/amd64');
  const inner = await parse(store, entry, options);
  if (inner.type === 'image') return found(entry, inner, descriptor.digest);
  throw notBundle(descriptor.digest, 'it is an index of indexes');
}

function found(
  { mediaType, digest, size }: Descriptor,
  manifest: ImageManifest,
  index: Digest | undefined,
): BundleManifest {
  refuseTooMany(digest, 'annotations', [manifest.annotations, ...manifest.layers.map(annotationsOf)]);
  return { descriptor: { mediaType, digest, size }, digest, index, manifest };
}

function annotationsOf({ annotations = {} }: Descriptor): Readonly<Record<string, string>> {
  return annotations;
}

/** Far more than 20 objects with their annotations; what is shown of each takes many times its own size. */
const mostEntries = 10_000;

/** @throws BUNDLE_INVALID if these maps have an implausible number of entries */
export function refuseTooMany(
  digest: Digest,
  what: 'annotations' | 'labels',
  maps: readonly Readonly<Record<string, string>>[],
): void {
  const count = maps.reduce((sum, map) => sum + Object.keys(map).length, 0);
  if (count > mostEntries) throw notBundle(digest, `it has ${count} ${what}, wanted at most ${mostEntries}`);
}

/** The error of an image that the cluster could not take for a bundle. */
export function notBundle(digest: Digest, problem: string): BundlesError {
  return new BundlesError('BUNDLE_INVALID', `Cannot read the bundle ${digest}: ${problem}`, {
    hint: 'The cluster could not read it either; push it again from its sources',
    details: { digest },
  });
}

async function parse(
  store: ReadableStore,
  descriptor: Descriptor,
  options: CallOptions,
): Promise<ImageManifest | ImageIndex> {
  const bytes = await readContent(store, descriptor, { limit: MANIFEST_BYTES, ...options });
  return parseManifest(bytes, descriptor.mediaType);
}
