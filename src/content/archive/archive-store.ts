import { bytesInMemory } from '../../bytes/byte-source.js';
import { type Digest, isDigest } from '../../oci/digest.js';
import { isManifest } from '../../oci/media-types.js';
import { nameImages, sameName } from '../layout/image-names.js';
import { parseIndexFile, parseLayoutMark } from '../layout/layout-files.js';
import { notFound } from '../not-found.js';
import type { CallOptions, ManifestLister, ReadableStore, TagLister } from '../store.js';
import { verifiedStream } from '../verified-stream.js';
import { type ArchiveEntry, type ArchiveFile, invalid, openArchiveFile } from './archive-file.js';
import { type ArchiveContent, readDockerArchive } from './docker-archive.js';
import { readArchiveFile } from './read-archive-file.js';

/** A tar file of an OCI layout, or one as `docker save` writes it. */
export type ArchiveKind = 'oci-archive' | 'docker-archive';
/** What an archive holds, to read from. */
export type ArchiveStore = ReadableStore & TagLister & ManifestLister;

/** Which kind of archive is opened. */
export interface OpenArchiveOptions extends CallOptions {
  readonly kind: ArchiveKind;
}

/**
 * Opens a tar file of an OCI layout, or of `docker save`, as a content store to read from; either may be compressed by gzip. `resolve`
 * takes a tag, a whole name such as `quay.io/acme/hello:v1`, or a digest.
 *
 * A docker-archive that also holds a layout, as those of Docker 25 and of `bundles export` do, is read as that layout, so that digests
 * and annotations are kept. Other docker-archives have no manifest: one is made for each image, without annotations.
 *
 * @throws NOT_FOUND, NOT_READABLE, ARCHIVE_INVALID, LAYOUT_INVALID, TOO_LARGE
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, exportImage, openArchiveStore, readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * await exportImage(buildBundle(objects).image, { format: 'docker-archive', path: 'hello.tar', repository: 'quay.io/acme/hello', tag: 'v1' });
 * const archive = await openArchiveStore('hello.tar', { kind: 'docker-archive' });
 * console.log((await archive.resolve('quay.io/acme/hello:v1')).digest); // sha256:…
 * ```
 */
export async function openArchiveStore(
  path: string,
  { kind, signal }: OpenArchiveOptions,
): Promise<ArchiveStore> {
  const options = signal ? { signal } : {};
  const archive = await openArchiveFile(path, options);
  const content = await readContentOf(archive, kind, options);
  const where = `the archive ${JSON.stringify(path)}`;
  const listed = new Map(content.manifests.map((descriptor) => [descriptor.digest, descriptor]));

  const sizeOf = (digest: Digest) => {
    const blob = content.blobs.get(digest);
    return blob instanceof Uint8Array ? blob.length : blob?.size;
  };
  return {
    async has({ digest, size, mediaType }, { signal } = {}) {
      signal?.throwIfAborted();
      return sizeOf(digest) === size && (!isManifest(mediaType) || listed.has(digest));
    },
    async read(descriptor, { signal } = {}) {
      signal?.throwIfAborted();
      const blob = content.blobs.get(descriptor.digest);
      if (blob === undefined) throw notFound(descriptor.digest, { where });
      const source =
        blob instanceof Uint8Array ? bytesInMemory(Uint8Array.from(blob)) : await archive.open(blob);
      return verifiedStream(source, descriptor, signal);
    },
    async resolve(wanted, { signal } = {}) {
      signal?.throwIfAborted();
      const found = isDigest(wanted)
        ? listed.get(wanted)
        : (content.names.byTag.get(wanted) ?? content.names.byName.get(sameName(wanted)));
      if (!found) throw notFound(wanted, { where });
      return found;
    },
    async tags({ signal } = {}) {
      signal?.throwIfAborted();
      return [...content.names.byTag.keys()].sort();
    },
    async manifests({ signal } = {}) {
      signal?.throwIfAborted();
      return [...listed.values()];
    },
  };
}

async function readContentOf(
  archive: ArchiveFile,
  kind: ArchiveKind,
  options: CallOptions,
): Promise<ArchiveContent> {
  const has = (name: string) => archive.entries.has(name) || archive.links.has(name);
  const holdsLayout = has('index.json') && has('oci-layout');
  const holdsDocker = has('manifest.json');
  if (kind === 'oci-archive' && !holdsLayout) {
    const other = holdsDocker ? `; it is a docker-archive: write docker-archive:${archive.path}` : '';
    throw invalid(
      archive.path,
      `an oci-archive holds oci-layout and index.json, and this one does not${other}`,
    );
  }
  if (kind === 'docker-archive' && !holdsDocker) {
    const other = holdsLayout ? `; it is an oci-archive: write oci-archive:${archive.path}` : '';
    throw invalid(archive.path, `a docker-archive holds manifest.json, and this one does not${other}`);
  }
  return holdsLayout ? readOciArchive(archive, options) : readDockerArchive(archive, options);
}

async function readOciArchive(archive: ArchiveFile, options: CallOptions): Promise<ArchiveContent> {
  const mark = await readArchiveFile(archive, 'oci-layout', options);
  parseLayoutMark(mark, `${archive.path}: oci-layout`);
  const index = await readArchiveFile(archive, 'index.json', options);
  const { entries } = parseIndexFile(index, `${archive.path}: index.json`);
  const blobs = new Map<Digest, ArchiveEntry>();
  for (const [name, entry] of archive.entries) {
    const [, algorithm, hex] = /^blobs\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
    const digest = `${algorithm}:${hex}`;
    if (isDigest(digest)) blobs.set(digest, entry);
  }
  const manifests = entries.map(({ mediaType, digest, size }) => Object.freeze({ mediaType, digest, size }));
  return { blobs, manifests, names: nameImages(entries) };
}
