import { gunzipCapped, isGzip } from '../bytes/gunzip-capped.js';
import { readContent } from '../content/read-content.js';
import type { CallOptions, ContentReader } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';

const COMPRESSED_BYTES = 8 * 1024 * 1024;
/** etcd refuses a larger one, in base64 as resolvers store it. It is not looked into: that would keep all else waiting. */
export const OBJECT_BYTES = 1.25 * 1024 * 1024;
/** Of all layers of a bundle together, before compression. */
export const BUNDLE_BYTES = 4 * 1024 * 1024;
/** With room for the archive around it. */
const UNCOMPRESSED_BYTES = 2 * OBJECT_BYTES;

/** How much of a layer is read. */
export interface ReadLayerOptions extends CallOptions {
  /** Bytes after decompression. Default 2.5 MiB. */
  readonly limit?: number;
}

/**
 * A layer's bytes before compression. Whether it is compressed shows in its bytes, as the resolver sees it, not in its
 * media type.
 *
 * @throws TOO_LARGE beyond 8 MiB compressed, or beyond `limit`; BUNDLE_INVALID for broken gzip; NOT_FOUND and
 * DIGEST_MISMATCH
 */
export async function readLayer(
  store: ContentReader,
  layer: Descriptor,
  { limit = UNCOMPRESSED_BYTES, signal }: ReadLayerOptions = {},
): Promise<Uint8Array> {
  const bytes = await readContent(store, layer, { limit: COMPRESSED_BYTES, signal });
  return isGzip(bytes) ? gunzipCapped(bytes, { limit, what: `the layer ${layer.digest}` }) : bytes;
}

/** The refusal of a bundle whose layers have too many bytes together. */
export function layersTooLarge(digest: Digest, limit: number): BundlesError {
  return new BundlesError(
    'TOO_LARGE',
    `Cannot read the bundle ${digest}: its layers have more than ${limit} bytes together`,
    { hint: 'Check that the reference names a Tekton bundle', details: { digest, limit } },
  );
}
