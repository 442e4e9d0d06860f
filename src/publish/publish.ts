import type { CallOptions } from '../content/store.js';
import { type BundlesError, isBundlesError, toBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { pushImage } from '../registry/push-image.js';
import { isRegistryError } from '../registry/registry-error.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { LeftDigest } from './left-digest.js';
import { askVerdict, type BundleAtHand, type Verdict, verdictDigest, verdictOfError } from './verdict.js';

export type Published =
  | { readonly do: 'published'; readonly left: LeftDigest | undefined }
  /** The tag changed since it was queried: the new verdict holds. */
  | { readonly do: 'changed'; readonly verdict: Verdict }
  /** Broke half-way, and the tag does not hold our bytes. */
  | { readonly do: 'incomplete'; readonly error: BundlesError }
  /** Refused: nothing may hide that. */
  | { readonly do: 'failed'; readonly error: BundlesError };

export interface PublishRequest {
  readonly repository: RegistryRepository;
  readonly ours: BundleAtHand;
  readonly tag: string;
  /** What the decision to publish was made on. */
  readonly expected: Verdict;
  /** Whether a digest first gets a separate tag when the tag moves. */
  readonly keepOld: boolean;
}

/**
 * Pushes, unless the tag is found changed just before it would be written. A digest that the tag leaves is anchored first;
 * where that fails, the tag stays.
 */
export async function publish(request: PublishRequest, options: CallOptions = {}): Promise<Published> {
  const { repository, ours, tag, expected, keepOld } = request;
  const { image } = await ours.bundle();
  const expectedDigest = verdictDigest(expected);
  let moved = false;
  let previous: Descriptor | undefined;
  let anchor: string | undefined;
  const beforeTag = async (current: Descriptor | undefined) => {
    if (current?.digest === ours.digest) return;
    moved = current?.digest !== expectedDigest;
    if (moved) throw new TagMoved();
    previous = current;
    if (!previous || !keepOld) return;
    // Loaded where a tag is overwritten, which is rare.
    const { anchorTag } = await import('../content/move-tag.js');
    anchor = await anchorTag(repository, { tag, previous }, options);
  };
  const left = async (): Promise<LeftDigest | undefined> => {
    if (previous === undefined) return undefined;
    const { digest } = previous;
    if (anchor !== undefined) return { digest, anchor, answers: true };
    return (await import('./left-digest.js')).lookForLeft(repository, digest, options);
  };
  try {
    const likelyAbsent = expected.name === 'absent';
    await pushImage(repository, image, tag, { beforeTag, likelyAbsent, ...options });
    return { do: 'published', left: await left() };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (moved) return { do: 'changed', verdict: await askVerdict(repository, { ours, tag }, options) };
    const found = await afterBrokenPush(request, toBundlesError(error), options);
    return found.do === 'published' ? { ...found, left: await left() } : found;
  }
}

async function afterBrokenPush(
  { repository, ours, tag }: PublishRequest,
  error: BundlesError,
  options: CallOptions,
): Promise<Published> {
  if (lacksCredential(error, repository)) return { do: 'changed', verdict: verdictOfError(error) };
  const refused = contradicts(error) || refusals.some((code) => isBundlesError(error, code));
  if (refused && !isConflict(error)) return { do: 'failed', error };
  if (error.code === 'UNEXPECTED') throw error;
  const verdict = await askVerdict(repository, { ours, tag }, options);
  if (verdict.name === 'present') return { do: 'published', left: undefined };
  return refused ? { do: 'failed', error } : { do: 'incomplete', error };
}

const refusals = [
  'REGISTRY_DENIED',
  'TAG_IMMUTABLE',
  'RACE_LOST',
  'ANCHOR_FAILED',
  'DIGEST_MISMATCH',
] as const;

/** True if reading is anonymous and the upload was the first request to need a credential: none was refused. */
function lacksCredential(error: BundlesError, repository: RegistryRepository): boolean {
  const { challenged, credential } = repository.access();
  return error.details.reason === 'no-credential' && challenged && credential === undefined;
}

/** Another client may be writing the same tag, perhaps with our very bytes; an immutable tag was looked at already. */
function isConflict(error: BundlesError): boolean {
  return isRegistryError(error) && error.code === 'REGISTRY_DENIED' && error.status === 409;
}

/** A registry that names another digest for what it took is not believed when it states otherwise later. */
function contradicts(error: BundlesError): boolean {
  return isRegistryError(error) && error.reason === 'digest-contradiction' && error.method !== 'GET';
}

/** Stops a push from within; never leaves this file. */
class TagMoved extends Error {}
