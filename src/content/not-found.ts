import { BundlesError } from '../errors.js';

/** A store's answer for a tag or digest it does not hold. */
export function notFound(tagOrDigest: string, { where }: { readonly where: string }): BundlesError {
  return new BundlesError(
    'NOT_FOUND',
    `Cannot find ${JSON.stringify(tagOrDigest.slice(0, 200))} in ${where}`,
    {
      details: { reference: tagOrDigest, where },
    },
  );
}
