import { BundlesError } from '../../errors.js';
import { formatReference, parseReference, type Reference } from '../../oci/reference.js';

/** Where a part of a lock is: a file, or an artifact on a registry. */
export type PartLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'registry'; readonly reference: Reference };

/** Reads `FILE` or `oci:REGISTRY/REPOSITORY` with a tag or a digest. @throws REFERENCE_INVALID, USAGE for no text */
export function parsePartLocation(text: string): PartLocation {
  if (text === '') {
    throw new BundlesError('USAGE', 'Cannot use a part of a lock without a name', {
      hint: 'Name a file, or oci: and a reference, e.g. oci:quay.io/acme/lock-parts:run-1',
    });
  }
  if (!text.startsWith('oci:')) return { kind: 'file', path: text };
  const reference = parseReference(text.slice('oci:'.length));
  if (reference.digest === undefined && reference.tag === undefined) throw withoutTag(reference);
  return { kind: 'registry', reference };
}

/** The same for a part to be written: on a registry to a tag, since its digest is not known yet. */
export function parsePartTarget(text: string): PartLocation {
  const location = parsePartLocation(text);
  if (location.kind === 'file' || location.reference.digest === undefined) return location;
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot write the part of a lock to ${JSON.stringify(formatReference(location.reference))}: found a digest, wanted a tag alone`,
    { hint: 'Leave out @sha256:…; the result names the digest' },
  );
}

export function formatPartLocation(location: PartLocation): string {
  return location.kind === 'file' ? location.path : `oci:${formatReference(location.reference)}`;
}

/** `latest` is never implied. */
function withoutTag(reference: Reference): BundlesError {
  const text = formatReference(reference);
  return new BundlesError(
    'REFERENCE_INVALID',
    `Cannot use the reference ${JSON.stringify(text)}: it has no tag`,
    { hint: `Name the tag, e.g. ${text}:v1.0.0`, details: { reference: text } },
  );
}
