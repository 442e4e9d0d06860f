import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { CallOptions, Resolver, Tagger, TagPeeker } from './store.js';

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
  const previous = await namedBy(store, tag, options);
  if (!previous) return { tag, action: 'put', previous };
  if (previous.digest === digest) return { tag, action: 'unchanged', previous };
  if (force || !looksImmutable(tag)) return { tag, action: 'moved', previous };
  throw new BundlesError(
    'TAG_DIFFERS',
    `Cannot move the tag ${JSON.stringify(tag)}: it holds ${previous.digest}, wanted ${digest}, and it looks like one that stays`,
    {
      hint: 'Use a new tag; --force moves it all the same',
      details: { tag, found: previous.digest, expected: digest },
    },
  );
}

/**
 * Before a tag leaves a digest, gives that digest a tag of its own, `TAG-<12 hex>`, so that no registry collects what
 * somebody may have pinned.
 *
 * @returns the tag, undefined where there is nothing to anchor
 */
export async function anchorTag(
  store: TagStore,
  { tag, action, previous }: TagPlan,
  options: CallOptions = {},
): Promise<string | undefined> {
  if (action !== 'moved' || !previous) return undefined;
  const anchor = anchorName(tag, previous.digest);
  const held = await namedBy(store, anchor, options);
  if (held?.digest !== previous.digest) await store.tag(previous, anchor, options);
  return anchor;
}

/** Full versions (`v1.2.3`, `1.2.3-rc.1`), and the anchors that `anchorTag` puts. */
export function looksImmutable(tag: string): boolean {
  return /^v?\d+\.\d+\.\d+(?:[-+_.].*)?$/i.test(tag) || /-[a-f0-9]{12}$/.test(tag);
}

/** What a tag names; undefined where there is no such tag. */
export async function namedBy(
  store: TagStore,
  tag: string,
  options: CallOptions = {},
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
