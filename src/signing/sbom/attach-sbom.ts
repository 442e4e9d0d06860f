import type { CallOptions } from '../../content/store.js';
import type { Descriptor } from '../../oci/descriptor.js';
import type { Digest } from '../../oci/digest.js';
import type { Content } from '../../oci/image.js';
import type { RegistryRepository } from '../../registry/repository.js';
import { type AttachTarget, artifactManifest, attachArtifact } from '../attach-artifact.js';

/** A bill of materials that is with its bundle now. */
export interface AttachedSbom {
  /** Of the manifest that refers to the bundle. */
  readonly digest: Digest;
  readonly action: 'attached' | 'unchanged';
}

export interface AttachSbomRequest {
  /** The bundle's manifest. */
  readonly subject: Descriptor;
  readonly content: Content;
  /** What readers that make files of layers call it, e.g. `hello.spdx.json`. */
  readonly fileName: string;
}

export type SbomRepository = Pick<RegistryRepository, 'referrers'> & { forPush(): AttachTarget };

/**
 * Attaches a bill of materials to its bundle as a referrer whose artifact type is the document's media type. The list of
 * referrers is read first: if it has this very document, nothing is sent and no right to push is requested. Documents
 * of others stay beside it.
 *
 * @throws RegistryError; RACE_LOST where the registry stores it and never lists it
 */
export async function attachSbom(
  repository: SbomRepository,
  { subject, content, fileName }: AttachSbomRequest,
  options: CallOptions = {},
): Promise<AttachedSbom> {
  const annotations = { 'org.opencontainers.image.title': fileName };
  const artifact = {
    artifactType: content.descriptor.mediaType,
    content: { bytes: content.bytes, descriptor: { ...content.descriptor, annotations } },
  };
  const { digest } = artifactManifest(subject, artifact).descriptor;
  const known = await repository.referrers(subject.digest, options);
  if (known.some((one) => one.digest === digest)) return { digest, action: 'unchanged' };
  await attachArtifact(repository.forPush(), subject, artifact, options);
  return { digest, action: 'attached' };
}
