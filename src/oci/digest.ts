import { createHash } from 'node:crypto';
import { BundlesError } from '../errors.js';

declare const digestBrand: unique symbol;
/** `sha256:<64 hex>` or `sha512:<128 hex>`, lower case; made only by the functions of this file. */
export type Digest = string & { readonly [digestBrand]: true };

const pattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/**
 * Reads `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal digits.
 *
 * @throws REFERENCE_INVALID
 * @example
 * ```ts
 * import { isBundlesError } from 'tekton-bundles';
 * import { parseDigest } from 'tekton-bundles/registry';
 *
 * console.log(parseDigest(`sha256:${'0'.repeat(64)}`).length); // 71
 * try {
 *   parseDigest('sha256:short');
 * } catch (error) {
 *   console.log(isBundlesError(error, 'REFERENCE_INVALID')); // true
 * }
 * ```
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot read the digest ${JSON.stringify(text.slice(0, 200))}`,
    {
      hint: 'A digest is sha256: and 64 lower-case hexadecimal digits',
    },
  );
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && pattern.test(text);
}

/**
 * The sha256 digest of some bytes.
 *
 * @example
 * ```ts
 * import { digestOf } from 'tekton-bundles/registry';
 *
 * console.log(digestOf(new TextEncoder().encode('hello')));
 * // sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
 * ```
 */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** A running hash of the same algorithm as `digest`, to check bytes that arrive in pieces. */
export function createDigester(digest: Digest): { update(bytes: Uint8Array): void; digest(): Digest } {
  const algorithm = digest.slice(0, digest.indexOf(':'));
  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `${algorithm}:${hash.digest('hex')}` as Digest,
  };
}
