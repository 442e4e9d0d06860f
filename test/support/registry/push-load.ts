import { pushParts, sha256, talkTo } from './registry-requests.js';

/** A push that the registry acknowledged. */
export interface Acknowledged {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly blobs: readonly string[];
}

export interface PushLoadOptions {
  readonly client: string;
  readonly acknowledged: Acknowledged[];
  readonly until?: AbortSignal;
}

/** Half of the pushes of every client go there, the others to a repository of its own. */
export const sharedRepository = 'shared/by-all';
export const ownRepository = (client: string) => `own/client-${client}`;

/** Pushes small images one after the other until the registry no longer answers. Throws at an answer that is not a success. */
export async function pushUntilGone(
  url: string,
  { client, acknowledged, until }: PushLoadOptions,
): Promise<void> {
  const registry = talkTo(fetch, url);
  for (let count = 0; !until?.aborted; count++) {
    const [repository, tag] = [count % 2 ? sharedRepository : ownRepository(client), `t-${client}-${count}`];
    try {
      const manifest = await pushParts(registry, repository, { layer: `${tag} ${'x'.repeat(count % 5000)}` });
      const put = await registry.pushManifest(repository, tag, manifest);
      if (put.status !== 201) throw new Error(`${put.status} ${put.text}`);
      const digest = put.headers.get('docker-content-digest') ?? '';
      acknowledged.push({ repository, tag, digest, blobs: manifest.layers.map((layer) => layer.digest) });
    } catch (error) {
      // fetch() throws when the connection is refused or reset.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

/** Every push that was acknowledged can be read back and has its digests. */
export async function requireReadable(url: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const registry = talkTo(fetch, url);
  for (const { repository, tag, digest, blobs } of acknowledged) {
    const manifest = await registry.send('GET', `/v2/${repository}/manifests/${tag}`);
    requireSame(`${repository}:${tag}`, [manifest.status, sha256(manifest.bytes)], [200, digest]);
    for (const blob of blobs) {
      const { status, bytes } = await registry.send('GET', `/v2/${repository}/blobs/${blob}`);
      requireSame(`${repository}:${tag}`, [status, sha256(bytes)], [200, blob]);
    }
  }
}

/** Every tag that is there, acknowledged or not, names a whole image. Gives their number. */
export async function requireWholeTags(url: string, repositories: readonly string[]): Promise<number> {
  const registry = talkTo(fetch, url);
  let count = 0;
  for (const repository of repositories) {
    const { status, text } = await registry.send('GET', `/v2/${repository}/tags/list`);
    if (status === 404) continue;
    for (const tag of (JSON.parse(text) as { tags: string[] }).tags) {
      const manifest = await registry.send('GET', `/v2/${repository}/manifests/${tag}`);
      const { layers } = JSON.parse(manifest.text) as { layers: { digest: string }[] };
      const digest = manifest.headers.get('docker-content-digest') ?? '';
      const blobs = layers.map((layer) => layer.digest);
      await requireReadable(url, [{ repository, tag, digest, blobs }]);
      count++;
    }
  }
  return count;
}

function requireSame(where: string, found: unknown, wanted: unknown): void {
  const [have, want] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (have !== want) throw new Error(`${where}: ${have}, wanted ${want}`);
}
