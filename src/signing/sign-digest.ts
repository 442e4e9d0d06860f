import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { RegistryRepository } from '../registry/repository.js';
import { ensureStored } from './ensure-stored.js';
import { findTagAttestations, findTagSignatures, type SignatureStorage } from './found-signatures.js';
import { bundleBy, isKey, keyOf, ownOf, type Signer } from './signer.js';
import { type SignedSubject, signaturePredicate, statementOf } from './sigstore-bundle.js';
import { attestationTag, signatureLayer, signatureTag, simplePayload } from './simple-signing.js';

/** How a signature is stored, and the annotations that it covers. */
export interface SignOptions extends CallOptions {
  /** Default `referrer`. */
  readonly storage?: StorageChoice;
  /** What the signature states beside the digest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Whether a signature was made or was there. */
export interface SignResult {
  readonly digest: Digest;
  /** `held`: signatures by this signer were there in each form wanted, and nothing was written. */
  readonly action: 'signed' | 'held';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
}

/**
 * Makes sure that a manifest is signed by a key or an identity: reads the signatures that are there, and signs only where none by this
 * signer holds. Signatures of others are kept. What cosign would misread is refused: where any sigstore bundle refers to the image, cosign
 * reads no `.sig` and no `.att` tag. `storage` defaults to `referrer`.
 *
 * @throws SIGNATURE_HIDDEN; NOT_FOUND where the repository has no such manifest; RegistryError; RACE_LOST where others keep signing
 * @example
 * ```ts
 * import { generateKeyPairSync } from 'node:crypto';
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, readSources } from 'tekton-bundles/bundle';
 * import { createNodeTransport, createRegistryClient, pushImage } from 'tekton-bundles/registry';
 * import { readSigningKey, signDigest } from 'tekton-bundles/signing';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { image, digest } = buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects);
 * const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
 * const key = await readSigningKey(new TextEncoder().encode(pem.toString()), 'key.pem', { password: async () => '' });
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport();
 * const repository = createRegistryClient({ send }).repository({ registry: server.host, repository: 'acme/hello' });
 * await pushImage(repository, image, 'v1');
 * console.log((await signDigest(repository, digest, key)).action); // signed
 * console.log((await signDigest(repository, digest, key)).action); // held
 * await send.close();
 * ```
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
        ? 'Pass --signature-storage tag, or store the others as referrers first'
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
