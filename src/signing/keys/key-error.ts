import { BundlesError } from '../../errors.js';

/** A key file that cannot be used. Nothing of the file's content is repeated. */
export function keyError(
  file: string,
  why: string,
  { hint, cause }: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): BundlesError {
  return new BundlesError('KEY_INVALID', `Cannot use the key ${JSON.stringify(file)}: ${why}`, {
    hint,
    details: { file },
    cause,
  });
}
