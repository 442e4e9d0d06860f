import { gunzipCapped, isGzip } from '../bytes/gunzip-capped.js';
import { readContent } from '../content/read-content.js';
import type { CallOptions, ContentReader } from '../content/store.js';
import type { Descriptor } from '../oci/descriptor.js';

const COMPRESSED_BYTES = 8 * 1024 * 1024;
const UNCOMPRESSED_BYTES = 32 * 1024 * 1024;

export interface ReadLayerOptions extends CallOptions {
  /** Bytes after decompression. Default 32 MiB. */
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
