import { createLimiter } from '../async/limiter.js';
import { readContent } from '../content/read-content.js';
import { type CompanySource, findSignatureTags, referrersOf } from '../content/referrers-of.js';
import type { CallOptions } from '../content/store.js';
import { isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { parseImageManifest } from '../oci/manifest.js';
import { mediaTypes } from '../oci/media-types.js';
import { findBundles } from './found-signatures.js';
import { sbomTypes } from './sbom/sbom-types.js';

/** Something that is stored beside a bundle and refers to it. Nothing of it is proven. */
export interface Attached {
  readonly kind: 'sbom' | 'signature' | 'attestation' | 'other';
  /** Of its manifest. */
  readonly digest: Digest;
  /** Null where the list has none. */
  readonly artifactType: string | null;
  /** Of an attestation, or a signature that is a sigstore bundle. */
  readonly predicateType: string | null;
  /** The tag of content that cosign stores at a tag instead of as a referrer. */
  readonly tag: string | null;
}

/** What other programs give bills of materials, beside the types of our own. */
const sbomArtifacts: ReadonlySet<string> = new Set([
  ...Object.values(sbomTypes),
  'application/vnd.cyclonedx+xml',
  'application/vnd.cyclonedx',
  'application/vnd.syft+json',
  'text/spdx',
  'text/spdx+json',
]);

const kindsOfTags = { sig: 'signature', att: 'attestation', sbom: 'sbom' } as const;

/**
 * Lists what is attached to a manifest: referrers in the order of the list, then the tags that cosign derives from its
 * digest.
 *
 * @throws TOO_LARGE for more than 200 candidates for signatures, and what the store throws
 */
export async function listAttached(
  store: CompanySource,
  subject: Digest,
  options: CallOptions = {},
): Promise<readonly Attached[]> {
  const [referrers, tags] = await Promise.all([
    referrersOf(store, subject, options),
    findSignatureTags(store, subject, options),
  ]);
  const listed = { ...store, referrers: async () => referrers };
  // This also limits how many there are to read.
  const bundles = await findBundles(listed, subject, options);
  const bundleOf = new Map(bundles.map((one) => [one.digest, one]));
  const limiter = createLimiter(atOnce);
  const typed = await Promise.all(
    referrers.map((one) => limiter.run(() => withType(store, one, options), options.signal)),
  );
  return [
    ...typed.map((referrer) => {
      const bundle = bundleOf.get(referrer.digest);
      if (!bundle || bundle.kind === 'unreadable') return asListed(referrer);
      const { kind, predicateType } = bundle;
      return { ...asListed(referrer), kind, predicateType };
    }),
    ...tags.map(({ tag, descriptor }): Attached => {
      const kind = kindsOfTags[tag.slice(tag.lastIndexOf('.') + 1) as keyof typeof kindsOfTags];
      return { kind, digest: descriptor.digest, artifactType: null, predicateType: null, tag };
    }),
  ];
}

const atOnce = 8;

/** Layouts list no artifact types, and fallback tags sometimes that of an empty config, so the type is read from the manifest. */
async function withType(
  store: CompanySource,
  referrer: Descriptor,
  options: CallOptions,
): Promise<Descriptor> {
  const { artifactType = '', mediaType } = referrer;
  if (mediaType !== mediaTypes.ociManifest || !['', mediaTypes.ociEmpty].includes(artifactType))
    return referrer;
  try {
    const manifest = parseImageManifest(await readContent(store, referrer, options), mediaType);
    const type = manifest.artifactType || manifest.layers[0]?.mediaType;
    return type ? { ...referrer, artifactType: type } : referrer;
  } catch (error) {
    if (contentCodes.some((code) => isBundlesError(error, code))) return referrer;
    throw error;
  }
}

/** Errors of invalid content, which must not hide the rest. */
const contentCodes = ['BUNDLE_INVALID', 'TOO_LARGE', 'NOT_FOUND', 'DIGEST_MISMATCH'] as const;

function asListed({ digest, artifactType }: Descriptor): Attached {
  const kind = artifactType !== undefined && sbomArtifacts.has(artifactType) ? 'sbom' : 'other';
  return { kind, digest, artifactType: artifactType || null, predicateType: null, tag: null };
}
