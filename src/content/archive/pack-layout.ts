import { createReadStream } from 'node:fs';
import { type FileHandle, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pack } from 'tar-stream';
import { BundlesError } from '../../errors.js';
import { replaceFile } from '../../fs/write-file-atomic.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { parseManifest } from '../../oci/manifest.js';
import { isManifest, mediaTypes } from '../../oci/media-types.js';
import { refNameAnnotation, wholeNameAnnotation } from '../layout/image-names.js';
import type { LayoutEntry } from '../layout/layout-entries.js';
import { formatIndexFile, layoutMark, readIndexFile } from '../layout/layout-files.js';
import type { ArchiveKind } from './archive-store.js';

export interface PackLayoutOptions {
  readonly kind: ArchiveKind;
  readonly repository: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Writes a layout as one tar file: oci-layout, index.json, manifest.json if requested, blobs by digest. */
export async function packLayout(
  directory: string,
  path: string,
  { kind, repository, signal }: PackLayoutOptions,
): Promise<void> {
  const index = (await readIndexFile(directory)) ?? { entries: [], rest: {} };
  const entries = index.entries.map((entry) => withWholeName(entry, repository));
  const texts: [string, string][] = [
    ['oci-layout', layoutMark],
    ['index.json', formatIndexFile({ ...index, entries })],
  ];
  if (kind === 'docker-archive') texts.push(['manifest.json', await dockerManifest(directory, entries)]);
  const blobs = await blobFiles(directory);
  const { pack } = await import('tar-stream');
  await replaceFile(path, async (handle) => {
    const tar = pack();
    const written = writeAll(handle, tar);
    try {
      for (const [name, text] of texts) await add(tar, name, Buffer.from(text));
      for (const name of blobs) {
        signal?.throwIfAborted();
        await addFile(tar, name, join(directory, name));
      }
      tar.finalize();
    } catch (error) {
      tar.destroy();
      await written.catch(() => undefined);
      throw error;
    }
    await written;
  });
}

function withWholeName(entry: LayoutEntry, repository: string | undefined): LayoutEntry {
  const tag = entry.annotations?.[refNameAnnotation];
  if (tag === undefined || repository === undefined) return entry;
  // The order is part of the bytes.
  const annotations = { [wholeNameAnnotation]: `${repository}:${tag}`, ...entry.annotations };
  return { ...entry, annotations };
}

interface DockerEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

async function dockerManifest(directory: string, entries: readonly LayoutEntry[]): Promise<string> {
  const images = new Map<string, DockerEntry>();
  for (const entry of entries) {
    if (!isManifest(entry.mediaType)) continue;
    const bytes = await readFile(join(directory, blobName(entry)));
    const manifest = parseManifest(bytes, entry.mediaType);
    if (manifest.type !== 'image' || !configTypes.includes(manifest.config.mediaType)) continue;
    const name = entry.annotations?.[wholeNameAnnotation];
    const before = images.get(entry.digest)?.RepoTags ?? [];
    images.set(entry.digest, {
      Config: blobName(manifest.config),
      RepoTags: name === undefined ? before : [...before, name],
      Layers: manifest.layers.map(blobName),
    });
  }
  if (images.size > 0) return JSON.stringify([...images.values()]);
  throw new BundlesError(
    'BUNDLE_INVALID',
    'Cannot write a docker-archive: it holds images, and there is none',
    { hint: 'Write an oci-archive: it holds indexes and artifacts too' },
  );
}

const configTypes: readonly string[] = [mediaTypes.dockerConfig, mediaTypes.ociConfig];

function blobName({ digest }: Pick<Descriptor, 'digest'>): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function blobFiles(directory: string): Promise<string[]> {
  const names: string[] = [];
  for (const algorithm of ['sha256', 'sha512']) {
    const files = await readdir(join(directory, 'blobs', algorithm)).catch(() => []);
    names.push(...files.sort().map((file) => `blobs/${algorithm}/${file}`));
  }
  return names;
}

const plain = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'file' } as const;

function add(tar: Pack, name: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...plain, name, size: bytes.length }, Buffer.from(bytes), (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

async function addFile(tar: Pack, name: string, path: string): Promise<void> {
  const { size } = await stat(path);
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry({ ...plain, name, size }, (error) => (error ? reject(error) : resolve()));
    const source = createReadStream(path);
    source.once('error', (error) => {
      entry.destroy(error);
      reject(error);
    });
    source.pipe(entry as unknown as NodeJS.WritableStream);
  });
}

async function writeAll(handle: FileHandle, tar: Pack): Promise<void> {
  for await (const piece of tar as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
  }
}
