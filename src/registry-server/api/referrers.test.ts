import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  pushParts,
  type Registry,
  sha256,
  talkTo,
} from '../../../test/support/registry/registry-requests.js';
import { contentOf } from '../../../test/support/samples/sample-image.js';
import { openLayoutStore } from '../../content/layout/layout-store.js';
import { mediaTypes } from '../../oci/media-types.js';
import { createRegistryHandler } from '../handler.js';
import { layoutDirectory } from '../layout-directory.js';

const subject = { mediaType: mediaTypes.ociManifest, digest: sha256('the subject'), size: 11 };

async function withReferrers(count: number, annotation: (index: number) => string): Promise<Registry> {
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const registry = talkTo(createRegistryHandler({ root }));
  // Not waiting for the disk a thousand times.
  const layout = openLayoutStore(layoutDirectory(root, 'a'), { durable: false });
  const parts = await pushParts(registry, 'a');
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const artifactType = index % 2 ? 'application/x.odd' : 'application/x.even';
      const manifest = { ...parts, subject, artifactType, annotations: { index: annotation(index) } };
      const { descriptor, bytes } = contentOf(JSON.stringify(manifest), mediaTypes.ociManifest);
      await layout.write(descriptor, bytes);
    }),
  );
  return registry;
}

/** Follows the links as clients do. */
async function readPages(registry: Registry, query = '') {
  const pages: { readonly bytes: number; readonly digests: string[]; readonly filtered: string | null }[] =
    [];
  let path: string | undefined = `/v2/a/referrers/${subject.digest}${query}`;
  while (path !== undefined) {
    const answer = await registry.send('GET', path);
    expect(answer.headers.get('content-type')).toBe(mediaTypes.ociIndex);
    const { manifests } = JSON.parse(answer.text) as { manifests: { digest: string }[] };
    const digests = manifests.map(({ digest }) => digest);
    pages.push({ bytes: answer.bytes.length, digests, filtered: answer.headers.get('oci-filters-applied') });
    path = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

test('many referrers come in pages, each once and in order', async () => {
  const registry = await withReferrers(1100, (index) => `${index}`);
  const pages = await readPages(registry);
  expect(pages.map(({ digests }) => digests.length)).toEqual([500, 500, 100]);
  const all = pages.flatMap(({ digests }) => digests);
  expect(all).toEqual([...new Set(all)].sort());
  expect(all).toHaveLength(1100);

  const odd = await readPages(registry, '?artifactType=application/x.odd');
  expect(odd.map(({ digests, filtered }) => [digests.length, filtered])).toEqual([
    [500, 'artifactType'],
    [50, 'artifactType'],
  ]);
  for (const digest of odd.flatMap(({ digests }) => digests)) expect(all).toContain(digest);
});

test('large referrers make short pages, far below what clients read', async () => {
  const registry = await withReferrers(6, (index) => `${index}${'x'.repeat(400_000)}`);
  const pages = await readPages(registry);
  expect(pages.map(({ digests }) => digests.length)).toEqual([2, 2, 2]);
  for (const { bytes } of pages) expect(bytes).toBeLessThan(1_048_576);
});
