import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { isManifest } from '../oci/media-types.js';
import { namedBy, type TagStore } from './move-tag.js';
import { createNamedContentReader } from './named-content.js';
import type { CallOptions, ManifestLister, ReadableStore, ReferrerLister } from './store.js';

/** A store from which an image and its referrers can be read. */
export type CompanySource = ReadableStore & Partial<ManifestLister & ReferrerLister>;

/** What belongs to a manifest without being part of it. */
export interface Company {
  /** Manifests that refer to it, and those that refer to them. */
  readonly referrers: readonly Descriptor[];
  /** Tags that cosign derives from the digest, with what they name. */
  readonly signatures: readonly { readonly tag: string; readonly descriptor: Descriptor }[];
}

/** A signature of an attestation of a bundle, and one more. */
const deepest = 3;
const mostReferrers = 1000;

/** Finds the referrers and the cosign tags of a manifest in any store. */
export async function findCompany(
  store: CompanySource,
  digest: Digest,
  options: CallOptions = {},
): Promise<Company> {
  const [referrers, signatures] = await Promise.all([
    findReferrers(store, digest, options),
    findSignatureTags(store, digest, options),
  ]);
  return { referrers, signatures };
}

async function findReferrers(
  store: CompanySource,
  digest: Digest,
  options: CallOptions,
): Promise<Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  let level: readonly Digest[] = [digest];
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    const next: Digest[] = [];
    for (const subject of level) {
      for (const one of await referrersOf(store, subject, options)) {
        if (found.has(one.digest) || found.size >= mostReferrers || !isManifest(one.mediaType)) continue;
        found.set(one.digest, one);
        next.push(one.digest);
      }
    }
    level = next;
  }
  return [...found.values()];
}

/** The manifests that refer to one, in any store: where it lists none by itself, by reading all of its manifests. */
export async function referrersOf(
  store: CompanySource,
  subject: Digest,
  options: CallOptions,
): Promise<readonly Descriptor[]> {
  if (store.referrers) return store.referrers(subject, options);
  if (!store.manifests) return [];
  const read = createNamedContentReader(store);
  const found: Descriptor[] = [];
  for (const manifest of await store.manifests(options)) {
    if ((await read(manifest)).subject === subject) found.push(manifest);
  }
  return found;
}

/** Tags that cosign derives from the digest, with what they name. */
export async function findSignatureTags(
  store: CompanySource,
  digest: Digest,
  options: CallOptions,
): Promise<Company['signatures']> {
  const stem = digest.replace(':', '-');
  const tags = ['sig', 'att', 'sbom'].map((kind) => `${stem}.${kind}`);
  const found = await Promise.all(
    tags.map(async (tag) => ({
      tag,
      descriptor: await namedBy(store as CompanySource & TagStore, tag, options),
    })),
  );
  return found.flatMap(({ tag, descriptor }) => (descriptor ? [{ tag, descriptor }] : []));
}
