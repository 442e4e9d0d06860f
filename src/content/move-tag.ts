import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { CallOptions, ResolveOptions, Resolver, Tagger, TagPeeker } from './store.js';

/** A store whose tags can be read and put. */
export type TagStore = Resolver & Tagger & Partial<TagPeeker>;

/** What a tag names before it is put. */
export interface TagPlan {
  readonly tag: string;
  /** `put`: there is none yet; `unchanged`: it names that digest already; `moved`: it leaves another digest. */
  readonly action: 'put' | 'unchanged' | 'moved';
  readonly previous: Descriptor | undefined;
}

/**
 * Looks what a tag names and decides whether it may name another digest. A tag that looks like a fixed version, such as
 * `v1.2.3`, is never moved without `force`.
 *
 * @throws TAG_DIFFERS
 */
export async function planTag(
  store: TagStore,
  { tag, digest, force = false }: { readonly tag: string; readonly digest: Digest; readonly force?: boolean },
  options: CallOptions = {},
): Promise<TagPlan> {
  const previous = await namedBy(store, tag, { likelyAbsent: true, ...options });
  if (!previous) return { tag, action: 'put', previous };
  if (previous.digest === digest) return { tag, action: 'unchanged', previous };
  if (force || !looksImmutable(tag)) return { tag, action: 'moved', previous };
  throw new BundlesError(
    'TAG_DIFFERS',
    `Cannot move the tag ${JSON.stringify(tag)}: it holds ${previous.digest}, wanted ${digest}, and it looks like a fixed tag`,
    {
      hint: 'Use a new tag; --force moves it all the same',
      details: { tag, found: previous.digest, expected: digest },
    },
  );
}

/** A tag, and what it is about to leave. */
export interface TagMove {
  readonly tag: string;
  readonly previous: Descriptor;
}

/**
 * Before a tag leaves a digest, gives that digest the tag `TAG-<12 hex>` and reads it back: registries collect untagged
 * content, and the digest may be pinned somewhere.
 *
 * @returns the anchor
 * @throws ANCHOR_FAILED where the registry refuses it or it does not hold the digest: then the tag must stay as it is
 */
export async function anchorTag(
  store: TagStore,
  { tag, previous }: TagMove,
  options: CallOptions = {},
): Promise<string> {
  const anchor = anchorName(tag, previous.digest);
  const failed = (found: string, cause?: unknown) =>
    anchorFailed({ tag, previous }, { anchor, found, cause });
  const held = await heldByAnchor(store, anchor, options);
  if (held?.digest === previous.digest) return anchor;
  if (held !== undefined) throw failed(`it holds ${held.digest}`);
  const failure = await store.tag(previous, anchor, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  options.signal?.throwIfAborted();
  if (isBundlesError(failure) && isRefusal(failure)) throw failed(failure.message, failure);
  // The reply may have been lost.
  const now = await namedBy(store, anchor, options).catch((error: unknown) => {
    throw failure ?? error;
  });
  if (now?.digest === previous.digest) return anchor;
  throw failure ?? failed(`it holds ${now?.digest ?? 'nothing'} after it was put`);
}

/** Artifactory forbids to read what is missing; the tag itself could be read, so nothing that can be read is there. */
async function heldByAnchor(
  store: TagStore,
  anchor: string,
  options: CallOptions,
): Promise<Descriptor | undefined> {
  try {
    return await namedBy(store, anchor, { likelyAbsent: true, ...options });
  } catch (error) {
    if (isBundlesError(error, 'REGISTRY_DENIED')) return undefined;
    throw error;
  }
}

/** What another attempt would meet again; a registry that does not answer is another matter. */
function isRefusal({ code }: BundlesError): boolean {
  return refusals.has(code);
}

const refusals: ReadonlySet<string> = new Set([
  'REGISTRY_DENIED',
  'TAG_IMMUTABLE',
  'NOT_FOUND',
  'TOO_LARGE',
  'DIGEST_MISMATCH',
]);

function anchorFailed(
  { tag, previous }: TagMove,
  { anchor, found, cause }: { readonly anchor: string; readonly found: string; readonly cause: unknown },
): BundlesError {
  return new BundlesError(
    'ANCHOR_FAILED',
    `Cannot move the tag ${JSON.stringify(tag)}: ${previous.digest}, which it holds, cannot be kept as ${JSON.stringify(anchor)}: ${found}`,
    {
      hint: 'The tag is unchanged; allow the account to push that tag, use a new tag, or pass --no-keep-old to lose the old digest',
      details: { tag, anchor, digest: previous.digest },
      cause,
    },
  );
}

/** Full versions (`v1.2.3`, `1.2.3-rc.1`), and the anchors that `anchorTag` puts. */
export function looksImmutable(tag: string): boolean {
  // Of a name in a layout, such as `hello:v1.2.3`, what is behind the colon.
  const own = tag.slice(tag.lastIndexOf(':') + 1);
  return /^v?\d+\.\d+\.\d+(?:[-+_.].*)?$/i.test(own) || /-[a-f0-9]{12}$/.test(own);
}

/** What a tag names; undefined if the tag does not exist. */
export async function namedBy(
  store: TagStore,
  tag: string,
  options: ResolveOptions = {},
): Promise<Descriptor | undefined> {
  if (store.peek) return store.peek(tag, options);
  try {
    return await store.resolve(tag, options);
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

const longestTag = 128;

function anchorName(tag: string, digest: Digest): string {
  const end = `-${digest.slice(digest.indexOf(':') + 1).slice(0, 12)}`;
  return tag.slice(0, longestTag - end.length) + end;
}
