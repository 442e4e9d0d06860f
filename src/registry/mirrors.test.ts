import { expect, test } from 'vitest';
import { type SeenRequest, systemError, wireRefusal } from '../../test/support/registry/scripted-fetch.js';
import { openScripted, type ScriptedOptions } from '../../test/support/registry/scripted-registry.js';
import type { Credential, Keychain } from '../auth/credential.js';
import { digestOf } from '../oci/digest.js';

const bytes = new TextEncoder().encode('layer');
const blob = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength };
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const manifestBytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, mediaType, layers: [] }));
const manifest = { mediaType, digest: digestOf(manifestBytes), size: manifestBytes.byteLength };

const good = ({ url }: SeenRequest): Response =>
  url.pathname.includes('/blobs/')
    ? new Response(bytes)
    : new Response(manifestBytes, {
        headers: { 'content-type': mediaType, 'docker-content-digest': manifest.digest },
      });

const mirrors = new Map([['registry.example', ['one.example/cache', 'two.example:5000']]]);

function open(answer: (request: SeenRequest) => Response | Error | undefined, options: ScriptedOptions = {}) {
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const { store, seen, counted } = openScripted(answer, { mirrors, log, ...options });
  const asked = () => seen.map(({ method, url }) => `${method} ${url.host}${url.pathname}`);
  const text = async (stream: Promise<ReadableStream<Uint8Array>>) => new Response(await stream).text();
  return { store, seen, asked, text, logged, counted };
}

test('content is read from the first mirror, below its path, and counted', async () => {
  const { store, text, asked, counted } = open(good);
  expect(await text(store.read(blob))).toBe('layer');
  await text(store.read(manifest));
  expect(asked()).toEqual([
    `GET one.example/v2/cache/acme/hello/blobs/${blob.digest}`,
    `GET one.example/v2/cache/acme/hello/manifests/${manifest.digest}`,
  ]);
  expect(counted()).toBe(2);
});

test('a tag, absence and everything that is written are matters of the registry itself', async () => {
  const { store, seen } = open((request) => {
    if (request.method === 'HEAD' && request.url.pathname.includes('/blobs/'))
      return new Response(null, { status: 404 });
    return request.method === 'POST' ? new Response(null, { status: 201 }) : good(request);
  });
  await store.resolve('v1');
  await store.resolve(manifest.digest);
  expect(await store.has(blob)).toBe(false);
  await store.write(blob, bytes);
  await store.forPush().write(blob, bytes);
  await (await store.forPush().read(blob)).cancel();
  expect(new Set(seen.map(({ url }) => url.host))).toEqual(new Set(['registry.example']));
});

test.each<[string, () => Response | Error]>([
  ['lacks it', () => wireRefusal(404, 'BLOB_UNKNOWN')],
  ['denies it', () => wireRefusal(403, 'DENIED')],
  ['is a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['has a problem', () => wireRefusal(503, 'UNAVAILABLE')],
  ['is asked too often', () => wireRefusal(429, 'TOOMANYREQUESTS')],
  ['breaks off', () => systemError('ECONNRESET')],
  ['gives other bytes', () => new Response('LAYER')],
  ['gives more bytes', () => new Response('layers')],
  ['has no certificate for its name', () => systemError('ERR_TLS_CERT_ALTNAME_INVALID')],
])('a mirror that %s is skipped, and the reason is logged', async (_, answer) => {
  const { store, text, asked, logged } = open((request) =>
    request.url.host === 'one.example' ? answer() : good(request),
  );
  expect(await text(store.read(blob))).toBe('layer');
  expect(asked()).toEqual([
    `GET one.example/v2/cache/acme/hello/blobs/${blob.digest}`,
    `GET two.example:5000/v2/acme/hello/blobs/${blob.digest}`,
  ]);
  expect(logged.join('\n')).toContain('one.example/cache/acme/hello is skipped');
});

test('where every mirror fails the registry answers, and its answer about absence counts', async () => {
  const { store, asked } = open(({ url }) =>
    url.host === 'registry.example' ? wireRefusal(404, 'BLOB_UNKNOWN') : systemError('ECONNREFUSED'),
  );
  await expect(store.read(blob)).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'content-missing' });
  expect(asked().at(-1)).toContain('registry.example');
});

test('the credential of a registry never goes to its mirror', async () => {
  const find: Keychain['find'] = async ({ registry }) =>
    registry === 'registry.example'
      ? ({ kind: 'basic', username: 'u', password: 's3cret', source: 'file' } satisfies Credential)
      : undefined;
  const basic = { 'www-authenticate': 'Basic realm="r"' };
  const { store, text, seen } = open(
    (request) =>
      request.url.host === 'registry.example' && request.headers.has('authorization')
        ? good(request)
        : new Response(null, { status: 401, headers: basic }),
    { keychain: { find, secrets: () => ['s3cret'] } },
  );
  expect(await text(store.read(blob))).toBe('layer');
  const carried = seen.filter(({ headers }) => headers.has('authorization')).map(({ url }) => url.host);
  expect(carried).toEqual(['registry.example']);
  expect(store.access().credential).toBe('file');
});

test('content too large to be proven at once is not requested from mirrors', async () => {
  const large = { ...blob, size: 9 * 1024 * 1024 };
  const { store, asked } = open(good);
  await (await store.read(large)).cancel().catch(() => undefined);
  expect(asked()).toEqual([`GET registry.example/v2/acme/hello/blobs/${blob.digest}`]);
});
