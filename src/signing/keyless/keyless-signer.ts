import { sign } from 'node:crypto';
import type { CallOptions } from '../../content/store.js';
import type { Content } from '../../oci/image.js';
import { contentOf } from '../attach-artifact.js';
import { bundleMediaType, envelopeOf } from '../sigstore-bundle.js';
import { type CertifiedKey, requestCertificate } from './certificate.js';
import type { CertificateFacts, CertificateVerifier } from './certificate-verifier.js';
import { readIdentityToken, type TokenSource } from './identity-token.js';
import { type ServiceClient, serviceFailed } from './service.js';
import { requestTimestamp } from './timestamp.js';
import { enterIntoLog, type TransparencyLog } from './transparency-log.js';

/** Signs by certificates that Fulcio gives to an identity, with keys that are used once. */
export interface KeylessSigner {
  readonly verifier: CertificateVerifier;
  /** Whom the certificates name. The first question asks Fulcio. */
  identity(options?: CallOptions): Promise<CertificateFacts>;
  /** An in-toto statement as a bundle that the trusted root accepts. @throws SIGSTORE_FAILED, NetworkError, IDENTITY_MISSING */
  signStatement(statement: object, options?: CallOptions): Promise<Content>;
}

/** The services of one sigstore. A transparency log of version 2 dates nothing: it needs a timestamp authority. */
export interface SigstoreServices {
  readonly fulcio: URL;
  readonly rekor: TransparencyLog | undefined;
  readonly timestamps: URL | undefined;
}

export interface KeylessSignerOptions {
  readonly client: ServiceClient;
  readonly services: SigstoreServices;
  readonly source: TokenSource;
  /** Verifies each signature with the trusted root before it is stored. */
  readonly verifier: CertificateVerifier;
  /** Gets the token, so that it is hidden wherever a server repeats it. */
  readonly hide?: ((secrets: () => Iterable<string>) => void) | undefined;
}

/** A signature may take so long after its certificate was found to be valid. */
const leastValidMs = 60_000;

/** One certificate serves a run; shortly before it expires, another one is requested. */
export function createKeylessSigner(options: KeylessSignerOptions): KeylessSigner {
  const { client, services, source, verifier, hide } = options;
  let current: Promise<CertifiedKey> | undefined;
  let renewAt = Number.POSITIVE_INFINITY;
  const request = async (call: CallOptions): Promise<CertifiedKey> => {
    const token = await readIdentityToken(source, client, call);
    hide?.(() => [token.text]);
    return requestCertificate(client, services.fulcio, token, call);
  };
  const certified = (call: CallOptions): Promise<CertifiedKey> => {
    if (current && client.clock.now() < renewAt) return current;
    renewAt = Number.POSITIVE_INFINITY;
    const asked = request(call);
    current = asked;
    asked.then(
      ({ validUntil }) => {
        renewAt = validUntil - leastValidMs;
      },
      () => {
        if (current === asked) current = undefined;
      },
    );
    return asked;
  };
  return {
    verifier,
    identity: async (call = {}) => verifier.factsOf((await certified(call)).der),
    async signStatement(statement, call = {}) {
      const key = await certified(call);
      const bundle = await bundleOf(statement, key, { client, services, call });
      const content = contentOf(JSON.stringify(bundle), bundleMediaType);
      const { problem } = verifier.verify(content.bytes);
      if (problem === null) return content;
      throw serviceFailed(
        { service: 'Fulcio', url: services.fulcio },
        `its signature does not verify: ${problem}`,
        {
          hint: 'Pass the trusted root of this sigstore with --trusted-root; it must contain its Fulcio, its logs and its timestamp authority',
        },
      );
    },
  };
}

interface Making {
  readonly client: ServiceClient;
  readonly services: SigstoreServices;
  readonly call: CallOptions;
}

async function bundleOf(
  statement: object,
  key: CertifiedKey,
  { client, services, call }: Making,
): Promise<object> {
  const envelope = envelopeOf(statement, (bytes) => sign('sha256', bytes, key.privateKey));
  const signature = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
  const { rekor, timestamps } = services;
  const [entry, timestamp] = await Promise.all([
    rekor && enterIntoLog(client, rekor, { envelope, certificate: key }, call),
    timestamps && requestTimestamp(client, timestamps, signature, call),
  ]);
  const stamps = timestamp ? [{ signedTimestamp: timestamp.toString('base64') }] : [];
  return {
    mediaType: bundleMediaType,
    verificationMaterial: {
      certificate: { rawBytes: key.der.toString('base64') },
      tlogEntries: entry ? [entry] : [],
      timestampVerificationData: { rfc3161Timestamps: stamps },
    },
    dsseEnvelope: envelope,
  };
}
