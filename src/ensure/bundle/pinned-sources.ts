import type { CallOptions } from '../../content/store.js';
import type { ImageResolver } from '../../images/image-resolver.js';
import type { Digest } from '../../oci/digest.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec } from '../../project/project.js';
import type { SourceFile } from '../../project/sources/source-files.js';
import { sourcesDigestAs } from '../../project/sources/sources-digest.js';
import { findImages, replaceImages, type SourceImage } from '../../tekton/images/source-images.js';
import { readStepImage } from '../../tekton/images/step-image.js';

/** The sources of a bundle whose images are pinned in the built bundle alone. */
export interface PinnedSources {
  /** Of files and images together. */
  readonly digest: Digest;
  /** The files as they are built: byte for byte what `bundles pin` would make of them. */
  files(): PinnedFiles;
}

export interface PinnedFiles {
  readonly files: readonly SourceFile[];
  /** What stays by its tag, and why. */
  readonly warnings: readonly string[];
}

export interface PinSourcesRequest {
  readonly spec: BundleSpec;
  readonly entry: LockEntry | undefined;
  /** Ask for all images, whatever the lock states. */
  readonly refresh: boolean;
  /** Resolves images that the lock does not have. */
  readonly resolve: ImageResolver;
}

/** Pins by what the lock states, and resolves the rest. @throws what the resolver throws; YAML_INVALID */
export async function pinSources(
  files: readonly SourceFile[],
  { spec, entry, refresh, resolve }: PinSourcesRequest,
  options: CallOptions = {},
): Promise<PinnedSources> {
  const known = (refresh ? undefined : entry?.images) ?? new Map<string, Digest>();
  const digest = sourcesDigestAs(entry?.sources, files, { ...spec, images: known });
  // The same files and images as the lock's need not be read.
  const images = digest === entry?.sources ? known : await imagesOf(files, { known, resolve }, options);
  return {
    digest: images === known ? digest : sourcesDigestAs(entry?.sources, files, { ...spec, images }),
    files: () => pinFiles(files, images),
  };
}

function pinFiles(files: readonly SourceFile[], images: ReadonlyMap<string, Digest>): PinnedFiles {
  const replaced = files.map((file) => ({ file, ...replaceImages(file, byDigest(images)) }));
  return {
    files: replaced.map(({ file, source: { bytes } }) => ({ ...file, bytes })),
    warnings: replaced.flatMap(({ kept }) => kept.map(showKept)),
  };
}

/** An image that is not pinned although its digest is known. */
function showKept({ file, line, text }: SourceImage): string {
  return `${file}:${line}: the image ${JSON.stringify(text)} is written so that it cannot be pinned by itself; write it as plain text on one line`;
}

/** The text of an image with the digest of its tag, where it is not pinned yet. */
export function byDigest(images: ReadonlyMap<string, Digest>): (text: string) => string | undefined {
  return (text) => {
    const image = readStepImage(text);
    const digest = image.form === 'tag' ? images.get(image.name) : undefined;
    return image.form === 'tag' && digest !== undefined ? `${image.name}@${digest}` : undefined;
  };
}

/** As the built objects will name them. */
async function imagesOf(
  files: readonly SourceFile[],
  { known, resolve }: { readonly known: ReadonlyMap<string, Digest>; readonly resolve: ImageResolver },
  options: CallOptions,
): Promise<ReadonlyMap<string, Digest>> {
  const images = new Map<string, Digest>();
  const found = files.flatMap(findImages).map(({ text }) => readStepImage(text));
  for (const image of found) {
    if (image.form !== 'digest' || image.name === undefined || images.has(image.name)) continue;
    if (image.digest.startsWith('sha256:')) images.set(image.name, image.digest);
  }
  const tagged = found.filter((image) => image.form === 'tag');
  const digests = await Promise.all(
    tagged.map((image) => images.get(image.name) ?? known.get(image.name) ?? resolve(image, options)),
  );
  for (const [index, { name }] of tagged.entries()) {
    const digest = digests[index];
    if (digest !== undefined) images.set(name, digest);
  }
  return images;
}
