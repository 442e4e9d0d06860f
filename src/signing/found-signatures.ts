import { namedBy, type TagStore } from '../content/move-tag.js';
import { readContent } from '../content/read-content.js';
import { type CompanySource, referrersOf } from '../content/referrers-of.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageManifest, parseManifest } from '../oci/manifest.js';
import { isImageManifest, mediaTypes } from '../oci/media-types.js';
import type { CertificateCheck, CertificateVerifier } from './keyless/certificate-verifier.js';
import type { PublicKey } from './keys/public-key.js';
import {
  bundleHolds,
  type DsseEnvelope,
  isBundleType,
  parseBundle,
  parseEnvelope,
  predicateAnnotation,
  type Statement,
  signaturePredicate,
} from './sigstore-bundle.js';
import {
  attestationTag,
  envelopeMediaType,
  parsePayload,
  signatureAnnotation,
  signatureTag,
  simpleMediaType,
} from './simple-signing.js';

/**
 * `referrer`: a sigstore bundle that refers to the subject; `tag`: a layer of the image at `sha256-<hex>.sig`, or of an
 * attestation at `sha256-<hex>.att`.
 */
export type SignatureStorage = 'referrer' | 'tag';

/** Something that is stored as a signature or an attestation; nothing of it is proven until a key holds. */
export interface FoundSignature {
  readonly storage: SignatureStorage;
  /** Of the referrer's manifest, or of the layer. */
  readonly digest: Digest;
  readonly kind: 'signature' | 'attestation' | 'unreadable';
  /** Null of a layer of signatures, and where it cannot be read. */
  readonly predicateType: string | null;
  /** The repository that the signer named. */
  readonly name: string | null;
  /** Why it is unreadable. */
  readonly problem: string | null;
  /** Unproven, where it was read and is of a type that was wanted. */
  readonly statement: Statement | undefined;
  /** Whether it is of a wanted type, about the subject, and signed by that key. */
  heldBy(key: PublicKey): boolean;
  /** The same by the certificate that it holds; null where it holds none, or is not of a wanted type about the subject. */
  checkedBy(verifier: CertificateVerifier): CertificateCheck | null;
}

export interface FindOptions extends CallOptions {
  /** The predicate types that may hold. Default: signatures, and no attestation. */
  readonly predicateTypes?: readonly string[] | undefined;
}

/** Signatures are untrusted input, so their number and size are limited. */
const mostFound = 200;
const longestSignature = 1024 * 1024;
/** A predicate of 4 MiB in base64, and what is around it. */
const longestAttestation = 8 * 1024 * 1024;
const longestTogether = 64 * 1024 * 1024;
const atOnce = 8;

/** The bundles that refer to a manifest, signatures and attestations alike, in the order of the list. */
export async function findBundles(
  store: CompanySource,
  subject: Digest,
  options: FindOptions = {},
): Promise<readonly FoundSignature[]> {
  const referrers = await referrersOf(store, subject, options);
  const candidates = referrers.filter(mayHoldBundle);
  limitCount(candidates.length, subject);
  const search = searchFor(store, subject, options);
  const found = await inTurns(candidates, (one) => readReferrer(search, one));
  return found.flatMap((one) => one ?? []);
}

/** What the reading of all candidates shares. */
interface Search {
  readonly store: CompanySource;
  readonly subject: Digest;
  readonly options: CallOptions;
  readonly wanted: readonly string[];
  /** The content of a layer. @throws TOO_LARGE, also where all together are */
  read(layer: Descriptor): Promise<Uint8Array>;
}

function searchFor(store: CompanySource, subject: Digest, options: FindOptions): Search {
  const { predicateTypes: wanted = [signaturePredicate] } = options;
  const limit = wanted.every((one) => one === signaturePredicate) ? longestSignature : longestAttestation;
  let left = longestTogether;
  const read = (layer: Descriptor) => {
    if (layer.size <= limit) left -= layer.size;
    if (left < 0) throw new BundlesError('TOO_LARGE', tooMuch(subject), { details: { subject } });
    return readContent(store, layer, { ...options, limit });
  };
  return { store, subject, options, wanted, read };
}

const tooMuch = (subject: Digest) =>
  `Cannot read the signatures of ${subject}: more than ${longestTogether / 1024 / 1024} MiB`;

/** The layers of the image of signatures that cosign's older form has for a manifest. */
export async function findTagSignatures(
  store: CompanySource & Partial<TagStore>,
  subject: Digest,
  options: CallOptions = {},
): Promise<readonly FoundSignature[]> {
  const layers = await layersAt(store, signatureTag(subject), simpleMediaType, { subject, options });
  const search = searchFor(store, subject, options);
  return inTurns(layers, (layer) => readLayer(search, layer));
}

/** The layers of the image of attestations that cosign's older form has for a manifest. */
export async function findTagAttestations(
  store: CompanySource & Partial<TagStore>,
  subject: Digest,
  options: FindOptions = {},
): Promise<readonly FoundSignature[]> {
  const layers = await layersAt(store, attestationTag(subject), envelopeMediaType, { subject, options });
  const search = searchFor(store, subject, options);
  return inTurns(layers, async (layer) => {
    const facts = { storage: 'tag', digest: layer.digest } as const;
    try {
      return foundStatement(facts, parseEnvelope(await search.read(layer)), search);
    } catch (error) {
      return unreadable(facts, error);
    }
  });
}

async function layersAt(
  store: CompanySource & Partial<TagStore>,
  tag: string,
  mediaType: string,
  { subject, options }: { readonly subject: Digest; readonly options: CallOptions },
): Promise<readonly Descriptor[]> {
  const descriptor = await namedBy(store as CompanySource & TagStore, tag, {
    ...options,
    likelyAbsent: true,
  });
  if (!descriptor || !isImageManifest(descriptor.mediaType)) return [];
  const manifest = await readManifest(store, descriptor, options);
  const layers = manifest?.layers.filter((layer) => layer.mediaType === mediaType) ?? [];
  limitCount(layers.length, subject);
  return layers;
}

/** Indexes at fallback tags are incomplete and sometimes wrong: only entries that cannot be a bundle are skipped. */
function mayHoldBundle({ mediaType, artifactType }: Descriptor): boolean {
  if (mediaType !== mediaTypes.ociManifest) return false;
  return artifactType === undefined || vagueTypes.includes(artifactType) || isBundleType(artifactType);
}

/** What lists have as the artifact type where they took that of the config. */
const vagueTypes: readonly string[] = ['', mediaTypes.ociEmpty, mediaTypes.ociConfig];

async function readReferrer(search: Search, referrer: Descriptor): Promise<FoundSignature | undefined> {
  const { store, wanted, options } = search;
  const { digest, annotations } = referrer;
  const facts = { storage: 'referrer', digest } as const;
  const listed = annotations?.[predicateAnnotation];
  if (listed !== undefined && !wanted.includes(listed)) return unproven(facts, listed, null);
  const manifest = await readManifest(store, referrer, options);
  const [layer] = manifest?.layers ?? [];
  if (!manifest || !layer || !isBundleType(layer.mediaType)) return undefined;
  const statedType = manifest.annotations[predicateAnnotation];
  if (statedType !== undefined && !wanted.includes(statedType)) return unproven(facts, statedType, null);
  try {
    const bytes = await search.read(layer);
    const bundle = parseBundle(bytes);
    const found = foundStatement(facts, bundle, search);
    if (!bundle.certified || !isAbout(search, found.statement)) return found;
    return { ...found, checkedBy: (verifier) => verifier.verify(bytes) };
  } catch (error) {
    return unreadable(facts, error);
  }
}

function foundStatement(facts: Facts, envelope: DsseEnvelope, search: Search): FoundSignature {
  const { statement } = envelope;
  const { predicateType, name } = statement;
  if (!search.wanted.includes(predicateType)) return unproven(facts, predicateType, name);
  const isAboutSubject = isAbout(search, statement);
  return {
    ...unproven(facts, predicateType, name),
    statement,
    heldBy: (key) => isAboutSubject && bundleHolds(envelope, key),
  };
}

function isAbout({ subject }: Search, statement: Statement | undefined): boolean {
  return statement?.subjects.some((hex) => `sha256:${hex}` === subject) === true;
}

async function readLayer({ subject, read }: Search, layer: Descriptor): Promise<FoundSignature> {
  const facts = { storage: 'tag', digest: layer.digest } as const;
  try {
    const bytes = await read(layer);
    const { digest, name } = parsePayload(bytes);
    const signature = Buffer.from(layer.annotations?.[signatureAnnotation] ?? '', 'base64');
    const heldBy = (key: PublicKey) => digest === subject && key.holds(bytes, signature);
    return { ...unproven(facts, null, name), kind: 'signature', heldBy };
  } catch (error) {
    return unreadable(facts, error);
  }
}

/** Undefined for what is listed and is not a readable image. */
async function readManifest(
  store: CompanySource,
  descriptor: Descriptor,
  options: CallOptions,
): Promise<ImageManifest | undefined> {
  try {
    const manifest = parseManifest(await readContent(store, descriptor, options), descriptor.mediaType);
    return manifest.type === 'image' ? manifest : undefined;
  } catch (error) {
    if (isOfContent(error)) return undefined;
    throw error;
  }
}

type Facts = Pick<FoundSignature, 'storage' | 'digest'>;

function unproven(facts: Facts, predicateType: string | null, name: string | null): FoundSignature {
  const kind = predicateType === signaturePredicate ? 'signature' : 'attestation';
  const checks = { heldBy: () => false, checkedBy: () => null };
  return { ...facts, kind, predicateType, name, problem: null, statement: undefined, ...checks };
}

/** An invalid signature must not hide others; a failure of the registry is thrown. */
function unreadable(facts: Facts, error: unknown): FoundSignature {
  if (!isOfContent(error)) throw error;
  return { ...unproven(facts, null, null), kind: 'unreadable', problem: error.message };
}

const contentCodes = ['BUNDLE_INVALID', 'TOO_LARGE', 'NOT_FOUND', 'DIGEST_MISMATCH'] as const;

function isOfContent(error: unknown): error is BundlesError {
  return contentCodes.some((code) => isBundlesError(error, code));
}

function limitCount(count: number, subject: Digest): void {
  if (count <= mostFound) return;
  throw new BundlesError(
    'TOO_LARGE',
    `Cannot look for signatures of ${subject}: found ${count} candidates, at most ${mostFound} are read`,
    {
      hint: 'Remove referrers or signatures that are not needed',
      details: { found: count, wanted: mostFound },
    },
  );
}

async function inTurns<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atOnce)
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(read))));
  return results;
}
