import { expect, test } from 'vitest';
import {
  type Answerer,
  type SeenRequest,
  systemError,
  wireRefusal,
} from '../../test/support/registry/scripted-fetch.js';
import { failureOf, openScripted } from '../../test/support/registry/scripted-registry.js';
import type { Credential, Keychain } from '../auth/credential.js';
import { createKeychain } from '../auth/keychain.js';
import { digestOf } from '../oci/digest.js';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const bytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, mediaType, layers: [] }));
const found = () =>
  new Response(null, {
    headers: {
      'content-type': mediaType,
      'docker-content-digest': digestOf(bytes),
      'content-length': String(bytes.byteLength),
    },
  });
const blobBytes = new TextEncoder().encode('x'.repeat(1000));
const blob = {
  mediaType: 'application/octet-stream',
  digest: digestOf(blobBytes),
  size: blobBytes.byteLength,
};

const robot: Credential = { kind: 'basic', username: 'robot', password: 'pass-s3cret', source: 'file (key)' };
const pair = Buffer.from('robot:pass-s3cret').toString('base64');
const keychain: Keychain = { find: async () => robot, secrets: () => ['pass-s3cret', pair] };
const basic = { 'www-authenticate': 'Basic realm="r"' };
const bearer = { 'www-authenticate': 'Bearer realm="https://auth.example/token",service="s"' };

/** Asks for the password at the registry, then answers as the test specifies. */
const guarded =
  (answer: Answerer): Answerer =>
  (request, index) =>
    request.url.origin === 'https://registry.example' && !request.headers.has('authorization') && index === 0
      ? new Response(null, { status: 401, headers: basic })
      : answer(request, index);
const carried = (seen: readonly SeenRequest[]) =>
  seen.map(({ url, headers }) => `${url.origin} ${headers.has('authorization')}`);

test('an explicit port 443 is the same origin and keeps the authorization', async () => {
  const { store, seen } = openScripted(
    guarded(({ url }) =>
      url.pathname === '/moved'
        ? found()
        : new Response(null, { status: 307, headers: { location: 'https://registry.example:443/moved' } }),
    ),
    { keychain },
  );
  await store.resolve('v1');
  expect(carried(seen.slice(1))).toEqual(['https://registry.example true', 'https://registry.example true']);
});

test.each([
  'https://registry.example:8443/moved',
  'https://cdn.registry.example/moved',
  'https://registry.example.evil.example/moved',
  'https://registry.example./moved',
  'https://10.0.0.5/moved',
  'https://192.168.1.5:5000/moved',
  'https://[fd12::1]/moved',
])('a redirect to %s, another origin, carries no authorization and no cookie', async (location) => {
  const { store, seen } = openScripted(
    guarded(({ url }) =>
      url.pathname === '/moved'
        ? found()
        : new Response(null, { status: 307, headers: { location, 'set-cookie': 'session=s3cret; Path=/' } }),
    ),
    { keychain },
  );
  await store.resolve('v1');
  expect(carried(seen).at(-1)).toBe(`${new URL(location).origin} false`);
  await store.resolve('v2');
  expect(seen.some(({ headers }) => headers.has('cookie'))).toBe(false);
});

test.each([307, 308])(
  'a %i to an upload is a new Location: the bytes go there, the authorization does not',
  async (status) => {
    const { store, seen } = openScripted(
      guarded(({ url }) =>
        url.host === 'uploads.example'
          ? new Response(null, { status: 201 })
          : new Response(null, { status, headers: { location: 'https://uploads.example/u?sig=1' } }),
      ),
      { keychain },
    );
    await store.write(blob, blobBytes);
    const last = seen.at(-1)!;
    expect([last.url.href, last.method, last.headers.has('authorization'), last.body.byteLength]).toEqual([
      'https://uploads.example/u?sig=1',
      'POST',
      false,
      1000,
    ]);
  },
);

test.each([
  'http://registry.example.evil.example/u',
  'http://10.0.0.5/u',
  'https://169.254.169.254/u',
  'https://u:p@x.example/u',
])('a redirect of an upload to %s is refused, and nothing is sent there', async (location) => {
  const { store, seen } = openScripted(
    guarded(() => new Response(null, { status: 308, headers: { location } })),
    { keychain },
  );
  expect(await failureOf(store.write(blob, blobBytes))).toMatchObject({ reason: 'redirect-refused' });
  expect(new Set(seen.map(({ url }) => url.host))).toEqual(new Set(['registry.example']));
});

test('a 301, 302 or 303 of an upload is followed nowhere', async () => {
  for (const status of [301, 302, 303]) {
    const { store, seen } = openScripted(
      () => new Response(null, { status, headers: { location: 'https://uploads.example/u' } }),
    );
    await expect(store.write(blob, blobBytes)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(new Set(seen.map(({ url }) => url.host))).toEqual(new Set(['registry.example']));
  }
});

test.each<[string, (secret: string) => Response]>([
  ['in its words', (secret) => wireRefusal(403, 'DENIED', `you sent ${secret}, go away`)],
  ['in its code', (secret) => wireRefusal(403, secret)],
  [
    'in a detail',
    (secret) => Response.json({ errors: [{ code: 'X', detail: { message: secret } }] }, { status: 400 }),
  ],
  ['behind 290 other characters', (secret) => wireRefusal(403, 'DENIED', `${'x'.repeat(290)} ${secret}`)],
  [
    'as a content type',
    (secret) => new Response('', { status: 404, headers: { 'content-type': `text/${secret}` } }),
  ],
])('a secret that a server repeats %s is hidden by its value', async (_, answer) => {
  for (const challenge of [basic, bearer]) {
    const { store } = openScripted(
      ({ url, headers, method }) => {
        if (url.host === 'auth.example') return Response.json({ token: 'token-s3cret-value' });
        const sent = headers.get('authorization')?.split(' ')[1];
        if (sent === undefined) return new Response(null, { status: 401, headers: challenge });
        return method === 'HEAD' ? new Response(null, { status: 404 }) : answer(sent);
      },
      { keychain },
    );
    const error = await failureOf(store.resolve('v1'));
    const all = [error.message, error.hint, error.stack, JSON.stringify(error)].join('\n');
    for (const secret of ['s3cret', 'token-s3c', pair.slice(0, 12)]) expect(all).not.toContain(secret);
  }
});

test('warnings of a server are shown without what it was sent', async () => {
  const logged: string[] = [];
  const { store } = openScripted(
    ({ headers }) => {
      const sent = headers.get('authorization');
      if (!sent) return new Response(null, { status: 401, headers: basic });
      const answer = found();
      answer.headers.set('warning', `299 - "you sent ${sent} ##[error]"`);
      return answer;
    },
    { keychain, log: (line) => void logged.push(line) },
  );
  await store.resolve('v1');
  expect(logged.join('\n')).toContain('registry.example warns: you sent Basic *** ##[error]');
  expect(logged.join('\n')).not.toContain(pair);
});

test('neither errors nor log lines hold a query, a user or an authorization', async () => {
  const signed = 'https://cdn.example/blob?X-Signature=query-s3cret';
  const answers: Answerer[] = [
    () => new Response(null, { status: 307, headers: { location: signed } }),
    () =>
      new Response(null, {
        status: 307,
        headers: { location: 'https://u:user-s3cret@x.example/?a=query-s3cret' },
      }),
    () =>
      new Response(null, {
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="http://x.example/?a=query-s3cret"' },
      }),
    () => wireRefusal(403, 'DENIED'),
    () => systemError('ECONNRESET'),
  ];
  for (const answer of answers) {
    const logged: string[] = [];
    const { store } = openScripted(
      guarded((request, index) =>
        request.url.host === 'cdn.example' ? new Response('', { status: 403 }) : answer(request, index),
      ),
      { keychain, log: (line) => void logged.push(line) },
    );
    const error = await failureOf(store.resolve('v1'));
    const all = [error.message, error.hint, JSON.stringify(error), String(error.cause), ...logged].join('\n');
    expect(all).not.toContain('s3cret');
    expect(all).not.toContain(pair);
  }
});

test('of an error body without end no more than 64 KiB is read', async () => {
  let pulled = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 16 * 1024;
          controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
        },
      }),
      { status: 403 },
    );
  const { store } = openScripted(({ method }) =>
    method === 'HEAD' ? new Response(null, { status: 404 }) : endless(),
  );
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ code: 'REGISTRY_DENIED' });
  expect(pulled).toBeLessThanOrEqual(64 * 1024 + 3 * 16 * 1024);
});

test('a credential goes only to the host it is stored for, whatever another one requests', async () => {
  const own = createKeychain({
    environment: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'registry.example': { auth: pair } } }) },
    platform: 'linux',
  });
  const asking = () =>
    new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="registry.example"' } });
  const { client, seen } = openScripted(asking, { keychain: own });
  for (const registry of [
    'registry.example:5000',
    'xregistry.example',
    'registry.example.evil.example',
    'evil.example',
  ]) {
    const store = client.repository({ registry, repository: 'registry.example/hello' });
    expect(await failureOf(store.resolve('v1'))).toMatchObject({ reason: 'no-credential' });
  }
  expect(seen.some(({ headers }) => headers.has('authorization'))).toBe(false);
});

test('two challenges in one header: the token is asked for and the password never sent to the registry', async () => {
  const both = {
    'www-authenticate':
      'Bearer realm="https://auth.example/token",service="s",scope="*",Basic realm="https://registry.example",charset="UTF-8"',
  };
  const { store, seen } = openScripted(
    ({ url, headers }) => {
      if (url.host === 'auth.example') return Response.json({ token: 't' });
      return headers.get('authorization') === 'Bearer t'
        ? found()
        : new Response(null, { status: 401, headers: both });
    },
    { keychain },
  );
  await store.resolve('v1');
  expect(seen.map(({ url, headers }) => [url.host, headers.get('authorization')])).toEqual([
    ['registry.example', null],
    ['auth.example', `Basic ${pair}`],
    ['registry.example', 'Bearer t'],
  ]);
  expect(seen[1]?.url.searchParams.getAll('scope')).toEqual(['repository:acme/hello:pull', '*']);
});

test('a token that ends in the middle of a push is replaced once and the bytes are sent again', async () => {
  let given = 0;
  let good = 1;
  const { store, seen } = openScripted(
    ({ url, headers, method }) => {
      if (url.host === 'auth.example') return Response.json({ token: `t${++given}`, expires_in: 3600 });
      if (headers.get('authorization') !== `Bearer t${good}`)
        return new Response(null, { status: 401, headers: bearer });
      return new Response(null, { status: method === 'POST' ? 201 : 404 });
    },
    { keychain },
  );
  const push = store.forPush();
  expect(await push.has(blob)).toBe(false);
  good = 2;
  await push.write(blob, blobBytes);
  const posts = seen.filter(({ method }) => method === 'POST');
  expect(posts.map(({ headers, body }) => [headers.get('authorization'), body.byteLength])).toEqual([
    ['Bearer t1', 1000],
    ['Bearer t2', 1000],
  ]);
  expect(given).toBe(2);
});
