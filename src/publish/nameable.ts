import { BundlesError } from '../errors.js';
import { formatReference, type Reference } from '../oci/reference.js';
import { unnameable } from '../oci/repository-name.js';

/**
 * Refuses to put a bundle where no client could pull it by its name.
 * @throws REFERENCE_INVALID
 */
export function requireNameable(reference: Reference): void {
  const why = unnameable(reference.repository);
  if (why === undefined) return;
  const subject = JSON.stringify(formatReference(reference));
  throw new BundlesError('REFERENCE_INVALID', `Cannot publish to ${subject}: ${why}`, {
    hint: 'Add a path or use a longer name, e.g. quay.io/acme/hello',
    details: { repository: reference.repository },
  });
}
