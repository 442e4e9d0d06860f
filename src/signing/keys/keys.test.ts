import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, scryptSync } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyPair, readSigningKey } from './private-key.js';
import { readPublicKey } from './public-key.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const noPassword = { password: () => Promise.reject(new Error('no password was to be asked for')) };
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ed25519 = generateKeyPairSync('ed25519');
const message = bytesOf('what is signed');

const privatePem = (key: KeyObject, type: 'pkcs8' | 'sec1' = 'pkcs8') =>
  key.export({ format: 'pem', type }).toString();
const publicPem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }).toString();

/** An encrypted key with a low cost, so that tests are quick. */
function encrypted(pkcs8: Buffer, password: string, changes: Record<string, unknown> = {}): string {
  const params = { N: 1024, r: 8, p: 1, ...(changes.params as object) };
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const cost = { N: 1024, r: 8, p: 1 };
  const ciphertext = xsalsa20poly1305(scryptSync(password, salt, 32, cost), nonce).encrypt(pkcs8);
  const body = {
    kdf: { name: 'scrypt', params, salt: salt.toString('base64') },
    cipher: { name: changes.cipher ?? 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  };
  const label = changes.label ?? 'ENCRYPTED SIGSTORE PRIVATE KEY';
  return `-----BEGIN ${label}-----\n${Buffer.from(JSON.stringify(body)).toString('base64')}\n-----END ${label}-----\n`;
}

test.each([
  ['PKCS8 P-256', privatePem(p256.privateKey), p256.publicKey],
  ['SEC1 P-256', privatePem(p256.privateKey, 'sec1'), p256.publicKey],
  [
    'SEC1 after its curve',
    `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${privatePem(p256.privateKey, 'sec1')}`,
    p256.publicKey,
  ],
  ['PKCS8 Ed25519', privatePem(ed25519.privateKey), ed25519.publicKey],
  ['with CRLF', privatePem(p256.privateKey).replaceAll('\n', '\r\n'), p256.publicKey],
])('readSigningKey() reads %s, and what it signs holds by the public half alone', async (_, pem, half) => {
  const key = await readSigningKey(bytesOf(pem), 'a.key', noPassword);
  const verifier = readPublicKey(bytesOf(publicPem(half)), 'a.pub');
  expect(key.publicKey.fingerprint).toBe(verifier.fingerprint);
  const signature = key.sign(message);
  expect(verifier.holds(message, signature)).toBe(true);
  expect(verifier.holds(bytesOf('what is not signed'), signature)).toBe(false);
});

test.each(['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY'])(
  'an encrypted key under the label %s opens by its password alone',
  async (label) => {
    const der = p256.privateKey.export({ format: 'der', type: 'pkcs8' });
    const pem = bytesOf(encrypted(der, 'pässword', { label }));
    const key = await readSigningKey(pem, 'cosign.key', { password: async () => 'pässword' });
    expect(readPublicKey(bytesOf(publicPem(p256.publicKey)), 'a').holds(message, key.sign(message))).toBe(
      true,
    );
    const wrong = readSigningKey(pem, 'cosign.key', { password: async () => 'password' });
    await expect(wrong).rejects.toMatchObject({ code: 'KEY_INVALID', details: { file: 'cosign.key' } });
  },
);

test('createKeyPair() writes what readSigningKey() reads, with the cost and an empty password as cosign has them', async () => {
  const pair = await createKeyPair('');
  expect(pair.privatePem.startsWith('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n')).toBe(true);
  const body = JSON.parse(
    Buffer.from(pair.privatePem.split('\n').slice(1, -2).join(''), 'base64').toString(),
  ) as { kdf: { params: unknown } };
  expect(body.kdf.params).toEqual({ N: 65_536, r: 8, p: 1 });
  const key = await readSigningKey(bytesOf(pair.privatePem), 'k', { password: async () => '' });
  expect(key.publicKey.pem).toBe(pair.publicPem);
});

test('a key file that cannot be used is refused before scrypt runs, and its content is not repeated', async () => {
  const der = p256.privateKey.export({ format: 'der', type: 'pkcs8' });
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const refused = [
    ['nothing', ''],
    ['a public key', publicPem(p256.publicKey)],
    ['P-384', privatePem(p384.privateKey)],
    ['RSA', privatePem(pair.privateKey)],
    ['not base64', '-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n'],
    ['no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['without end', '-----BEGIN PRIVATE KEY-----\nAAAA\n'],
    ['OpenSSL', privateKeyOfOpenSsl()],
    ['a huge N', encrypted(der, 'x', { params: { N: 2 ** 40 } })],
    ['N that is not a power of two', encrypted(der, 'x', { params: { N: 1000 } })],
    ['a huge r', encrypted(der, 'x', { params: { r: 2 ** 20 } })],
    ['a huge p', encrypted(der, 'x', { params: { p: 1000 } })],
    ['text for N', encrypted(der, 'x', { params: { N: '1024' } })],
    ['another cipher', encrypted(der, 'x', { cipher: 'aes' })],
  ] as const;
  for (const [name, text] of refused) {
    const failure = await readSigningKey(bytesOf(text), 'a.key', { password: async () => 'x' }).catch(
      (error: unknown) => error,
    );
    expect(failure, name).toMatchObject({ code: 'KEY_INVALID' });
    const body = text.split('\n')[1];
    if (body && body.length > 10) expect(JSON.stringify(failure) + String(failure), name).not.toContain(body);
  }
});

test('readPublicKey() takes P-384 for readers and refuses private keys and other algorithms', () => {
  expect(readPublicKey(bytesOf(publicPem(p384.publicKey)), 'a').algorithm).toBe('ecdsa-p384');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const text of [privatePem(p256.privateKey), publicPem(rsa.publicKey), 'cosign.pub', ''])
    expect(() => readPublicKey(bytesOf(text), 'a')).toThrowError(
      expect.objectContaining({ code: 'KEY_INVALID' }),
    );
});

test('no bytes make a reader of keys fail with anything but KEY_INVALID, nor a verifier throw', async () => {
  const key = readPublicKey(bytesOf(publicPem(p256.publicKey)), 'a');
  const texts = fc.oneof(
    fc.string(),
    fc
      .string()
      .map(
        (body) =>
          `-----BEGIN PRIVATE KEY-----\n${Buffer.from(body).toString('base64')}\n-----END PRIVATE KEY-----`,
      ),
    fc
      .json()
      .map(
        (body) =>
          `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n${Buffer.from(body).toString('base64')}\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----`,
      ),
  );
  await fc.assert(
    fc.asyncProperty(texts, fc.uint8Array({ maxLength: 600 }), async (text, signature) => {
      const reading = readSigningKey(bytesOf(text), 'a.key', { password: async () => 'x' });
      await expect(reading).rejects.toMatchObject({ code: 'KEY_INVALID' });
      expect(key.holds(message, signature)).toBe(false);
    }),
    { numRuns: 100 },
  );
});

function privateKeyOfOpenSsl(): string {
  const key = createPrivateKey(privatePem(p256.privateKey));
  return key.export({ format: 'pem', type: 'sec1', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
}
