import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { BundlesError } from '../errors.js';

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

export interface GunzipCappedOptions {
  /** Bytes that may come out. */
  readonly limit: number;
  /** What is being read, for the message. */
  readonly what: string;
}

/**
 * Decompresses a whole gzip file; an archive bomb stops at the limit.
 *
 * @throws TOO_LARGE, BUNDLE_INVALID when it is not gzip, is cut short or fails its checksum
 */
export async function gunzipCapped(
  bytes: Uint8Array,
  { limit, what }: GunzipCappedOptions,
): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BundlesError('TOO_LARGE', `Cannot decompress ${what}: it grows beyond ${limit} bytes`, {
        details: { limit },
        cause,
      });
    }
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new BundlesError('BUNDLE_INVALID', `Cannot decompress ${what}: ${found}`, { cause });
  }
}

/** True for bytes that begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
