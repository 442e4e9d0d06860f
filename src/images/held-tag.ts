import { createHash } from 'node:crypto';
import { keyLabel, repositoryLabel } from '../engine/context/image-key.js';
import type { Engine, LocalImage } from '../engine/engine.js';
import { BundlesError } from '../errors.js';
import { referenceName } from '../oci/reference.js';
import type { ImageRun } from './image-run.js';
import type { PreparedImage } from './prepare-image.js';

/** What a name represents in the engine's store: an image, or a list of images of several platforms. */
export interface HeldTag {
  readonly list: boolean;
  /** Hexadecimal: the id of the image; of a list a digest of its members. */
  readonly id: string;
  readonly images: readonly LocalImage[];
  /** Members of a list that the store does not have. */
  readonly missing: number;
}

async function readHeldTag(engine: Engine, name: string): Promise<HeldTag | undefined> {
  // Inspecting a list shows the member of this platform, or nothing.
  const members = await engine.members(name);
  if (members === undefined) {
    const image = await engine.inspect(name);
    return image && { list: false, id: image.id, images: [image], missing: 0 };
  }
  const ids = members.images.map(({ id }) => id).sort();
  const id = createHash('sha256')
    .update([...ids, members.missing].join('\n'))
    .digest('hex');
  return { list: true, id, ...members };
}

/** True for the image, or the whole list, that is built from exactly what the key states. */
export function holdsKey({ list, images, missing }: HeldTag, { key, platforms }: PreparedImage): boolean {
  const shape = list ? platforms.length > 1 && images.length === platforms.length : platforms.length === 1;
  return shape && missing === 0 && images.every(({ labels }) => labels[keyLabel] === key);
}

/**
 * Makes sure that a name may be given to our image: it is free, or holds an image built for the same repository.
 *
 * @throws TAG_DIFFERS unless `--replace` was given
 */
export async function requireOwnTag(
  run: ImageRun,
  image: PreparedImage,
  name: string,
): Promise<HeldTag | undefined> {
  const held = await readHeldTag(run.engine, name);
  if (held === undefined || run.replace || isBuiltFor(held, image)) return held;
  throw foreign(held, { name, engine: run.engine.name });
}

/** Names an image. An image that another project built under the name is kept as `NAME-` and 12 digits of its id. */
export async function takeTag(
  run: ImageRun,
  image: PreparedImage,
  { source, name }: { readonly source: string; readonly name: string },
): Promise<void> {
  const held = await requireOwnTag(run, image, name);
  if (held !== undefined && !isBuiltFor(held, image)) {
    const kept = `${name}-${held.id.slice(0, 12)}`;
    await run.engine.tag(name, kept);
    const message = `${name} was taken from an image that this project did not build; that image is ${kept} now`;
    run.onEvent({ type: 'warning', image: image.spec.name, message });
  }
  await run.engine.tag(source, name);
}

function isBuiltFor({ images }: HeldTag, { spec }: PreparedImage): boolean {
  const repository = referenceName(spec.reference);
  return (
    images.length > 0 &&
    images.every(({ labels }) => labels[keyLabel] !== undefined && labels[repositoryLabel] === repository)
  );
}

function foreign(
  held: HeldTag,
  { name, engine }: { readonly name: string; readonly engine: string },
): BundlesError {
  const found = held.images.map(({ id, names, created, labels }) => ({
    id,
    names,
    created,
    repository: labels[repositoryLabel] ?? null,
  }));
  return new BundlesError(
    'TAG_DIFFERS',
    `Cannot name an image ${JSON.stringify(name)}: the store of ${engine} holds another image under that name, ${describe(held)}`,
    {
      hint: 'Choose another reference in bundles.yaml, or take the name over with --replace',
      details: { reference: name, found, missing: held.missing },
    },
  );
}

function describe({ list, images, missing }: HeldTag): string {
  if (list) return `a list of ${images.length + missing} images that this project did not build`;
  const [image] = images;
  const built = image?.labels[repositoryLabel];
  const by = built === undefined ? 'not built by bundles' : `built for ${built}`;
  return `${image?.id.slice(0, 12)}, ${by}`;
}

/** The private name under which a list is made before it gets its public names. */
export function listName({ spec, keyTag }: Pick<PreparedImage, 'spec' | 'keyTag'>): string {
  const { registry, repository } = spec.reference;
  return `localhost/tekton-bundles/${`${registry}/${repository}`.replace(/[^a-z0-9._/-]/g, '-')}:${keyTag}`;
}
