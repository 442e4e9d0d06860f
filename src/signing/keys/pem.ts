import { keyError } from './key-error.js';

export interface PemBlock {
  /** E.g. `PUBLIC KEY`. */
  readonly label: string;
  readonly bytes: Buffer;
  /** The block alone. */
  readonly text: string;
}

/** Labels of cosign's encrypted private keys, the current one first. */
export const encryptedLabels: readonly string[] = [
  'ENCRYPTED SIGSTORE PRIVATE KEY',
  'ENCRYPTED COSIGN PRIVATE KEY',
];

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** The first PEM block of a key file that holds a key; parameters of a curve may come before it. @throws KEY_INVALID */
export function readPem(content: Uint8Array, file: string): PemBlock {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1');
  for (let from = 0; ; ) {
    const begin = text.indexOf('-----BEGIN ', from);
    const labelEnd = begin < 0 ? -1 : text.indexOf('-----', begin + 11);
    if (labelEnd < 0) break;
    const label = text.slice(begin + 11, labelEnd);
    const end = `-----END ${label}-----`;
    const bodyEnd = text.indexOf(end, labelEnd);
    if (bodyEnd < 0) break;
    from = bodyEnd + end.length;
    if (label === 'EC PARAMETERS') continue;
    const body = text.slice(labelEnd + 5, bodyEnd);
    // OpenSSL's own encryption puts headers before the body.
    if (body.includes('Proc-Type:'))
      throw keyError(file, "it is encrypted by OpenSSL's old format", conversion);
    if (!base64.test(body)) throw keyError(file, 'its PEM block is not base64');
    return { label, bytes: Buffer.from(body, 'base64'), text: text.slice(begin, from) };
  }
  throw keyError(file, 'it contains no PEM block', {
    hint: 'Expected: a file of generate-key-pair, cosign or openssl that begins with -----BEGIN',
  });
}

const conversion = { hint: 'Decrypt it with openssl, or create a key with generate-key-pair' };
