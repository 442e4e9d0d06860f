import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { isManifest } from '../oci/media-types.js';
import { readContent } from './read-content.js';
import type { ReadableStore } from './store.js';

/** What a manifest refers to. */
export interface NamedContent {
  /** Every digest in it, wherever it is: one too many does no harm, one too few loses content. */
  readonly digests: ReadonlySet<Digest>;
  /** Those of them that are manifests themselves. */
  readonly manifests: readonly Descriptor[];
  readonly subject: Digest | undefined;
}

const manifestBytes = 64 * 1024 * 1024;

/** Reads what manifests name, each once. @throws NOT_FOUND, DIGEST_MISMATCH, TOO_LARGE */
export function createNamedContentReader(
  store: ReadableStore,
): (manifest: Descriptor) => Promise<NamedContent> {
  const known = new Map<Digest, NamedContent>();
  return async (manifest) => {
    let named = known.get(manifest.digest);
    if (!named) {
      named = findNamed(parse(await readContent(store, manifest, { limit: manifestBytes })));
      known.set(manifest.digest, named);
    }
    return named;
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Not judged here: it names nothing that exists.
    return undefined;
  }
}

function findNamed(manifest: unknown): NamedContent {
  const digests = new Set<Digest>();
  const manifests: Descriptor[] = [];
  const waiting: unknown[] = [manifest];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (isDigest(value)) digests.add(value);
    if (typeof value !== 'object' || value === null) continue;
    if (isManifestDescriptor(value)) manifests.push(value);
    for (const part of Object.values(value)) if (part !== undefined) waiting.push(part);
  }
  return { digests, manifests, subject: subjectOf(manifest) };
}

function isManifestDescriptor(value: object): value is Descriptor {
  const { mediaType, digest, size } = value as Partial<Record<keyof Descriptor, unknown>>;
  return (
    typeof mediaType === 'string' && isManifest(mediaType) && isDigest(digest) && typeof size === 'number'
  );
}

function subjectOf(manifest: unknown): Digest | undefined {
  const subject = (manifest as { subject?: { digest?: unknown } } | null | undefined)?.subject;
  return isDigest(subject?.digest) ? subject.digest : undefined;
}
