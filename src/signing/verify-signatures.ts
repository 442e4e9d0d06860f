import { withSharedSignal } from '../async/shared-signal.js';
import type { CompanySource } from '../content/referrers-of.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import {
  type FoundSignature,
  findBundles,
  findTagAttestations,
  findTagSignatures,
} from './found-signatures.js';
import type { CertificateFacts, TrustedIdentity } from './keyless/certificate-verifier.js';
import type { PublicKey } from './keys/public-key.js';

/** A public key and the file it came from. */
export interface TrustedKey {
  readonly file: string;
  readonly key: PublicKey;
}

/** A signature that was found, and by whose key it holds. */
export interface VerifiedSignature extends Omit<FoundSignature, 'heldBy' | 'checkedBy' | 'statement'> {
  /** Whether one of those that are trusted signed the subject here. */
  readonly held: boolean;
  /** Of an attestation that was wanted and holds; else null. */
  readonly predicate: unknown;
  /** The key that did, by its file and its fingerprint; null where none did. */
  readonly key: { readonly file: string; readonly fingerprint: Digest } | null;
  /** Whom a certificate names that was verified by a trusted root; null where none was. */
  readonly certificate: CertificateFacts | null;
}

/** A key, or an identity that certificates name. */
export type Trusted = TrustedKey | TrustedIdentity;

const isKey = (one: Trusted): one is TrustedKey => 'key' in one;

/** The signatures of one digest, and whether one of them holds. */
export interface SignatureReport {
  readonly digest: Digest;
  /** Whether at least one signature holds. */
  readonly held: boolean;
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * Reads all signatures of a digest, in both forms, and reports which holds by which trusted key or identity. Attestations are listed and
 * never count as signatures.
 *
 * @throws what the store throws; a signature that does not hold is in the report
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, readSources, writeImage } from 'tekton-bundles/bundle';
 * import { createKeyPair, readPublicKey, verifySignatures } from 'tekton-bundles/signing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { image, digest } = buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects);
 * const store = createMemoryStore();
 * await writeImage(store, image, { tag: 'v1' });
 * const key = readPublicKey(new TextEncoder().encode((await createKeyPair('password')).publicPem), 'cosign.pub');
 * const { held, signatures } = await verifySignatures(store, digest, [{ file: 'cosign.pub', key }]);
 * console.log(held, signatures.length); // false 0
 * ```
 */
export async function verifySignatures(
  store: CompanySource,
  digest: Digest,
  keys: readonly Trusted[],
  call: CallOptions = {},
): Promise<SignatureReport> {
  const options = withSharedSignal(call);
  const [bundles, layers] = await Promise.all([
    findBundles(store, digest, options),
    findTagSignatures(store, digest, options),
  ]);
  const signatures = [...bundles, ...layers].map((found) => judge(found, keys));
  return { digest, held: signatures.some(({ held }) => held), signatures };
}

/**
 * Reads the attestations of a digest, in both forms, and reports which of the wanted predicate types hold by which trusted key or identity.
 * `held` is true where each list in `wanted` has a type that does. Signatures and attestations of other types are listed and never count.
 *
 * @throws what the store throws; an attestation that does not hold is in the report
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, readSources, writeImage } from 'tekton-bundles/bundle';
 * import { createKeyPair, readPublicKey, verifyAttestations } from 'tekton-bundles/signing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { image, digest } = buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects);
 * const store = createMemoryStore();
 * await writeImage(store, image, { tag: 'v1' });
 * const key = readPublicKey(new TextEncoder().encode((await createKeyPair('password')).publicPem), 'cosign.pub');
 * const wanted = [['https://slsa.dev/provenance/v1']];
 * console.log((await verifyAttestations(store, digest, [{ file: 'cosign.pub', key }], { wanted })).held); // false
 * ```
 */
export async function verifyAttestations(
  store: CompanySource,
  digest: Digest,
  keys: readonly Trusted[],
  { wanted, ...call }: CallOptions & { readonly wanted: readonly (readonly string[])[] },
): Promise<SignatureReport> {
  const options = { ...withSharedSignal(call), predicateTypes: wanted.flat() };
  const [bundles, layers] = await Promise.all([
    findBundles(store, digest, options),
    findTagAttestations(store, digest, options),
  ]);
  const signatures = [...bundles, ...layers].map((found) => judge(found, keys));
  const missing = missingTypes(signatures, wanted);
  return { digest, held: missing.length === 0, signatures };
}

/** The lists of types of which none holds. */
function missingTypes(
  signatures: readonly VerifiedSignature[],
  wanted: readonly (readonly string[])[],
): (readonly string[])[] {
  const held = new Set(signatures.flatMap((one) => (one.held ? [one.predicateType] : [])));
  return wanted.filter((types) => !types.some((type) => held.has(type)));
}

export function attestationMissing(
  name: string,
  {
    digest,
    signatures,
    keys,
    wanted,
  }: Pick<SignatureReport, 'digest' | 'signatures'> & {
    readonly keys: readonly Trusted[];
    readonly wanted: readonly (readonly string[])[];
  },
): BundlesError {
  const missing = missingTypes(signatures, wanted);
  const isWanted = ({ predicateType }: VerifiedSignature) => missing.flat().includes(predicateType ?? '');
  const others = signatures.filter(isWanted).length;
  const unreadable = signatures.filter(({ kind }) => kind === 'unreadable').length;
  const found = [
    ...(others > 0 ? [`${others} that do not hold`] : []),
    ...(unreadable > 0 ? [`${unreadable} that cannot be read`] : []),
  ];
  const files = keys.map(shownOf).join(', ');
  return new BundlesError(
    'ATTESTATION_MISSING',
    `Cannot verify ${JSON.stringify(name)}: no attestation ${missing.map((types) => types.join(' or ')).join(', ')} of ${digest} by ${files}; found ${found.join(', ') || 'none'}`,
    {
      hint: 'Attest it with the attest command, or give the public half of the key that attested it',
      details: {
        digest,
        keys: keys.map((one) => (isKey(one) ? one.key.fingerprint : one.shown)),
        missing,
        signatures,
      },
    },
  );
}

/**
 * Returns a signature that holds, with as few requests as possible: the older form is read only where no sigstore bundle holds.
 *
 * @throws SIGNATURE_MISSING
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { isBundlesError } from 'tekton-bundles';
 * import { buildBundle, createMemoryStore, readSources, writeImage } from 'tekton-bundles/bundle';
 * import { createKeyPair, readPublicKey, requireSignature } from 'tekton-bundles/signing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { image, digest } = buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects);
 * const store = createMemoryStore();
 * await writeImage(store, image, { tag: 'v1' });
 * const key = readPublicKey(new TextEncoder().encode((await createKeyPair('password')).publicPem), 'cosign.pub');
 * const error = await requireSignature(store, { digest, name: 'hello' }, [{ file: 'cosign.pub', key }]).catch((reason: unknown) => reason);
 * console.log(isBundlesError(error, 'SIGNATURE_MISSING')); // true
 * ```
 */
export async function requireSignature(
  store: CompanySource,
  { digest, name }: { readonly digest: Digest; readonly name: string },
  keys: readonly Trusted[],
  options: CallOptions = {},
): Promise<VerifiedSignature> {
  const seen: VerifiedSignature[] = [];
  for (const find of [findBundles, findTagSignatures]) {
    const found = (await find(store, digest, options)).map((one) => judge(one, keys));
    const holding = found.find(({ held }) => held);
    if (holding) return holding;
    seen.push(...found);
  }
  throw signatureMissing(name, { digest, signatures: seen, keys });
}

export function signatureMissing(
  name: string,
  {
    digest,
    signatures,
    keys,
  }: Pick<SignatureReport, 'digest' | 'signatures'> & { readonly keys: readonly Trusted[] },
): BundlesError {
  const count = (kind: FoundSignature['kind']) => signatures.filter((one) => one.kind === kind).length;
  const found = [
    [count('signature'), 'by others'],
    [count('attestation'), 'attestations'],
    [count('unreadable'), 'that cannot be read'],
  ].flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  const files = keys.map(shownOf).join(', ');
  return new BundlesError(
    'SIGNATURE_MISSING',
    `Cannot verify ${JSON.stringify(name)}: no signature of ${digest} by ${files}; found ${found.join(', ') || 'none'}`,
    {
      hint: 'Sign it with the sign command, or give the public half of the key that signed it',
      details: {
        digest,
        keys: keys.map((one) => (isKey(one) ? one.key.fingerprint : one.shown)),
        signatures,
      },
    },
  );
}

const shownOf = (one: Trusted) => JSON.stringify(isKey(one) ? one.file : one.shown);

function judge(
  { heldBy, checkedBy, statement, ...found }: FoundSignature,
  trusted: readonly Trusted[],
): VerifiedSignature {
  const by = trusted.filter(isKey).find(({ key }) => heldBy(key));
  const checks = trusted.flatMap((one) => {
    const check = isKey(one) ? null : checkedBy(one.verifier);
    return check && !isKey(one) ? [{ ...check, held: check.facts !== null && one.accepts(check.facts) }] : [];
  });
  const certified = checks.find(({ held }) => held) ?? checks[0];
  const held = by !== undefined || certified?.held === true;
  return {
    ...found,
    problem: found.problem ?? (held ? null : (certified?.problem ?? null)),
    held,
    predicate: held && found.kind === 'attestation' ? (statement?.predicate ?? null) : null,
    key: by ? { file: by.file, fingerprint: by.key.fingerprint } : null,
    certificate: certified?.facts ?? null,
  };
}
