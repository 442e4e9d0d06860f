import { type Gunzip, gunzip } from 'node:zlib';
import { BundlesError } from '../errors.js';

export interface GunzipCappedOptions {
  /** Bytes that may come out. */
  readonly limit: number;
  /** What is being read, for the message. */
  readonly what: string;
}

/**
 * Decompresses a whole gzip file; an archive bomb stops at the limit. Bytes behind its end are refused, as Go does.
 *
 * @throws TOO_LARGE, BUNDLE_INVALID when it is not gzip, is cut short or fails its checksum
 */
export async function gunzipCapped(
  bytes: Uint8Array,
  { limit, what }: GunzipCappedOptions,
): Promise<Uint8Array> {
  try {
    const { buffer, engine } = await inflate(bytes, limit);
    if (engine.bytesWritten === bytes.length) return buffer;
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
  throw new BundlesError('BUNDLE_INVALID', `Cannot decompress ${what}: something follows its end`);
}

/** True for bytes that begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const smallestPiece = 16 * 1024;
const largestPiece = 256 * 1024;

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: Gunzip;
}

function inflate(bytes: Uint8Array, limit: number): Promise<Inflated> {
  const options = {
    // A limit of 0 would be no limit to zlib.
    maxOutputLength: Math.max(1, limit),
    // zlib's own pieces of 16 KiB take hundreds of MiB seven times as long.
    chunkSize: Math.min(largestPiece, Math.max(smallestPiece, bytes.length)),
    info: true,
  };
  return new Promise((resolve, reject) => {
    gunzip(bytes, options, (error, result) => {
      if (error) reject(error);
      // With `info` the result is both, which the type declarations do not cover.
      else resolve(result as unknown as Inflated);
    });
  });
}
