import { createHash } from 'node:crypto';
import { BundlesError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import {
  type JsonView,
  objectAt,
  objectsAt,
  parseJsonView,
  stringAt,
  stringMapAt,
  valueAt,
} from '../oci/json-view.js';
import { contentOf } from './attach-artifact.js';
import type { SigningKey } from './keys/private-key.js';
import type { PublicKey } from './keys/public-key.js';

/** A sigstore bundle, as cosign 3 stores signatures and attestations: a DSSE envelope with how to verify it. */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** Of the statement that is a signature, and no attestation of anything. */
export const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1';
export const contentAnnotation = 'dev.sigstore.bundle.content';
export const predicateAnnotation = 'dev.sigstore.bundle.predicateType';

const payloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
const statementTypes: readonly string[] = ['https://in-toto.io/Statement/v0.1', statementType];
/** Also what earlier versions of the format are called. */
const bundleTypes = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d+\+json|\+json;\s*version=0\.\d+)$/;

export function isBundleType(mediaType: string): boolean {
  return bundleTypes.test(mediaType);
}

/** What is signed: an in-toto statement about a digest. */
export interface Statement {
  readonly predicateType: string;
  /** Lower-case hexadecimal sha256 of each subject. */
  readonly subjects: readonly string[];
  /** Of the first subject. */
  readonly annotations: Readonly<Record<string, string>>;
  /** As the signer named the first subject. */
  readonly name: string | null;
  /** Undefined where there is none. */
  readonly predicate: unknown;
}

/** What a DSSE envelope holds: one signed in-toto statement. */
export interface DsseEnvelope {
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** Read, and not yet proven. */
  readonly statement: Statement;
}

export interface DsseBundle extends DsseEnvelope {
  /** Whether it holds a certificate, unproven. */
  readonly certified: boolean;
  /** The key that the signer named, unproven; null where a certificate or nothing is named. */
  readonly hint: string | null;
}

export interface SignedSubject {
  /** Registry and repository, without a tag. */
  readonly name: string;
  readonly digest: Digest;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An in-toto statement about one digest. */
export function statementOf(
  { name, digest, annotations = {} }: SignedSubject,
  predicateType: string,
  predicate: object,
): object {
  const subject = {
    name,
    digest: { sha256: digest.slice('sha256:'.length) },
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  return { _type: statementType, subject: [subject], predicateType, predicate };
}

/** Any in-toto statement, signed. */
export function statementBundle(statement: object, key: SigningKey): Content {
  const envelope = signedEnvelope(statement, key);
  const verificationMaterial = { publicKey: { hint: key.publicKey.hint } };
  const bundle = { mediaType: bundleMediaType, verificationMaterial, dsseEnvelope: envelope };
  return contentOf(JSON.stringify(bundle), bundleMediaType);
}

/** A DSSE envelope of an in-toto statement. */
export const signedEnvelope = (statement: object, key: SigningKey) =>
  envelopeOf(statement, (bytes) => key.sign(bytes));

/** The same with what signs the bytes. */
export function envelopeOf(statement: object, sign: (bytes: Uint8Array) => Buffer) {
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = sign(signedBytes(payload)).toString('base64');
  return { payload: payload.toString('base64'), payloadType, signatures: [{ sig }] };
}

const longestBundle = 64 * 1024 * 1024;

/** @throws BUNDLE_INVALID, TOO_LARGE */
export function parseBundle(bytes: Uint8Array): DsseBundle {
  const view = parseJsonView(bytes, { what: 'sigstore bundle', limit: longestBundle });
  const mediaType = stringAt(view, 'mediaType') ?? '';
  const envelope = objectAt(view, 'dsseEnvelope');
  if (!isBundleType(mediaType) || !envelope) throw malformed();
  const material = objectAt(view, 'verificationMaterial');
  const publicKey = material && objectAt(material, 'publicKey');
  const certified =
    material !== undefined &&
    ['certificate', 'x509CertificateChain'].some((name) => objectAt(material, name));
  return { hint: (publicKey && stringAt(publicKey, 'hint')) ?? null, certified, ...readEnvelope(envelope) };
}

/** @throws BUNDLE_INVALID, TOO_LARGE */
export function parseEnvelope(bytes: Uint8Array): DsseEnvelope {
  return readEnvelope(parseJsonView(bytes, { what: 'DSSE envelope', limit: longestBundle }));
}

function readEnvelope(view: JsonView): DsseEnvelope {
  const [signature, ...others] = objectsAt(view, 'signatures') ?? [];
  if (!signature || others.length > 0 || stringAt(view, 'payloadType') !== payloadType) throw malformed();
  const payload = Buffer.from(stringAt(view, 'payload') ?? '', 'base64');
  return {
    payload,
    signature: Buffer.from(stringAt(signature, 'sig') ?? '', 'base64'),
    statement: parseStatement(payload),
  };
}

/** Whether that key signed the envelope's payload. */
export function bundleHolds(
  { payload, signature }: Pick<DsseEnvelope, 'payload' | 'signature'>,
  key: PublicKey,
): boolean {
  return key.holds(signedBytes(payload), signature);
}

function parseStatement(payload: Uint8Array): Statement {
  const view = parseJsonView(payload, { what: 'in-toto statement', limit: longestBundle });
  const subjects = objectsAt(view, 'subject') ?? [];
  if (!statementTypes.includes(stringAt(view, '_type') ?? '')) throw malformed();
  const [first] = subjects;
  return {
    predicateType: stringAt(view, 'predicateType') ?? '',
    subjects: subjects.map((subject) => {
      const digest = objectAt(subject, 'digest');
      return (digest && stringAt(digest, 'sha256')) ?? '';
    }),
    annotations: first ? stringMapAt(first, 'annotations') : {},
    name: (first && stringAt(first, 'name')) ?? null,
    predicate: valueAt(view, 'predicate'),
  };
}

/** The SHA-256 of the bytes that are signed for a payload. */
export function signedDigest(payload: Uint8Array): Buffer {
  return createHash('sha256').update(signedBytes(payload)).digest();
}

/** DSSE's pre-authentication encoding. */
function signedBytes(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function malformed(): BundlesError {
  return new BundlesError(
    'BUNDLE_INVALID',
    'Cannot read the sigstore bundle: wanted one DSSE envelope with one signature of an in-toto statement',
  );
}
