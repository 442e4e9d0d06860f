import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { consumeStream } from './consume-stream.js';
import type { CallOptions, ContentReader } from './store.js';
import { createContentCheck } from './verified-stream.js';

export interface ReadContentOptions extends CallOptions {
  /** Bytes. Default 4 MiB, what registries allow a manifest. */
  readonly limit?: number;
}

/**
 * The whole content in memory, checked against its descriptor whatever the store promises.
 *
 * @throws NOT_FOUND, DIGEST_MISMATCH, TOO_LARGE
 */
export async function readContent(
  store: ContentReader,
  descriptor: Descriptor,
  { limit = 4 * 1024 * 1024, signal }: ReadContentOptions = {},
): Promise<Uint8Array> {
  if (descriptor.size > limit) {
    throw new BundlesError(
      'TOO_LARGE',
      `Cannot read the content ${descriptor.digest}: it has ${descriptor.size} bytes, allowed are ${limit}`,
      { details: { digest: descriptor.digest, size: descriptor.size, limit } },
    );
  }
  const stream = await store.read(descriptor, signal ? { signal } : {});
  const check = createContentCheck(descriptor);
  const chunks: Uint8Array[] = [];
  const take = (chunk: Uint8Array) => {
    check.update(chunk);
    chunks.push(chunk);
  };
  await consumeStream(stream, take, signal);
  check.finish();
  const [first] = chunks;
  return chunks.length === 1 && first ? first : Buffer.concat(chunks);
}
