import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Keychain } from '../../src/auth/credential.js';
import { createNodeTransport, type Transport } from '../../src/http/connect/node-transport.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { findPeers } from '../support/peers.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleImage } from '../support/samples/sample-image.js';

const peers = findPeers('docker-registry');
/** For the password `s3cret-pass`. */
const htpasswd = 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n';
const keychain = (password: string): Keychain => ({
  find: async () => ({ kind: 'basic', username: 'robot', password, source: 'test' }),
  secrets: () => [password],
});
let registry: DockerRegistry;
let locked: DockerRegistry;
let transport: Transport;

beforeAll(async () => {
  if (peers === undefined) return;
  registry = await startDockerRegistry({ program: peers['docker-registry'] });
  locked = await startDockerRegistry({ program: peers['docker-registry'], htpasswd });
  transport = createNodeTransport();
});

afterAll(async () => {
  await transport?.close();
  await registry?.close();
  await locked?.close();
});

test.skipIf(peers === undefined)('100 tags are resolved by exactly 100 HEADs', async () => {
  const client = createRegistryClient({ send: transport });
  const names = Array.from({ length: 100 }, (_, index) => ({
    registry: registry.host,
    repository: `many/b${index % 10}`,
  }));
  for (const [index, name] of names.slice(0, 10).entries()) {
    await pushImage(client.repository(name), sampleImage(`many ${index}`), 'v1');
  }
  await registry.forget();
  const warm = createRegistryClient({ send: transport });
  await Promise.all(names.map((name) => warm.repository(name).resolve('v1')));
  const seen = await registry.requests();
  expect(seen.filter(({ method, status }) => method === 'HEAD' && status === 200)).toHaveLength(100);
  expect(seen.filter(({ status }) => status < 400)).toHaveLength(100);
  expect(warm.report()).toMatchObject({ requests: 100, retried: 0 });
});

test.skipIf(peers === undefined)('no password, a wrong one and the right one are distinguished', async () => {
  const resolve = (options: { keychain?: Keychain }) =>
    createRegistryClient({ send: transport, ...options })
      .repository({ registry: locked.host, repository: 'acme/hello' })
      .resolve('v1');
  await expect(resolve({})).rejects.toMatchObject({ code: 'REGISTRY_DENIED', reason: 'no-credential' });
  await expect(resolve({ keychain: keychain('wrong-pass') })).rejects.toMatchObject({
    code: 'REGISTRY_DENIED',
    reason: 'bad-credential',
  });
  await expect(resolve({ keychain: keychain('s3cret-pass') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
