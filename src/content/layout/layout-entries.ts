import type { Descriptor } from '../../oci/descriptor.js';
import type { Digest } from '../../oci/digest.js';
import { isTag } from '../../oci/repository-name.js';
import { notFound } from '../not-found.js';

const refName = 'org.opencontainers.image.ref.name';

/** One entry of index.json as it is there; what others put into it stays. */
export interface LayoutEntry extends Descriptor {
  readonly [key: string]: unknown;
}

export interface LayoutView {
  readonly byDigest: ReadonlyMap<Digest, Descriptor>;
  readonly byTag: ReadonlyMap<string, Descriptor>;
  /** Names that are not tags, such as `hello:8.3` of skopeo or the whole references of containerd. */
  readonly byName: ReadonlyMap<string, Descriptor>;
}

/** The first entry of a digest, tag or name counts. */
export function viewEntries(entries: readonly LayoutEntry[]): LayoutView {
  const byDigest = new Map<Digest, Descriptor>();
  const byTag = new Map<string, Descriptor>();
  const byName = new Map<string, Descriptor>();
  for (const entry of entries) {
    const { mediaType, digest, size } = entry;
    let descriptor = byDigest.get(digest);
    if (!descriptor) {
      descriptor = Object.freeze({ mediaType, digest, size });
      byDigest.set(digest, descriptor);
    }
    const name = nameOf(entry);
    if (name === undefined) continue;
    const named = isTag(name) ? byTag : byName;
    if (!named.has(name)) named.set(name, descriptor);
  }
  return { byDigest, byTag, byName };
}

/** Lists a manifest, under `tag` if there is one. */
export function addManifest(
  entries: readonly LayoutEntry[],
  { mediaType, digest, size }: Descriptor,
  tag: string | undefined,
): readonly LayoutEntry[] {
  const listed = entries.some((entry) => entry.digest === digest)
    ? entries
    : [...entries, { mediaType, digest, size }];
  return tag === undefined ? listed : setTag(listed, digest, { tag, where: 'the layout' });
}

/** @throws NOT_FOUND when no entry has this digest */
export function setTag(
  entries: readonly LayoutEntry[],
  digest: Digest,
  { tag, where }: { readonly tag: string; readonly where: string },
): readonly LayoutEntry[] {
  const holder = entries.find((entry) => nameOf(entry) === tag);
  if (holder?.digest === digest) return entries;
  const manifest = entries.find((entry) => entry.digest === digest);
  if (!manifest) throw notFound(digest, { where });
  const others = withoutName(entries, tag).filter(
    (entry) => entry.digest !== digest || nameOf(entry) !== undefined,
  );
  const { annotations, ...rest } = manifest;
  return [...others, { ...rest, annotations: { ...annotations, [refName]: tag } }];
}

/** The manifest stays, listed without a name if this was its last. @throws NOT_FOUND */
export function removeTag(
  entries: readonly LayoutEntry[],
  tag: string,
  { where }: { readonly where: string },
): readonly LayoutEntry[] {
  if (!entries.some((entry) => nameOf(entry) === tag)) throw notFound(tag, { where });
  return withoutName(entries, tag);
}

export function removeManifest(entries: readonly LayoutEntry[], digest: Digest): readonly LayoutEntry[] {
  return entries.filter((entry) => entry.digest !== digest);
}

/** By name, then by digest, those without a name last: the same content gives the same index.json. */
export function sortEntries(entries: readonly LayoutEntry[]): LayoutEntry[] {
  const key = (entry: LayoutEntry) => `${nameOf(entry) ?? '\uffff'}\0${entry.digest}`;
  const keyed = entries.map((entry) => ({ entry, key: key(entry) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ entry }) => entry);
}

function withoutName(entries: readonly LayoutEntry[], tag: string): LayoutEntry[] {
  const kept = entries.filter((entry) => nameOf(entry) !== tag);
  const listed = new Set(kept.map((entry) => entry.digest));
  for (const entry of entries) {
    if (nameOf(entry) !== tag || listed.has(entry.digest)) continue;
    kept.push(withoutRefName(entry));
    listed.add(entry.digest);
  }
  return kept;
}

function withoutRefName(entry: LayoutEntry): LayoutEntry {
  const { annotations, ...rest } = entry;
  const others = Object.entries(annotations ?? {}).filter(([key]) => key !== refName);
  return others.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(others) };
}

/** Has a tag, or a name that is none. */
export function isNamedEntry(entry: LayoutEntry): boolean {
  return nameOf(entry) !== undefined;
}

function nameOf(entry: LayoutEntry): string | undefined {
  return entry.annotations?.[refName];
}
