import type { CallOptions, Resolver } from '../content/store.js';
import { isBundlesError } from '../errors.js';

export type Visibility = 'public' | 'private' | 'unknown';

/** Asks as a stranger whether the manifest can be pulled: one HEAD. */
export async function visibilityOf(
  anonymous: Resolver,
  tag: string,
  options: CallOptions = {},
): Promise<Visibility> {
  try {
    await anonymous.resolve(tag, { ...options, refusalCounts: true });
    return 'public';
  } catch (error) {
    options.signal?.throwIfAborted();
    return isBundlesError(error, 'REGISTRY_DENIED') || isBundlesError(error, 'NOT_FOUND')
      ? 'private'
      : 'unknown';
  }
}
