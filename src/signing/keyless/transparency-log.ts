import { signedDigest } from '../sigstore-bundle.js';
import type { CertifiedKey } from './certificate.js';
import {
  askService,
  below,
  jsonOf,
  type ServiceAnswer,
  type ServiceClient,
  type ServiceRequest,
  serviceFailed,
} from './service.js';

/** A signed envelope as it is in a bundle. */
export interface SignedEnvelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string }[];
}

type Json = Readonly<Record<string, unknown>>;
type Options = { readonly signal?: AbortSignal | undefined };

/** Rekor, and the generation of its interface. */
export interface TransparencyLog {
  readonly url: URL;
  readonly version: 1 | 2;
}

/**
 * Enters a signed envelope into Rekor and gives the entry as bundles hold it.
 *
 * @throws SIGSTORE_FAILED, NetworkError
 */
export function enterIntoLog(
  client: ServiceClient,
  log: TransparencyLog,
  signed: { readonly envelope: SignedEnvelope; readonly certificate: Pick<CertifiedKey, 'der' | 'pem'> },
  options: Options = {},
): Promise<Json> {
  return log.version === 1
    ? enterV1(client, log.url, signed, options)
    : enterV2(client, log.url, signed, options);
}

type Signed = Parameters<typeof enterIntoLog>[2];

async function enterV1(
  client: ServiceClient,
  url: URL,
  { envelope, certificate }: Signed,
  options: Options,
): Promise<Json> {
  const entries = below(url, '/api/v1/log/entries');
  const { signatures, ...rest } = envelope;
  const text = JSON.stringify({ ...rest, signatures: signatures.map(({ sig }) => ({ keyid: '', sig })) });
  const request: ServiceRequest = {
    service: 'Rekor',
    url: entries,
    body: {
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        proposedContent: {
          envelope: text,
          verifiers: [Buffer.from(certificate.pem).toString('base64')],
        },
      },
    },
    // It has the entry already: an answer was lost.
    expect: [409],
  };
  const answer = await askService(client, request, options);
  if (answer.status !== 409) return entryOfV1(request, answer);
  const uuid = /([0-9a-f]{64,128})$/.exec(answer.headers.location ?? '')?.[1];
  if (uuid === undefined)
    throw serviceFailed(request, 'it has the entry but does not return its location', { status: 409 });
  const known = { service: 'Rekor', url: below(entries, `/${uuid}`) };
  return entryOfV1(known, await askService(client, known, options));
}

interface EntryOfV1 {
  readonly body: string;
  readonly logID: string;
  readonly logIndex: number;
  readonly integratedTime: number;
  readonly verification?: {
    readonly signedEntryTimestamp?: string;
    readonly inclusionProof?: ProofOfV1;
  };
}

interface ProofOfV1 {
  readonly logIndex: number;
  readonly rootHash: string;
  readonly treeSize: number;
  readonly hashes: readonly string[];
  readonly checkpoint: string;
}

/** As an entry of a bundle: numbers as text, hexadecimal as base64. What is wrong in it, the verification finds. */
function entryOfV1(request: ServiceRequest, answer: ServiceAnswer): Json {
  const [entry] = Object.values(jsonOf(request, answer)) as EntryOfV1[];
  try {
    if (!entry) throw new RangeError('no entry');
    const {
      body,
      logID,
      logIndex,
      integratedTime,
      verification: { signedEntryTimestamp, inclusionProof } = {},
    } = entry;
    const { kind, apiVersion } = JSON.parse(Buffer.from(body, 'base64').toString());
    return {
      logIndex: String(logIndex),
      logId: { keyId: fromHex(logID) },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(integratedTime),
      ...(signedEntryTimestamp ? { inclusionPromise: { signedEntryTimestamp } } : {}),
      ...(inclusionProof ? { inclusionProof: proofOfV1(inclusionProof) } : {}),
      canonicalizedBody: body,
    };
  } catch (cause) {
    throw serviceFailed(request, 'its answer is not an entry of a log', { cause });
  }
}

function proofOfV1({ logIndex, rootHash, treeSize, hashes, checkpoint }: ProofOfV1): Json {
  return {
    logIndex: String(logIndex),
    rootHash: fromHex(rootHash),
    treeSize: String(treeSize),
    hashes: hashes.map(fromHex),
    checkpoint: { envelope: checkpoint },
  };
}

const fromHex = (text: string) => Buffer.from(text, 'hex').toString('base64');

/** It takes no envelopes: the entry is of the signature over what DSSE signs. */
async function enterV2(
  client: ServiceClient,
  url: URL,
  { envelope, certificate }: Signed,
  options: Options,
): Promise<Json> {
  const request: ServiceRequest = {
    service: 'Rekor',
    url: below(url, '/api/v2/log/entries'),
    body: {
      hashedRekordRequestV002: {
        digest: signedDigest(Buffer.from(envelope.payload, 'base64')).toString('base64'),
        signature: {
          content: envelope.signatures[0]?.sig,
          verifier: {
            x509Certificate: { rawBytes: certificate.der.toString('base64') },
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          },
        },
      },
    },
  };
  // The answer is an entry of a bundle as it is.
  return jsonOf(request, await askService(client, request, options));
}
