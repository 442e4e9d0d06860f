import { generateKeyPairSync } from 'node:crypto';
import { readSigningKey, type SigningKey } from '../../../src/signing/keys/private-key.js';
import { readPublicKey } from '../../../src/signing/keys/public-key.js';
import type { TrustedKey } from '../../../src/signing/verify-signatures.js';

export interface TestKey {
  readonly signing: SigningKey;
  readonly trusted: TrustedKey;
  /** PKCS8. */
  readonly privatePem: string;
  readonly publicPem: string;
}

/** A fresh key, as a signer and as a verifier have it. */
export async function testKey(algorithm: 'ec' | 'ed25519' = 'ec'): Promise<TestKey> {
  const { privateKey, publicKey } =
    algorithm === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const privatePem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const publicPem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const password = () => Promise.reject(new Error('the key is not encrypted'));
  return {
    signing: await readSigningKey(Buffer.from(privatePem), 'test.key', { password }),
    trusted: { file: 'test.pub', key: readPublicKey(Buffer.from(publicPem), 'test.pub') },
    privatePem,
    publicPem,
  };
}
