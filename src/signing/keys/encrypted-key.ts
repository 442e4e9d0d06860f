import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { BundlesError } from '../../errors.js';
import { objectAt, parseJsonView, stringAt, valueAt } from '../../oci/json-view.js';
import { keyError } from './key-error.js';
import { encryptedLabels } from './pem.js';

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What cosign writes: 64 MiB. */
const usualCost: Cost = { N: 65_536, r: 8, p: 1 };
/** A key file is input: at most four times that memory, and a few seconds. */
const mostMemory = 256 * 1024 * 1024;
const mostParallel = 4;
const longestKey = 64 * 1024;

/**
 * The PKCS8 DER in the body of one of cosign's encrypted keys: scrypt, then NaCl's secretbox.
 *
 * @throws KEY_INVALID, also for a wrong password
 */
export async function decryptKey(body: Uint8Array, password: string, file: string): Promise<Buffer> {
  const { cost, salt, nonce, ciphertext } = readBody(body, file);
  const key = await deriveKey(password, salt, cost);
  try {
    return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(ciphertext));
  } catch (cause) {
    throw keyError(file, 'the password is wrong, or the file was changed', {
      hint: 'Set COSIGN_PASSWORD to the password of this key',
      cause,
    });
  } finally {
    key.fill(0);
  }
}

/** The same PEM that cosign writes for a private key in PKCS8 DER. */
export async function encryptKey(pkcs8: Uint8Array, password: string): Promise<string> {
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const key = await deriveKey(password, salt, usualCost);
  const ciphertext = xsalsa20poly1305(key, nonce).encrypt(pkcs8);
  key.fill(0);
  const body = JSON.stringify({
    kdf: { name: 'scrypt', params: usualCost, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  });
  const [label] = encryptedLabels;
  const lines =
    Buffer.from(body)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function readBody(body: Uint8Array, file: string) {
  try {
    const view = parseJsonView(body, { what: 'encrypted key', limit: longestKey });
    const kdf = objectAt(view, 'kdf');
    const params = kdf && objectAt(kdf, 'params');
    const cipher = objectAt(view, 'cipher');
    const names = [kdf && stringAt(kdf, 'name'), cipher && stringAt(cipher, 'name')];
    if (!kdf || !params || !cipher || names.join() !== 'scrypt,nacl/secretbox') {
      throw keyError(file, `it is encrypted by ${JSON.stringify(names)}, wanted scrypt and nacl/secretbox`);
    }
    const [N, r, p] = ['N', 'r', 'p'].map((name) => valueAt(params, name)) as [unknown, unknown, unknown];
    const bytesAt = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
    const nonce = bytesAt(stringAt(cipher, 'nonce'));
    const salt = bytesAt(stringAt(kdf, 'salt'));
    const ciphertext = bytesAt(stringAt(view, 'ciphertext'));
    if (nonce.length !== 24 || salt.length === 0 || ciphertext.length <= 16) {
      throw keyError(file, 'its salt, nonce or ciphertext has a wrong length');
    }
    return { cost: costOf(N, r, p, file), salt, nonce, ciphertext };
  } catch (error) {
    if (error instanceof BundlesError && error.code === 'KEY_INVALID') throw error;
    throw keyError(file, 'the body of its PEM block is not what cosign writes', { cause: error });
  }
}

function costOf(N: unknown, r: unknown, p: unknown, file: string): Cost {
  const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
  const isCost = whole(N) && whole(r) && whole(p) && N > 1 && Math.log2(N) % 1 === 0;
  if (isCost && 128 * N * r <= mostMemory && p <= mostParallel) return { N, r, p };
  throw keyError(file, `its scrypt parameters N=${N}, r=${r}, p=${p} are not allowed`, {
    hint: `Parameters may need at most ${mostMemory / 1024 / 1024} MiB`,
  });
}

/** Asynchronous: it takes a fifth of a second and more. */
function deriveKey(password: string, salt: Uint8Array, cost: Cost): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
