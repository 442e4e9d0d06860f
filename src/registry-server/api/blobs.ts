import { isBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import type { Repository } from '../repositories.js';
import { requireDigest, WireError } from '../wire-error.js';
import { type ByteRange, parseByteRange } from './byte-range.js';

/** GET, with ranges, and HEAD. */
export async function readBlob(
  request: Request,
  repository: Repository,
  { digest: text }: { readonly digest: string },
): Promise<Response> {
  const digest = requireDigest(text);
  const size = await repository.store.sizeOf(digest);
  if (size === undefined) throw await unknownBlob(repository, digest);
  const range = parseByteRange(request.headers.get('range'), size);
  if (range === 'unsatisfiable') {
    throw new WireError(416, 'RANGE_INVALID', `range lies outside the blob's ${size} bytes`, {
      headers: { 'content-range': `bytes */${size}` },
    });
  }
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const body = request.method === 'HEAD' ? null : await openBody(repository, digest, { first, last });
  return new Response(body, {
    status: range ? 206 : 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(last - first + 1),
      'docker-content-digest': digest,
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}),
    },
  });
}

/** DELETE. */
export async function deleteBlob(
  repository: Repository,
  { digest: text }: { readonly digest: string },
): Promise<Response> {
  const digest = requireDigest(text);
  if ((await repository.store.sizeOf(digest)) === undefined) throw await unknownBlob(repository, digest);
  if (await isHeldAsManifest(repository, digest)) {
    throw new WireError(405, 'UNSUPPORTED', 'it is a manifest here: delete it as one', {
      headers: { allow: 'GET, HEAD' },
    });
  }
  try {
    await repository.store.delete(digest);
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) throw await unknownBlob(repository, digest);
    throw error;
  }
  return new Response(null, { status: 202, headers: { 'content-length': '0' } });
}

async function isHeldAsManifest(repository: Repository, digest: Digest): Promise<boolean> {
  try {
    await repository.store.resolve(digest);
    return true;
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return false;
    throw error;
  }
}

async function openBody(
  repository: Repository,
  digest: Digest,
  { first, last }: ByteRange,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream> {
  try {
    const body = await repository.store.readRange(digest, first, last);
    return body as Uint8Array<ArrayBuffer> | ReadableStream;
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) throw await unknownBlob(repository, digest);
    throw error;
  }
}

async function unknownBlob(repository: Repository, digest: Digest): Promise<WireError> {
  await repository.requireExisting();
  return new WireError(404, 'BLOB_UNKNOWN', 'no such blob in this repository', { detail: { digest } });
}
