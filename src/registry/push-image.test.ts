import { expect, test } from 'vitest';
import { type SeenRequest, systemError, wireRefusal } from '../../test/support/registry/scripted-fetch.js';
import {
  failureOf,
  openScripted,
  type ScriptedOptions,
} from '../../test/support/registry/scripted-registry.js';
import { contentOf, sampleImage } from '../../test/support/samples/sample-image.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { sendTo } from '../http/serve/handler-transport.js';
import { digestOf } from '../oci/digest.js';
import type { Image } from '../oci/image.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { createRegistryClient } from './client.js';
import { pushImage } from './push-image.js';

const image = sampleImage('push', { layers: 3 });
const digest = image.manifest.descriptor.digest;

interface Quirks {
  /** How a POST with the digest and the bytes is answered: taken, ignored as by distribution, or refused. */
  readonly singlePost?: 'takes' | 'ignores' | 405;
  /** Looks at every request first; undefined lets the registry answer. */
  readonly first?: (request: SeenRequest, state: State) => Response | Error | undefined;
  /** Looks after the registry has done what was asked: its reply may get lost. */
  readonly after?: (request: SeenRequest, response: Response) => Response | Error;
}

interface State {
  readonly blobs: Map<string, Uint8Array>;
  readonly tags: Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>;
  readonly count: Map<string, number>;
}

/** A registry in memory that accepts pushes, with optional quirks. */
function openPush({ singlePost = 'takes', first, after }: Quirks = {}, options: ScriptedOptions = {}) {
  const state: State = { blobs: new Map(), tags: new Map(), count: new Map() };
  const opened = openScripted((request) => {
    const kind = kindOf(request);
    state.count.set(kind, (state.count.get(kind) ?? 0) + 1);
    const quirk = first?.(request, state);
    if (quirk !== undefined) return quirk;
    const response = answer(request, state, singlePost);
    return after ? after(request, response) : response;
  }, options);
  return { ...opened, state, counts: () => Object.fromEntries(state.count) };
}

function kindOf({ method, url }: SeenRequest): string {
  if (url.pathname.includes('/manifests/')) return `${method} manifest`;
  if (method === 'POST') return url.searchParams.has('digest') ? 'POST whole' : 'POST';
  return `${method} ${url.pathname.includes('/uploads/') ? 'upload' : 'blob'}`;
}

function answer(request: SeenRequest, state: State, singlePost: Quirks['singlePost']): Response {
  const { method, url, body } = request;
  const name = url.pathname.split('/').at(-1) ?? '';
  const claimed = url.searchParams.get('digest') ?? '';
  if (url.pathname.includes('/manifests/')) {
    if (method === 'PUT') {
      const mediaType = request.headers.get('content-type') ?? '';
      state.tags.set(name, { bytes: body, mediaType });
      return new Response(null, { status: 201, headers: { 'docker-content-digest': digestOf(body) } });
    }
    const held = state.tags.get(name);
    if (!held) return wireRefusal(404, 'MANIFEST_UNKNOWN');
    const headers = {
      'content-type': held.mediaType,
      'docker-content-digest': digestOf(held.bytes),
      'content-length': String(held.bytes.length),
    };
    return new Response(method === 'HEAD' ? null : Buffer.from(held.bytes), { headers });
  }
  if (method === 'HEAD') return new Response(null, { status: state.blobs.has(name) ? 200 : 404 });
  const session = { location: `/v2/acme/hello/blobs/uploads/s${state.count.get('POST')}?_state=a~b%20c` };
  if (method === 'POST' && claimed !== '') {
    if (singlePost === 405) return new Response(null, { status: 405 });
    if (singlePost === 'ignores') return new Response(null, { status: 202, headers: session });
  } else if (method === 'POST') return new Response(null, { status: 202, headers: session });
  if (method === 'DELETE') return new Response(null, { status: 204 });
  if (digestOf(body) !== claimed) return wireRefusal(400, 'DIGEST_INVALID');
  state.blobs.set(claimed, body);
  return new Response(null, { status: 201, headers: { 'docker-content-digest': claimed } });
}

test('small blobs go by one POST each, then the manifest, then a HEAD proves the tag', async () => {
  const { store, counts, client, counted } = openPush();
  const report = await pushImage(store, image, 'v1');
  expect(counts()).toEqual({ 'POST whole': 4, 'PUT manifest': 1, 'HEAD manifest': 1 });
  expect(report).toEqual({ uploaded: 4, existing: 0, requests: 6 });
  expect(client.report().requests).toBe(6);
  expect(counted()).toBe(6);
});

test('a blob that the image names twice is sent once', async () => {
  const [layer] = image.layers;
  const twice: Image = { ...image, layers: [layer!, layer!, layer!] };
  const { store, counts } = openPush();
  expect((await pushImage(store, twice, 'v1')).uploaded).toBe(2);
  expect(counts()['POST whole']).toBe(2);
});

test('where the single POST is ignored, its session takes the bytes, and it is not tried again', async () => {
  const { store, counts, seen } = openPush({ singlePost: 'ignores' });
  await pushImage(store, image, 'v1');
  expect(counts()).toMatchObject({ 'POST whole': 4, 'PUT upload': 4, 'PUT manifest': 1 });
  await pushImage(store, sampleImage('second', { layers: 1 }), 'v2');
  expect(counts()).toMatchObject({ 'POST whole': 4, POST: 2, 'PUT upload': 6 });
  expect(counts()['HEAD blob']).toBeUndefined();
  expect(
    seen.find(({ method, url }) => method === 'PUT' && url.search.includes('_state'))?.url.search,
  ).toMatch(/^\?_state=a~b%20c&digest=sha256%3A[a-f0-9]{64}$/);
});

test('where the single POST is refused, POST and PUT do it for small blobs, without asking first', async () => {
  const { store, counts } = openPush({ singlePost: 405 });
  await pushImage(store, sampleImage('refused', { layers: 1 }), 'v1');
  expect(counts()).toMatchObject({ POST: 2, 'PUT upload': 2 });
  expect(counts()['HEAD blob']).toBeUndefined();
});

test('a large blob that is there is not sent', async () => {
  const large = contentOf(Buffer.alloc(200_000, 'x'));
  const { store, state, counts } = openPush();
  state.blobs.set(large.descriptor.digest, large.bytes);
  const report = await pushImage(store, { ...image, layers: [large] }, 'v1');
  expect(report).toMatchObject({ uploaded: 1, existing: 1 });
  expect(counts()).toMatchObject({ 'HEAD blob': 1, 'POST whole': 1 });
  expect(counts().POST).toBeUndefined();
});

test('a PUT whose reply is lost is found by HEAD, not sent again', async () => {
  const large = contentOf(Buffer.alloc(200_000, 'y'));
  const { store, counts } = openPush({
    after: (request, response) => (kindOf(request) === 'PUT upload' ? systemError('ECONNRESET') : response),
  });
  await pushImage(store, { ...image, layers: [large] }, 'v1');
  expect(counts()).toMatchObject({ 'PUT upload': 1, 'HEAD blob': 2 });
});

test('a session that failed is never used again', async () => {
  const large = contentOf(Buffer.alloc(200_000, 'z'));
  const { store, counts, seen } = openPush({
    first: (request, { count }) =>
      kindOf(request) === 'PUT upload' && count.get('PUT upload') === 1
        ? wireRefusal(400, 'BLOB_UPLOAD_INVALID')
        : undefined,
  });
  await pushImage(store, { ...image, layers: [large] }, 'v1');
  expect(counts()).toMatchObject({ POST: 2, 'PUT upload': 2 });
  const sessions = seen.filter(({ method, url }) => method === 'PUT' && url.pathname.includes('/uploads/'));
  expect(new Set(sessions.map(({ url }) => url.pathname)).size).toBe(2);
});

test('a tag whose PUT reply is lost is found by HEAD', async () => {
  const { store, counts } = openPush({
    after: (request, response) => (kindOf(request) === 'PUT manifest' ? systemError('ECONNRESET') : response),
  });
  await pushImage(store, image, 'v1');
  expect(counts()['HEAD manifest']).toBe(2);
});

test('a tag whose PUT a gateway reports as failed is found by HEAD', async () => {
  const { store, counts } = openPush({
    after: (request, response) =>
      kindOf(request) === 'PUT manifest' ? new Response('<html>', { status: 504 }) : response,
  });
  await pushImage(store, image, 'v1');
  expect(counts()).toMatchObject({ 'PUT manifest': 5, 'HEAD manifest': 2 });
});

test.each([
  ['MANIFEST_BLOB_UNKNOWN', 'blob unknown'],
  ['MANIFEST_INVALID', 'Unknown blob `sha256:…`'],
])('%s sends what lacks once more', async (code, message) => {
  const { store, counts } = openPush({
    first(request, { count, blobs }) {
      if (kindOf(request) !== 'PUT manifest' || count.get('PUT manifest') !== 1) return undefined;
      blobs.delete(image.config.descriptor.digest);
      return wireRefusal(400, code, message);
    },
  });
  await pushImage(store, image, 'v1');
  expect(counts()).toMatchObject({ 'PUT manifest': 2, 'HEAD blob': 4, 'POST whole': 5 });
});

test.each([
  [409, 'TAG_IMMUTABLE', 'immutable'],
  [400, 'TAG_INVALID', 'The image tag v1 already exists and cannot be overwritten'],
  [412, 'PRECONDITION', 'Failed to process request due to v1 configured as immutable'],
  [403, 'DENIED', 'tag is immutable'],
])(
  'an immutable tag (%i %s) is success when it holds ours, else its own error',
  async (status, code, message) => {
    const first = (request: SeenRequest) =>
      kindOf(request) === 'PUT manifest' ? wireRefusal(status, code, message) : undefined;
    const ours = openPush({ first });
    const { mediaType } = image.manifest.descriptor;
    ours.state.tags.set('v1', { bytes: image.manifest.bytes, mediaType });
    await pushImage(ours.store, image, 'v1');
    const other = openPush({ first });
    other.state.tags.set('v1', { bytes: sampleImage('other').manifest.bytes, mediaType });
    const error = await failureOf(pushImage(other.store, image, 'v1'));
    expect(error).toMatchObject({ code: 'TAG_IMMUTABLE', reason: 'tag-immutable', status });
    expect(other.counts()['PUT manifest']).toBe(1);
  },
);

test('a tag that another writer holds after three looks is a lost race', async () => {
  const other = sampleImage('winner').manifest;
  const { store, counts, clock } = openPush({
    first(request, { tags }) {
      const { mediaType } = other.descriptor;
      if (kindOf(request) === 'HEAD manifest') tags.set('v1', { bytes: other.bytes, mediaType });
      return undefined;
    },
  });
  const error = await failureOf(pushImage(store, image, 'v1'));
  expect(error).toMatchObject({
    code: 'RACE_LOST',
    details: { found: other.descriptor.digest, expected: digest },
  });
  expect(counts()['HEAD manifest']).toBe(3);
  expect(clock.waits).toEqual([1000, 1000]);
});

test('beforeTag sees what the tag holds, and by throwing leaves it alone', async () => {
  const other = sampleImage('other').manifest;
  const { store, state, counts } = openPush();
  state.tags.set('v1', { bytes: other.bytes, mediaType: other.descriptor.mediaType });
  let current: string | undefined;
  const push = pushImage(store, image, 'v1', {
    beforeTag(found) {
      current = found?.digest;
      throw new Error('moved');
    },
  });
  await expect(push).rejects.toThrow('moved');
  expect(current).toBe(other.descriptor.digest);
  expect(counts()['PUT manifest']).toBeUndefined();
  expect(digestOf(state.tags.get('v1')!.bytes)).toBe(other.descriptor.digest);
});

test('a refused upload stops the push before the tag', async () => {
  const { store, counts } = openPush({
    first: (request) => (request.method === 'POST' ? wireRefusal(403, 'DENIED', 'no quota') : undefined),
  });
  expect(await failureOf(pushImage(store, image, 'v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    status: 403,
  });
  expect(counts()['PUT manifest']).toBeUndefined();
});

test('a registry that claims another digest is not believed', async () => {
  const { store } = openPush({
    after: (request, response) =>
      kindOf(request) === 'PUT manifest'
        ? new Response(null, {
            status: 201,
            headers: { 'docker-content-digest': digestOf(new Uint8Array(1)) },
          })
        : response,
  });
  expect(await failureOf(pushImage(store, image, 'v1'))).toMatchObject({ reason: 'digest-contradiction' });
});

test.each([
  [
    'another origin gets the bytes without authorization',
    'https://uploads.example/s1?x=1',
    'https://uploads.example',
  ],
  ['a proxy that forgot its TLS is corrected', 'http://registry.example/s1?x=1', 'https://registry.example'],
])('of an upload Location, %s', async (_, location, origin) => {
  const large = contentOf(Buffer.alloc(200_000, 'w'));
  const basic = { 'www-authenticate': 'Basic realm="x"' };
  const { store, seen } = openPush(
    {
      first(request, { blobs }) {
        const known = request.headers.has('authorization');
        if (request.url.origin === 'https://registry.example' && !known)
          return new Response(null, { status: 401, headers: basic });
        if (kindOf(request) === 'POST') return new Response(null, { status: 202, headers: { location } });
        if (request.url.pathname !== '/s1') return undefined;
        blobs.set(large.descriptor.digest, request.body);
        return new Response(null, { status: 201 });
      },
    },
    {
      keychain: {
        find: async () => ({ kind: 'basic', username: 'u', password: 'pass-word', source: 'test' }),
        secrets: () => [],
      },
    },
  );
  await pushImage(store, { ...image, layers: [large] }, 'v1');
  const put = seen.find(({ url }) => url.pathname === '/s1');
  expect(put?.url.origin).toBe(origin);
  expect(put?.headers.has('authorization')).toBe(origin === 'https://registry.example');
});

test.each(['http://evil.example/s1', 'https://169.254.169.254/s1', 'ftp://x/s1'])(
  'an upload Location %s is refused',
  async (location) => {
    const { store } = openPush({
      first: (request) =>
        request.method === 'POST' ? new Response(null, { status: 202, headers: { location } }) : undefined,
    });
    expect(await failureOf(pushImage(store, image, 'v1'))).toMatchObject({ reason: 'redirect-refused' });
  },
);

test('an aborted push cancels its session and tags nothing', async () => {
  const large = contentOf(Buffer.alloc(200_000, 'v'));
  const stop = new AbortController();
  const { store, counts } = openPush({
    first(request) {
      if (kindOf(request) === 'PUT upload') stop.abort(new Error('stop'));
      return undefined;
    },
  });
  await expect(
    pushImage(store, { ...image, layers: [large] }, 'v1', { signal: stop.signal }),
  ).rejects.toThrow('stop');
  await expect.poll(() => counts()['DELETE upload']).toBe(1);
  expect(counts()['PUT manifest']).toBeUndefined();
});

test('an image pushed to the embedded registry is read back whole', async () => {
  await using root = tempDir();
  const client = createRegistryClient({ send: sendTo(createRegistryHandler({ root: root.path })) });
  const store = client.repository({ registry: 'localhost:5055', repository: 'acme/hello' });
  await pushImage(store, image, 'v1');
  expect((await store.resolve('v1')).digest).toBe(digest);
  for (const { descriptor } of [...image.layers, image.config])
    expect(await store.has(descriptor)).toBe(true);
});

test.each([403, 405, 501])(
  'behind a proxy that answers %i to every HEAD an image is pushed, and found again',
  async (status) => {
    const { store, counts } = openPush({
      first: (request) => (request.method === 'HEAD' ? new Response(null, { status }) : undefined),
    });
    await pushImage(store, image, 'v1', { beforeTag: () => undefined, likelyAbsent: true });
    expect((await store.resolve('v1')).digest).toBe(digest);
    expect(await store.has(image.manifest.descriptor)).toBe(false);
    expect(counts()).toMatchObject({ 'PUT manifest': 1, 'POST whole': 4 });
  },
);

test('where a HEAD answers 404 and a GET 200 the tag is there', async () => {
  const { store } = openPush({
    first: (request) => (request.method === 'HEAD' ? new Response(null, { status: 404 }) : undefined),
  });
  await pushImage(store, image, 'v1');
  expect((await store.peek('v1'))?.digest).toBe(digest);
});

test('before a tag is put its absence must be proven: a 404 of no registry stops the push', async () => {
  const { store, counts } = openPush({
    first: ({ method, url }) =>
      method !== 'PUT' && url.pathname.includes('/manifests/')
        ? new Response('<html>', { status: 404 })
        : undefined,
  });
  for (const likelyAbsent of [true, false]) {
    const push = pushImage(store, image, 'v1', { beforeTag: () => undefined, likelyAbsent });
    expect(await failureOf(push)).toMatchObject({ code: 'REGISTRY_UNREACHABLE', reason: 'not-a-registry' });
  }
  expect(counts()['PUT manifest']).toBeUndefined();
});

test('a HEAD that finds something and a GET that finds nothing prove nothing', async () => {
  const { store } = openPush({
    first: (request) =>
      request.method === 'HEAD'
        ? new Response(null, { headers: { 'content-type': image.manifest.descriptor.mediaType } })
        : undefined,
  });
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    reason: 'protocol',
  });
});
