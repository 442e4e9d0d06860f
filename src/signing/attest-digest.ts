import { isDeepStrictEqual } from 'node:util';
import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { RegistryRepository } from '../registry/repository.js';
import { ensureStored } from './ensure-stored.js';
import {
  type FoundSignature,
  findTagAttestations,
  findTagSignatures,
  type SignatureStorage,
} from './found-signatures.js';
import { bundleBy, keyOf, ownOf, type Signer } from './signer.js';
import { statementOf } from './sigstore-bundle.js';
import { attestationLayer, attestationTag, signatureTag } from './simple-signing.js';

/** What is attested of a manifest. */
export interface Attestation {
  /** A URI, e.g. `https://slsa.dev/provenance/v1`. */
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** How an attestation is stored, and which earlier one counts as the same. */
export interface AttestOptions extends CallOptions {
  /** Default `referrer`. */
  readonly storage?: StorageChoice | undefined;
  /** Whether an earlier predicate of this signer counts as the same. Default: the same JSON. */
  readonly isSame?: ((predicate: unknown) => boolean) | undefined;
}

/** Whether an attestation was made or was there. */
export interface AttestResult {
  readonly digest: Digest;
  /** `held`: this signer attested the same before in each form wanted, and nothing was written. */
  readonly action: 'attested' | 'held';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
}

/**
 * Makes sure that a key or an identity attests a statement about a manifest: reads the attestations of that type, and signs only where none
 * by this signer has the same predicate. What cosign would misread is refused, as by `signDigest`. `storage` defaults to `referrer`.
 *
 * @throws SIGNATURE_HIDDEN; NOT_FOUND where the repository has no such manifest; RegistryError, RACE_LOST
 * @example
 * ```ts
 * import { generateKeyPairSync } from 'node:crypto';
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, readSources } from 'tekton-bundles/bundle';
 * import { createNodeTransport, createRegistryClient, pushImage } from 'tekton-bundles/registry';
 * import { attestDigest, readSigningKey, verifyAttestations } from 'tekton-bundles/signing';
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
 * const predicateType = 'https://example.com/review/v1';
 * const { action } = await attestDigest(repository, digest, key, { predicateType, predicate: { approved: true } });
 * console.log(action); // attested
 * const trusted = [{ file: 'key.pub', key: key.publicKey }];
 * console.log((await verifyAttestations(repository, digest, trusted, { wanted: [[predicateType]] })).held); // true
 * await send.close();
 * ```
 */
export async function attestDigest(
  repository: RegistryRepository,
  digest: Digest,
  signer: Signer,
  {
    predicateType,
    predicate,
    storage = 'referrer',
    isSame = (other) => isDeepStrictEqual(other, predicate),
    ...options
  }: Attestation & AttestOptions,
): Promise<AttestResult> {
  const name = `${repository.registry}/${repository.repository}`;
  const statement = statementOf({ name, digest }, predicateType, predicate);
  const isOwn = await ownOf(signer, options);
  const isHeld = (found: FoundSignature) => isOwn(found) && isSame(found.statement?.predicate);
  const written = await ensureStored(
    repository,
    digest,
    {
      predicateType,
      isHeld,
      findLayers: (call) =>
        findTagAttestations(repository, digest, { ...call, predicateTypes: [predicateType] }),
      verb: 'attest',
      tag: attestationTag(digest),
      async hiddenByBundle(layers, call) {
        const attested = layers.filter((layer) => !isHeld(layer)).length;
        const signed = (await findTagSignatures(repository, digest, call)).filter(
          (one) => !isOwn(one),
        ).length;
        return [
          ...(attested > 0 ? [`${attested} at the tag ${attestationTag(digest)}`] : []),
          ...(signed > 0 ? [`${signed} at the tag ${signatureTag(digest)}`] : []),
        ];
      },
      hiddenHint: 'Pass --signature-storage tag, or store the others as referrers first',
      bundle: (call) => bundleBy(signer, statement, call),
      layer: () => attestationLayer(statement, predicateType, keyOf(signer)),
    },
    { ...options, storage },
  );
  return { digest, action: written.length > 0 ? 'attested' : 'held', written };
}
