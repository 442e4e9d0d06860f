import { createMemoryStore } from '../content/memory-store.js';
import { readContent } from '../content/read-content.js';
import type { CallOptions, ReadableStore } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { parseImageConfig } from '../oci/image-config.js';
import { type IndexEntry, MANIFEST_BYTES, parseImageManifest, parseManifest } from '../oci/manifest.js';
import { isIndex, mediaTypes } from '../oci/media-types.js';
import type { Layer } from './layer-archive.js';

/** The platforms and the configuration of the new image. */
export interface AppendLayerOptions extends CallOptions {
  /** Of an index, e.g. `linux/arm64`: those to take, in this order. Default: linux/amd64 and linux/arm64. */
  readonly platforms?: readonly string[];
  /** How the image runs; what is left out stays as the base has it. */
  readonly runtime?: {
    readonly user?: string;
    readonly entrypoint?: readonly string[];
    readonly workingDirectory?: string;
    /** Directories put before those of the base's PATH. */
    readonly path?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Of the image and of the layer's line of history. Default 1970-01-01T00:00:00Z. */
  readonly created?: string;
  /** What made the layer, for its line of history. */
  readonly createdBy?: string;
}

/** The image that `appendLayer` made, to be copied from its store. */
export interface AppendedImage {
  /** Of the index; of the image, where the base is one image. */
  readonly descriptor: Descriptor;
  /** The image of each platform, as in `linux/amd64`. */
  readonly images: readonly { readonly platform: string; readonly descriptor: Descriptor }[];
  /** Of the base: a registry that holds them in another repository can mount them. */
  readonly baseLayers: ReadonlySet<Digest>;
  /** Holds what is new, and reads the rest from the base: to be copied from. */
  readonly store: ReadableStore;
}

/**
 * Puts one layer on top of a base image, or on top of each wanted platform of an index. The same base and layer give the same digest.
 * Nothing is written: `copyImage` takes the result from its `store`.
 *
 * @throws NOT_FOUND for a platform that the index lacks, BUNDLE_INVALID for a base that is not an image
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, copyImage, createMemoryStore, openLayoutStore, readSources, writeImage } from 'tekton-bundles/bundle';
 * import { appendLayer, packLayer } from 'tekton-bundles/images';
 *
 * // Any image serves as the base; in practice it is one of a registry.
 * const path = 'pipelines/hello-world.yaml';
 * const store = createMemoryStore();
 * await writeImage(store, buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects).image, { tag: 'base' });
 *
 * const layer = await packLayer([{ type: 'file', path: 'etc/motd', bytes: new TextEncoder().encode('hello\n') }]);
 * const image = await appendLayer({ store, wanted: 'base' }, layer, { runtime: { user: '65532' } });
 * const { copied } = await copyImage({ source: image.store, target: openLayoutStore('image') }, image.descriptor, { tags: ['v1'] });
 * console.log(copied); // 4
 * ```
 */
export async function appendLayer(
  base: { readonly store: ReadableStore; readonly wanted: string },
  layer: Layer,
  options: AppendLayerOptions = {},
): Promise<AppendedImage> {
  const { platforms = ['linux/amd64', 'linux/arm64'], signal } = options;
  const call: CallOptions = signal ? { signal } : {};
  const descriptor = await base.store.resolve(base.wanted, call);
  const made = createMemoryStore();
  await made.write(layer.content.descriptor, layer.content.bytes, call);
  const store = layered(made, base.store);
  if (!isIndex(descriptor.mediaType)) {
    const image = await appendToImage({ base: base.store, made }, descriptor, layer, options);
    return { descriptor: image.descriptor, images: [image], baseLayers: new Set(image.baseLayers), store };
  }
  const index = parseManifest(await readContent(base.store, descriptor, call), descriptor.mediaType);
  if (index.type !== 'index') throw new TypeError('a manifest of an index type is an index');
  const images: ImageOfPlatform[] = [];
  for (const platform of platforms) {
    const entry = entryOf(index.manifests, platform, base.wanted);
    const image = await appendToImage({ base: base.store, made }, entry, layer, options);
    if (image.platform !== platform) throw otherPlatform(entry, platform, image.platform);
    images.push(image);
  }
  const mediaType = descriptor.mediaType;
  const document = {
    schemaVersion: 2,
    mediaType,
    manifests: images.map(({ descriptor: { mediaType, digest, size }, platform, variant }) => {
      const [os, architecture] = platform.split('/');
      return {
        ...{ mediaType, digest, size },
        platform: { architecture, os, ...(variant === undefined ? {} : { variant }) },
      };
    }),
  };
  const content = json(document, mediaType);
  await made.write(content.descriptor, content.bytes, call);
  const baseLayers = new Set(images.flatMap((image) => image.baseLayers));
  return { descriptor: content.descriptor, images, baseLayers, store };
}

interface Stores {
  readonly base: ReadableStore;
  readonly made: ReturnType<typeof createMemoryStore>;
}

interface ImageOfPlatform {
  readonly platform: string;
  /** E.g. `v8`. */
  readonly variant: string | undefined;
  readonly descriptor: Descriptor;
  readonly baseLayers: readonly Digest[];
}

async function appendToImage(
  { base, made }: Stores,
  descriptor: Descriptor,
  { content, diffId }: Layer,
  options: AppendLayerOptions,
): Promise<ImageOfPlatform> {
  const { signal, created = '1970-01-01T00:00:00Z', createdBy = 'tekton-bundles' } = options;
  const call: CallOptions = signal ? { signal } : {};
  const bytes = await readContent(base, descriptor, call);
  const manifest = parseImageManifest(bytes, descriptor.mediaType);
  const configBytes = await readContent(base, manifest.config, { limit: MANIFEST_BYTES, ...call });
  const { os, architecture } = parseImageConfig(configBytes);
  const config = JSON.parse(new TextDecoder().decode(configBytes)) as ConfigDocument;
  const changed = {
    ...config,
    created,
    config: runtimeConfig(config.config ?? {}, options.runtime ?? {}),
    rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, diffId] },
    history: [...(config.history ?? []), { created, created_by: createdBy }],
  };
  const newConfig = json(changed, manifest.config.mediaType);
  const { digest, size } = content.descriptor;
  const isDocker = manifest.mediaType === mediaTypes.dockerManifest;
  const isPlain = content.descriptor.mediaType === mediaTypes.ociLayer;
  const dockerType = isPlain ? mediaTypes.dockerLayer : mediaTypes.dockerLayerGzip;
  const mediaType = isDocker ? dockerType : content.descriptor.mediaType;
  const document = {
    schemaVersion: 2,
    mediaType: descriptor.mediaType,
    config: newConfig.descriptor,
    layers: [...manifest.layers.map(plain), { mediaType, digest, size }],
  };
  const newManifest = json(document, descriptor.mediaType);
  for (const { descriptor, bytes } of [newConfig, newManifest]) await made.write(descriptor, bytes, call);
  return {
    platform: `${os}/${architecture}`,
    variant: config.variant,
    descriptor: newManifest.descriptor,
    baseLayers: manifest.layers.map((layer) => layer.digest),
  };
}

interface ConfigDocument {
  readonly variant?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history?: readonly object[];
}

function runtimeConfig(
  base: Readonly<Record<string, unknown>>,
  { user, entrypoint, workingDirectory, path = [], labels }: NonNullable<AppendLayerOptions['runtime']>,
): Readonly<Record<string, unknown>> {
  const { Cmd: command, ...rest } = base;
  return {
    ...rest,
    // The arguments of another program mean nothing to this one.
    ...(entrypoint === undefined
      ? command === undefined
        ? {}
        : { Cmd: command }
      : { Entrypoint: entrypoint }),
    ...(user === undefined ? {} : { User: user }),
    ...(workingDirectory === undefined ? {} : { WorkingDir: workingDirectory }),
    ...(path.length === 0 ? {} : { Env: withPath(base.Env, path) }),
    ...(labels === undefined ? {} : { Labels: { ...(base.Labels ?? {}), ...labels } }),
  };
}

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function withPath(env: unknown, directories: readonly string[]): readonly string[] {
  const variables = Array.isArray(env) ? env.filter((one): one is string => typeof one === 'string') : [];
  const before = variables.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length);
  const path = `PATH=${[...directories, before ?? usualPath].join(':')}`;
  return [path, ...variables.filter((variable) => !variable.startsWith('PATH='))];
}

function entryOf(entries: readonly IndexEntry[], platform: string, wanted: string): IndexEntry {
  const nameOf = (entry: IndexEntry) =>
    entry.platform && `${entry.platform.os}/${entry.platform.architecture}`;
  const found = entries.find((entry) => nameOf(entry) === platform);
  if (found) return found;
  const there = [...new Set(entries.flatMap((entry) => nameOf(entry) ?? []))];
  throw new BundlesError('NOT_FOUND', `Cannot find ${platform} in the base image ${JSON.stringify(wanted)}`, {
    hint: there.length > 0 ? `It is there for ${there.join(', ')}` : 'Its index names no platforms',
    details: { platform, platforms: there },
  });
}

function otherPlatform({ digest }: Descriptor, platform: string, found: string): BundlesError {
  return new BundlesError(
    'BUNDLE_INVALID',
    `Cannot use the base image ${digest}: its config is for ${found}, and the index names it for ${platform}`,
    { details: { digest, platform, found } },
  );
}

/** Reads what was made, and what the base has. */
function layered(made: ReadableStore, base: ReadableStore): ReadableStore {
  return {
    has: async (descriptor, call) => (await made.has(descriptor, call)) || (await base.has(descriptor, call)),
    read: async (descriptor, call) =>
      (await made.has(descriptor, call)) ? made.read(descriptor, call) : base.read(descriptor, call),
    resolve: (digest, call) => made.resolve(digest, call),
  };
}

/** Without annotations of a list that it came from. */
function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function json(document: object, mediaType: string): Content {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
