import { BundlesError } from '../errors.js';
import { isLayoutName, isTag } from '../oci/repository-name.js';

/** @throws REFERENCE_INVALID */
export function requireLegalTag(tag: string): void {
  if (isTag(tag)) return;
  throw new BundlesError('REFERENCE_INVALID', `Cannot use ${JSON.stringify(tag.slice(0, 140))} as a tag`, {
    hint: 'A tag is at most 128 letters, digits, ".", "_" and "-", and does not start with "." or "-"',
  });
}

/** A tag, or another name that a layout may hold. @throws REFERENCE_INVALID */
export function requireLegalName(name: string): void {
  if (!isLayoutName(name)) requireLegalTag(name);
}
