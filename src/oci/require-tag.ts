import { BundlesError } from '../errors.js';
import { formatReference, type Reference } from './reference.js';

/** The reference's tag, for those who write: `latest` is never implied. @throws REFERENCE_INVALID */
export function requireTag(reference: Reference): string {
  if (reference.tag !== undefined) return reference.tag;
  const text = formatReference(reference);
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot use the reference ${JSON.stringify(text)}: it has no tag`,
    {
      hint: `Name the tag, e.g. ${reference.registry}/${reference.repository}:v1.0.0`,
      details: { reference: text },
    },
  );
}
