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

export interface SignatureReport {
  readonly digest: Digest;
  /** Whether at least one signature holds. */
  readonly held: boolean;
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * Reads all signatures of a digest, in both forms, and tells which holds by which key. Attestations are listed and never
 * count as signatures.
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
 * Reads the attestations of a digest, in both forms, and tells which of the wanted predicate types hold by which key;
 * `held` where each list of types has one that does. Signatures and attestations of other types are listed and never count.
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
 * The same as verifySignatures with no more questions than needed: the older form is looked for only where no bundle holds.
 *
 * @throws SIGNATURE_MISSING
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
