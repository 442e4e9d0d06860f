import { BundlesError } from '../errors.js';
import { gzipLevel1 } from '../gzip/gzip.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';

/** A file, directory or symbolic link of a layer; its path is relative to the root, e.g. `opt/app/main.js`. */
export type LayerEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly bytes: Uint8Array;
      /** Default false. */
      readonly executable?: boolean;
    }
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

/** A layer in memory; `diffId` is the digest of its archive before compression. */
export interface Layer {
  readonly content: Content;
  readonly diffId: Digest;
}

/** How a layer is packed. */
export interface PackLayerOptions {
  /** Default true: by gzip. */
  readonly compress?: boolean;
}

/**
 * Packs entries as the layer of an image. Equal entries give equal bytes, in any order and on any version of Node: they are sorted,
 * belong to root and group 0, are readable by everyone and have the time 0. Parent directories that are not listed come from the layers
 * below.
 *
 * @throws BUNDLE_INVALID for a path that is absolute, empty, leaves the root, or is listed twice
 * @example
 * ```ts
 * import { packLayer } from 'tekton-bundles/images';
 *
 * const bytes = new TextEncoder().encode('#!/bin/sh\necho hello\n');
 * const layer = await packLayer([{ type: 'file', path: 'usr/local/bin/hello', bytes, executable: true }]);
 * console.log(layer.content.descriptor.mediaType, layer.diffId); // application/vnd.oci.image.layer.v1.tar+gzip sha256:…
 * ```
 */
export async function packLayer(
  entries: readonly LayerEntry[],
  { compress = true }: PackLayerOptions = {},
): Promise<Layer> {
  const sorted = entries.map((entry) => ({ entry, key: Buffer.from(entry.path) }));
  sorted.sort((a, b) => Buffer.compare(a.key, b.key));
  const seen = new Set<string>();
  for (const { entry } of sorted) {
    requirePath(entry.path, seen);
    seen.add(entry.path);
  }
  const { pack } = await import('tar-stream');
  const tar = pack();
  for (const { entry } of sorted) {
    const common = { uid: 0, gid: 0, mtime: new Date(0), name: entry.path };
    if (entry.type === 'file') {
      const mode = entry.executable ? 0o755 : 0o644;
      tar.entry({ ...common, type: 'file', mode, size: entry.bytes.length }, Buffer.from(entry.bytes));
    } else if (entry.type === 'directory') {
      tar.entry({ ...common, name: `${entry.path}/`, type: 'directory', mode: 0o755 });
    } else {
      tar.entry({ ...common, type: 'symlink', mode: 0o777, linkname: entry.target });
    }
  }
  tar.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of tar as AsyncIterable<Uint8Array>) pieces.push(piece);
  const archive = Buffer.concat(pieces);
  const bytes = compress ? gzipLevel1(archive) : archive;
  const mediaType = compress ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer;
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  return { content: { descriptor, bytes }, diffId: digestOf(archive) };
}

function requirePath(path: string, seen: ReadonlySet<string>): void {
  const parts = path.split('/');
  const isWhole = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !path.includes('\0');
  if (isWhole && !seen.has(path)) return;
  const why = isWhole ? 'it is named twice' : 'wanted a path below the root, such as "opt/app/main.js"';
  throw new BundlesError('BUNDLE_INVALID', `Cannot pack ${JSON.stringify(path)} into a layer: ${why}`, {
    details: { path },
  });
}
