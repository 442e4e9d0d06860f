import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { parseManifest } from '../oci/manifest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { RegistryRepository } from '../registry/repository.js';
import { attachArtifact } from './attach-artifact.js';
import {
  type FoundSignature,
  findBundles,
  findTagSignatures,
  type SignatureStorage,
} from './found-signatures.js';
import type { SigningKey } from './keys/private-key.js';
import {
  bundleMediaType,
  contentAnnotation,
  predicateAnnotation,
  type SignedSubject,
  signatureBundle,
  signaturePredicate,
} from './sigstore-bundle.js';
import { signatureLayer, signatureTag, simplePayload, withSignature } from './simple-signing.js';

export interface SignOptions extends CallOptions {
  /** Default `referrer`. */
  readonly storage?: StorageChoice;
  /** What the signature says beside the digest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface SignResult {
  readonly digest: Digest;
  /** `held`: signatures by this key were there in each form wanted, and nothing was written. */
  readonly action: 'signed' | 'held';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
}

/**
 * Makes sure that a manifest is signed by a key: reads the signatures that are there, and signs only where none by this
 * key holds. The right to push is asked for only then. Signatures of others stay. What cosign would misread is refused: it looks at no `.sig` tag where any bundle
 * is.
 *
 * @throws SIGNATURE_HIDDEN; NOT_FOUND where the repository has no such manifest; RegistryError, RACE_LOST where others never stop signing
 */
export async function signDigest(
  repository: RegistryRepository,
  digest: Digest,
  key: SigningKey,
  { storage = 'referrer', annotations = {}, ...options }: SignOptions = {},
): Promise<SignResult> {
  const wanted: readonly SignatureStorage[] = storage === 'both' ? ['referrer', 'tag'] : [storage];
  const isHeld = (found: readonly FoundSignature[]) => found.some(({ heldBy }) => heldBy(key.publicKey));
  // The form that is wanted is looked at first: where it holds, nothing else is asked.
  const [first] = wanted;
  const find = { referrer: findBundles, tag: findTagSignatures };
  const state: Partial<Record<SignatureStorage, readonly FoundSignature[]>> = {};
  if (first) state[first] = await find[first](repository, digest, options);
  if (wanted.length === 1 && first && isHeld(state[first] ?? []))
    return { digest, action: 'held', written: [] };
  const bundles = state.referrer ?? (await findBundles(repository, digest, options));
  const layers = state.tag ?? (await findTagSignatures(repository, digest, options));
  const held = { referrer: isHeld(bundles), tag: isHeld(layers) };
  const missing = wanted.filter((form) => !held[form]);
  if (missing.length === 0) return { digest, action: 'held', written: [] };
  refuseHidden({ repository, digest, key, bundles, layers, missing });
  const signed: SignedSubject = {
    name: `${repository.registry}/${repository.repository}`,
    digest,
    annotations,
  };
  // What is not there is not signed, and a referrer names its subject in full.
  const subject = await repository.resolve(digest, options);
  const target = repository.forPush();
  // The older form last: it is hidden by a bundle of another key, and by none of this one.
  if (missing.includes('referrer')) await putBundle(target, subject, signatureBundle(signed, key), options);
  if (missing.includes('tag')) await putLayer(target, { signed, key }, options);
  return { digest, action: 'signed', written: missing };
}

async function putBundle(
  repository: RegistryRepository,
  subject: Descriptor,
  content: Content,
  options: CallOptions,
): Promise<void> {
  const annotations = { [contentAnnotation]: 'dsse-envelope', [predicateAnnotation]: signaturePredicate };
  await attachArtifact(repository, subject, { artifactType: bundleMediaType, content, annotations }, options);
}

async function putLayer(
  repository: RegistryRepository,
  { signed, key }: { readonly signed: SignedSubject; readonly key: SigningKey },
  options: CallOptions,
): Promise<void> {
  const payload = simplePayload(signed);
  const layer = signatureLayer(payload, key);
  await repository.upload(payload, options);
  await repository.update(
    signatureTag(signed.digest),
    async (current) => {
      if (current && hasLayer(current, layer)) return undefined;
      const { manifest, config } = withSignature(current, layer);
      await repository.upload(config, options);
      return manifest;
    },
    options,
  );
}

/** Two signatures of the same payload differ by their annotation alone. */
function hasLayer({ descriptor, bytes }: Content, { digest, annotations }: Descriptor): boolean {
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const same = (one: Descriptor) =>
    one.digest === digest &&
    Object.entries(annotations ?? {}).every(([name, value]) => one.annotations?.[name] === value);
  return manifest.type === 'image' && manifest.layers.some(same);
}

interface Situation {
  readonly repository: Pick<RegistryRepository, 'registry' | 'repository'>;
  readonly digest: Digest;
  readonly key: SigningKey;
  readonly bundles: readonly FoundSignature[];
  readonly layers: readonly FoundSignature[];
  readonly missing: readonly SignatureStorage[];
}

/** @throws SIGNATURE_HIDDEN */
function refuseHidden({ repository, digest, key, bundles, layers, missing }: Situation): void {
  const name = JSON.stringify(`${repository.registry}/${repository.repository}@${digest}`);
  const refused = (why: string, hint: string) =>
    new BundlesError('SIGNATURE_HIDDEN', `Cannot sign ${name}: ${why}`, { hint, details: { digest } });
  const own = ({ heldBy }: FoundSignature) => heldBy(key.publicKey);
  const others = layers.filter((layer) => !own(layer)).length;
  if (missing.includes('referrer') && bundles.length === 0 && others > 0) {
    throw refused(
      `a signature as a referrer would hide ${others} by other keys at the tag ${signatureTag(digest)} from cosign`,
      'Give --signature-storage tag, or let the others sign as referrers first',
    );
  }
  if (!missing.includes('referrer') && bundles.length > 0 && !bundles.some(own)) {
    throw refused(
      `cosign would not see a signature at the tag ${signatureTag(digest)}, since other bundles refer to the image`,
      'Give --signature-storage referrer or both',
    );
  }
}
