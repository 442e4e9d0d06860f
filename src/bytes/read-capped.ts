import { BundlesError } from '../errors.js';

export interface ReadCappedOptions {
  /** Bytes. */
  readonly limit: number;
  /** What is being read, for the message, e.g. `the manifest of "quay.io/a/b:1"`. */
  readonly what: string;
  readonly signal?: AbortSignal;
}

/**
 * Reads the whole stream into a new array. A stream that exceeds the limit is cancelled at once.
 *
 * @throws TOO_LARGE
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array>,
  { limit, what, signal }: ReadCappedOptions,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return concatenate(chunks, length);
      length += value.length;
      if (length > limit) throw tooLarge(what, limit);
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    reader.releaseLock();
  }
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function tooLarge(what: string, limit: number): BundlesError {
  return new BundlesError('TOO_LARGE', `Cannot read ${what}: it is longer than ${limit} bytes`, {
    details: { limit },
  });
}
