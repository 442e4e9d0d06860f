import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import type { RegistryRepository } from '../registry/repository.js';

/** What is attached to a manifest: one blob, with the type under which clients find it. */
export interface Artifact {
  readonly artifactType: string;
  /** Its media type and annotations are those of the artifact's only layer. */
  readonly content: Content;
  /** Of the artifact's manifest; lists of referrers repeat them. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export type AttachTarget = Pick<RegistryRepository, 'upload' | 'write' | 'referrers' | 'addReferrer'>;

/**
 * Attaches an artifact to a manifest as a referrer and reads the list of referrers back. Where the registry has no
 * referrers API, or does not list what it stored, the entry is added to the fallback tag, beside those of others.
 * Attaching the same bytes again stores nothing twice.
 *
 * @returns the descriptor of the artifact's manifest
 * @throws RegistryError; RACE_LOST where the list never shows it
 */
export async function attachArtifact(
  target: AttachTarget,
  subject: Descriptor,
  artifact: Artifact,
  options: CallOptions = {},
): Promise<Descriptor> {
  const manifest = artifactManifest(subject, artifact);
  const { descriptor, bytes } = manifest;
  await Promise.all([target.upload(emptyConfig, options), target.upload(artifact.content, options)]);
  await target.write(descriptor, bytes, options);
  const isListed = async () =>
    (await target.referrers(subject.digest, options)).some(({ digest }) => digest === descriptor.digest);
  if (await isListed()) return descriptor;
  await target.addReferrer(manifest, options);
  if (await isListed()) return descriptor;
  throw notListed(descriptor.digest, subject.digest);
}

/** The manifest of an artifact: a pure function, so that the same content gives the same digest. */
export function artifactManifest(
  { mediaType, size, digest }: Descriptor,
  { artifactType, content, annotations }: Artifact,
): Content {
  const layer = content.descriptor;
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config: emptyConfig.descriptor,
    layers: [
      {
        mediaType: layer.mediaType,
        size: layer.size,
        digest: layer.digest,
        ...(layer.annotations ? { annotations: layer.annotations } : {}),
      },
    ],
    subject: { mediaType, size, digest },
    ...(annotations ? { annotations } : {}),
  };
  return contentOf(JSON.stringify(manifest), mediaTypes.ociManifest);
}

/** Text as content of a media type. */
export function contentOf(text: string, mediaType: string): Content {
  const bytes = new TextEncoder().encode(text);
  return { descriptor: { mediaType, size: bytes.length, digest: digestOf(bytes) }, bytes };
}

const emptyConfig = contentOf('{}', mediaTypes.ociEmpty);

function notListed(digest: Digest, subject: Digest): BundlesError {
  return new BundlesError(
    'RACE_LOST',
    `Cannot attach ${digest} to ${subject}: the registry stored it but does not list it as a referrer`,
    { hint: 'Try again: some registries list it after a moment', details: { digest, subject } },
  );
}
