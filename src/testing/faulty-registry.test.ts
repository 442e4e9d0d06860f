import { expect, test } from 'vitest';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import { readContent } from '../content/read-content.js';
import { createNodeTransport } from '../http/connect/node-transport.js';
import { createRegistryClient } from '../registry/client.js';
import { pushImage } from '../registry/push-image.js';
import { on } from './fault.js';
import { loseReply, reset, resetMidBody } from './faults/connection.js';
import type { FaultyRegistryOptions } from './faulty-registry.js';
import { startFaultyRegistry } from './faulty-registry.js';
import { type ProfileName, profiles } from './profiles.js';

const image = sampleImage('faulty');
const robot = { robot: { password: 's3cret', may: 'push' } } as const;

/** A registry on sockets, and a client with the robot's credential. */
async function start(options: FaultyRegistryOptions, password = 's3cret') {
  const registry = await startFaultyRegistry({ users: robot, repositories: ['acme/hello'], ...options });
  const send = createNodeTransport();
  const credential = { kind: 'basic', username: 'robot', password, source: 'test' } as const;
  const client = createRegistryClient({
    send,
    keychain: { find: async () => credential, secrets: () => [] },
    random: () => 0,
  });
  const store = client.repository({ registry: registry.host, repository: 'acme/hello' });
  return {
    registry,
    client,
    store,
    async [Symbol.asyncDispose]() {
      await send.close();
      await registry.stop();
    },
  };
}

test.each(Object.keys(profiles) as ProfileName[])(
  '%s distinguishes the right password from a wrong one at login',
  async (profile) => {
    await using right = await start({ profile, anonymous: 'nothing' });
    expect(await right.client.authenticate(right.registry.host)).toBe(true);
    await using wrong = await start({ profile, anonymous: 'nothing' }, 'wrong');
    await expect(wrong.client.authenticate(wrong.registry.host)).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      reason: 'bad-credential',
    });
  },
);

const pushable = (Object.keys(profiles) as ProfileName[]).filter((name) => name !== 'zot');

test.each(pushable)('%s takes a push over sockets, and every request is recorded', async (profile) => {
  await using started = await start({ profile });
  const { store, registry, client } = started;
  await pushImage(store, image, 'v1');
  expect((await store.resolve('v1')).digest).toBe(image.manifest.descriptor.digest);
  expect(registry.requests).toHaveLength(client.report().requests);
  const held = await registry.content(new Request(`${registry.url}/v2/acme/hello/manifests/v1`));
  expect(held.headers.get('docker-content-digest')).toBe(image.manifest.descriptor.digest);
  expect(registry.requests.every(({ server }) => server !== 'stranger')).toBe(true);
  expect(JSON.stringify(registry.requests)).not.toContain('s3cret');
});

test('token services of dockerhub and gitlab are another origin, and it alone gets the password', async () => {
  for (const profile of ['dockerhub', 'gitlab'] as const) {
    await using started = await start({ profile });
    const { store, registry } = started;
    await pushImage(store, image, 'v1');
    const away = registry.requests.filter(({ server }) => server === 'elsewhere');
    expect(away.map(({ origin, authorization }) => [origin, authorization])).toEqual([
      [registry.elsewhere, 'Basic'],
    ]);
    const schemes = registry.requests
      .filter(({ server }) => server === 'registry')
      .map((one) => one.authorization);
    expect([...new Set(schemes)].sort()).toEqual(['Bearer', undefined]);
  }
});

test('zot as it comes refuses the types of docker', async () => {
  await using started = await start({ profile: 'zot' });
  await expect(pushImage(started.store, image, 'v1')).rejects.toMatchObject({
    status: 415,
    reason: 'unsupported',
  });
});

test('a connection breaks before an answer, in the middle of one, and after the work is done', async () => {
  const manifest = /\/manifests\//;
  await using started = await start({
    faults: [
      on({ method: 'HEAD', path: manifest, nth: 1 }, reset()),
      on({ method: 'GET', path: manifest, nth: 1 }, resetMidBody({ after: 20 })),
      on({ method: 'PUT', path: manifest, nth: 1 }, loseReply()),
    ],
  });
  const { store, registry, client } = started;
  await pushImage(store, image, 'v1');
  expect(await readContent(store, image.manifest.descriptor)).toEqual(Buffer.from(image.manifest.bytes));
  const of = (method: string) =>
    registry.requests.filter((one) => one.method === method && manifest.test(one.path));
  expect([of('HEAD').length, of('GET').length, of('PUT').length]).toEqual([2, 2, 2]);
  expect(client.report().retried).toBe(3);
});

test('who is given to an open profile closes it', async () => {
  await using closed = await startFaultyRegistry({ profile: 'distribution', users: robot });
  await using open = await startFaultyRegistry();
  const status = async (url: string) => (await fetch(`${url}/v2/`)).status;
  expect([await status(closed.url), await status(open.url)]).toEqual([401, 200]);
  expect(closed.requests).toMatchObject([
    { server: 'registry', method: 'GET', path: '/v2/', origin: closed.url },
  ]);
});

test('a tag of GitLab that looks like a digest is taken for it', async () => {
  await using started = await start({ profile: 'gitlab' });
  await pushImage(started.store, image, 'v1');
  const { digest } = image.manifest.descriptor;
  expect((await started.store.resolve(digest.replace(':', '-'))).digest).toBe(digest);
});

test('of two that put one tag of Harbor at a time one gets 201 and is dropped', async () => {
  await using started = await start({ profile: 'harbor' });
  const { store, registry } = started;
  const both = [image, sampleImage('rival')];
  for (const { config, layers } of both) {
    for (const content of [config, ...layers]) await store.forPush().upload(content);
  }
  // Neither is refused.
  await Promise.all(both.map(({ manifest }) => store.forPush().put(manifest, 'v1')));
  const held = both.map(async ({ manifest }) => {
    const url = `${registry.url}/v2/acme/hello/manifests/${manifest.descriptor.digest}`;
    return (await registry.content(new Request(url))).status;
  });
  expect((await Promise.all(held)).sort()).toEqual([200, 404]);
});
