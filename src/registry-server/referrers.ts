import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { mediaTypes } from '../oci/media-types.js';
import { checkManifest, type ManifestFacts } from './check-manifest.js';
import type { Repository } from './repositories.js';
import { requireDigest, WireError } from './wire-error.js';

/** Remembers what manifests say; bytes under a digest never change, so the disk cannot contradict it. */
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

/** GET: the manifests whose `subject` is this digest, as an index; nothing known of it is an empty one. */
export async function listReferrers(
  repository: Repository,
  {
    digest,
    query,
    finder,
  }: { readonly digest: string; readonly query: URLSearchParams; readonly finder: ReferrerFinder },
): Promise<Response> {
  const artifactType = query.get('artifactType');
  const all = await finder.find(repository, requireDigest(digest));
  const manifests = artifactType ? all.filter((entry) => entry.artifactType === artifactType) : all;
  const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  return new Response(body, {
    headers: {
      'content-type': mediaTypes.ociIndex,
      ...(artifactType ? { 'oci-filters-applied': 'artifactType' } : {}),
    },
  });
}

/** Another tool may have put anything into the layout: what is no manifest by our rules refers to nothing. */
function readFacts(bytes: Uint8Array, mediaType: string): ManifestFacts | undefined {
  try {
    return checkManifest(bytes, mediaType);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
