import { X509Certificate } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { X509Certificate as SigstoreCertificate } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { shorten } from '../../http/shorten.js';
import { keyError } from '../keys/key-error.js';
import { signedDigest } from '../sigstore-bundle.js';
import type { CertificateFacts, CertificateVerifier } from './certificate-verifier.js';

/**
 * Verifies bundles that were signed by certificates, by a trusted root: one JSON document, or one a line. What the root
 * names is demanded: a timestamp of a log's entry or an authority always, an entry of a transparency log where it names
 * such logs, a timestamp of a certificate log where it names those.
 *
 * @throws KEY_INVALID for what is not a trusted root
 */
export function createCertificateVerifier(text: string, file: string): CertificateVerifier {
  const root = readTrustedRoot(text, file);
  const verifier = new Verifier(toTrustMaterial(root), {
    ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
    tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
  return {
    factsOf: (der) => factsOf(SigstoreCertificate.parse(Buffer.from(der))),
    verify(bytes) {
      try {
        const bundle = bundleFromJSON(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
        refuseHostileNames(bundle.verificationMaterial.tlogEntries);
        const entity = toSignedEntity(bundle);
        if (entity.key.$case !== 'certificate') return { facts: null, problem: 'it has no certificate' };
        verifier.verify({ ...entity, signature: withSignedDigest(entity.signature, bundle) });
        requireCodeSigning(leafOf(bundle.verificationMaterial.content));
        return { facts: factsOf(entity.key.certificate), problem: null };
      } catch (error) {
        return { facts: null, problem: problemOf(error) };
      }
    },
  };
}

type Signed = ReturnType<typeof toSignedEntity>['signature'];

/**
 * Logs of version 2 record the hash of the DSSE pre-authentication encoding, but the library expects that of the
 * payload. Either hash depends on the payload alone.
 */
function withSignedDigest(signature: Signed, { content }: ReturnType<typeof bundleFromJSON>): Signed {
  if (content.$case !== 'dsseEnvelope') throw new Error('it has no envelope');
  const wanted = signedDigest(content.dsseEnvelope.payload);
  return {
    signature: signature.signature,
    compareSignature: (other) => signature.compareSignature(other),
    compareDigest: (digest) => signature.compareDigest(digest) || wanted.equals(digest),
    verifySignature: (key) => signature.verifySignature(key),
  };
}

function readTrustedRoot(text: string, file: string): TrustedRoot {
  const roots: TrustedRoot[] = [];
  for (const document of documentsOf(text)) {
    let root: TrustedRoot;
    try {
      root = TrustedRoot.fromJSON(JSON.parse(document));
      toTrustMaterial(root);
    } catch (cause) {
      throw keyError(file, 'it is not a trusted root', { hint: wanted, cause });
    }
    if (!/^application\/vnd\.dev\.sigstore\.trustedroot/.test(root.mediaType)) {
      throw keyError(file, 'it is not a trusted root', { hint: wanted });
    }
    roots.push(root);
  }
  const [first] = roots;
  if (!first) throw keyError(file, 'it is empty', { hint: wanted });
  const all = <Item>(of: (root: TrustedRoot) => Item[]) => roots.flatMap(of);
  return {
    mediaType: first.mediaType,
    tlogs: all(({ tlogs }) => tlogs),
    ctlogs: all(({ ctlogs }) => ctlogs),
    certificateAuthorities: all((root) => root.certificateAuthorities),
    timestampAuthorities: all((root) => root.timestampAuthorities),
  };
}

const wanted =
  'Expected: a trusted root in JSON, as cosign trusted-root create or gh attestation trusted-root writes it';

/** One document, or one a line. */
function documentsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'))
    ? lines
    : [text].filter((one) => one.trim() !== '');
}

/** The library takes the names in a checkpoint for regular expressions; real ones are host names with a path. */
function refuseHostileNames(
  entries: readonly {
    readonly inclusionProof?: { readonly checkpoint?: { readonly envelope: string } | undefined } | undefined;
  }[],
): void {
  for (const { inclusionProof } of entries) {
    for (const [, name = ''] of inclusionProof?.checkpoint?.envelope.matchAll(/\u2014 (\S+) /g) ?? [])
      if (!/^[\w.:/-]{1,300}$/.test(name)) throw new Error('its checkpoint names no log');
  }
}

type Material = ReturnType<typeof bundleFromJSON>['verificationMaterial']['content'];

function leafOf(material: Material): Uint8Array {
  if (material.$case === 'certificate') return material.certificate.rawBytes;
  const [leaf] = material.$case === 'x509CertificateChain' ? material.x509CertificateChain.certificates : [];
  return leaf?.rawBytes ?? new Uint8Array(0);
}

const codeSigning = '1.3.6.1.5.5.7.3.3';

function requireCodeSigning(der: Uint8Array): void {
  if (new X509Certificate(der).keyUsage?.includes(codeSigning)) return;
  throw new Error('its certificate is not for signing code');
}

const issuerOids = ['1.3.6.1.4.1.57264.1.8', '1.3.6.1.4.1.57264.1.1'] as const;

/** The newer extension holds a string in DER, the older one the bare text. */
function factsOf(certificate: SigstoreCertificate): CertificateFacts {
  const [newer, older] = issuerOids.map((oid) => certificate.extension(oid));
  const issuer = newer ? newer.valueObj.subs[0]?.value.toString('utf8') : older?.value.toString('utf8');
  return { identity: certificate.subjectAltName ?? '', issuer: issuer ?? '' };
}

function problemOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const texts = [error, cause].flatMap((one) => (one instanceof Error ? [one.message] : []));
  return shorten(texts.join(': ') || 'it cannot be read');
}
