import { readContent } from '../../content/read-content.js';
import type { CallOptions, ReadableStore } from '../../content/store.js';
import { BundlesError, isBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import type { Content, Image } from '../../oci/image.js';
import { type ImageManifest, parseImageManifest } from '../../oci/manifest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { pushImage } from '../../registry/push-image.js';
import type { RegistryRepository } from '../../registry/repository.js';
import { contentOf } from '../../signing/attach-artifact.js';

/** Of the artifact and of its only layer, the text of the part. */
const partMediaType = 'application/vnd.tekton-bundles.lock.part.v1+yaml';

/** Bytes; the largest part that is read, from a file too. */
export const partLimit = 16 * 1024 * 1024;

/**
 * Puts a part at a tag, replacing that of an earlier attempt of the same shard. The same part has the same digest.
 * @returns the digest of the manifest
 * @throws RegistryError
 */
export async function writePartArtifact(
  repository: RegistryRepository,
  { text, tag, fileName }: { readonly text: string; readonly tag: string; readonly fileName: string },
  options: CallOptions = {},
): Promise<Digest> {
  const image = partImage(text, fileName);
  await pushImage(repository, image, tag, options);
  return image.manifest.descriptor.digest;
}

/**
 * The text of the part that a tag or a digest names. Its size is limited, and its bytes are proven by the digests.
 * @throws LOCK_PART_INVALID for an artifact of another kind, TOO_LARGE, NOT_FOUND, RegistryError
 */
export async function readPartArtifact(
  store: ReadableStore,
  { wanted, location }: { readonly wanted: string; readonly location: string },
  options: CallOptions = {},
): Promise<{ readonly bytes: Uint8Array; readonly digest: Digest }> {
  const descriptor = await store.resolve(wanted, options);
  const manifest = manifestOf(await readContent(store, descriptor, options), descriptor.mediaType, location);
  const [layer, ...more] = manifest.layers;
  if (manifest.artifactType !== partMediaType || layer?.mediaType !== partMediaType || more.length > 0) {
    throw notAPart(location, `its type is ${JSON.stringify(typeOf(manifest).slice(0, 200))}`);
  }
  const bytes = await readContent(store, layer, { ...options, limit: partLimit });
  return { bytes, digest: descriptor.digest };
}

function manifestOf(bytes: Uint8Array, mediaType: string, location: string): ImageManifest {
  try {
    return parseImageManifest(bytes, mediaType);
  } catch (error) {
    if (!isBundlesError(error, 'BUNDLE_INVALID')) throw error;
    throw notAPart(location, 'its manifest cannot be read', error);
  }
}

function typeOf({ artifactType, config }: ImageManifest): string {
  return artifactType || config.mediaType;
}

function partImage(text: string, fileName: string): Image {
  const layer = contentOf(text, partMediaType);
  const config = contentOf('{}', mediaTypes.ociEmpty);
  const titled = { ...layer.descriptor, annotations: { 'org.opencontainers.image.title': fileName } };
  const manifest: Content = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: partMediaType,
      config: config.descriptor,
      layers: [titled],
    }),
    mediaTypes.ociManifest,
  );
  return { manifest, config, layers: [layer] };
}

function notAPart(location: string, found: string, cause?: unknown): BundlesError {
  return new BundlesError(
    'LOCK_PART_INVALID',
    `Cannot read the part of a lock, ${JSON.stringify(location)}: ${found}, wanted an artifact that ensure --part wrote`,
    { details: { location }, cause },
  );
}
