import { expect, test } from 'vitest';
import { createJumpingClock, type JumpingClock } from '../../test/support/clocks/jumping-clock.js';
import { failureOf } from '../../test/support/registry/scripted-registry.js';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import type { Credential, Keychain } from '../auth/credential.js';
import { sendTo } from '../http/serve/handler-transport.js';
import { type OpenFaultyRegistry, openFaultyRegistry } from '../testing/faulty-registry.js';
import { createQuay, type QuayOptions } from '../testing/quay.js';
import { createRegistryClient } from './client.js';
import { pushImage } from './push-image.js';

const users = {
  robot: { password: 's3cret-robot', may: 'push' },
  reader: { password: 's3cret-reader', may: 'pull' },
} as const;
const image = sampleImage('quay');

/** The profile of Quay with a client, and what crossed between them as `METHOD /path` (tokens as `token SCOPES`). */
async function open(user?: { readonly name: string; readonly password: string }, options: QuayOptions = {}) {
  const clock: JumpingClock = createJumpingClock(1_700_000_000_000, { busy: () => registry.busy() });
  const registry: OpenFaultyRegistry = await openFaultyRegistry({
    profile: createQuay(options),
    users,
    clock,
  });
  const seen: string[] = [];
  const send = sendTo(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const scopes = searchParams.getAll('scope').join(' ');
    seen.push(pathname === '/v2/auth' ? `token ${scopes}` : `${request.method} ${pathname}`);
    return registry.fetch(request);
  });
  const credential: Credential | undefined = user && {
    kind: 'basic',
    username: user.name,
    password: user.password,
    source: 'the test',
  };
  const keychain: Keychain = { find: async () => credential, secrets: () => [] };
  const client = createRegistryClient({ send, keychain, clock });
  const repository = (name: string) =>
    client.repository({ registry: registry.host, repository: `acme/${name}` });
  return { registry, client, repository, seen };
}

const robot = { name: 'robot', password: 's3cret-robot' };

test('a login with the right password is proven by an answer that is HTML by its type', async () => {
  const { client, registry, seen } = await open(robot);
  expect(await client.authenticate(registry.host)).toBe(true);
  expect(seen).toEqual(['GET /v2/', 'token ', 'GET /v2/']);
});

test('a login with a wrong password is refused as such', async () => {
  const { client, registry, seen } = await open({ name: 'acme+robot', password: 'wrong' });
  expect(await failureOf(client.authenticate(registry.host))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'bad-credential',
    status: 401,
  });
  expect(seen).toEqual(['GET /v2/', 'token ']);
});

test('a missing repository is denied by one token and two requests, and made by the token to push', async () => {
  const { repository, seen } = await open(robot);
  const store = repository('hello');
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ code: 'REGISTRY_DENIED', reason: 'denied' });
  expect(seen.splice(0)).toEqual([
    'HEAD /v2/acme/hello/manifests/v1',
    'token repository:acme/hello:pull',
    'HEAD /v2/acme/hello/manifests/v1',
  ]);
  await pushImage(store, image, 'v1');
  expect(seen.filter((line) => line.startsWith('token'))).toEqual(['token repository:acme/hello:pull,push']);
  expect((await store.resolve('v1')).digest).toBe(image.manifest.descriptor.digest);
});

test('an account that may read alone learns that it may not push from its token, before anything is sent', async () => {
  const { repository, seen } = await open({ name: 'reader', password: 's3cret-reader' });
  expect(await failureOf(pushImage(repository('hello'), image, 'v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'denied',
  });
  const posts = seen.filter((line) => line.startsWith('POST'));
  const tokens = seen.filter((line) => line.startsWith('token'));
  expect([posts.length, tokens.length]).toEqual([0, 1]);
});

test('no token is requested without a credential', async () => {
  const { repository, seen } = await open();
  expect(await failureOf(repository('hello').resolve('v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'no-credential',
  });
  expect(seen).toEqual(['HEAD /v2/acme/hello/manifests/v1', 'GET /v2/acme/hello/manifests/v1']);
});

test.each<[string, QuayOptions, string]>([
  ['a registry in read-only mode', { readOnly: true }, 'read-only'],
  ['a namespace over its quota', { quotaExceeded: true }, 'quota'],
])('a push to %s reports it', async (_, options, reason) => {
  const { repository } = await open(robot, options);
  expect(await failureOf(pushImage(repository('hello'), image, 'v1'))).toMatchObject({
    code: 'REGISTRY_DENIED',
    reason,
  });
});
