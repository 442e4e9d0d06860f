import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Digest } from '../../oci/digest.js';
import { digestOf } from '../../oci/digest.js';
import { keyError } from './key-error.js';
import { readPem } from './pem.js';

/** The kinds of public key that are read. */
export type KeyAlgorithm = 'ecdsa-p256' | 'ecdsa-p384' | 'ed25519';

/** The public half of a key: all that is needed to verify. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** Digest of its DER form (SubjectPublicKeyInfo). */
  readonly fingerprint: Digest;
  /** The same hash as cosign writes it into a bundle. */
  readonly hint: string;
  readonly pem: string;
  /** Whether this key made that signature of those bytes. Never throws for a malformed signature. */
  holds(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** Bytes; a signature of these algorithms has at most 104. */
const longestSignature = 512;

/**
 * Reads a public key in PEM: ECDSA with P-256 or P-384 (SHA-256 for both, as cosign hashes), or Ed25519. `file` is for messages.
 *
 * @throws KEY_INVALID
 * @example
 * ```ts
 * import { createKeyPair, readPublicKey } from 'tekton-bundles/signing';
 *
 * const { publicPem } = await createKeyPair('password');
 * const key = readPublicKey(new TextEncoder().encode(publicPem), 'cosign.pub');
 * console.log(key.algorithm, key.fingerprint); // ecdsa-p256 sha256:…
 * ```
 */
export function readPublicKey(content: Uint8Array, file: string): PublicKey {
  const { label, bytes } = readPem(content, file);
  if (/PRIVATE KEY$/.test(label)) {
    throw keyError(file, 'it is a private key', {
      hint: 'Verifying needs only the public key, e.g. cosign.pub',
    });
  }
  if (label !== 'PUBLIC KEY') {
    throw keyError(file, `it holds ${JSON.stringify(label.slice(0, 60))}, wanted "PUBLIC KEY"`);
  }
  let key: KeyObject;
  try {
    key = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  } catch (cause) {
    throw keyError(file, 'its content is not a public key', { cause });
  }
  return publicKeyOf(key, file);
}

/** @throws KEY_INVALID for other algorithms */
export function publicKeyOf(key: KeyObject, file: string): PublicKey {
  const algorithm = algorithmOf(key, file);
  const der = key.export({ format: 'der', type: 'spki' });
  const hash = algorithm === 'ed25519' ? null : 'sha256';
  return {
    algorithm,
    fingerprint: digestOf(der),
    hint: createHash('sha256').update(der).digest('base64'),
    pem: key.export({ format: 'pem', type: 'spki' }).toString(),
    holds(bytes, signature) {
      if (signature.length === 0 || signature.length > longestSignature) return false;
      try {
        return verify(hash, bytes, key, signature);
      } catch {
        return false;
      }
    },
  };
}

/** @throws KEY_INVALID */
export function algorithmOf(key: KeyObject, file: string): KeyAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return 'ed25519';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ecdsa-p256';
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return 'ecdsa-p384';
  const found = type === 'ec' ? `the curve ${details?.namedCurve}` : String(type);
  throw keyError(file, `its algorithm is ${found}, wanted ECDSA with P-256 or Ed25519`);
}
