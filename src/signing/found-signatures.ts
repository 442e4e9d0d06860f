import { namedBy, type TagStore } from '../content/move-tag.js';
import { readContent } from '../content/read-content.js';
import { type CompanySource, referrersOf } from '../content/referrers-of.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageManifest, parseManifest } from '../oci/manifest.js';
import { isImageManifest, mediaTypes } from '../oci/media-types.js';
import type { PublicKey } from './keys/public-key.js';
import {
  bundleHolds,
  isBundleType,
  parseBundle,
  predicateAnnotation,
  signaturePredicate,
} from './sigstore-bundle.js';
import { parsePayload, signatureAnnotation, signatureTag, simpleMediaType } from './simple-signing.js';

/** `referrer`: a sigstore bundle that refers to the subject; `tag`: a layer of the image at `sha256-<hex>.sig`. */
export type SignatureStorage = 'referrer' | 'tag';

/** Something that is stored as a signature or an attestation; nothing of it is proven until a key holds. */
export interface FoundSignature {
  readonly storage: SignatureStorage;
  /** Of the referrer's manifest, or of the layer. */
  readonly digest: Digest;
  readonly kind: 'signature' | 'attestation' | 'unreadable';
  /** Of a bundle; null of a layer, and where it cannot be read. */
  readonly predicateType: string | null;
  /** The repository that the signer named. */
  readonly name: string | null;
  /** Why it is unreadable. */
  readonly problem: string | null;
  /** Whether it is a signature of the subject by that key. An attestation never is. */
  heldBy(key: PublicKey): boolean;
}

/** What was written by people whom nobody knows is limited in number and size. */
const mostFound = 200;
const longestSignature = 1024 * 1024;
const atOnce = 8;

/** The bundles that refer to a manifest, signatures and attestations alike, in the order of the list. */
export async function findBundles(
  store: CompanySource,
  subject: Digest,
  options: CallOptions = {},
): Promise<readonly FoundSignature[]> {
  const referrers = await referrersOf(store, subject, options);
  const candidates = referrers.filter(mayHoldBundle);
  limitCount(candidates.length, subject);
  const found = await inTurns(candidates, (one) => readReferrer(store, one, subject, options));
  return found.flatMap((one) => one ?? []);
}

/** The layers of the image of signatures that cosign's older form has for a manifest. */
export async function findTagSignatures(
  store: CompanySource & Partial<TagStore>,
  subject: Digest,
  options: CallOptions = {},
): Promise<readonly FoundSignature[]> {
  const tag = signatureTag(subject);
  const descriptor = await namedBy(store as CompanySource & TagStore, tag, {
    ...options,
    likelyAbsent: true,
  });
  if (!descriptor || !isImageManifest(descriptor.mediaType)) return [];
  const manifest = await readManifest(store, descriptor, options);
  if (!manifest) return [];
  const layers = manifest.layers.filter(({ mediaType }) => mediaType === simpleMediaType);
  limitCount(layers.length, subject);
  return inTurns(layers, (layer) => readLayer(store, layer, subject, options));
}

/** Lists at fallback tags say little and sometimes the wrong thing: only what cannot be a bundle is passed over. */
function mayHoldBundle({ mediaType, artifactType }: Descriptor): boolean {
  if (mediaType !== mediaTypes.ociManifest) return false;
  return artifactType === undefined || vagueTypes.includes(artifactType) || isBundleType(artifactType);
}

/** What lists have as the artifact type where they took that of the config. */
const vagueTypes: readonly string[] = ['', mediaTypes.ociEmpty, mediaTypes.ociConfig];

async function readReferrer(
  store: CompanySource,
  referrer: Descriptor,
  subject: Digest,
  options: CallOptions,
): Promise<FoundSignature | undefined> {
  const { digest, annotations } = referrer;
  const facts = { storage: 'referrer', digest } as const;
  const listed = annotations?.[predicateAnnotation];
  if (listed !== undefined && listed !== signaturePredicate) return attestation(facts, listed);
  const manifest = await readManifest(store, referrer, options);
  const [layer] = manifest?.layers ?? [];
  if (!manifest || !layer || !isBundleType(layer.mediaType)) return undefined;
  const said = manifest.annotations[predicateAnnotation];
  if (said !== undefined && said !== signaturePredicate) return attestation(facts, said);
  try {
    const bundle = parseBundle(await readContent(store, layer, { ...options, limit: longestSignature }));
    const { predicateType, subjects, name } = bundle.statement;
    if (predicateType !== signaturePredicate) return { ...attestation(facts, predicateType), name };
    const isAboutSubject = subjects.some((hex) => `sha256:${hex}` === subject);
    const heldBy = (key: PublicKey) => isAboutSubject && bundleHolds(bundle, key);
    return { ...facts, kind: 'signature', predicateType, name, problem: null, heldBy };
  } catch (error) {
    return unreadable(facts, error);
  }
}

async function readLayer(
  store: CompanySource,
  layer: Descriptor,
  subject: Digest,
  options: CallOptions,
): Promise<FoundSignature> {
  const facts = { storage: 'tag', digest: layer.digest } as const;
  try {
    const bytes = await readContent(store, layer, { ...options, limit: longestSignature });
    const { digest, name } = parsePayload(bytes);
    const signature = Buffer.from(layer.annotations?.[signatureAnnotation] ?? '', 'base64');
    const heldBy = (key: PublicKey) => digest === subject && key.holds(bytes, signature);
    return { ...facts, kind: 'signature', predicateType: null, name, problem: null, heldBy };
  } catch (error) {
    return unreadable(facts, error);
  }
}

/** Undefined for what is listed and is no readable image. */
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

function attestation(facts: Facts, predicateType: string): FoundSignature {
  return { ...facts, kind: 'attestation', predicateType, name: null, problem: null, heldBy: () => false };
}

/** What somebody stored wrongly hides no other signature; a registry that does not answer is another matter. */
function unreadable(facts: Facts, error: unknown): FoundSignature {
  if (!isOfContent(error)) throw error;
  const { message } = error;
  return {
    ...facts,
    kind: 'unreadable',
    predicateType: null,
    name: null,
    problem: message,
    heldBy: () => false,
  };
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
      hint: 'Remove referrers or signatures that nobody needs',
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
