import { expect, test } from 'vitest';
import { stoppedClock } from '../../test/support/clocks/stopped-clock.js';
import { systemError, wireRefusal } from '../../test/support/registry/scripted-fetch.js';
import { failureOf, openScripted } from '../../test/support/registry/scripted-registry.js';
import { digestOf } from '../oci/digest.js';

const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
const bytes = new TextEncoder().encode(
  JSON.stringify({ schemaVersion: 2, mediaType, config: {}, layers: [] }),
);
const digest = digestOf(bytes);
const manifestHeaders = {
  'content-type': mediaType,
  'docker-content-digest': digest,
  'content-length': String(bytes.byteLength),
};

const head = () => new Response(null, { headers: manifestHeaders });
const get = (headers: Record<string, string> = manifestHeaders) => new Response(bytes, { headers });

test('a tag is resolved by one HEAD with the headers registries need', async () => {
  const { store, seen, client, counted } = openScripted(head);
  expect(await store.resolve('v1')).toEqual({ mediaType, digest, size: bytes.byteLength });
  expect(seen.map(({ line }) => line)).toEqual(['HEAD /v2/acme/hello/manifests/v1']);
  expect(seen[0]?.url.origin).toBe('https://registry.example');
  expect(seen[0]?.headers.get('accept')?.split(', ')).toHaveLength(4);
  expect(seen[0]?.headers.get('accept-encoding')).toBe('identity');
  expect(seen[0]?.headers.get('user-agent')).toMatch(/^tekton-bundles\//);
  expect(client.report()).toMatchObject({ requests: 1, retried: 0 });
  expect(counted()).toBe(1);
  expect(store.access()).toEqual({ challenged: false, credential: undefined });
});

test('a 404 is absence only when a GET reports it in a code of the registry', async () => {
  const { store, lines } = openScripted(() => wireRefusal(404, 'MANIFEST_UNKNOWN', 'unknown'));
  const error = await failureOf(store.resolve('v1'));
  expect(error).toMatchObject({ code: 'NOT_FOUND', reason: 'tag-missing', status: 404 });
  expect(error.diagnostics).toEqual([{ code: 'MANIFEST_UNKNOWN', message: 'unknown' }]);
  expect(error.hint).toBeTruthy();
  expect(lines()).toEqual(['HEAD /v2/acme/hello/manifests/v1', 'GET /v2/acme/hello/manifests/v1']);
});

test('a missing repository is named as such', async () => {
  const { store } = openScripted(() => wireRefusal(404, 'NAME_UNKNOWN'));
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'repository-missing',
  });
});

test.each([
  ['a page', () => new Response('<html>', { status: 404, headers: { 'content-type': 'text/html' } })],
  ['nothing', () => new Response(null, { status: 404 })],
  ['foreign JSON', () => Response.json({ message: 'Not Found' }, { status: 404 })],
  ['a foreign code', () => wireRefusal(404, 'ROUTE_UNKNOWN')],
])('a 404 with %s is not absence', async (_, answer) => {
  const { store } = openScripted(answer);
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    reason: 'not-a-registry',
  });
});

test.each([
  ['HTML', { 'content-type': 'text/html; charset=utf-8' }],
  ['HTML with a digest', { ...manifestHeaders, 'content-type': 'text/html' }],
  ['JSON without a trace of a registry', { 'content-type': 'application/json' }],
  ['no header at all', {}],
])('a HEAD that answers 200 with %s is a captive portal', async (_, headers) => {
  const { store, seen } = openScripted(() => new Response(null, { headers }));
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ reason: 'not-a-registry' });
  expect(seen).toHaveLength(1);
});

test.each([
  ['no digest', { 'content-type': mediaType }],
  ['a malformed digest', { ...manifestHeaders, 'docker-content-digest': 'sha256:xyz' }],
  ['no length', { 'content-type': mediaType, 'docker-content-digest': digest }],
  ['a vague type', { ...manifestHeaders, 'content-type': 'application/json' }],
  ['a compressed length', { ...manifestHeaders, 'content-encoding': 'gzip' }],
])('a HEAD with %s is followed by a GET whose bytes are hashed', async (_, headers) => {
  const { store, lines } = openScripted(({ method }) =>
    method === 'HEAD' ? new Response(null, { headers }) : get({ 'content-type': mediaType }),
  );
  expect(await store.resolve('v1')).toEqual({ mediaType, digest, size: bytes.byteLength });
  expect(lines()).toEqual(['HEAD /v2/acme/hello/manifests/v1', 'GET /v2/acme/hello/manifests/v1']);
});

test.each([405, 501, 403, 400])('a HEAD that is answered by %s is repeated as a GET', async (status) => {
  const { store } = openScripted(({ method }) =>
    method === 'HEAD' ? new Response(null, { status }) : get(),
  );
  expect((await store.resolve('v1')).digest).toBe(digest);
});

test('a digest header that contradicts the body is not believed', async () => {
  const other = digestOf(new Uint8Array(3));
  const { store } = openScripted(({ method }) =>
    method === 'HEAD'
      ? new Response(null, { headers: { 'content-type': mediaType } })
      : get({ ...manifestHeaders, 'docker-content-digest': other }),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    reason: 'digest-contradiction',
  });
});

test('by digest a different digest header is fatal and a missing one is not', async () => {
  const other = digestOf(new Uint8Array(3));
  const { store } = openScripted(
    () => new Response(null, { headers: { ...manifestHeaders, 'docker-content-digest': other } }),
  );
  expect(await failureOf(store.resolve(digest))).toMatchObject({ reason: 'digest-contradiction' });
  const silent = openScripted(
    () =>
      new Response(null, {
        headers: { 'content-type': mediaType, 'content-length': String(bytes.byteLength) },
      }),
  );
  expect((await silent.store.resolve(digest)).digest).toBe(digest);
  expect(silent.seen).toHaveLength(1);
});

test('a manifest beyond 4 MiB is refused by its length and by its bytes', async () => {
  const large = openScripted(
    () => new Response(null, { headers: { ...manifestHeaders, 'content-length': '4194305' } }),
  );
  expect(await failureOf(large.store.resolve('v1'))).toMatchObject({ code: 'TOO_LARGE' });
  const lying = openScripted(({ method }) =>
    method === 'HEAD'
      ? new Response(null, { headers: { 'content-type': mediaType } })
      : new Response(new Uint8Array(4 * 1024 * 1024 + 1), { headers: { 'content-type': mediaType } }),
  );
  expect(await failureOf(lying.store.resolve('v1'))).toMatchObject({ code: 'TOO_LARGE' });
});

test('a body that calls itself otherwise than its header is refused', async () => {
  const { store } = openScripted(({ method }) =>
    method === 'HEAD'
      ? new Response(null, { status: 405 })
      : get({ 'content-type': 'application/vnd.oci.image.manifest.v1+json' }),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ reason: 'protocol' });
});

test('a server error is tried five times with growing waits, then reported', async () => {
  const { store, clock, client } = openScripted(() => new Response('oops', { status: 503 }));
  const error = await failureOf(store.resolve('v1'));
  expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', reason: 'server-error', status: 503 });
  expect(clock.waits).toEqual([250, 500, 1000, 2000]);
  expect(client.report()).toMatchObject({ requests: 5, retried: 4 });
});

test.each([
  ['ECONNREFUSED', 'refused', 5],
  ['ECONNRESET', 'reset', 5],
  ['EAI_AGAIN', 'dns', 5],
  ['ENOTFOUND', 'dns', 2],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-unknown-ca', 1],
  ['CERT_HAS_EXPIRED', 'tls-expired', 1],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-wrong-host', 1],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout', 5],
])('%s gives the reason %s after %i attempts', async (code, reason, attempts) => {
  const { store, seen } = openScripted(() => new TypeError('fetch failed', { cause: systemError(code) }));
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ code: 'REGISTRY_UNREACHABLE', reason });
  expect(seen).toHaveLength(attempts);
});

test('a host that recovers is only a wait', async () => {
  const { store, client } = openScripted((_, index) => (index < 2 ? systemError('ECONNRESET') : head()));
  expect((await store.resolve('v1')).digest).toBe(digest);
  expect(client.report()).toMatchObject({ requests: 3, retried: 2 });
});

test('Retry-After is obeyed, and beyond two minutes shown instead', async () => {
  const short = openScripted((_, index) =>
    index === 0 ? new Response('slow', { status: 429, headers: { 'retry-after': '7' } }) : head(),
  );
  await short.store.resolve('v1');
  expect(short.clock.waits).toContain(7000);
  const long = openScripted(
    () => new Response('<html>', { status: 429, headers: { 'retry-after': '3600' } }),
  );
  const error = await failureOf(long.store.resolve('v1'));
  expect(error).toMatchObject({
    code: 'RATE_LIMITED',
    reason: 'rate-limited',
    details: { retryAfterMs: 3_600_000 },
  });
  expect(error.message).toContain('3600 s');
  expect(long.seen).toHaveLength(1);
});

test('a 429 pauses every request to the host', async () => {
  let limited = true;
  const { client, clock } = openScripted(() => {
    if (!limited) return head();
    limited = false;
    return new Response('', { status: 429, headers: { 'retry-after': '5' } });
  });
  const started = clock.now();
  const one = client.repository({ registry: 'registry.example', repository: 'a' }).resolve('v1');
  await one;
  expect(clock.now() - started).toBeGreaterThanOrEqual(5000);
});

test('a proxy that wants credentials is named', async () => {
  const { store } = openScripted(() => new Response('', { status: 407 }));
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ reason: 'proxy' });
});

test('an abort ends a hanging request with its own reason', async () => {
  const { store } = openScripted(() => new Promise(() => undefined), {
    clock: stoppedClock,
  });
  const controller = new AbortController();
  const waiting = store.resolve('v1', { signal: controller.signal });
  setImmediate(() => controller.abort(new Error('stop')));
  await expect(waiting).rejects.toThrow('stop');
});

test('text of a server is on one line', async () => {
  const { store } = openScripted(() => wireRefusal(403, 'DENIED', '\u001b[31mred\r\n::error::x\u202e'));
  const error = await failureOf(store.resolve('v1'));
  expect(error).toMatchObject({ code: 'REGISTRY_DENIED', reason: 'no-credential' });
  expect(error.message).toContain('DENIED \u001b[31mred ::error::x');
});

test('a name that is not a repository is refused before any request', () => {
  const { client } = openScripted(head);
  for (const repository of ['../x', 'A', 'a//b', 'a?b', '']) {
    expect(() => client.repository({ registry: 'registry.example', repository })).toThrow(
      expect.objectContaining({ code: 'REFERENCE_INVALID' }),
    );
  }
});

test.each(['gzip', 'zstd', 'gzip, br'])(
  'a manifest encoded as %s though identity was asked for is not an answer',
  async (encoding) => {
    const { store } = openScripted(({ method }) =>
      method === 'HEAD'
        ? new Response(null, { status: 405 })
        : get({ ...manifestHeaders, 'content-encoding': encoding }),
    );
    expect(await failureOf(store.resolve('v1'))).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      reason: 'protocol',
    });
  },
);

test.each([402, 409, 410, 412, 423, 451])(
  'a %i in the words of a registry is a policy, and without them not a registry',
  async (status) => {
    const said = openScripted(() => wireRefusal(status, 'DENIED', 'blocked by policy'));
    expect(await failureOf(said.store.resolve('v1'))).toMatchObject({
      code: 'REGISTRY_DENIED',
      reason: 'policy',
    });
    const bare = openScripted(() => new Response(null, { status }));
    expect(await failureOf(bare.store.resolve('v1'))).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  },
);

test.each([
  ['299 - "one", 299 other.agent "two"', ['one', 'two']],
  ['299 - "with \\"quotes\\"" "Wed, 21 Oct 2026 07:28:00 GMT"', ['with "quotes"']],
  ['199 - "not for people", nonsense', []],
  ['299 - "un\u00e9nded', []],
])('of the warnings %s the texts are shown', async (warning, texts) => {
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const { store } = openScripted(() => new Response(null, { headers: { ...manifestHeaders, warning } }), {
    log,
  });
  await store.resolve('v1');
  expect(logged.filter((line) => line.includes('warns'))).toEqual(
    texts.map((text) => `registry.example warns: ${text}`),
  );
});
