import { expect, test } from 'vitest';
import { type Answerer, systemError, wireRefusal } from '../../../test/support/registry/scripted-fetch.js';
import { failureOf, openScripted } from '../../../test/support/registry/scripted-registry.js';
import type { Credential, Keychain } from '../../auth/credential.js';

const robot: Credential = {
  kind: 'basic',
  username: 'acme+robot',
  password: 's3cret-value',
  source: 'the password given',
};
const keychain: Keychain = { find: async () => robot, secrets: () => [robot.password] };
const scripted = (answer: Answerer, registry = 'registry.example') => {
  const { client, seen, lines } = openScripted(answer, { keychain, registry });
  return { seen, lines, authenticate: () => client.authenticate(registry) };
};
const bearer = {
  'www-authenticate':
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:user/image:pull"',
};
const basicHeader = `Basic ${Buffer.from('acme+robot:s3cret-value').toString('base64')}`;

test('a password is proven by one token for no repository and one request with it', async () => {
  const { authenticate, lines, seen } = scripted(({ url, headers }) => {
    if (url.host === 'auth.example') return Response.json({ token: 'tok' });
    return new Response('{}', headers.has('authorization') ? {} : { status: 401, headers: bearer });
  });
  expect(await authenticate()).toBe(true);
  expect(lines()).toEqual([
    'GET /v2/',
    'GET /token?service=registry.example&client_id=tekton-bundles&account=acme%2Brobot',
    'GET /v2/',
  ]);
  expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual([null, basicHeader, 'Bearer tok']);
});

test('where the registry itself asks for the password, it gets it once', async () => {
  const { authenticate, seen } = scripted(({ headers }) =>
    headers.get('authorization') === basicHeader
      ? new Response('{}')
      : new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }),
  );
  expect(await authenticate()).toBe(true);
  expect(seen).toHaveLength(2);
});

test('an open registry proves nothing, and the result states it', async () => {
  const { authenticate, seen } = scripted(() => new Response('{}'));
  expect(await authenticate()).toBe(false);
  expect(seen).toHaveLength(1);
});

test.each<[string, Answerer, object, number]>([
  [
    'a password that the token service refuses',
    ({ url }) =>
      url.host === 'auth.example'
        ? wireRefusal(401, 'UNAUTHORIZED')
        : new Response(null, { status: 401, headers: bearer }),
    { code: 'REGISTRY_DENIED', reason: 'bad-credential' },
    2,
  ],
  [
    'a password that the registry refuses',
    () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }),
    { code: 'REGISTRY_DENIED', reason: 'bad-credential' },
    2,
  ],
  [
    'a page for people',
    () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    { code: 'REGISTRY_UNREACHABLE', reason: 'not-a-registry' },
    1,
  ],
  [
    'another service',
    () => new Response('', { status: 404 }),
    { code: 'REGISTRY_UNREACHABLE', reason: 'not-a-registry' },
    1,
  ],
  [
    'a certificate for another host',
    () => systemError('ERR_TLS_CERT_ALTNAME_INVALID'),
    { code: 'REGISTRY_UNREACHABLE', reason: 'tls-wrong-host' },
    1,
  ],
])('%s is recognized', async (_, answer, wanted, requests) => {
  const { authenticate, seen } = scripted(answer);
  const error = await failureOf(authenticate());
  expect(error).toMatchObject(wanted);
  expect(seen).toHaveLength(requests);
  expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('s3cret');
});

test('a name that is not a registry is refused before any request', async () => {
  const { client, seen } = openScripted(() => new Response('{}'));
  for (const name of ['', 'a b', 'user@host', 'host/path', 'host:0', 'host?x']) {
    await expect(client.authenticate(name)).rejects.toMatchObject({ code: 'REFERENCE_INVALID' });
  }
  expect(seen).toEqual([]);
});
