import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type FileLocation, formatImageLocation, type ImageLocation } from '../oci/image-location.js';
import { parseReference, type Reference, referenceName } from '../oci/reference.js';
import { isTag } from '../oci/repository-name.js';
import { openArchiveStore } from './archive/archive-store.js';
import { createArchiveWriter } from './archive/archive-writer.js';
import { type LayoutStore, openLayoutStore } from './layout/layout-store.js';
import { createNamedContentReader } from './named-content.js';
import type { CallOptions, ManifestLister, ReadableStore, Store, TaggedWriter, TagLister } from './store.js';

export interface OpenPlaceOptions<Repository> extends CallOptions {
  /** Opens a repository of a registry, e.g. `(reference) => client.repository(reference)`. */
  readonly repository: (reference: Reference) => Repository;
}

/** A place to read from. */
export interface SourceLocation<Repository> {
  readonly store: Repository | (ReadableStore & TagLister & ManifestLister);
  /** What to resolve there: a tag, a name or a digest. */
  readonly wanted: string;
}

/** A place to write to. */
export interface TargetLocation<Repository> {
  readonly store: Repository | (Store & TaggedWriter & TagLister);
  /** The tag that the place names; undefined where it names none. */
  readonly tag: string | undefined;
  /** Writes the file of an archive, replacing an existing one; other locations are already complete. */
  finish(): Promise<void>;
  /** To be called in every case. */
  close(): Promise<void>;
}

/**
 * Opens a place to read one image from. Without a tag and digest a layout or archive must hold exactly one image; on a
 * registry, `latest` is never implied.
 *
 * @throws REFERENCE_INVALID, NOT_FOUND, and for archives NOT_READABLE, ARCHIVE_INVALID, LAYOUT_INVALID, TOO_LARGE
 */
export async function openSourceLocation<Repository>(
  place: ImageLocation,
  { repository, signal }: OpenPlaceOptions<Repository>,
): Promise<SourceLocation<Repository>> {
  const options = signal ? { signal } : {};
  if (place.kind === 'registry') {
    const wanted = place.reference.digest ?? place.reference.tag;
    if (wanted === undefined) throw withoutTag(place);
    return { store: repository(place.reference), wanted };
  }
  const store =
    place.kind === 'oci'
      ? openLayoutStore(place.path)
      : await openArchiveStore(place.path, { kind: place.kind, ...options });
  return { store, wanted: await wantedOf(store, place, options) };
}

/**
 * Opens a location for writing. `finish` writes an archive; `name` is the repository that its tags belong to if the
 * location does not name one, e.g. `quay.io/acme/hello`.
 *
 * @throws REFERENCE_INVALID for a layout or archive with a digest, NOT_WRITABLE, DISK_FULL
 */
export async function openTargetLocation<Repository>(
  place: ImageLocation,
  { repository, name, signal }: OpenPlaceOptions<Repository> & { readonly name?: string },
): Promise<TargetLocation<Repository>> {
  const nothing = async () => undefined;
  if (place.kind === 'registry') {
    const { reference } = place;
    return { store: repository(reference), tag: reference.tag, finish: nothing, close: nothing };
  }
  if (place.digest !== undefined) {
    throw new BundlesError(
      'REFERENCE_INVALID',
      `Cannot write to ${JSON.stringify(formatImageLocation(place))}: the digest cannot be chosen`,
      { hint: 'Leave out the digest; it follows from the bytes' },
    );
  }
  if (place.kind === 'oci') {
    const store = openLayoutStore(place.path, { puts: 'name' });
    return { store, tag: place.image, finish: nothing, close: nothing };
  }
  const { tag, name: own = name } = namesOf(place);
  const writer = await createArchiveWriter(place.path, { kind: place.kind, repository: own, signal });
  return { ...writer, tag };
}

/** The tag of `quay.io/acme/hello:v1`, and the repository that it belongs to. */
function namesOf({ image }: FileLocation): { readonly tag: string | undefined; readonly name?: string } {
  if (image === undefined || isTag(image)) return { tag: image };
  const reference = parseReference(image);
  return { tag: reference.tag, name: referenceName(reference) };
}

/** skopeo may have written a name that ends in a digest: then it is that name, and else the digest. */
async function wantedOf(
  store: ReadableStore & TagLister & ManifestLister,
  place: FileLocation,
  options: CallOptions,
): Promise<string> {
  const { image, digest } = place;
  if (digest === undefined) return image ?? (await onlyImage(store, place, options));
  if (image === undefined) return digest;
  const whole = `${image}@${digest}`;
  const named = await store.resolve(whole, options).catch((error: unknown) => {
    if (isBundlesError(error, 'NOT_FOUND')) return undefined;
    throw error;
  });
  return named ? whole : digest;
}

async function onlyImage(
  store: ReadableStore & TagLister & ManifestLister & Partial<Pick<LayoutStore, 'names'>>,
  place: FileLocation,
  options: CallOptions,
): Promise<string> {
  const all = await store.manifests(options);
  const [first, ...others] = all.length > 1 ? await withoutCompany(store, all, options) : all;
  if (first && others.length === 0) return first.digest;
  const where = JSON.stringify(formatImageLocation(place));
  if (!first) {
    throw new BundlesError('NOT_FOUND', `Cannot find an image in ${where}: there is none`, {
      hint:
        place.kind === 'oci'
          ? 'A layout is a directory with index.json; a tar file of it is oci-archive:FILE'
          : 'Write it again',
      details: { place: formatImageLocation(place) },
    });
  }
  const tags = await (store.names?.(options) ?? store.tags(options));
  const shown = tags.slice(0, 20).join(', ') + (tags.length > 20 ? ', …' : '');
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot choose an image in ${where}: it holds ${others.length + 1}, and no tag is given`,
    {
      hint:
        tags.length > 0
          ? `It has the tags ${shown}: write ${formatImageLocation({ ...place, image: tags[0] ?? '' })}`
          : 'Name one by its digest, with @sha256:… after the path',
      details: { tags, images: others.length + 1 },
    },
  );
}

/** A limit that no real image reaches. */
const mostManifests = 200;

/** Leaves out what refers to an image, and what cosign stores at separate tags. */
async function withoutCompany(
  store: ReadableStore & TagLister,
  all: readonly Descriptor[],
  options: CallOptions,
): Promise<readonly Descriptor[]> {
  if (all.length > mostManifests) return all;
  const there = new Set(all.map(({ digest }) => digest));
  const tags = (await store.tags(options)).filter((tag) => /^sha256-[0-9a-f]{64}(?:\.\w+)?$/.test(tag));
  const derived = new Set<string>();
  for (const tag of tags) {
    if (there.has(tag.slice(0, 71).replace('-', ':') as Digest))
      derived.add((await store.resolve(tag, options)).digest);
  }
  const read = createNamedContentReader(store);
  const subjectOf = async (manifest: Descriptor) =>
    (
      await read(manifest).catch((error: unknown) => {
        // What cannot be read is not a reason to refuse the rest.
        if (isBundlesError(error)) return undefined;
        throw error;
      })
    )?.subject;
  const images: Descriptor[] = [];
  for (const manifest of all) {
    if (derived.has(manifest.digest)) continue;
    const subject = await subjectOf(manifest);
    if (subject === undefined || !there.has(subject)) images.push(manifest);
  }
  return images.length > 0 ? images : all;
}

function withoutTag(place: ImageLocation): BundlesError {
  const text = formatImageLocation(place);
  const [, short] = /^docker\.io\/library\/([^/]+)$/.exec(text) ?? [];
  return new BundlesError(
    'REFERENCE_INVALID',
    `Cannot read ${JSON.stringify(text)}: no tag and no digest given`,
    {
      hint:
        short === undefined
          ? 'Write registry/repository:tag; latest is never implied. On this disk it is oci:DIRECTORY, oci-archive:FILE or docker-archive:FILE'
          : `Write registry/repository:tag; ${short} alone is on Docker Hub. To look at a bundle of bundles.yaml: npx tekton-bundles explain ${short}`,
      details: { reference: text },
    },
  );
}
