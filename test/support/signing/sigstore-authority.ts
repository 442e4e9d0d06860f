import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  certificate,
  certificateAuthority,
  criticalExtension,
  extension,
  identifier,
  keyUsage,
  octets,
  sequence,
  serialOf,
  tagged,
} from '../network/certificates.js';

/** How an authority misbehaves. */
export interface AuthorityFaults {
  /** Certificates that were valid until so many minutes ago. */
  expiredMinutes?: number;
  /** The extended key usage of certificates is that of servers. */
  forServers?: boolean;
  /** Rekor answers with the entry of another signature. */
  otherEntry?: boolean;
  /** Fulcio redirects here. */
  redirectTo?: string;
}

/** A sigstore of the tests' own: Fulcio, Rekor of both versions, a timestamp authority and a token service, on loopback. */
export interface SigstoreAuthority extends AsyncDisposable {
  readonly url: string;
  /** The trusted root in JSON. */
  trustedRoot(parts?: { readonly log?: 1 | 2 | 'none'; readonly timestamps?: boolean }): string;
  /** A token that Fulcio takes. */
  token(identity: string, issuer?: string): string;
  /** What a job of GitHub has in its environment, with this identity. */
  github(identity: string): Record<string, string>;
  /** `POST /api/v2/signingCert`, in order. */
  readonly seen: string[];
  readonly faults: AuthorityFaults;
}

const githubIssuer = 'https://token.actions.githubusercontent.com';
const logName = 'rekor.test';
const b64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const sha256 = (...parts: readonly (Uint8Array | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export async function startSigstoreAuthority(): Promise<SigstoreAuthority> {
  const root = p256();
  const stamper = p256();
  const logs = { 1: p256(), 2: generateKeyPairSync('ed25519') };
  const issuer = { issuer: 'test fulcio', privateKey: root.privateKey, issuerKey: root.publicKey };
  const rootCertificate = certificate({
    subject: 'test fulcio',
    publicKey: root.publicKey,
    ...issuer,
    days: 1,
    extensions: [certificateAuthority(true), keyUsage.certificates],
  });
  const stamperSerial = serialOf();
  const stamperCertificate = certificate({
    subject: 'test stamper',
    publicKey: stamper.publicKey,
    ...issuer,
    days: 1,
    serial: stamperSerial,
    extensions: [keyUsage.signatures, extendedUsage(timeStamping, true)],
  });
  const ids = {
    1: sha256(spki(logs[1].publicKey)),
    // As C2SP's signed notes name an Ed25519 key.
    2: sha256(`${logName}\n\u0001`, spki(logs[2].publicKey).subarray(-32)),
  };
  const trees: Record<1 | 2, Buffer[]> = { 1: [], 2: [] };
  const tokens = new Map<string, { identity: string; issuer: string }>();
  const seen: string[] = [];
  const faults: AuthorityFaults = {};
  const requestToken = 'request-token-of-this-job';
  const state = { identity: '' };

  const token = (identity: string, from = githubIssuer) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256' })}.${part({ sub: identity, iss: from, aud: 'sigstore', n: tokens.size })}.c2lnbmF0dXJl`;
    tokens.set(text, { identity, issuer: from });
    return text;
  };

  function certify(body: string, authorization: string | undefined): object {
    const { credentials, publicKeyRequest } = JSON.parse(body);
    // In the body, or as cosign sends it.
    const given = credentials?.oidcIdentityToken ?? authorization?.replace(/^Bearer /, '');
    const known = tokens.get(given);
    if (!known) throw new Refused(401, 'the token is not one of ours');
    const publicKey = createPublicKey(publicKeyRequest.publicKey.content);
    const proof = Buffer.from(publicKeyRequest.proofOfPossession, 'base64');
    if (!verify('sha256', Buffer.from(known.identity), publicKey, proof))
      throw new Refused(400, 'no proof of the key');
    const { expiredMinutes } = faults;
    const until = Date.now() + (expiredMinutes === undefined ? 10 : -expiredMinutes) * 60_000;
    const isAddress = known.identity.includes('@') && !known.identity.includes('://');
    const name = tagged(isAddress ? 0x81 : 0x86, Buffer.from(known.identity));
    const leaf = certificate({
      subject: '',
      publicKey,
      ...issuer,
      days: 0,
      validity: [until - 10 * 60_000, until],
      extensions: [
        keyUsage.signatures,
        extendedUsage(faults.forServers ? servers : codeSigning, false),
        criticalExtension('551d11', sequence(name)),
        extension('2b0601040183bf300101', Buffer.from(known.issuer)),
        extension('2b0601040183bf300108', tagged(0x0c, Buffer.from(known.issuer))),
      ],
    });
    return { signedCertificateEmbeddedSct: { chain: { certificates: [leaf, rootCertificate] } } };
  }

  /** Enters a leaf and proves that it is in the tree. */
  function enter(version: 1 | 2, body: string) {
    const leaves = trees[version];
    const index = leaves.push(sha256(Buffer.of(0), body)) - 1;
    const rootHash = treeHash(leaves);
    const origin = version === 1 ? `${logName} - 1193050959916656506` : logName;
    const note = `${origin}\n${leaves.length}\n${b64(rootHash)}\n`;
    const { privateKey } = logs[version];
    const signature = sign(version === 1 ? 'sha256' : null, Buffer.from(note), privateKey);
    const checkpoint = `${note}\n\u2014 ${logName} ${b64(Buffer.concat([ids[version].subarray(0, 4), signature]))}\n`;
    return { index, rootHash, size: leaves.length, hashes: proofOf(leaves, index), checkpoint };
  }

  function enterV1(text: string): object {
    const { spec } = JSON.parse(text);
    const envelope = JSON.parse(spec.proposedContent.envelope);
    const [{ sig }] = envelope.signatures;
    const body = JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: { algorithm: 'sha256', value: sha256(spec.proposedContent.envelope).toString('hex') },
        payloadHash: {
          algorithm: 'sha256',
          value: sha256(Buffer.from(envelope.payload, 'base64')).toString('hex'),
        },
        signatures: [
          { signature: faults.otherEntry ? b64('other') : sig, verifier: spec.proposedContent.verifiers[0] },
        ],
      },
    });
    const { index, rootHash, size, hashes, checkpoint } = enter(1, body);
    const logID = ids[1].toString('hex');
    const integratedTime = Math.floor(Date.now() / 1000);
    const promised = JSON.stringify({ body: b64(body), integratedTime, logID, logIndex: index });
    return {
      [sha256(body).toString('hex')]: {
        body: b64(body),
        integratedTime,
        logID,
        logIndex: index,
        verification: {
          signedEntryTimestamp: b64(sign('sha256', Buffer.from(promised), logs[1].privateKey)),
          inclusionProof: {
            checkpoint,
            hashes: hashes.map((one) => one.toString('hex')),
            logIndex: index,
            rootHash: rootHash.toString('hex'),
            treeSize: size,
          },
        },
      },
    };
  }

  /** As the real one, it takes no envelopes. */
  function enterV2(text: string): object {
    const { hashedRekordRequestV002: request } = JSON.parse(text);
    if (!request) throw new Refused(400, 'wanted a hashedrekord');
    const { content, verifier } = request.signature;
    const { keyDetails, x509Certificate } = verifier;
    const signature = {
      content: faults.otherEntry ? b64('other') : content,
      verifier: { keyDetails, x509Certificate },
    };
    const body = JSON.stringify({
      apiVersion: '0.0.2',
      kind: 'hashedrekord',
      spec: { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest: request.digest }, signature } },
    });
    const { index, rootHash, size, hashes, checkpoint } = enter(2, body);
    return {
      logIndex: String(index),
      logId: { keyId: b64(ids[2]) },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionProof: {
        logIndex: String(index),
        rootHash: b64(rootHash),
        treeSize: String(size),
        hashes: hashes.map(b64),
        checkpoint: { envelope: checkpoint },
      },
      canonicalizedBody: b64(body),
    };
  }

  /** A query of RFC 3161: after the name of sha256 come 32 bytes, and the nonce is repeated. */
  const stamp = (query: Buffer) =>
    timestampReply(readQuery(query), {
      privateKey: stamper.privateKey,
      certificate: derOf(stamperCertificate),
      serial: stamperSerial,
      issuer: 'test fulcio',
    });

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://authority.test');
    seen.push(`${request.method} ${pathname}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const text = sent.toString();
    const reply = (status: number, body: object | Buffer) => {
      const isBytes = Buffer.isBuffer(body);
      response.writeHead(status, {
        'content-type': isBytes ? 'application/timestamp-reply' : 'application/json',
      });
      response.end(isBytes ? body : JSON.stringify(body));
    };
    try {
      if (pathname === '/api/v2/signingCert' && faults.redirectTo !== undefined) {
        response.writeHead(307, { location: faults.redirectTo }).end();
      } else if (pathname === '/api/v2/signingCert') reply(200, certify(text, request.headers.authorization));
      else if (pathname === '/api/v1/log/entries') {
        const entry = enterV1(text);
        const [uuid = ''] = Object.keys(entry);
        response.setHeader('etag', uuid);
        response.setHeader('location', `/api/v1/log/entries/${uuid}`);
        reply(201, entry);
      } else if (pathname === '/api/v2/log/entries') reply(201, enterV2(text));
      else if (pathname === '/api/v1/timestamp') reply(201, stamp(sent));
      else if (pathname === '/token' && searchParams.get('audience') === 'sigstore') {
        const isOwn = request.headers.authorization === `Bearer ${requestToken}`;
        if (isOwn) reply(200, { value: token(state.identity) });
        else throw new Refused(401, 'not the token of this job');
      } else throw new Refused(404, 'nothing is here');
    } catch (error) {
      const status = error instanceof Refused ? error.status : 500;
      reply(status, { code: 16, message: `${(error as Error).message} ${text.slice(0, 200)}` });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const chainOf = (...pems: readonly string[]) => ({
    certificates: pems.map((pem) => ({ rawBytes: b64(derOf(pem)) })),
  });

  return {
    url,
    seen,
    faults,
    token,
    github(identity) {
      state.identity = identity;
      return {
        GITHUB_ACTIONS: 'true',
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      };
    },
    trustedRoot({ log = 1, timestamps = true } = {}) {
      const entry = (version: 1 | 2) => ({
        baseUrl: `https://${logName}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: b64(spki(logs[version].publicKey)),
          keyDetails: version === 1 ? 'PKIX_ECDSA_P256_SHA_256' : 'PKIX_ED25519',
          validFor,
        },
        logId: { keyId: b64(ids[version]) },
      });
      return JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
        tlogs: log === 'none' ? [] : [entry(log)],
        certificateAuthorities: [
          {
            subject: { organization: 'test', commonName: 'test fulcio' },
            uri: url,
            certChain: chainOf(rootCertificate),
            validFor,
          },
        ],
        ctlogs: [],
        timestampAuthorities: timestamps
          ? [
              {
                subject: { organization: 'test', commonName: 'test stamper' },
                uri: url,
                certChain: chainOf(stamperCertificate, rootCertificate),
                validFor,
              },
            ]
          : [],
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

const codeSigning = '2b06010505070303';
const servers = '2b06010505070301';
const timeStamping = '2b06010505070308';
const extendedUsage = (usage: string, critical: boolean) =>
  (critical ? criticalExtension : extension)('551d25', sequence(identifier(usage)));

/** RFC 6962: the hash of a list of leaf hashes. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only && leaves.length === 1) return only;
  const split = splitOf(leaves.length);
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

function proofOf(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...proofOf(leaves.slice(0, split), index), treeHash(leaves.slice(split))]
    : [...proofOf(leaves.slice(split), index - split), treeHash(leaves.slice(0, split))];
}

/** The largest power of two below. */
const splitOf = (size: number) => 2 ** Math.ceil(Math.log2(size) - 1);

interface Query {
  readonly hash: Buffer;
  /** In DER; empty where there is none. */
  readonly nonce: Buffer;
}

/** What a query in DER asks for. */
function readQuery(query: Buffer): Query {
  const at = query.indexOf(Buffer.of(0x04, 0x20));
  const hash = query.subarray(at + 2, at + 34);
  const rest = query.subarray(at + 34);
  // Before it may come a policy, after it whether certificates are wanted.
  const nonce = rest[0] === 0x02 ? rest.subarray(0, 2 + (rest[1] ?? 0)) : Buffer.alloc(0);
  if (at < 0 || hash.length !== 32) throw new Refused(400, 'wanted a timestamp query for sha256');
  return { hash, nonce };
}

interface Stamper {
  readonly privateKey: KeyObject;
  readonly certificate: Buffer;
  readonly serial: Buffer;
  readonly issuer: string;
}

/** A reply of RFC 3161 in DER, dated now. */
function timestampReply(
  { hash, nonce }: Query,
  { privateKey, certificate: der, serial, issuer }: Stamper,
): Buffer {
  const sha256Id = sequence(identifier('608648016503040201'), tagged(0x05));
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const info = sequence(
    tagged(0x02, Buffer.of(1)),
    identifier('2b0601040183bf3002'),
    sequence(sha256Id, octets(hash)),
    tagged(0x02, serialOf()),
    tagged(0x18, Buffer.from(`${time}Z`)),
    nonce,
  );
  const attribute = (id: string, value: Buffer) => sequence(identifier(id), tagged(0x31, value));
  const attributes = [
    attribute('2a864886f70d010903', identifier('2a864886f70d0109100104')),
    attribute('2a864886f70d010904', octets(sha256(info))),
    attribute('2a864886f70d010910022f', sequence(sequence(sequence(octets(sha256(der)))))),
  ];
  const signature = sign('sha256', tagged(0x31, ...attributes), privateKey);
  const name = sequence(tagged(0x31, sequence(identifier('550403'), tagged(0x0c, Buffer.from(issuer)))));
  const signerInfo = sequence(
    tagged(0x02, Buffer.of(1)),
    sequence(name, tagged(0x02, serial)),
    sha256Id,
    tagged(0xa0, ...attributes),
    sequence(identifier('2a8648ce3d040302')),
    octets(signature),
  );
  const signedData = sequence(
    tagged(0x02, Buffer.of(3)),
    tagged(0x31, sha256Id),
    sequence(identifier('2a864886f70d0109100104'), tagged(0xa0, octets(info))),
    tagged(0xa0, der),
    tagged(0x31, signerInfo),
  );
  const token = sequence(identifier('2a864886f70d010702'), tagged(0xa0, signedData));
  return sequence(sequence(tagged(0x02, Buffer.of(0))), token);
}
