import type { Image } from '../oci/image.js';
import type { CallOptions, ContentPresence, ContentWriter, TaggedWriter } from './store.js';

/** The tag that an image gets in a store. */
export interface WriteImageOptions extends CallOptions {
  /** Named by no tag where there is none. */
  readonly tag?: string | undefined;
}

/**
 * Writes an image into a store, its manifest last, and tags it where `tag` is given. For a registry use `pushImage`, which also proves
 * that the tag is ours.
 *
 * @throws what the store throws
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(objects).image, { tag: 'v1' });
 * console.log(await store.tags()); // [ 'v1' ]
 * ```
 */
export async function writeImage(
  store: ContentWriter & TaggedWriter,
  image: Image,
  { tag, ...call }: WriteImageOptions = {},
): Promise<void> {
  for (const { descriptor, bytes } of partsOf(image)) await store.write(descriptor, bytes, call);
  const { descriptor, bytes } = image.manifest;
  if (tag === undefined) await store.write(descriptor, bytes, call);
  else await store.writeTagged(descriptor, bytes, tag, call);
}

/** The same for layers and config alone, and for what is missing of them. */
export async function writeMissingParts(
  store: ContentPresence & ContentWriter,
  image: Image,
  call: CallOptions = {},
): Promise<void> {
  for (const { descriptor, bytes } of partsOf(image)) {
    if (!(await store.has(descriptor, call))) await store.write(descriptor, bytes, call);
  }
}

/** Each once: layers may repeat. */
function partsOf({ layers, config }: Image) {
  return new Map([...layers, config].map((content) => [content.descriptor.digest, content])).values();
}
