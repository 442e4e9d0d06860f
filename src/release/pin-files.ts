import type { CallOptions } from '../content/store.js';
import type { ImageResolver, TaggedImage } from '../images/image-resolver.js';
import type { Digest } from '../oci/digest.js';
import type { SourceFile } from '../project/sources/source-files.js';
import { findImages, replaceImages, type SourceImage } from '../tekton/images/source-images.js';
import { readStepImage, type StepImage } from '../tekton/images/step-image.js';
import type { PinnedImage } from './pin-result.js';

export interface PinFilesRequest {
  /** Digests that are taken without asking. */
  readonly known: ReadonlyMap<string, Digest>;
  /** Ask for every tag, also for those that are pinned. */
  readonly update: boolean;
  readonly resolve: ImageResolver;
}

export interface PinnedFilesReport {
  /** Those that changed. */
  readonly changed: readonly SourceFile[];
  readonly images: readonly PinnedImage[];
}

/** Pins the images of source files in memory. @throws what the resolver throws; YAML_INVALID */
export async function pinFiles(
  files: readonly SourceFile[],
  request: PinFilesRequest,
  options: CallOptions = {},
): Promise<PinnedFilesReport> {
  const found = files.flatMap((file) => findImages({ ...file, path: file.relativePath }));
  const digests = await digestsOf(found, request, options);
  const textOf = (text: string) => {
    const name = nameOf(readStepImage(text));
    const digest = name === undefined ? undefined : digests.get(name);
    return digest === undefined ? undefined : `${name}@${digest}`;
  };
  const changed: SourceFile[] = [];
  const kept: SourceImage[] = [];
  for (const file of files) {
    const replaced = replaceImages({ ...file, path: file.relativePath }, textOf);
    kept.push(...replaced.kept);
    const { bytes } = replaced.source;
    if (!Buffer.from(bytes).equals(file.bytes)) changed.push({ ...file, bytes });
  }
  return { changed, images: describeImages(found, { kept, digests }) };
}

/** What each image was, and what became of it. */
export function describeImages(
  found: readonly SourceImage[],
  { kept, digests }: { readonly kept: readonly SourceImage[]; readonly digests: ReadonlyMap<string, Digest> },
): PinnedImage[] {
  const isKept = ({ file, line, text }: SourceImage) =>
    kept.some((one) => one.file === file && one.line === line && one.text === text);
  const images = new Map<string, PinnedImage>();
  for (const source of found) {
    const image = describe(source.text, { kept: isKept(source), digests });
    const { file, line, column } = source;
    const key = JSON.stringify([image.image, image.action, image.previous]);
    const places = [...(images.get(key)?.places ?? []), { file, line, column }];
    images.set(key, { ...image, places });
  }
  return [...images.values()];
}

function describe(
  text: string,
  { kept, digests }: { readonly kept: boolean; readonly digests: ReadonlyMap<string, Digest> },
): Omit<PinnedImage, 'places'> {
  const image = readStepImage(text);
  const left = (reason: PinnedImage['reason'], digest: string | null = null) =>
    ({ image: text, action: 'left', reason, digest, previous: null }) as const;
  if (image.form === 'parameter' || image.form === 'invalid') return left(image.form);
  const { name } = image;
  if (name === undefined) return left('no-tag', image.form === 'digest' ? image.digest : null);
  if (kept) return left('not-plain');
  const previous = image.form === 'digest' ? image.digest : null;
  const digest = digests.get(name) ?? previous;
  const action = previous === null ? 'pinned' : previous === digest ? 'unchanged' : 'updated';
  return { image: name, action, reason: null, digest, previous };
}

/** By name, the digests of all images that have a tag. */
async function digestsOf(
  found: readonly SourceImage[],
  { known, update, resolve }: PinFilesRequest,
  options: CallOptions,
): Promise<ReadonlyMap<string, Digest>> {
  const images = found.map(({ text }) => readStepImage(text));
  const digests = new Map<string, Digest>();
  if (!update) {
    for (const image of images) {
      if (image.form === 'digest' && image.name !== undefined) digests.set(image.name, image.digest);
    }
    // What is in the sources already stays as it is.
    for (const [name, digest] of known) if (!digests.has(name)) digests.set(name, digest);
  }
  const asked = new Map<string, TaggedImage>();
  for (const image of images) {
    const name = nameOf(image);
    if (name === undefined || digests.has(name)) continue;
    const tagged = readStepImage(name);
    if (tagged.form === 'tag') asked.set(name, tagged);
  }
  const answers = await Promise.all([...asked.values()].map((image) => resolve(image, options)));
  for (const [index, name] of [...asked.keys()].entries()) {
    const digest = answers[index];
    if (digest !== undefined) digests.set(name, digest);
  }
  return digests;
}

function nameOf(image: StepImage): string | undefined {
  return image.form === 'tag' || image.form === 'digest' ? image.name : undefined;
}
