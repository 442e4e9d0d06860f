import type { Descriptor } from '../../oci/descriptor.js';
import type { Digest } from '../../oci/digest.js';
import { mediaTypes } from '../../oci/media-types.js';
import type { Repository } from '../repositories.js';
import { requireDigest, WireError } from '../wire-error.js';
import { checkManifest, type ManifestFacts } from './check-manifest.js';

/** Caches parsed manifests; the bytes of a digest never change, so the cache is never out of date. */
export interface ReferrerFinder {
  find(repository: Repository, subject: Digest): Promise<Descriptor[]>;
}

const rememberedManifests = 20_000;

export function createReferrerFinder(): ReferrerFinder {
  const known = new Map<string, ManifestFacts | undefined>();

  async function factsOf(repository: Repository, manifest: Descriptor): Promise<ManifestFacts | undefined> {
    const key = `${manifest.digest} ${manifest.mediaType}`;
    if (known.has(key)) return known.get(key);
    const facts = readFacts(await repository.readManifest(manifest), manifest.mediaType);
    if (known.size >= rememberedManifests) known.clear();
    known.set(key, facts);
    return facts;
  }

  return {
    async find(repository, subject) {
      const found: Descriptor[] = [];
      for (const manifest of await repository.store.manifests()) {
        const facts = await factsOf(repository, manifest);
        if (facts?.subject !== subject) continue;
        const { artifactType, annotations } = facts;
        found.push({
          mediaType: manifest.mediaType,
          digest: manifest.digest,
          size: manifest.size,
          ...(artifactType === undefined ? {} : { artifactType }),
          ...(annotations === undefined ? {} : { annotations }),
        });
      }
      return found;
    },
  };
}

/** Clients allow an index the 4 MiB of a manifest; one page stays far below. */
const pageBytes = 1024 * 1024;
const pageEntries = 500;

/**
 * GET: the manifests whose `subject` is this digest, as an index, page by page in the order of their digests; nothing
 * known of it is an empty one.
 */
export async function listReferrers(
  repository: Repository,
  {
    digest,
    query,
    finder,
  }: { readonly digest: string; readonly query: URLSearchParams; readonly finder: ReferrerFinder },
): Promise<Response> {
  const artifactType = query.get('artifactType');
  const last = query.get('last') ?? '';
  const all = await finder.find(repository, requireDigest(digest));
  const rest = all
    .filter((entry) => entry.digest > last && (!artifactType || entry.artifactType === artifactType))
    .sort((one, other) => (one.digest < other.digest ? -1 : 1));
  const page = firstPage(rest);
  const body = `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}","manifests":[${page.join(',')}]}`;
  const end = rest[page.length - 1]?.digest;
  const next = new URLSearchParams({ ...(artifactType ? { artifactType } : {}), last: end ?? '' });
  return new Response(body, {
    headers: {
      'content-type': mediaTypes.ociIndex,
      ...(artifactType ? { 'oci-filters-applied': 'artifactType' } : {}),
      ...(page.length < rest.length
        ? { link: `</v2/${repository.name}/referrers/${digest}?${next}>; rel="next"` }
        : {}),
    },
  });
}

/** As many as fit, one at least. */
function firstPage(entries: readonly Descriptor[]): string[] {
  const page: string[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    bytes += Buffer.byteLength(text);
    if (page.length > 0 && (bytes > pageBytes || page.length >= pageEntries)) break;
    page.push(text);
  }
  return page;
}

/** Another tool may have put anything into the layout: what is not a manifest by our rules refers to nothing. */
function readFacts(bytes: Uint8Array, mediaType: string): ManifestFacts | undefined {
  try {
    return checkManifest(bytes, mediaType);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
