import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Keychain } from '../../src/auth/credential.js';
import { createNodeTransport, type Transport } from '../../src/http/connect/node-transport.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { privateAuthority } from '../support/network/certificates.js';
import { startNginx } from '../support/network/nginx.js';
import { findPeers } from '../support/peers.js';
import { runJson } from '../support/program/run-in-process.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { storeContract } from '../support/registry/store-contract.js';
import { contentOf, sampleImage } from '../support/samples/sample-image.js';
import { sampleProject } from '../support/samples/sample-project.js';

const peers = findPeers('docker-registry', 'nginx');
/** For the password `s3cret-pass`. */
const htpasswd = 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n';
const keychain: Keychain = {
  find: async () => ({ kind: 'basic', username: 'robot', password: 's3cret-pass', source: 'test' }),
  secrets: () => ['s3cret-pass'],
};
const authority = peers ? privateAuthority() : { ca: '', key: '', cert: '' };
let open: DockerRegistry;
let locked: DockerRegistry;
let transport: Transport;
let repositories = 0;

beforeAll(async () => {
  if (peers === undefined) return;
  const program = peers['docker-registry'];
  open = await startDockerRegistry({ program, tls: authority });
  locked = await startDockerRegistry({ program, tls: authority, htpasswd });
  transport = createNodeTransport({ tls: { ca: authority.ca } });
});

afterAll(async () => {
  await transport?.close();
  await open?.close();
  await locked?.close();
});

/** How the requests since the last time came. */
async function protocols(registry: DockerRegistry): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { protocol } of await registry.requests()) counts[protocol] = (counts[protocol] ?? 0) + 1;
  await registry.forget();
  return counts;
}

if (peers !== undefined) {
  for (const title of ['docker-registry by HTTP/2', 'docker-registry by HTTP/2 with htpasswd']) {
    const registry = () => (title.endsWith('htpasswd') ? locked : open);
    storeContract(
      title,
      async () => {
        const name = { registry: registry().host, repository: `contract/r${repositories++}` };
        const store = () => {
          const client = createRegistryClient({ send: transport, keychain });
          return client.repository(name).forPush();
        };
        return { store: store(), other: store() };
      },
      { deletesTags: false },
    );
    test(`the contract was kept by HTTP/2 alone: ${title}`, async () => {
      const counts = await protocols(registry());
      expect(Object.keys(counts)).toEqual(['HTTP/2.0']);
      expect(counts['HTTP/2.0']).toBeGreaterThan(20);
    });
  }
}

test.skipIf(peers === undefined)(
  'ensure publishes and reuses 20 bundles by HTTP/2, and by HTTP/1.1 where that is switched off',
  async () => {
    const bundles = Array.from({ length: 20 }, (_, index) => `bundle-${index}`);
    const run = async (settings: readonly string[], wanted: 'published' | 'reused') => {
      await using project = sampleProject({ repository: `${open.host}/acme`, bundles, settings });
      const ca = join(project.directory, 'ca.pem');
      writeFileSync(ca, authority.ca);
      const words = ['ensure', '--config', project.config, '--ca-file', ca, '--no-fallback'];
      const { code, result } = await runJson(words);
      expect([code, result.summary?.[wanted]]).toEqual([0, 20]);
      return { requests: result.summary?.requests, counts: await protocols(open) };
    };
    await open.forget();
    const cold = await run([], 'published');
    expect(cold.counts).toEqual({ 'HTTP/2.0': cold.requests });
    expect((await run([], 'reused')).counts).toEqual({ 'HTTP/2.0': 20 });
    const without = [`registries: {"${open.host}": {http2: false}}`];
    expect((await run(without, 'reused')).counts).toEqual({ 'HTTP/1.1': 20 });
  },
);

test.skipIf(peers === undefined)('a blob of 100 MiB goes there by HTTP/1.1 and back by HTTP/2', async () => {
  const bytes = new Uint8Array(100 << 20);
  for (let index = 0; index < bytes.length; index += 4096) bytes[index] = index >> 12;
  const client = createRegistryClient({ send: transport, keychain });
  const repository = client.repository({ registry: open.host, repository: 'acme/large' }).forPush();
  const { descriptor } = contentOf(bytes);
  await open.forget();
  await repository.write(descriptor, bytes);
  let size = 0;
  for await (const chunk of await repository.read(descriptor)) size += chunk.byteLength;
  expect(size).toBe(bytes.length);
  // Its window is 1 MiB.
  expect((await protocols(open))['HTTP/1.1']).toBe(1);
});

test.skipIf(peers === undefined)(
  'nginx sends GOAWAY again and again, and no request is lost or sent twice',
  async () => {
    const plain = await startDockerRegistry({ program: peers!['docker-registry'] });
    await using _registry = plain;
    await using nginx = await startNginx({
      program: peers!.nginx,
      upstream: plain.host,
      authority,
      server: 'keepalive_requests 40;',
    });
    const client = createRegistryClient({ send: transport });
    const named = (name: string) =>
      client.repository({ registry: nginx.host, repository: `goaway/${name}` }).forPush();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        pushImage(named(`r${index}`), sampleImage(`goaway ${index}`), 'v1'),
      ),
    );
    const before = client.report().requests;
    await Promise.all(Array.from({ length: 400 }, (_, index) => named(`r${index % 40}`).resolve('v1')));
    const { requests, retried } = client.report();
    expect([requests - before, retried]).toEqual([400, 0]);
    expect((await plain.requests()).length).toBe(requests);
    const connections = nginx.connections();
    // A loopback host is asked by plain http first, and nginx answers what it wants.
    const lines = [...connections.values()].flat().filter((line) => line !== 'HTTP/1.1 400');
    expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(new Set(['HTTP/2.0']));
    expect(lines.length).toBe(requests);
    expect(connections.size).toBeGreaterThanOrEqual(Math.floor(requests / 41));
  },
);

test.skipIf(peers === undefined).each([
  ['nginx that keeps no connection', () => 'keepalive_timeout 0;'],
  [
    'nginx that keeps those of manifests alone, as that of Quay',
    (upstream: string) =>
      `keepalive_timeout 0; location ~ /manifests/ {
        keepalive_timeout 60; proxy_pass http://${upstream};
        proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
      }`,
  ],
])('%s loses no request either', async (_title, keepalive) => {
  await using plain = await startDockerRegistry({ program: peers!['docker-registry'] });
  await using nginx = await startNginx({
    program: peers!.nginx,
    upstream: plain.host,
    authority,
    server: keepalive(plain.host),
  });
  const client = createRegistryClient({ send: transport });
  const named = (name: string) =>
    client.repository({ registry: nginx.host, repository: `short/${name}` }).forPush();
  const names = Array.from({ length: 40 }, (_, index) => `r${index}`);
  await Promise.allSettled(names.map((name) => named(name).resolve('v1')));
  await Promise.all(names.map((name) => pushImage(named(name), sampleImage(`short ${name}`), 'v1')));
  await Promise.all(names.map((name) => named(name).resolve('v1')));
  const { requests, retried } = client.report();
  expect(retried).toBe(0);
  expect((await plain.requests()).length).toBe(requests);
});
