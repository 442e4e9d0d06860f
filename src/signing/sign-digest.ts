import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { RegistryRepository } from '../registry/repository.js';
import { ensureStored, refusedAsHidden, type Situation } from './ensure-stored.js';
import { type FoundSignature, findTagSignatures, type SignatureStorage } from './found-signatures.js';
import { bundleBy, keyOf, ownOf, type Signer } from './signer.js';
import { type SignedSubject, signaturePredicate, statementOf } from './sigstore-bundle.js';
import { signatureLayer, signatureTag, simplePayload } from './simple-signing.js';

export interface SignOptions extends CallOptions {
  /** Default `referrer`. */
  readonly storage?: StorageChoice;
  /** What the signature says beside the digest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface SignResult {
  readonly digest: Digest;
  /** `held`: signatures by this signer were there in each form wanted, and nothing was written. */
  readonly action: 'signed' | 'held';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
}

/**
 * Makes sure that a manifest is signed by a key or an identity: reads the signatures that are there, and signs only where none by this
 * signer holds. The right to push is asked for only then. Signatures of others stay. What cosign would misread is refused: it looks at no `.sig` tag where any bundle
 * is.
 *
 * @throws SIGNATURE_HIDDEN; NOT_FOUND where the repository has no such manifest; RegistryError, RACE_LOST where others never stop signing
 */
export async function signDigest(
  repository: RegistryRepository,
  digest: Digest,
  signer: Signer,
  { storage = 'referrer', annotations = {}, ...options }: SignOptions = {},
): Promise<SignResult> {
  const signed: SignedSubject = {
    name: `${repository.registry}/${repository.repository}`,
    digest,
    annotations,
  };
  const isHeld = await ownOf(signer, options);
  const written = await ensureStored(
    repository,
    digest,
    {
      predicateType: signaturePredicate,
      isHeld,
      findLayers: (call) => findTagSignatures(repository, digest, call),
      refuseHidden: (situation) => refuseHidden(repository, digest, { ...situation, isHeld }),
      bundle: (call) => bundleBy(signer, statementOf(signed, signaturePredicate, {}), call),
      layer: () => {
        const content = simplePayload(signed);
        return { tag: signatureTag(digest), content, layer: signatureLayer(content, keyOf(signer)) };
      },
    },
    { ...options, storage },
  );
  return { digest, action: written.length > 0 ? 'signed' : 'held', written };
}

/** @throws SIGNATURE_HIDDEN */
function refuseHidden(
  repository: RegistryRepository,
  digest: Digest,
  { bundles, layers, missing, isHeld }: Situation & { readonly isHeld: (found: FoundSignature) => boolean },
): void {
  const others = layers.filter((layer) => !isHeld(layer)).length;
  const tag = signatureTag(digest);
  if (missing.includes('referrer') && bundles.length === 0 && others > 0) {
    throw refusedAsHidden(repository, digest, {
      verb: 'sign',
      why: `a signature as a referrer would hide ${others} by other keys at the tag ${tag} from cosign`,
      hint: 'Give --signature-storage tag, or let the others sign as referrers first',
    });
  }
  if (!missing.includes('referrer') && bundles.length > 0 && !bundles.some(isHeld)) {
    throw refusedAsHidden(repository, digest, {
      verb: 'sign',
      why: `cosign would not see a signature at the tag ${tag}, since other bundles refer to the image`,
      hint: 'Give --signature-storage referrer or both',
    });
  }
}
