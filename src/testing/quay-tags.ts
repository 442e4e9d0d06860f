import { isIndex } from '../oci/media-types.js';
import { type Stage, withHeaders } from './profile.js';

/** How long tags of Quay live, in milliseconds. */
export interface TagOptions {
  /** Milliseconds for which a digest that lost its last tag still answers, by a hidden temporary tag. Default 0. */
  readonly keepsUntaggedMs?: number;
  /** Milliseconds after which a tag expires. Default never. */
  readonly tagLifetimeMs?: number;
}

/** Which tags are alive, and which digests they hold: in Quay a digest answers only as long as one does. */
export interface LiveTags {
  /** True where a live tag names the digest, or an index that lists it; a hidden temporary tag counts unless `named`. */
  holds(repository: string, digest: string, named?: boolean): Promise<boolean>;
  /** True for a tag that was deleted or whose time has passed. */
  hasExpired(repository: string, tag: string): boolean;
  putting(repository: string, tagOrDigest: string, put: () => Promise<Response>): Promise<Response>;
  deleting(repository: string, tagOrDigest: string, remove: () => Promise<Response>): Promise<Response>;
  /** A list of tags without those whose time has passed. */
  withoutExpired(repository: string, list: Response): Promise<Response>;
}

/** What is put by digest alone stays for an hour. */
const pushedByDigestMs = 3_600_000;

export function createLiveTags(
  { content, clock }: Stage,
  { keepsUntaggedMs = 0, tagLifetimeMs = Number.POSITIVE_INFINITY }: TagOptions,
): LiveTags {
  /** By `REPOSITORY:TAG`, when a tag ended or will end. */
  const ends = new Map<string, number>();
  /** By `REPOSITORY@DIGEST`, until when a temporary tag holds it. */
  const temporary = new Map<string, number>();
  const ask = (path: string, method = 'GET') =>
    content(new Request(`http://content.invalid/v2/${path}`, { method }));
  const hasExpired = (repository: string, tag: string) =>
    (ends.get(`${repository}:${tag}`) ?? Number.POSITIVE_INFINITY) <= clock.now();

  async function namesOf(repository: string): Promise<readonly string[]> {
    const listed = await ask(`${repository}/tags/list`);
    if (listed.status !== 200) return [];
    const { tags } = (await listed.json()) as { readonly tags: readonly string[] };
    return tags.filter((tag) => !hasExpired(repository, tag));
  }

  async function digestOfTag(repository: string, tag: string): Promise<string | undefined> {
    const held = await ask(`${repository}/manifests/${tag}`, 'HEAD');
    return held.headers.get('docker-content-digest') ?? undefined;
  }

  async function isListedBy(repository: string, tag: string, digest: string): Promise<boolean> {
    const held = await ask(`${repository}/manifests/${tag}`);
    if (!isIndex(held.headers.get('content-type') ?? '')) return false;
    const index = (await held.json()) as { readonly manifests?: readonly { readonly digest: string }[] };
    return index.manifests?.some((entry) => entry.digest === digest) ?? false;
  }

  async function tagsOf(repository: string, digest: string): Promise<readonly string[]> {
    const names = await namesOf(repository);
    const digests = await Promise.all(names.map((tag) => digestOfTag(repository, tag)));
    return names.filter((_, index) => digests[index] === digest);
  }

  function untag(repository: string, digest: string | undefined): void {
    if (digest !== undefined) temporary.set(`${repository}@${digest}`, clock.now() + keepsUntaggedMs);
  }

  return {
    hasExpired,
    async holds(repository, digest, named = false) {
      if ((await tagsOf(repository, digest)).length > 0) return true;
      if (named) return false;
      if ((temporary.get(`${repository}@${digest}`) ?? 0) > clock.now()) return true;
      for (const tag of await namesOf(repository)) {
        if (await isListedBy(repository, tag, digest)) return true;
      }
      return false;
    },
    async putting(repository, tagOrDigest, put) {
      const byDigest = tagOrDigest.includes(':');
      const before = byDigest ? undefined : await digestOfTag(repository, tagOrDigest);
      const answer = await put();
      if (answer.status !== 201) return answer;
      if (byDigest) temporary.set(`${repository}@${tagOrDigest}`, clock.now() + pushedByDigestMs);
      else {
        ends.set(`${repository}:${tagOrDigest}`, clock.now() + tagLifetimeMs);
        if (before !== answer.headers.get('docker-content-digest')) untag(repository, before);
      }
      return answer;
    },
    async deleting(repository, tagOrDigest, remove) {
      const byDigest = tagOrDigest.includes(':');
      const gone = byDigest ? await tagsOf(repository, tagOrDigest) : [tagOrDigest];
      const digest = byDigest ? tagOrDigest : await digestOfTag(repository, tagOrDigest);
      const answer = await remove();
      if (answer.status !== 202) return answer;
      for (const tag of gone) ends.set(`${repository}:${tag}`, clock.now());
      untag(repository, digest);
      return answer;
    },
    async withoutExpired(repository, list) {
      if (list.status !== 200 || tagLifetimeMs === Number.POSITIVE_INFINITY) return list;
      const { name, tags } = (await list.json()) as {
        readonly name: string;
        readonly tags: readonly string[];
      };
      const alive = tags.filter((tag) => !hasExpired(repository, tag));
      return withHeaders(list, { 'content-length': undefined }, JSON.stringify({ name, tags: alive }));
    },
  };
}
