import { readContent } from '../content/read-content.js';
import type { ReadableStore } from '../content/store.js';
import { keyLabel } from '../engine/context/image-key.js';
import type { Descriptor } from '../oci/descriptor.js';
import { parseImageConfig } from '../oci/image-config.js';
import { type ImageIndex, type ImageManifest, parseManifest } from '../oci/manifest.js';
import { type Verdict, verdictOfError } from '../publish/verdict.js';

export interface ImageQuestion {
  readonly tag: string;
  /** The label that the image, or every image of a list, has to carry. */
  readonly key: string;
  /** What it is built for; several make a list. */
  readonly platforms: readonly string[];
  readonly signal: AbortSignal;
}

/** A list with more images was not written by this program. */
const mostMembers = 50;

/** Whether a tag holds an image of this key, by the labels of all its images, not by the name of the tag. */
export async function askImage(store: ReadableStore, question: ImageQuestion): Promise<Verdict> {
  const { tag, signal } = question;
  try {
    const descriptor = await store.resolve(tag, { signal });
    const difference = await differenceOf(store, descriptor, question);
    const { digest } = descriptor;
    return difference === undefined
      ? { name: 'present', digest }
      : { name: 'different', digest, differences: [difference] };
  } catch (error) {
    signal.throwIfAborted();
    return verdictOfError(error);
  }
}

/** What keeps a manifest or list from being the wanted one. */
async function differenceOf(
  store: ReadableStore,
  descriptor: Descriptor,
  { key, platforms, signal }: ImageQuestion,
): Promise<string | undefined> {
  const manifest = await readManifest(store, descriptor, signal);
  if (manifest.type === 'image') {
    if (platforms.length > 1) return `it is one image, wanted a list of ${platforms.join(' and ')}`;
    return wrongKey(await keyOf(store, manifest, signal), key);
  }
  // BuildKit adds attestations to its images, which are for no platform.
  const members = manifest.manifests.filter(({ platform }) => platform?.os !== 'unknown');
  const found = members.map(({ platform }) =>
    platform ? `${platform.os}/${platform.architecture}` : 'no platform',
  );
  const wanted = platforms.map((platform) => platform.split('/').slice(0, 2).join('/'));
  if (members.length > mostMembers || found.sort().join() !== wanted.sort().join())
    return `it is a list for ${found.slice(0, mostMembers).join(' and ') || 'nothing'}, wanted ${platforms.join(' and ')}`;
  for (const member of members) {
    const image = await readManifest(store, member, signal);
    const difference =
      image.type === 'image'
        ? wrongKey(await keyOf(store, image, signal), key)
        : 'it is a list that holds other lists';
    if (difference !== undefined) return `${difference} (${member.digest})`;
  }
  return undefined;
}

function wrongKey(found: string | undefined, wanted: string): string | undefined {
  if (found === wanted) return undefined;
  return found === undefined
    ? 'it was not built by bundles'
    : `it was built from other sources (key ${found})`;
}

async function keyOf(
  store: ReadableStore,
  { config }: ImageManifest,
  signal: AbortSignal,
): Promise<string | undefined> {
  return parseImageConfig(await readContent(store, config, { signal })).labels[keyLabel];
}

async function readManifest(
  store: ReadableStore,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<ImageManifest | ImageIndex> {
  return parseManifest(await readContent(store, descriptor, { signal }), descriptor.mediaType);
}
