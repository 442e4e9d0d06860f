import { expect, test } from 'vitest';
import { systemError, wireRefusal } from '../../../test/support/registry/scripted-fetch.js';
import { failureOf, openScripted } from '../../../test/support/registry/scripted-registry.js';
import type { Credential, Keychain } from '../../auth/credential.js';
import { digestOf } from '../../oci/digest.js';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const bytes = new TextEncoder().encode(
  JSON.stringify({ schemaVersion: 2, mediaType, config: {}, layers: [] }),
);
const digest = digestOf(bytes);
const found = () =>
  new Response(null, {
    headers: {
      'content-type': mediaType,
      'docker-content-digest': digest,
      'content-length': String(bytes.byteLength),
    },
  });
const bearer = (extra = '') => ({
  'www-authenticate': `Bearer realm="https://auth.example/token",service="registry.example",scope="repository:acme/hello:pull"${extra}`,
});
const basic = { 'www-authenticate': 'Basic realm="registry"' };
const keychain = (credential?: Credential): Keychain => ({
  find: async () => credential,
  secrets: () => [],
});
const robot: Credential = {
  kind: 'basic',
  username: 'acme+robot',
  password: 's3cret-value',
  source: 'auth.json, quay.io',
};

test('a challenge is answered by a token and the request replayed once', async () => {
  const { store, lines, seen, client, counted } = openScripted((request) => {
    if (request.url.host === 'auth.example') return Response.json({ token: 'tok' });
    return request.headers.get('authorization') === 'Bearer tok'
      ? found()
      : new Response(null, { status: 401, headers: bearer() });
  });
  expect((await store.resolve('v1')).digest).toBe(digest);
  expect(lines()[1]).toMatch(/^GET \/token\?service=registry\.example&scope=repository/);
  expect(seen).toHaveLength(3);
  await store.resolve('v2');
  expect(seen).toHaveLength(4);
  expect(client.report()).toMatchObject({ requests: 4, retried: 0 });
  expect(counted()).toBe(4);
  expect(store.access()).toEqual({ challenged: true, credential: undefined });
});

test('what the first answer teaches saves every other repository its 401', async () => {
  const { client, seen } = openScripted((request) => {
    if (request.url.host === 'auth.example') return Response.json({ token: 'tok' });
    return request.headers.has('authorization')
      ? found()
      : new Response(null, { status: 401, headers: bearer() });
  });
  const open = (index: number) =>
    client.repository({ registry: 'registry.example', repository: `acme/b${index}` });
  await Promise.all(Array.from({ length: 20 }, (_, index) => open(index).resolve('v1')));
  expect(seen.filter(({ method }) => method === 'HEAD')).toHaveLength(21);
  expect(seen.filter(({ url }) => url.host === 'auth.example').length).toBeLessThanOrEqual(2);
});

test('100 private repositories of Quay cost four tokens and one refused request', async () => {
  const realm = { 'www-authenticate': 'Bearer realm="https://quay.io/v2/auth",service="quay.io"' };
  const { client, seen } = openScripted(
    ({ url, headers }) => {
      if (url.pathname === '/v2/auth') return Response.json({ token: jwt(url.searchParams.getAll('scope')) });
      return headers.has('authorization') ? found() : new Response(null, { status: 401, headers: realm });
    },
    { keychain: keychain(robot) },
  );
  const open = (index: number) => client.repository({ registry: 'quay.io', repository: `acme/b${index}` });
  await Promise.all(Array.from({ length: 100 }, (_, index) => open(index).resolve('v1')));
  const scopes = seen.flatMap(({ url }) => url.searchParams.getAll('scope'));
  expect([seen.length, scopes.length, new Set(scopes).size]).toEqual([105, 100, 100]);
});

/** What Quay answers: an entry for each scope, be it with nothing in it. */
const jwt = (scopes: readonly string[], granted = ['pull']) => {
  const access = scopes.map((scope) => ({ type: 'repository', name: scope.split(':')[1], actions: granted }));
  const claims = { access, iat: Math.random() };
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
};

test.each([
  ['pull', 'HEAD', 3, 1],
  ['pull,push', 'POST', 2, 0],
])(
  'a token whose own list lacks %s is a refusal: no second token, no second %s',
  async (_, method, requests, again) => {
    const { store, seen } = openScripted(
      ({ url }) =>
        url.host === 'auth.example'
          ? Response.json({ token: jwt(url.searchParams.getAll('scope'), []) })
          : new Response(null, { status: 401, headers: bearer() }),
      { keychain: keychain(robot) },
    );
    const content = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
    const doing = method === 'HEAD' ? store.resolve('v1') : store.forPush().write(content, bytes);
    expect(await failureOf(doing)).toMatchObject({ code: 'REGISTRY_DENIED', reason: 'denied' });
    expect(seen).toHaveLength(requests);
    // An earlier token shows it as well.
    const later = method === 'HEAD' ? store.resolve('v2') : store.forPush().write(content, bytes);
    await failureOf(later);
    expect(seen).toHaveLength(requests + again);
  },
);

test('a service that grants one repository at a time gets single requests, from its first answer on', async () => {
  const { client, seen } = openScripted(({ url, headers }) => {
    const asked = url.searchParams.getAll('scope');
    if (url.host === 'auth.example') return Response.json({ token: jwt(asked.slice(0, 1)) });
    return headers.has('authorization')
      ? found()
      : new Response(null, {
          status: 401,
          headers: { 'www-authenticate': 'Bearer realm="https://auth.example/t"' },
        });
  });
  const open = (index: number) =>
    client.repository({ registry: 'registry.example', repository: `acme/b${index}` });
  await Promise.all([0, 1, 2, 3].map((index) => open(index).resolve('v1')));
  await open(4).resolve('v1');
  const scopes = seen
    .filter(({ url }) => url.host === 'auth.example')
    .map(({ url }) => url.searchParams.getAll('scope').length);
  expect(scopes).toEqual([5, 1, 1, 1, 1]);
});

test('an opaque token for many that is refused for one repository is replaced by one for it alone', async () => {
  const { client, seen } = openScripted(({ url, headers }) => {
    const asked = url.searchParams.getAll('scope');
    if (url.host === 'auth.example')
      return Response.json({ token: asked[0]?.split(':')[1]?.replace('/', '-') });
    const repository = url.pathname.split('/').slice(2, 4).join('-');
    return headers.get('authorization') === `Bearer ${repository}`
      ? found()
      : new Response(null, {
          status: 401,
          headers: { 'www-authenticate': 'Bearer realm="https://auth.example/t"' },
        });
  });
  const open = (name: string) =>
    client.repository({ registry: 'registry.example', repository: `acme/${name}` });
  const found2 = await Promise.all(['a', 'b', 'c'].map((name) => open(name).resolve('v1')));
  expect(found2.map((one) => one.digest)).toEqual([digest, digest, digest]);
  expect(seen.filter(({ url }) => url.host === 'auth.example')).toHaveLength(3);
});

test('only the handle for pushing asks for the right to push', async () => {
  const { store, seen } = openScripted((request) => {
    if (request.url.host === 'auth.example')
      return Response.json({ token: request.url.searchParams.get('scope')?.includes('push') ? 'rw' : 'ro' });
    return request.headers.has('authorization')
      ? found()
      : new Response(null, { status: 401, headers: bearer() });
  });
  await store.resolve('v1');
  expect(seen.some(({ url }) => url.search.includes('push'))).toBe(false);
  await store.forPush().resolve('v1');
  expect(seen.at(-1)?.headers.get('authorization')).toBe('Bearer rw');
});

test('a 401 to a fresh token is denied after a GET has been refused too', async () => {
  const { store, seen } = openScripted((request) =>
    request.url.host === 'auth.example'
      ? Response.json({ token: 'tok' })
      : new Response(null, { status: 401, headers: bearer() }),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'no-credential',
    status: 401,
  });
  expect(seen).toHaveLength(4);
});

test('a robot without the right is denied, and its source is named but never its password', async () => {
  const { store } = openScripted(
    (request) =>
      request.url.host === 'auth.example'
        ? Response.json({ token: 'tok' })
        : new Response(null, { status: 401, headers: bearer() }),
    { keychain: keychain(robot) },
  );
  const error = await failureOf(store.resolve('v1'));
  expect(error).toMatchObject({ code: 'REGISTRY_DENIED', reason: 'denied' });
  expect(error.message).toContain('auth.json, quay.io');
  expect(JSON.stringify([error.message, error.details, error.hint])).not.toContain('s3cret');
  expect(store.access()).toEqual({ challenged: true, credential: 'auth.json, quay.io' });
});

test('a token that went stale is replaced once, and the request replayed', async () => {
  let good = 1;
  let given = 0;
  const { store, seen } = openScripted((request) => {
    if (request.url.host === 'auth.example') return Response.json({ token: `t${++given}` });
    return request.headers.get('authorization') === `Bearer t${good}`
      ? found()
      : new Response(null, { status: 401, headers: bearer(',error="invalid_token"') });
  });
  await store.resolve('v1');
  good = 2;
  await store.resolve('v1');
  expect(seen).toHaveLength(6);
});

test('a wrong password is refused after a GET has been refused too', async () => {
  const { store, seen } = openScripted(() => wireRefusal(401, 'UNAUTHORIZED', 'no', basic), {
    keychain: keychain(robot),
  });
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'bad-credential',
  });
  expect(seen).toHaveLength(3);
});

test('a registry that wants a password and gets none is reported as such', async () => {
  const { store, seen } = openScripted(() => wireRefusal(401, 'UNAUTHORIZED', 'no', basic));
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'no-credential',
  });
  expect(seen).toHaveLength(2);
});

test('a token service that is down is unreachable, not denied', async () => {
  const { store } = openScripted((request) =>
    request.url.host === 'auth.example'
      ? systemError('ECONNREFUSED')
      : new Response(null, { status: 401, headers: bearer() }),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    reason: 'token-endpoint',
  });
});

test.each([
  ['answers 407 itself', () => new Response(null, { status: 407 }), 407],
  ['refuses the tunnel', () => systemError('ERR_PROXY_407'), undefined],
])('a proxy before the token service that %s is named as what refused', async (_, refusal, status) => {
  const { store, seen } = openScripted((request) =>
    request.url.host === 'auth.example' ? refusal() : new Response(null, { status: 401, headers: bearer() }),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    reason: 'proxy',
    ...(status && { status }),
  });
  expect(seen).toHaveLength(2);
});

test('a redirect is followed without the authorization, also when it leads back', async () => {
  const { store, seen } = openScripted(
    (request) => {
      if (
        !request.headers.has('authorization') &&
        request.url.host === 'registry.example' &&
        !request.url.search
      ) {
        return new Response(null, { status: 401, headers: basic });
      }
      if (request.url.host === 'registry.example' && !request.url.search) {
        return new Response(null, { status: 307, headers: { location: 'https://cdn.example/x?sig=1' } });
      }
      if (request.url.host === 'cdn.example') {
        return new Response(null, {
          status: 302,
          headers: { location: 'https://registry.example/back?x=1' },
        });
      }
      return found();
    },
    { keychain: keychain(robot) },
  );
  expect((await store.resolve('v1')).digest).toBe(digest);
  expect(seen.map(({ url, headers }) => [url.host, headers.has('authorization')])).toEqual([
    ['registry.example', false],
    ['registry.example', true],
    ['cdn.example', false],
    ['registry.example', false],
  ]);
});

test.each([
  ['plain http', 'http://registry.example/x'],
  ['a metadata address', 'https://169.254.169.254/x'],
  ['this machine', 'https://127.0.0.1/x'],
  ['another scheme', 'file:///etc/passwd'],
  ['a user name', 'https://user:pass@cdn.example/x'],
  ['nowhere', ''],
])('a redirect to %s is refused', async (_, location) => {
  const { store, seen } = openScripted(() => new Response(null, { status: 302, headers: { location } }));
  expect(await failureOf(store.resolve('v1'))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    reason: 'redirect-refused',
  });
  expect(seen).toHaveLength(1);
});

test('the sixth redirect is refused', async () => {
  const { store, seen } = openScripted(
    (_, index) => new Response(null, { status: 302, headers: { location: `/v2/loop${index}` } }),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ reason: 'redirect-refused' });
  expect(seen).toHaveLength(6);
});

test('a 401 of another origin causes no token request', async () => {
  const { store, seen } = openScripted(
    ({ url }) =>
      url.host === 'cdn.example'
        ? new Response(null, { status: 401, headers: basic })
        : new Response(null, { status: 302, headers: { location: 'https://cdn.example/x' } }),
    { keychain: keychain(robot) },
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  expect(seen.every(({ headers }) => !headers.has('authorization'))).toBe(true);
});

const https = (answer: () => Response | Error) => (request: { readonly url: URL }) =>
  request.url.protocol === 'https:' ? answer() : undefined;

test('a loopback host is tried by http first, and its scheme is remembered', async () => {
  const { store, seen, client } = openScripted(found, { registry: 'x.localhost:5000' });
  await store.resolve('v1');
  await store.resolve('v2');
  expect(seen.map(({ url }) => url.protocol)).toEqual(['http:', 'http:']);
  expect(client.report()).toMatchObject({ requests: 2, retried: 0 });
});

test.each<[string, () => Response | Error]>([
  ['hangs up', () => systemError('ECONNRESET')],
  ['answers in TLS', () => systemError('HPE_INVALID_CONSTANT')],
  [
    'reports that it expects TLS',
    () => new Response('Client sent an HTTP request to an HTTPS server.', { status: 400 }),
  ],
])('a loopback host that %s is reached by https, and only that is counted', async (_, plain) => {
  const secure = https(found);
  const { store, seen, client } = openScripted((request) => secure(request) ?? plain(), {
    registry: '[::1]:5000',
  });
  await store.resolve('v1');
  await store.resolve('v2');
  expect(seen.map(({ url }) => url.protocol)).toEqual(['http:', 'https:', 'https:']);
  expect(client.report()).toMatchObject({ requests: 2, retried: 0 });
});

test('a loopback host with a wrong certificate gets no http request with its earlier challenge', async () => {
  for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
    const secure = https(() => systemError(code));
    const { store } = openScripted((request) => secure(request) ?? systemError('ECONNRESET'), {
      registry: '127.0.0.1:5000',
    });
    expect(await failureOf(store.resolve('v1'))).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  }
});

test('no credential is sent to a loopback host before it is known what it speaks', async () => {
  const challenge = () => new Response(null, { status: 401, headers: basic });
  const { store, seen } = openScripted(
    ({ url, headers }) => {
      if (url.protocol === 'http:') return systemError('ECONNRESET');
      return headers.has('authorization') ? found() : challenge();
    },
    { registry: 'localhost:5000', keychain: keychain(robot) },
  );
  await store.resolve('v1');
  expect(seen.map(({ url, headers }) => [url.protocol, headers.has('authorization')])).toEqual([
    ['http:', false],
    ['https:', false],
    ['https:', true],
  ]);
});

test('a 400 of a loopback registry that speaks no TLS is its answer', async () => {
  const secure = https(() => systemError('EPROTO'));
  const { store, seen } = openScripted((request) => secure(request) ?? new Response(null, { status: 400 }), {
    registry: 'localhost:5000',
  });
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ status: 400 });
  expect(seen.map(({ url }) => url.protocol)).toEqual(['http:', 'https:', 'http:']);
});

test('a host that is named for plain http gets http requests, others never', async () => {
  const named = openScripted(found, { registry: 'lab.example:5000', plainHttp: ['lab.example:5000'] });
  await named.store.resolve('v1');
  expect(named.seen[0]?.url.origin).toBe('http://lab.example:5000');
  const other = openScripted(() => systemError('EPROTO'), {
    registry: '10.0.0.1:5000',
    plainHttp: ['lab.example:5000'],
  });
  await failureOf(other.store.resolve('v1'));
  expect(other.seen.every(({ url }) => url.protocol === 'https:')).toBe(true);
});

test('an expired ECR credential is renewed once where the registry reports it without a challenge', async () => {
  let password = 'old-pass';
  const helper: Keychain = {
    async find(_, options) {
      if (options?.fresh) password = 'new-pass';
      return { kind: 'basic', username: 'acme+robot', password, source: 'auth.json, quay.io' };
    },
    secrets: () => [],
  };
  const fresh = `Basic ${Buffer.from('acme+robot:new-pass').toString('base64')}`;
  const { store } = openScripted(
    ({ headers, method }) => {
      if (!headers.has('authorization')) return new Response(null, { status: 401, headers: basic });
      if (headers.get('authorization') !== fresh)
        return wireRefusal(403, 'DENIED', 'Your authorization token has expired.');
      return method === 'HEAD' ? found() : new Response(bytes, { headers: { 'content-type': mediaType } });
    },
    { keychain: helper },
  );
  expect((await store.resolve('v1')).digest).toBe(digest);
});

test('docker.io is asked at its API host', async () => {
  const { store, seen } = openScripted(found, { registry: 'docker.io' });
  await store.resolve('v1');
  expect(seen[0]?.url.host).toBe('registry-1.docker.io');
});

test('tags are paged on the same origin, and sorted by bytes', async () => {
  const pages = openScripted(({ url }) =>
    url.searchParams.has('last')
      ? Response.json({ name: 'x', tags: ['Z', 'a'] })
      : Response.json(
          { name: 'x', tags: ['b', 'a'] },
          { headers: { link: '</v2/acme/hello/tags/list?n=2&last=b>; rel="next"' } },
        ),
  );
  expect(await pages.store.tags()).toEqual(['Z', 'a', 'b']);
  expect(pages.lines()).toEqual([
    'GET /v2/acme/hello/tags/list?n=1000',
    'GET /v2/acme/hello/tags/list?n=2&last=b',
  ]);
  const astray = openScripted(() =>
    Response.json({ tags: [] }, { headers: { link: '<https://evil.example/>; rel="next"' } }),
  );
  expect(await failureOf(astray.store.tags())).toMatchObject({ reason: 'redirect-refused' });
  const empty = openScripted(() => Response.json({ tags: null }));
  expect(await empty.store.tags()).toEqual([]);
  const page = openScripted(() => Response.json({ hello: 1 }));
  expect(await failureOf(page.store.tags())).toMatchObject({ reason: 'not-a-registry' });
});

test('10,000 tags come over a hundred links, one more page is refused, and so is a link that leads in a circle', async () => {
  const paged = (pages: number) =>
    openScripted(({ url }) => {
      const page = Number(url.searchParams.get('last') ?? 0);
      const tags = Array.from({ length: 100 }, (_, index) => `t${page * 100 + index}`);
      const link = { link: `<?n=100&last=${page + 1}>; rel="next"` };
      return Response.json({ name: 'x', tags }, page + 1 < pages ? { headers: link } : {});
    });
  const whole = paged(100);
  expect(new Set(await whole.store.tags()).size).toBe(10_000);
  expect(whole.seen.length).toBe(100);
  const endless = paged(Number.POSITIVE_INFINITY);
  expect(await failureOf(endless.store.tags())).toMatchObject({ code: 'TOO_LARGE' });
  expect(endless.seen.length).toBe(100);
  const link = { link: '</v2/acme/hello/tags/list?n=1000>; rel="next"' };
  const circle = openScripted(() => Response.json({ tags: ['a'] }, { headers: link }));
  expect(await failureOf(circle.store.tags())).toMatchObject({ code: 'TOO_LARGE' });
});
