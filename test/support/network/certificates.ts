import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/**
 * X.509 certificates for tests, written by Node alone: keys and signatures are node:crypto's, and the few ASN.1
 * structures around them are put together here (RFC 5280, DER). No program is needed, no private key is committed, and
 * nothing expires while a repository is at rest.
 */
export interface Pair {
  /** Both in PEM. */
  readonly key: string;
  readonly cert: string;
}

export interface PrivateAuthority extends Pair {
  /** The authority's own certificate, in PEM: what clients have to trust. `key` and `cert` are those of a server. */
  readonly ca: string;
}

export interface SelfSignedOptions {
  /** DNS names and IPv4 addresses. Default localhost and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Until when it is valid, counted from now; a negative number: it has expired. Default 1. */
  readonly days?: number;
}

/** A key and a certificate, by default for localhost, that no authority has signed. */
export function selfSigned({ names = local, days = 1 }: SelfSignedOptions = {}): Pair {
  const { publicKey, privateKey } = newKeys();
  const extensions = [subjectAltName(names), certificateAuthority(false)];
  return {
    key: pem(privateKey),
    cert: certificate({ subject: 'localhost', publicKey, issuer: 'localhost', privateKey, days, extensions }),
  };
}

/** A private authority, which is not trusted by default, and a server at localhost with its certificate. */
export function privateAuthority(): PrivateAuthority {
  const [authority, server] = [newKeys(), newKeys()];
  const issuer = 'private authority';
  const signedBy = { issuer, privateKey: authority.privateKey, issuerKey: authority.publicKey, days: 1 };
  const own = [certificateAuthority(true), keyUsage.certificates];
  return {
    ca: certificate({ subject: issuer, publicKey: authority.publicKey, ...signedBy, extensions: own }),
    key: pem(server.privateKey),
    cert: certificate({
      subject: 'localhost',
      publicKey: server.publicKey,
      ...signedBy,
      extensions: [subjectAltName(local)],
    }),
  };
}

/** An RSA key that signs tokens, with its certificate. */
export function tokenSigner(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [subject, issuer] = ['token service', 'token service'];
  const extensions = [certificateAuthority(false)];
  return {
    key: pem(privateKey),
    cert: certificate({ subject, publicKey, issuer, privateKey, days: 1, extensions }),
  };
}

const local = ['localhost', '127.0.0.1'];
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

interface Parts {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly privateKey: KeyObject;
  /** Default: the subject's own. */
  readonly issuerKey?: KeyObject;
  readonly days: number;
  /** From when until when, in milliseconds since 1970, instead of `days`. */
  readonly validity?: readonly [number, number];
  readonly serial?: Buffer;
  readonly extensions: readonly Buffer[];
}

/** A new serial number: positive, since the first bit is not set. */
export const serialOf = () => Buffer.concat([Buffer.of(1), randomBytes(15)]);

export function certificate(parts: Parts): string {
  const { subject, publicKey, issuer, privateKey, issuerKey = publicKey, days, extensions } = parts;
  const algorithm = privateKey.asymmetricKeyType === 'rsa' ? rsaWithSha256 : ecdsaWithSha256;
  const end = Date.now() + days * day;
  const [from, until] = parts.validity ?? [Math.min(Date.now(), end) - day, end];
  const serial = parts.serial ?? serialOf();
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, serial),
    algorithm,
    commonName(issuer),
    sequence(utcTime(from), utcTime(until)),
    subject === '' ? sequence() : commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    // With key identifiers, as authorities write them: by its subject alone one is taken for another.
    tagged(0xa3, sequence(...extensions, subjectKey(publicKey), authorityKey(issuerKey))),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, privateKey)));
  const lines = der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const day = 24 * 60 * 60 * 1000;

export function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const { length } = Buffer.concat(parts);
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), ...parts]);
}

export const sequence = (...parts: readonly Buffer[]) => tagged(0x30, ...parts);
export const identifier = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
export const octets = (...parts: readonly Buffer[]) => tagged(0x04, ...parts);
const bits = (bytes: Buffer, unused = 0) => tagged(0x03, Buffer.of(unused), bytes);
const yes = tagged(0x01, Buffer.of(0xff));

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'));
const rsaWithSha256 = sequence(identifier('2a864886f70d01010b'), tagged(0x05));

function commonName(text: string): Buffer {
  return sequence(tagged(0x31, sequence(identifier('550403'), tagged(0x0c, Buffer.from(text)))));
}

function utcTime(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

export const extension = (id: string, value: Buffer) => sequence(identifier(id), octets(value));
export const criticalExtension = (id: string, value: Buffer) => sequence(identifier(id), yes, octets(value));

function subjectAltName(names: readonly string[]): Buffer {
  const address = /^\d+\.\d+\.\d+\.\d+$/;
  const encoded = names.map((name) =>
    address.test(name)
      ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
      : tagged(0x82, Buffer.from(name)),
  );
  return extension('551d11', sequence(...encoded));
}

export const certificateAuthority = (critical: boolean) =>
  (critical ? criticalExtension : extension)('551d13', sequence(yes));
/** What a key may sign. */
export const keyUsage = {
  certificates: criticalExtension('551d0f', bits(Buffer.of(0x04), 2)),
  signatures: criticalExtension('551d0f', bits(Buffer.of(0x80), 7)),
};

const keyId = (key: KeyObject) =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
const subjectKey = (key: KeyObject) => extension('551d0e', octets(keyId(key)));
const authorityKey = (key: KeyObject) => extension('551d23', sequence(tagged(0x80, keyId(key))));
