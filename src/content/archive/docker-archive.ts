import { createHash } from 'node:crypto';
import { isGzip } from '../../bytes/gunzip-capped.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { type Digest, digestOf, parseDigest } from '../../oci/digest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { collectNames, type ImageNames } from '../layout/image-names.js';
import type { CallOptions } from '../store.js';
import { type ArchiveEntry, type ArchiveFile, invalid, requireEntry } from './archive-file.js';
import { eachPiece, readArchiveFile } from './read-archive-file.js';

/** What an archive holds, whichever kind it is. */
export interface ArchiveContent {
  /** Bytes in memory are manifests that the archive does not hold as such. */
  readonly blobs: ReadonlyMap<Digest, ArchiveEntry | Uint8Array>;
  readonly manifests: readonly Descriptor[];
  readonly names: ImageNames;
}

/** One image in the manifest.json of `docker save`. */
interface DockerImage {
  readonly config: string;
  readonly names: readonly string[];
  /** Files, in the order of the layers. */
  readonly layers: readonly string[];
}

interface Found {
  readonly descriptor: Descriptor;
  readonly entry: ArchiveEntry;
}

/** Makes for each image the manifest that the archive lacks; layers keep the bytes they have there. */
export async function readDockerArchive(archive: ArchiveFile, options: CallOptions): Promise<ArchiveContent> {
  const images = parseImages(archive, await readArchiveFile(archive, 'manifest.json', options));
  const blobs = new Map<Digest, ArchiveEntry | Uint8Array>();
  const manifests: Descriptor[] = [];
  const named: { name: string; descriptor: Descriptor }[] = [];
  const known = new Map<string, Promise<Found>>();
  const find = (name: string) => {
    const found = known.get(name) ?? describe(archive, name, options);
    known.set(name, found);
    return found;
  };
  for (const { config, layers, names } of images) {
    const parts = await Promise.all([config, ...layers].map(find));
    for (const { descriptor, entry } of parts) blobs.set(descriptor.digest, entry);
    const [first, ...others] = parts.map(({ descriptor }) => descriptor);
    const bytes = manifestOf({ ...first, mediaType: mediaTypes.dockerConfig }, others);
    const mediaType = mediaTypes.dockerManifest;
    const descriptor = Object.freeze({ mediaType, digest: digestOf(bytes), size: bytes.length });
    blobs.set(descriptor.digest, bytes);
    manifests.push(descriptor);
    for (const name of names) named.push({ name, descriptor });
  }
  return { blobs, manifests, names: collectNames(named) };
}

function manifestOf(config: object, layers: readonly Descriptor[]): Uint8Array {
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.dockerManifest, config, layers };
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/** A layer's type shows in its first bytes: docker saves plain ones, others compressed ones. */
async function describe(archive: ArchiveFile, name: string, { signal }: CallOptions): Promise<Found> {
  const entry = requireEntry(archive, name);
  const hash = createHash('sha256');
  let start: Uint8Array = new Uint8Array();
  await eachPiece(archive, entry, {
    signal,
    take(piece) {
      if (start.length < 2) start = Buffer.concat([start, piece.subarray(0, 2)]);
      hash.update(piece);
    },
  });
  const mediaType = isGzip(start) ? mediaTypes.dockerLayerGzip : mediaTypes.dockerLayer;
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  return { entry, descriptor: { mediaType, size: entry.size, digest } };
}

function parseImages(archive: ArchiveFile, bytes: Uint8Array): DockerImage[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(archive.path, 'its manifest.json is not JSON', cause);
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > 1000) {
    throw invalid(archive.path, 'its manifest.json is not a list of 1 to 1000 images');
  }
  return value.map((image: unknown, index) => {
    const { Config, RepoTags, Layers } = (image ?? {}) as Record<string, unknown>;
    const names = RepoTags ?? [];
    const layers = Layers ?? [];
    if (typeof Config === 'string' && areTexts(names) && areTexts(layers)) {
      return { config: Config, names, layers };
    }
    throw invalid(archive.path, `image ${index + 1} of its manifest.json lacks Config, RepoTags or Layers`);
  });
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 1000 && value.every((item) => typeof item === 'string');
}
