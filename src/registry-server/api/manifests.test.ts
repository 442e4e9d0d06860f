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
import { mediaTypes } from '../../oci/media-types.js';
import { createRegistryHandler } from '../handler.js';

const nowhere = sha256('no such content');

async function startRegistry(): Promise<Registry> {
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return talkTo(createRegistryHandler({ root }));
}

async function put(
  registry: Registry,
  body: string | Uint8Array,
  contentType: string = mediaTypes.ociManifest,
) {
  const { status, code } = await registry.send('PUT', '/v2/a/manifests/v1', {
    body,
    headers: { 'content-type': contentType },
  });
  return `${status} ${code}`;
}

test('a manifest that is none is refused', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  const change = (fields: object) => JSON.stringify({ ...manifest, ...fields });
  const refused: [string | Uint8Array, string | undefined][] = [
    ['', undefined],
    ['not json', undefined],
    [Buffer.from([0x7b, 0xff, 0x7d]), undefined],
    ['[]', undefined],
    [JSON.stringify(manifest), 'application/json'],
    [JSON.stringify(manifest), ''],
    [JSON.stringify(manifest), mediaTypes.dockerManifest],
    [change({ schemaVersion: 1 }), undefined],
    [change({ layers: undefined }), undefined],
    [change({ config: null }), undefined],
    [change({ config: { ...manifest.config, digest: 'sha256:x' } }), undefined],
    [change({ config: { ...manifest.config, size: -1 } }), undefined],
    [change({ manifests: [] }), undefined],
    [change({ annotations: { a: 1 } }), undefined],
    [change({ subject: {} }), undefined],
  ];
  for (const [body, type] of refused) {
    expect(await put(registry, body, type), String(body)).toBe('400 MANIFEST_INVALID');
  }
  expect(await put(registry, JSON.stringify(manifest), `${mediaTypes.ociManifest}; charset=utf-8`)).toBe(
    '201 undefined',
  );
  expect(await put(registry, change({ mediaType: undefined }))).toBe('201 undefined');
});

test('content the repository lacks is named', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  const missing = { mediaType: mediaTypes.ociLayerGzip, digest: nowhere, size: 3 };
  const answer = await registry.pushManifest('a', 'v1', {
    ...manifest,
    layers: [...manifest.layers, missing],
  });
  expect([answer.status, answer.code]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
  expect(answer.text).toContain(nowhere);
  expect((await registry.send('HEAD', '/v2/a/manifests/v1')).status).toBe(404);
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ ...missing, mediaType: mediaTypes.ociManifest }],
  };
  expect((await registry.pushManifest('a', 'v1', index)).code).toBe('MANIFEST_BLOB_UNKNOWN');
  const elsewhere = await pushParts(registry, 'b', { layer: 'only in b' });
  expect((await registry.pushManifest('a', 'v1', elsewhere)).code).toBe('MANIFEST_BLOB_UNKNOWN');
});

test('layers that registries do not hold may be absent', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    digest: nowhere,
    size: 3,
  };
  expect((await registry.pushManifest('a', 'v1', { ...manifest, layers: [layer] })).status).toBe(201);
});

test('a size that is not the size of the content is refused', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  const layers = manifest.layers.map((layer) => ({ ...layer, size: layer.size + 1 }));
  expect((await registry.pushManifest('a', 'v1', { ...manifest, layers })).code).toBe('SIZE_INVALID');
});

test('a manifest over 4 MiB is refused, declared or not', async () => {
  const registry = await startRegistry();
  const body = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
  expect(await put(registry, body)).toBe('413 SIZE_INVALID');
  const streamed = await registry.send('PUT', '/v2/a/manifests/v1', {
    body: new Blob([body]).stream(),
    headers: { 'content-type': mediaTypes.ociManifest },
  });
  expect(streamed.status).toBe(413);
});

test('a tag or digest outside the grammar is refused', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  expect((await registry.pushManifest('a', '.hidden', manifest)).code).toBe('TAG_INVALID');
  expect((await registry.pushManifest('a', 'x'.repeat(129), manifest)).code).toBe('TAG_INVALID');
  expect((await registry.pushManifest('a', 'sha256:00', manifest)).code).toBe('DIGEST_INVALID');
  expect((await registry.pushManifest('a', nowhere, manifest)).code).toBe('DIGEST_INVALID');
});

test('an index over pushed manifests is stored, in the Docker dialect too', async () => {
  const registry = await startRegistry();
  const image = { ...(await pushParts(registry, 'a')), mediaType: mediaTypes.dockerManifest };
  const bytes = JSON.stringify(image);
  const child = { mediaType: image.mediaType, digest: sha256(bytes), size: bytes.length };
  expect((await registry.pushManifest('a', child.digest, image)).status).toBe(201);
  for (const mediaType of [mediaTypes.ociIndex, mediaTypes.dockerManifestList]) {
    const index = { schemaVersion: 2, mediaType, manifests: [child] };
    expect((await registry.pushManifest('a', 'list', index)).status).toBe(201);
    const get = await registry.send('GET', '/v2/a/manifests/list');
    expect(get.headers.get('content-type')).toBe(mediaType);
    expect(get.text).toBe(JSON.stringify(index));
  }
});

test('a tag moves to what was pushed last; the old manifest stays', async () => {
  const registry = await startRegistry();
  const first = await registry.pushManifest('a', 'v1', await pushParts(registry, 'a'));
  const second = await registry.pushManifest('a', 'v1', await pushParts(registry, 'a', { layer: 'new' }));
  const head = await registry.send('HEAD', '/v2/a/manifests/v1');
  expect(head.headers.get('docker-content-digest')).toBe(second.headers.get('docker-content-digest'));
  const old = await registry.send('HEAD', `/v2/a/manifests/${first.headers.get('docker-content-digest')}`);
  expect(old.status).toBe(200);
});

test('referrers of a subject are listed and filtered by their type', async () => {
  const registry = await startRegistry();
  const subjectManifest = await pushParts(registry, 'a');
  const bytes = JSON.stringify(subjectManifest);
  const subject = { mediaType: mediaTypes.ociManifest, digest: sha256(bytes), size: bytes.length };
  const list = async (query = '') => {
    const answer = await registry.send('GET', `/v2/a/referrers/${subject.digest}${query}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(mediaTypes.ociIndex);
    return {
      answer,
      manifests: (JSON.parse(answer.text) as { manifests: { artifactType: string }[] }).manifests,
    };
  };
  const signature = {
    ...subjectManifest,
    subject,
    artifactType: 'application/x.signature',
    annotations: { by: 'me' },
  };
  const push = await registry.pushManifest('a', sha256(JSON.stringify(signature)), signature);
  expect(push.headers.get('oci-subject')).toBe(subject.digest);
  await registry.pushManifest('a', 'v1', subjectManifest);
  const plain = { ...subjectManifest, subject };
  await registry.pushManifest('a', 'plain', plain);
  const all = await list();
  expect(all.manifests.map(({ artifactType }) => artifactType).sort()).toEqual([
    mediaTypes.ociConfig,
    'application/x.signature',
  ]);
  expect(all.answer.headers.get('oci-filters-applied')).toBeNull();
  const filtered = await list('?artifactType=application/x.signature');
  expect(filtered.manifests).toEqual([
    {
      mediaType: mediaTypes.ociManifest,
      digest: sha256(JSON.stringify(signature)),
      size: JSON.stringify(signature).length,
      artifactType: 'application/x.signature',
      annotations: { by: 'me' },
    },
  ]);
  expect(filtered.answer.headers.get('oci-filters-applied')).toBe('artifactType');
  await registry.send('DELETE', `/v2/a/manifests/${sha256(JSON.stringify(signature))}`);
  expect((await list('?artifactType=application/x.signature')).manifests).toEqual([]);
  const none = await registry.send('GET', `/v2/nothing/here/referrers/${nowhere}`);
  expect(JSON.parse(none.text)).toMatchObject({ manifests: [] });
  expect((await registry.send('GET', '/v2/a/referrers/x')).code).toBe('DIGEST_INVALID');
});

test('a PUT by digest gives the tags that its parameters name', async () => {
  const registry = await startRegistry();
  const manifest = JSON.stringify(await pushParts(registry, 'a'));
  const digest = sha256(manifest);
  const putTagged = (query: string) =>
    registry.send('PUT', `/v2/a/manifests/${digest}?${query}`, {
      body: manifest,
      headers: { 'content-type': mediaTypes.ociManifest },
    });
  const answer = await putTagged('tag=v1&tag=v2&tag=v1');
  expect([answer.status, answer.headers.get('oci-tag')]).toEqual([201, 'v1, v2']);
  for (const tag of ['v1', 'v2']) {
    const held = await registry.send('HEAD', `/v2/a/manifests/${tag}`);
    expect(held.headers.get('docker-content-digest')).toBe(digest);
  }
  expect((await putTagged('tag=no%2Ftag')).status).toBe(400);
  expect((await putTagged('')).headers.has('oci-tag')).toBe(false);
});
