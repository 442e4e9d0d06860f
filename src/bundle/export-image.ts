import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Clock } from '../async/clock.js';
import { createArchiveWriter } from '../content/archive/archive-writer.js';
import { copyImage } from '../content/copy-image.js';
import { type LayoutStore, openLayoutStore } from '../content/layout/layout-store.js';
import { type CompanySource, findCompany } from '../content/referrers-of.js';
import type { CallOptions } from '../content/store.js';
import { writeImage } from '../content/write-image.js';
import { BundlesError } from '../errors.js';
import { type Digest, digestOf, parseDigest } from '../oci/digest.js';
import type { Content, Image } from '../oci/image.js';
import { parseImageManifest } from '../oci/manifest.js';
import { mediaTypes } from '../oci/media-types.js';

const ociTypes: Readonly<Record<string, string>> = {
  [mediaTypes.dockerManifest]: mediaTypes.ociManifest,
  [mediaTypes.dockerConfig]: mediaTypes.ociConfig,
  [mediaTypes.dockerLayerGzip]: mediaTypes.ociLayerGzip,
  [mediaTypes.dockerLayer]: mediaTypes.ociLayer,
};

/** The forms in which an image is written to disk. */
export type ExportFormat = 'oci-archive' | 'docker-archive' | 'layout';

/** Where and how `exportImage` writes an image. */
export interface ExportImageOptions extends CallOptions {
  readonly format: ExportFormat;
  /** The file, or for a layout the directory; an archive replaces an existing file. */
  readonly path: string;
  /** Without one the image is found by being the only one. */
  readonly tag?: string;
  /** E.g. `quay.io/acme/hello`: readers show `repository:tag` then. */
  readonly repository?: string;
  /** Default `docker`, which tkn writes and Tekton's catalogs have; `oci` gives another digest. */
  readonly mediaTypes?: 'docker' | 'oci';
  readonly clock?: Clock;
  /** Where the image's referrers and signature tags are: they are written beside it, but not into a docker-archive. */
  readonly attachedFrom?: CompanySource | undefined;
}

/** What `exportImage` wrote. */
export interface ExportReport {
  /** Of the manifest as it was written. */
  readonly digest: Digest;
  /** Of the archive's bytes: equal images give equal archives. Null for a layout. */
  readonly fileDigest: Digest | null;
  /** Referrers and signature tags that were written beside it. */
  readonly attached: number;
}

/**
 * Writes one image as a file or directory that other tools read. Equal images give equal archives.
 *
 * @throws NOT_WRITABLE, DISK_FULL, REFERENCE_INVALID for an invalid tag, USAGE for referrers where the format or another digest
 *   rules them out
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, exportImage, openArchiveStore, readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const { image, digest } = buildBundle(objects);
 * const report = await exportImage(image, { format: 'oci-archive', path: 'hello-world.tar', tag: 'v1.0.0' });
 * console.log(report.digest === digest); // true
 * const archive = await openArchiveStore('hello-world.tar', { kind: 'oci-archive' });
 * console.log(await archive.tags()); // [ 'v1.0.0' ]
 * ```
 */
export async function exportImage(image: Image, options: ExportImageOptions): Promise<ExportReport> {
  const { format, path, tag, repository, mediaTypes = 'docker', clock, attachedFrom, signal } = options;
  const call = signal ? { signal } : {};
  const written = mediaTypes === 'oci' ? toOciImage(image) : image;
  const { digest } = written.manifest.descriptor;
  if (attachedFrom && (format === 'docker-archive' || digest !== image.manifest.descriptor.digest))
    throw cannotAttach(format);
  if (format === 'layout') {
    const store = openLayoutStore(path, clock ? { clock } : {});
    await writeImage(store, written, { tag, ...call });
    return { digest, fileDigest: null, attached: await copyAttached(attachedFrom, { store, digest }, call) };
  }
  const writer = await createArchiveWriter(path, { kind: format, repository, ...call });
  try {
    await writeImage(writer.store, written, { tag, ...call });
    const attached = await copyAttached(attachedFrom, { store: writer.store, digest }, call);
    await writer.finish();
    return { digest, fileDigest: await fileDigest(path), attached };
  } finally {
    await writer.close();
  }
}

async function copyAttached(
  source: CompanySource | undefined,
  { store, digest }: { readonly store: LayoutStore; readonly digest: Digest },
  call: CallOptions,
): Promise<number> {
  if (!source) return 0;
  const { referrers, signatures } = await findCompany(source, digest, call);
  for (const referrer of referrers) await copyImage({ source, target: store }, referrer, call);
  for (const { tag, descriptor } of signatures)
    await copyImage({ source, target: store }, descriptor, { tags: [tag], ...call });
  return referrers.length + signatures.length;
}

function cannotAttach(format: ExportFormat): BundlesError {
  const problem =
    format === 'docker-archive'
      ? 'a docker-archive has no place for them'
      : 'with other media types the bundle has another digest, and they refer to the one it had';
  return new BundlesError('USAGE', `Cannot export referrers: ${problem}`, {
    hint: 'Use --format oci-archive or layout, with --media-types docker',
  });
}

async function fileDigest(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return parseDigest(`sha256:${hash.digest('hex')}`);
}

/** The same image in the media types of OCI: every blob stays, the manifest and so its digest are others. */
function toOciImage({ manifest, config, layers }: Image): Image {
  if (manifest.descriptor.mediaType === mediaTypes.ociManifest) return { manifest, config, layers };
  const { annotations } = parseImageManifest(manifest.bytes, manifest.descriptor.mediaType);
  const newConfig = retyped(config);
  const newLayers = layers.map(retyped);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: newConfig.descriptor,
    layers: newLayers.map(({ descriptor }) => descriptor),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
  return { manifest: { descriptor, bytes }, config: newConfig, layers: newLayers };
}

/** With the fields in the order of the specification. */
function retyped({ descriptor, bytes }: Content): Content {
  const { mediaType, digest, size, annotations } = descriptor;
  return {
    descriptor: {
      mediaType: ociTypes[mediaType] ?? mediaType,
      digest,
      size,
      ...(annotations ? { annotations } : {}),
    },
    bytes,
  };
}
