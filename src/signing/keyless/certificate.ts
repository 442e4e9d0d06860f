import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { IdentityToken } from './identity-token.js';
import { askService, below, jsonOf, type ServiceClient, serviceFailed } from './service.js';

/** A key that lives as long as the run, and the certificate that states whose it is. */
export interface CertifiedKey {
  readonly privateKey: KeyObject;
  readonly der: Buffer;
  readonly pem: string;
  /** Milliseconds since 1970. */
  readonly validUntil: number;
}

/**
 * Gets a certificate of Fulcio for a new P-256 key.
 *
 * @throws SIGSTORE_FAILED, NetworkError
 */
export async function requestCertificate(
  client: ServiceClient,
  fulcio: URL,
  token: IdentityToken,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<CertifiedKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = {
    service: 'Fulcio',
    url: below(fulcio, '/api/v2/signingCert'),
    body: {
      credentials: { oidcIdentityToken: token.text },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content: publicKey.export({ format: 'pem', type: 'spki' }) },
        proofOfPossession: sign('sha256', Buffer.from(token.subject), privateKey).toString('base64'),
      },
    },
    secrets: [token.text],
  };
  const answer = jsonOf(request, await askService(client, request, options));
  const pem = firstCertificate(answer);
  let certificate: X509Certificate | undefined;
  try {
    if (pem !== undefined) certificate = new X509Certificate(pem);
  } catch {
    // Reported below.
  }
  if (!certificate) throw serviceFailed(request, 'its answer contains no certificate');
  const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
  if (!spki(certificate.publicKey).equals(spki(publicKey))) {
    throw serviceFailed(request, 'the certificate is of another key');
  }
  const validUntil = Date.parse(certificate.validTo);
  return { privateKey, der: certificate.raw, pem: certificate.toString(), validUntil };
}

/** The leaf; the chain comes with an embedded or a detached timestamp of the certificate log. */
function firstCertificate(answer: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['signedCertificateEmbeddedSct', 'signedCertificateDetachedSct']) {
    const { chain } = record(answer[name]);
    const { certificates } = record(chain);
    const [first] = Array.isArray(certificates) ? certificates : [];
    if (typeof first === 'string') return first;
  }
  return undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
