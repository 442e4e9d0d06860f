import { isBundlesError } from '../../errors.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { createDigester, type Digest, digestOf, isDigest } from '../../oci/digest.js';
import { isTag } from '../../oci/repository-name.js';
import type { DiskUse } from '../disk-use.js';
import type { RegistryLimits } from '../limits.js';
import type { Repository } from '../repositories.js';
import { WireError } from '../wire-error.js';
import { checkManifest, type ManifestFacts, type Part } from './check-manifest.js';
import { type Incoming, receiveBytes } from './receive-body.js';

/** GET and HEAD of a manifest by tag or digest. */
export async function readManifest(
  request: Request,
  repository: Repository,
  { tagOrDigest }: { readonly tagOrDigest: string },
): Promise<Response> {
  const descriptor = await resolveManifest(repository, tagOrDigest);
  const bytes = request.method === 'HEAD' ? null : await repository.readManifest(descriptor);
  return new Response(bytes as Uint8Array<ArrayBuffer> | null, {
    headers: {
      'content-type': descriptor.mediaType,
      'content-length': String(descriptor.size),
      'docker-content-digest': descriptor.digest,
    },
  });
}

export interface WriteManifestOptions {
  readonly tagOrDigest: string;
  /** By digest, `tag` gives it tags at once, as the next version of the specification has it. */
  readonly query: URLSearchParams;
  readonly limits: RegistryLimits;
  readonly disk: DiskUse;
}

/** Tags of one PUT. */
const mostTags = 100;

/** PUT of a manifest by tag or digest; everything it refers to must be there already. */
export async function writeManifest(
  incoming: Incoming,
  repository: Repository,
  { tagOrDigest, query, limits, disk }: WriteManifestOptions,
): Promise<Response> {
  if (!isDigest(tagOrDigest) && !isTag(tagOrDigest)) {
    throw tagOrDigest.includes(':')
      ? new WireError(400, 'DIGEST_INVALID', 'not a sha256 or sha512 digest')
      : new WireError(400, 'TAG_INVALID', 'not a tag: up to 128 letters, digits, and _ . -');
  }
  const tags = isDigest(tagOrDigest) ? [...new Set(query.getAll('tag'))] : [tagOrDigest];
  if (tags.length > mostTags || !tags.every(isTag)) {
    throw new WireError(400, 'TAG_INVALID', `not at most ${mostTags} tags of letters, digits, and _ . -`);
  }
  const bytes = await receiveBytes(incoming, limits.manifestBytes);
  const facts = checkManifest(bytes, incoming.request.headers.get('content-type'));
  const digest = digestLike(tagOrDigest, bytes);
  await requireParts(repository, facts);
  const descriptor = { mediaType: facts.mediaType, digest, size: bytes.length };
  // Asked once more where nothing can be collected: an old blob may go between the two.
  const options = { beforeListing: () => requireParts(repository, facts) };
  const stored = await disk.reserve(bytes.length);
  try {
    if (tags.length === 0) await repository.store.write(descriptor, bytes, options);
    for (const tag of tags) await repository.store.writeTagged(descriptor, bytes, tag, options);
  } finally {
    stored();
  }
  return new Response(null, {
    status: 201,
    headers: {
      location: `/v2/${repository.name}/manifests/${digest}`,
      'docker-content-digest': digest,
      'content-length': '0',
      ...(facts.subject === undefined ? {} : { 'oci-subject': facts.subject }),
      ...(isDigest(tagOrDigest) && tags.length > 0 ? { 'oci-tag': tags.join(', ') } : {}),
    },
  });
}

/** DELETE: a tag alone, or a manifest with all its tags. */
export async function deleteManifest(
  repository: Repository,
  { tagOrDigest }: { readonly tagOrDigest: string },
): Promise<Response> {
  await resolveManifest(repository, tagOrDigest);
  try {
    await repository.store.delete(tagOrDigest);
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) throw unknownManifest(tagOrDigest);
    throw error;
  }
  return new Response(null, { status: 202, headers: { 'content-length': '0' } });
}

async function resolveManifest(repository: Repository, tagOrDigest: string): Promise<Descriptor> {
  if (!isDigest(tagOrDigest) && !isTag(tagOrDigest)) throw unknownManifest(tagOrDigest);
  try {
    return await repository.store.resolve(tagOrDigest);
  } catch (error) {
    if (!isBundlesError(error, 'NOT_FOUND')) throw error;
    await repository.requireExisting();
    throw unknownManifest(tagOrDigest);
  }
}

function digestLike(tagOrDigest: string, bytes: Uint8Array): Digest {
  if (!isDigest(tagOrDigest)) return digestOf(bytes);
  const digester = createDigester(tagOrDigest);
  digester.update(bytes);
  const found = digester.digest();
  if (found === tagOrDigest) return found;
  throw new WireError(400, 'DIGEST_INVALID', 'manifest does not match its digest', {
    detail: { found, wanted: tagOrDigest },
  });
}

async function requireParts(repository: Repository, { blobs, manifests }: ManifestFacts): Promise<void> {
  const missing: string[] = [];
  await Promise.all([
    ...unique(blobs).map(async ({ digest, size }) => {
      const found = await repository.store.sizeOf(digest);
      if (found === undefined) missing.push(digest);
      else requireSize(digest, { found, size });
    }),
    ...unique(manifests).map(async ({ digest, size }) => {
      const found = await repository.store.resolve(digest).catch((error: unknown) => {
        if (!isBundlesError(error, 'NOT_FOUND')) throw error;
      });
      if (found === undefined) missing.push(digest);
      else requireSize(digest, { found: found.size, size });
    }),
  ]);
  if (missing.length === 0) return;
  throw new WireError(
    404,
    'MANIFEST_BLOB_UNKNOWN',
    'manifest refers to content this repository does not hold',
    {
      detail: { digests: missing.sort().slice(0, 50) },
    },
  );
}

function requireSize(
  digest: Digest,
  { found, size }: { readonly found: number; readonly size: number },
): void {
  if (found === size) return;
  throw new WireError(400, 'SIZE_INVALID', 'manifest gives another size than the content has', {
    detail: { digest, found, given: size },
  });
}

function unique(parts: readonly Part[]): Part[] {
  return [...new Map(parts.map((part) => [`${part.digest} ${part.size}`, part])).values()];
}

function unknownManifest(tagOrDigest: string): WireError {
  return new WireError(404, 'MANIFEST_UNKNOWN', 'no such manifest in this repository', {
    detail: { reference: tagOrDigest.slice(0, 200) },
  });
}

/** GET tags/list, with `n` and `last`. */
export async function listTags(
  repository: Repository,
  { query }: { readonly query: URLSearchParams },
): Promise<Response> {
  await repository.requireExisting();
  const all = await repository.store.tags();
  const last = query.get('last');
  const after = last === null ? all : all.filter((tag) => tag > last);
  const size = pageSize(query.get('n'));
  const tags = after.slice(0, size);
  const end = tags.at(-1);
  const headers: Record<string, string> = {};
  if (end !== undefined && tags.length < after.length) {
    headers.link = `</v2/${repository.name}/tags/list?n=${size}&last=${end}>; rel="next"`;
  }
  return Response.json({ name: repository.name, tags }, { headers });
}

function pageSize(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WireError(400, 'PAGINATION_NUMBER_INVALID', 'n is not a number of tags', {
    detail: { n: text.slice(0, 20) },
  });
}
