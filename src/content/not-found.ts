import { BundlesError } from '../errors.js';

/** A store's answer for a tag or digest it does not hold; `held` are the names that it has. */
export function notFound(
  tagOrDigest: string,
  { where, held }: { readonly where: string; readonly held?: readonly string[] },
): BundlesError {
  const names = held && held.slice(0, 10).join(', ') + (held.length > 10 ? ', …' : '');
  return new BundlesError(
    'NOT_FOUND',
    `Cannot find ${JSON.stringify(tagOrDigest.slice(0, 200))} in ${where}`,
    {
      hint: names === '' ? 'It has no tags: check its name' : names && `It has ${names}`,
      details: { reference: tagOrDigest, where },
    },
  );
}
