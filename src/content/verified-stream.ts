import type { ByteSource } from '../bytes/byte-source.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { createDigester } from '../oci/digest.js';

/** Checks bytes that arrive in pieces against the descriptor that names them. */
export interface ContentCheck {
  /** @throws DIGEST_MISMATCH as soon as there are too many */
  update(bytes: Uint8Array): void;
  /** @throws DIGEST_MISMATCH when there were too few, or others */
  finish(): void;
}

export function createContentCheck({ digest, size }: Descriptor): ContentCheck {
  const digester = createDigester(digest);
  let length = 0;
  return {
    update(bytes) {
      length += bytes.length;
      if (length > size) throw mismatch(digest, { expected: size, found: length, what: 'bytes or more' });
      digester.update(bytes);
    },
    finish() {
      if (length !== size) throw mismatch(digest, { expected: size, found: length, what: 'bytes' });
      const found = digester.digest();
      if (found !== digest) throw mismatch(digest, { expected: digest, found, what: 'as its digest' });
    },
  };
}

/** @throws DIGEST_MISMATCH */
export function checkContent(descriptor: Descriptor, bytes: Uint8Array): void {
  const check = createContentCheck(descriptor);
  check.update(bytes);
  check.finish();
}

/** The bytes of `source`, failing at the end (or earlier) when they are not what `descriptor` names. */
export function verifiedStream(
  source: ByteSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  const check = createContentCheck(descriptor);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          signal?.throwIfAborted();
          const piece = await source.next();
          signal?.throwIfAborted();
          if (piece !== undefined) {
            check.update(piece);
            controller.enqueue(piece);
            return;
          }
          check.finish();
          await source.close();
          controller.close();
        } catch (error) {
          await source.close().catch(() => undefined);
          controller.error(error);
        }
      },
      cancel: () => source.close(),
    },
    { highWaterMark: 0 },
  );
}

export function mismatch(
  digest: string,
  { expected, found, what }: { readonly expected: unknown; readonly found: unknown; readonly what: string },
): BundlesError {
  return new BundlesError(
    'DIGEST_MISMATCH',
    `Cannot accept the content ${digest}: it has ${found} ${what}, wanted ${expected}`,
    {
      hint: 'The content was damaged on its way or at rest: try again, then report it to the administrators',
      details: { digest, expected, found },
    },
  );
}
