import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pushParts, type Registry, sha256, talkTo } from '../../test/support/registry/registry-requests.js';
import { openLayoutStore } from '../content/layout/layout-store.js';
import { digestOf } from '../oci/digest.js';
import { mediaTypes } from '../oci/media-types.js';
import { createRegistryHandler, type RegistryHandlerOptions, type RegistryLogEntry } from './handler.js';
import { layoutDirectory } from './layout-directory.js';

const nowhere = sha256('no such content');

async function temporaryRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

async function startRegistry(
  options: Partial<RegistryHandlerOptions> = {},
): Promise<Registry & { root: string }> {
  const root = options.root ?? (await temporaryRoot());
  return { ...talkTo(createRegistryHandler({ ...options, root })), root };
}

test('the version check answers', async () => {
  const registry = await startRegistry({ instance: 'instance-1' });
  const answer = await registry.send('GET', '/v2/');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
});

test('a pushed image is pulled by tag and by digest, byte for byte', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'acme/hello');
  const bytes = JSON.stringify(manifest);
  const put = await registry.pushManifest('acme/hello', 'v1', manifest);
  expect(put.status).toBe(201);
  expect(put.headers.get('docker-content-digest')).toBe(sha256(bytes));
  expect(put.headers.get('location')).toBe(`/v2/acme/hello/manifests/${sha256(bytes)}`);
  for (const reference of ['v1', sha256(bytes)]) {
    const head = await registry.send('HEAD', `/v2/acme/hello/manifests/${reference}`);
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(bytes.length));
    expect(head.headers.get('content-type')).toBe(mediaTypes.ociManifest);
    expect(head.headers.get('docker-content-digest')).toBe(sha256(bytes));
    expect(head.bytes.length).toBe(0);
    const get = await registry.send('GET', `/v2/acme/hello/manifests/${reference}`);
    expect(get.text).toBe(bytes);
  }
  const blob = await registry.send('GET', `/v2/acme/hello/blobs/${manifest.layers[0]?.digest}`);
  expect(blob.text).toBe('layer');
});

test('what is not there has its own error code', async () => {
  const registry = await startRegistry();
  await registry.pushManifest('acme/hello', 'v1', await pushParts(registry, 'acme/hello'));
  const code = async (method: string, path: string) => {
    const { status, code } = await registry.send(method, path);
    return `${status} ${code}`;
  };
  expect(await code('GET', '/v2/acme/other/manifests/v1')).toBe('404 NAME_UNKNOWN');
  expect(await code('GET', '/v2/acme/other/tags/list')).toBe('404 NAME_UNKNOWN');
  expect(await code('GET', '/v2/acme/hello/manifests/v2')).toBe('404 MANIFEST_UNKNOWN');
  expect(await code('GET', `/v2/acme/hello/manifests/${nowhere}`)).toBe('404 MANIFEST_UNKNOWN');
  expect(await code('GET', '/v2/acme/hello/manifests/.not-a-tag')).toBe('404 MANIFEST_UNKNOWN');
  expect(await code('GET', `/v2/acme/hello/blobs/${nowhere}`)).toBe('404 BLOB_UNKNOWN');
  expect(await code('GET', '/v2/acme/hello/blobs/sha256:short')).toBe('400 DIGEST_INVALID');
  expect(await code('GET', '/v2/acme/hello/blobs/uploads/00000000-0000-0000-0000-000000000000')).toBe(
    '404 BLOB_UPLOAD_UNKNOWN',
  );
  expect(await code('GET', '/v2/Acme/hello/manifests/v1')).toBe('400 NAME_INVALID');
  expect(await code('GET', '/v2/acme%2F..%2F..%2Fetc/tags/list')).toBe('400 NAME_INVALID');
  expect(await code('GET', '/v2/acme/hello/nothing')).toBe('404 UNSUPPORTED');
  expect(await code('POST', '/v2/acme/hello/manifests/v1')).toBe('405 UNSUPPORTED');
  expect(await code('constructor', '/v2/acme/hello/manifests/v1')).toBe('405 UNSUPPORTED');
});

test('a blob is read in ranges', async () => {
  const registry = await startRegistry();
  const digest = await registry.pushBlob('a', '0123456789');
  const get = (range: string) => registry.send('GET', `/v2/a/blobs/${digest}`, { headers: { range } });
  const middle = await get('bytes=2-4');
  expect(middle.status).toBe(206);
  expect(middle.text).toBe('234');
  expect(middle.headers.get('content-range')).toBe('bytes 2-4/10');
  expect(middle.headers.get('content-length')).toBe('3');
  expect((await get('bytes=-2')).text).toBe('89');
  const outside = await get('bytes=10-');
  expect(outside.status).toBe(416);
  expect(outside.headers.get('content-range')).toBe('bytes */10');
  expect((await get('bytes=0-1,4-5')).status).toBe(200);
});

test('a large blob streams, whole and in ranges', async () => {
  const registry = await startRegistry();
  const content = Buffer.alloc(3_000_000, 'abcdefg');
  const digest = await registry.pushBlob('a', content);
  const whole = await registry.send('GET', `/v2/a/blobs/${digest}`);
  expect(whole.bytes.equals(content)).toBe(true);
  const range = await registry.send('GET', `/v2/a/blobs/${digest}`, {
    headers: { range: 'bytes=1000-2500000' },
  });
  expect(range.bytes.equals(content.subarray(1000, 2_500_001))).toBe(true);
});

test('an empty blob is a blob', async () => {
  const registry = await startRegistry();
  const digest = await registry.pushBlob('a', '');
  const get = await registry.send('GET', `/v2/a/blobs/${digest}`);
  expect(get.status).toBe(200);
  expect(get.headers.get('content-length')).toBe('0');
});

test('tags are listed in order, page by page', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  for (const tag of ['v2', 'Z', 'a', 'v10', '_']) await registry.pushManifest('a', tag, manifest);
  const sorted = ['Z', '_', 'a', 'v10', 'v2'];
  expect(JSON.parse((await registry.send('GET', '/v2/a/tags/list')).text)).toEqual({
    name: 'a',
    tags: sorted,
  });
  let path: string | undefined = '/v2/a/tags/list?n=2';
  const seen: string[][] = [];
  while (path) {
    const page = await registry.send('GET', path);
    seen.push((JSON.parse(page.text) as { tags: string[] }).tags);
    path = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
  }
  expect(seen).toEqual([['Z', '_'], ['a', 'v10'], ['v2']]);
  expect(JSON.parse((await registry.send('GET', '/v2/a/tags/list?last=a0')).text).tags).toEqual([
    'v10',
    'v2',
  ]);
  expect(JSON.parse((await registry.send('GET', '/v2/a/tags/list?n=0')).text).tags).toEqual([]);
  expect((await registry.send('GET', '/v2/a/tags/list?n=x')).code).toBe('PAGINATION_NUMBER_INVALID');
});

test('deleting a tag keeps the manifest, deleting the manifest takes its tags', async () => {
  const registry = await startRegistry();
  const manifest = await pushParts(registry, 'a');
  const digest = (await registry.pushManifest('a', 'v1', manifest)).headers.get('docker-content-digest');
  await registry.pushManifest('a', 'v2', manifest);
  expect((await registry.send('DELETE', '/v2/a/manifests/v1')).status).toBe(202);
  expect((await registry.send('GET', '/v2/a/manifests/v1')).code).toBe('MANIFEST_UNKNOWN');
  expect((await registry.send('GET', `/v2/a/manifests/${digest}`)).status).toBe(200);
  expect((await registry.send('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202);
  expect((await registry.send('GET', '/v2/a/manifests/v2')).code).toBe('MANIFEST_UNKNOWN');
  expect((await registry.send('DELETE', `/v2/a/manifests/${digest}`)).code).toBe('MANIFEST_UNKNOWN');
  expect(JSON.parse((await registry.send('GET', '/v2/a/tags/list')).text).tags).toEqual([]);
});

test('the last tag deleted leaves the manifest readable by digest', async () => {
  const registry = await startRegistry();
  const digest = (await registry.pushManifest('a', 'v1', await pushParts(registry, 'a'))).headers.get(
    'docker-content-digest',
  );
  await registry.send('DELETE', '/v2/a/manifests/v1');
  expect((await registry.send('HEAD', `/v2/a/manifests/${digest}`)).status).toBe(200);
});

test('a blob is deleted once, a manifest is not deleted as a blob', async () => {
  const registry = await startRegistry();
  const digest = await registry.pushBlob('a', 'x');
  expect((await registry.send('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(202);
  expect((await registry.send('HEAD', `/v2/a/blobs/${digest}`)).status).toBe(404);
  expect((await registry.send('DELETE', `/v2/a/blobs/${digest}`)).code).toBe('BLOB_UNKNOWN');
  const put = await registry.pushManifest('a', 'v1', await pushParts(registry, 'a'));
  const refused = await registry.send('DELETE', `/v2/a/blobs/${put.headers.get('docker-content-digest')}`);
  expect(refused.status).toBe(405);
  expect((await registry.send('HEAD', '/v2/a/manifests/v1')).status).toBe(200);
});

test('repositories inside each other and with names of a layout do not mix', async () => {
  const registry = await startRegistry();
  for (const name of ['a', 'a/b', 'a/blobs', 'a/blobs/sha256', 'a/index.json', 'blobs']) {
    await registry.pushManifest(name, 'v1', await pushParts(registry, name, { layer: name }));
  }
  for (const name of ['a', 'a/b', 'a/blobs', 'a/blobs/sha256', 'a/index.json', 'blobs']) {
    const { text } = await registry.send('GET', `/v2/${name}/manifests/v1`);
    expect((JSON.parse(text) as { layers: { digest: string }[] }).layers[0]?.digest).toBe(sha256(name));
    expect((await registry.send('GET', `/v2/${name}/blobs/${sha256(name)}`)).text).toBe(name);
  }
  expect((await registry.send('GET', `/v2/a/blobs/${sha256('a/b')}`)).code).toBe('BLOB_UNKNOWN');
});

test('a repository on disk is an OCI image layout', async () => {
  const registry = await startRegistry();
  await registry.pushManifest('acme/hello', 'v1', await pushParts(registry, 'acme/hello'));
  const directory = join(registry.root, 'acme', 'hello');
  expect(JSON.parse(await readFile(join(directory, 'oci-layout'), 'utf8'))).toEqual({
    imageLayoutVersion: '1.0.0',
  });
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'));
  expect(index.manifests[0].annotations['org.opencontainers.image.ref.name']).toBe('v1');
  expect((await readdir(join(directory, 'blobs', 'sha256'))).length).toBe(3);
  expect(await readdir(join(registry.root, '.uploads')).catch(() => [])).toEqual([]);
});

test('two handlers on one directory see what each other writes', async () => {
  const one = await startRegistry();
  const other = await startRegistry({ root: one.root });
  expect((await other.send('GET', '/v2/a/manifests/v1')).code).toBe('NAME_UNKNOWN');
  const manifest = await pushParts(one, 'a');
  await one.pushManifest('a', 'v1', manifest);
  const seen = await other.send('GET', '/v2/a/manifests/v1');
  expect(seen.text).toBe(JSON.stringify(manifest));
  await other.pushManifest('a', 'v1', await pushParts(other, 'a', { layer: 'new' }));
  expect((await one.send('GET', '/v2/a/manifests/v1')).text).not.toBe(seen.text);
  await one.send('DELETE', '/v2/a/manifests/v1');
  expect((await other.send('GET', '/v2/a/manifests/v1')).code).toBe('MANIFEST_UNKNOWN');
});

test('what is written into the directories without the registry is served by it', async () => {
  const registry = await startRegistry();
  const store = openLayoutStore(layoutDirectory(registry.root, 'acme/blobs'));
  const blob = { mediaType: mediaTypes.ociConfig, digest: digestOf(Buffer.from('{}')), size: 2 };
  await store.write(blob, Buffer.from('{}'));
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: blob, layers: [] };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
  await store.writeTagged(descriptor, bytes, 'v1');
  expect((await registry.send('GET', '/v2/acme/blobs/manifests/v1')).text).toBe(bytes.toString());
  expect((await registry.send('GET', `/v2/acme/blobs/blobs/${blob.digest}`)).text).toBe('{}');
});

test('a failure inside goes to the log and not to the client', async () => {
  const entries: RegistryLogEntry[] = [];
  const root = await temporaryRoot();
  const registry = await startRegistry({ root: join(root, 'file\0'), log: (entry) => entries.push(entry) });
  const answer = await registry.send('POST', '/v2/a/blobs/uploads/');
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain(root);
  expect(entries).toMatchObject([{ method: 'POST', path: '/v2/a/blobs/uploads/', status: 500 }]);
  expect(entries[0]?.error).toBeInstanceOf(Error);
});

test('a read-only registry answers questions and refuses every change', async () => {
  const open = await startRegistry();
  const manifest = await pushParts(open, 'a');
  await open.pushManifest('a', 'v1', manifest);
  const registry = await startRegistry({ root: open.root, readOnly: true });
  const refusals = [
    registry.pushManifest('a', 'v2', manifest),
    registry.send('DELETE', '/v2/a/manifests/v1'),
    registry.send('POST', '/v2/a/blobs/uploads/'),
    registry.send('POST', `/v2/b/blobs/uploads/?mount=${manifest.layers[0]?.digest}&from=a`),
    registry.send('PATCH', '/v2/a/blobs/uploads/x', { body: 'x' }),
    registry.send('PUT', '/v2/a/blobs/uploads/x?digest=x', { body: 'x' }),
    registry.send('DELETE', `/v2/a/blobs/${manifest.layers[0]?.digest}`),
  ];
  for (const { status, code, headers } of await Promise.all(refusals)) {
    expect([status, code, headers.get('allow')]).toEqual([405, 'UNSUPPORTED', 'GET, HEAD']);
  }
  expect((await registry.send('GET', '/v2/a/manifests/v1')).text).toBe(JSON.stringify(manifest));
  expect((await registry.send('GET', '/v2/a/tags/list')).text).toContain('["v1"]');
});
