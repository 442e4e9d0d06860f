import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { keyError } from './key-error.js';
import { encryptedLabels, readPem } from './pem.js';
import { algorithmOf, type PublicKey, publicKeyOf } from './public-key.js';

/** A key that signs. The private half stays within Node's key object. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** ECDSA in DER over SHA-256, or pure Ed25519. */
  sign(bytes: Uint8Array): Buffer;
}

/** Where the password of an encrypted key comes from. */
export interface ReadKeyOptions {
  /** Called only where the file is encrypted. */
  readonly password: () => Promise<string>;
}

const plainLabels = new Map<string, 'pkcs8' | 'sec1'>([
  ['PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
]);

/**
 * Reads a private key: cosign's encrypted files, PKCS8 and SEC1 in PEM; ECDSA with P-256, or Ed25519. `password` is called for an encrypted
 * key alone; `file` is for messages.
 *
 * @throws KEY_INVALID, also for a wrong password; what `password` throws
 * @example
 * ```ts
 * import { createKeyPair, readSigningKey } from 'tekton-bundles/signing';
 *
 * const { privatePem } = await createKeyPair('password');
 * const content = new TextEncoder().encode(privatePem);
 * const key = await readSigningKey(content, 'cosign.key', { password: async () => 'password' });
 * console.log(key.publicKey.algorithm); // ecdsa-p256
 * ```
 */
export async function readSigningKey(
  content: Uint8Array,
  file: string,
  { password }: ReadKeyOptions,
): Promise<SigningKey> {
  const { label, bytes } = readPem(content, file);
  const type = plainLabels.get(label);
  if (type !== undefined) return signingKeyOf(parseKey(bytes, type, file), file);
  if (encryptedLabels.includes(label)) {
    const { decryptKey } = await import('./encrypted-key.js');
    const der = await decryptKey(bytes, await password(), file);
    try {
      return signingKeyOf(parseKey(der, 'pkcs8', file), file);
    } finally {
      der.fill(0);
    }
  }
  const isPublic = label === 'PUBLIC KEY';
  throw keyError(file, isPublic ? 'it is a public key' : `it holds ${JSON.stringify(label.slice(0, 60))}`, {
    hint: isPublic
      ? 'Signing needs the private key, e.g. cosign.key'
      : 'Expected: a file of generate-key-pair or cosign, or a private key in PKCS8 or SEC1 that openssl has not encrypted',
  });
}

/**
 * Creates a P-256 key pair: the private half as cosign's encrypted file, the public half in PEM.
 *
 * @example
 * ```ts
 * import { createKeyPair } from 'tekton-bundles/signing';
 *
 * const { privatePem, publicPem } = await createKeyPair('password');
 * console.log(privatePem.split('\n')[0]); // -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
 * console.log(publicPem.split('\n')[0]); // -----BEGIN PUBLIC KEY-----
 * ```
 */
export async function createKeyPair(
  password: string,
): Promise<{ readonly privatePem: string; readonly publicPem: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const { encryptKey } = await import('./encrypted-key.js');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  try {
    return {
      privatePem: await encryptKey(der, password),
      publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    };
  } finally {
    der.fill(0);
  }
}

function parseKey(key: Buffer, type: 'pkcs8' | 'sec1', file: string): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type });
  } catch {
    // The cause may hold bytes of the key.
    throw keyError(file, 'its content is not a private key');
  }
}

function signingKeyOf(key: KeyObject, file: string): SigningKey {
  const algorithm = algorithmOf(key, file);
  if (algorithm === 'ecdsa-p384') {
    throw keyError(file, 'its curve is P-384, and signing takes P-256 or Ed25519', {
      hint: 'Create a key with generate-key-pair',
    });
  }
  return {
    publicKey: publicKeyOf(createPublicKey(key), file),
    sign: (bytes) => sign(algorithm === 'ed25519' ? null : 'sha256', bytes, key),
  };
}
