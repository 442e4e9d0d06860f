import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { createDigester, isDigest } from '../oci/digest.js';
import { parseManifest } from '../oci/manifest.js';
import { mediaTypes } from '../oci/media-types.js';
import { readContent } from './read-content.js';
import type { CallOptions, ReadableStore } from './store.js';
import { createContentCheck } from './verified-stream.js';

export interface VerifyImageOptions extends CallOptions {
  /** Bytes one layer may unpack to. Default 1 GiB. */
  readonly unpackedLimit?: number;
}

export interface VerifyReport {
  readonly descriptor: Descriptor;
  /** Contents read and checked, each as often as it is named. */
  readonly checked: number;
  /** Layers of which only the compressed bytes could be checked (zstd, or no image config). */
  readonly unproven: readonly Descriptor[];
}

const deepestIndex = 4;

/**
 * Reads an image, or an index and all it names, and checks every size, every digest and every diffId against what the
 * bytes are.
 *
 * @throws NOT_FOUND, DIGEST_MISMATCH, BUNDLE_INVALID, TOO_LARGE
 */
export async function verifyImage(
  store: ReadableStore,
  tagOrDigest: string,
  options: VerifyImageOptions = {},
): Promise<VerifyReport> {
  const descriptor = await store.resolve(tagOrDigest, callOptions(options));
  if (isDigest(tagOrDigest) && descriptor.digest !== tagOrDigest)
    throw differs(tagOrDigest, descriptor.digest);
  const unproven: Descriptor[] = [];
  const checked = await verifyManifest(store, descriptor, { options, unproven, depth: 0 });
  return { descriptor, checked, unproven };
}

interface Walk {
  readonly options: VerifyImageOptions;
  readonly unproven: Descriptor[];
  readonly depth: number;
}

async function verifyManifest(store: ReadableStore, descriptor: Descriptor, walk: Walk): Promise<number> {
  if (walk.depth > deepestIndex) {
    throw new BundlesError('BUNDLE_INVALID', `Cannot verify an index nested more than ${deepestIndex} deep`);
  }
  const bytes = await readContent(store, descriptor, callOptions(walk.options));
  const manifest = parseManifest(bytes, descriptor.mediaType);
  let checked = 1;
  if (manifest.type === 'index') {
    for (const child of manifest.manifests) {
      checked += await verifyManifest(store, child, { ...walk, depth: walk.depth + 1 });
    }
    return checked;
  }
  const config = await readContent(store, manifest.config, callOptions(walk.options));
  const diffIds = diffIdsOf(manifest.config, config);
  if (diffIds && diffIds.length !== manifest.layers.length) {
    throw new BundlesError(
      'BUNDLE_INVALID',
      `Cannot verify ${descriptor.digest}: it has ${manifest.layers.length} layers and ${diffIds.length} diffIds`,
    );
  }
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = diffIds?.[index];
    const isProven = await verifyLayer(store, layer, { diffId, options: walk.options });
    if (!isProven) walk.unproven.push(layer);
  }
  return checked + 1 + manifest.layers.length;
}

/** True when the unpacked bytes were proven too. */
async function verifyLayer(
  store: ReadableStore,
  layer: Descriptor,
  { diffId, options }: { readonly diffId: unknown; readonly options: VerifyImageOptions },
): Promise<boolean> {
  const { signal, unpackedLimit = 1024 ** 3 } = options;
  const kind = diffId === undefined ? undefined : packing(layer.mediaType);
  if (diffId !== undefined && !isDigest(diffId)) {
    throw new BundlesError(
      'BUNDLE_INVALID',
      `Cannot verify the layer ${layer.digest}: its diffId is not a digest`,
    );
  }
  const unpacked = createDigester(diffId ?? layer.digest);
  let length = 0;
  const count = (bytes: Uint8Array) => {
    length += bytes.length;
    if (length > unpackedLimit) throw tooLarge(layer, unpackedLimit);
    unpacked.update(bytes);
  };
  const packed = createContentCheck(layer);
  const source = Readable.fromWeb((await store.read(layer, callOptions(options))) as never);
  const checkedBytes = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      packed.update(piece);
      yield piece;
    }
    packed.finish();
  };
  const take = async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) if (kind) count(piece);
  };
  try {
    if (kind === 'gzip') {
      const { createGunzip } = await import('node:zlib');
      await pipeline(source, checkedBytes, createGunzip(), take, signal ? { signal } : {});
    } else await pipeline(source, checkedBytes, take, signal ? { signal } : {});
  } catch (error) {
    throw unpackError(error, layer, signal);
  }
  const found = unpacked.digest();
  if (kind && found !== diffId) throw differs(`${diffId} (diffId of ${layer.digest})`, found);
  return kind !== undefined;
}

function packing(mediaType: string): 'gzip' | 'none' | undefined {
  if (mediaType === mediaTypes.ociLayer || mediaType === mediaTypes.dockerLayer) return 'none';
  return mediaType === mediaTypes.ociLayerGzip || mediaType === mediaTypes.dockerLayerGzip
    ? 'gzip'
    : undefined;
}

function diffIdsOf(descriptor: Descriptor, bytes: Uint8Array): readonly unknown[] | undefined {
  if (descriptor.mediaType !== mediaTypes.dockerConfig && descriptor.mediaType !== mediaTypes.ociConfig) {
    return undefined;
  }
  let diffIds: unknown;
  try {
    diffIds = JSON.parse(new TextDecoder().decode(bytes))?.rootfs?.diff_ids;
  } catch (cause) {
    throw new BundlesError('BUNDLE_INVALID', `Cannot read the config ${descriptor.digest}: JSON is wanted`, {
      cause,
    });
  }
  return Array.isArray(diffIds) ? diffIds : [];
}

function unpackError(error: unknown, layer: Descriptor, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('Z_')) return error;
  return new BundlesError('BUNDLE_INVALID', `Cannot unpack the layer ${layer.digest}: it is not whole gzip`, {
    details: { digest: layer.digest },
    cause: error,
  });
}

function tooLarge({ digest }: Descriptor, limit: number): BundlesError {
  return new BundlesError(
    'TOO_LARGE',
    `Cannot verify the layer ${digest}: it unpacks to more than ${limit} bytes`,
    {
      details: { digest, limit },
    },
  );
}

function differs(expected: string, found: string): BundlesError {
  return new BundlesError('DIGEST_MISMATCH', `Cannot accept ${expected}: found ${found}`, {
    details: { expected, found },
  });
}

function callOptions({ signal }: VerifyImageOptions): CallOptions {
  return signal ? { signal } : {};
}
