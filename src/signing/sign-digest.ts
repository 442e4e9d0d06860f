import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { RegistryRepository } from '../registry/repository.js';
import { ensureStored } from './ensure-stored.js';
import { findTagAttestations, findTagSignatures, type SignatureStorage } from './found-signatures.js';
import { bundleBy, isKey, keyOf, ownOf, type Signer } from './signer.js';
import { type SignedSubject, signaturePredicate, statementOf } from './sigstore-bundle.js';
import { attestationTag, signatureLayer, signatureTag, simplePayload } from './simple-signing.js';

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
 * signer holds. The right to push is asked for only then. Signatures of others stay. What cosign would misread is refused: where any bundle refers to
 * the image, it looks at no `.sig` and no `.att` tag.
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
      verb: 'sign',
      tag: signatureTag(digest),
      async hiddenByBundle(layers, call) {
        const signed = layers.filter((layer) => !isHeld(layer)).length;
        // A signature takes the place of the signer's own one, and of no attestation.
        const attested = (await findTagAttestations(repository, digest, call)).length;
        return [
          ...(signed > 0 ? [`${signed} by other keys at the tag ${signatureTag(digest)}`] : []),
          ...(attested > 0 ? [`${attested} at the tag ${attestationTag(digest)}`] : []),
        ];
      },
      hiddenHint: isKey(signer)
        ? 'Give --signature-storage tag, or store the others as referrers first'
        : 'Store the others as referrers first, or sign with a key and --signature-storage tag',
      bundle: (call) => bundleBy(signer, statementOf(signed, signaturePredicate, {}), call),
      layer: () => {
        const content = simplePayload(signed);
        return { content, layer: signatureLayer(content, keyOf(signer)) };
      },
    },
    { ...options, storage },
  );
  return { digest, action: written.length > 0 ? 'signed' : 'held', written };
}
