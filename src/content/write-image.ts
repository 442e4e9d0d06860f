import type { Image } from '../oci/image.js';
import type { CallOptions, ContentPresence, ContentWriter, TaggedWriter } from './store.js';

export interface WriteImageOptions extends CallOptions {
  /** Named by no tag where there is none. */
  readonly tag?: string | undefined;
}

/** Puts an image into a store that takes whole contents, its manifest last. A registry is pushed to (registry/push-image.ts). */
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
