import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Keychain } from '../../src/auth/credential.js';
import { createNodeTransport, type Transport } from '../../src/http/node-transport.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { serveRegistry } from '../../src/registry-server/serve-registry.js';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { findPeers } from '../support/peers.js';
import { sampleImage } from '../support/sample-image.js';
import { storeContract } from '../support/store-contract.js';
import { tempDir } from '../support/temp-dir.js';
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.js';
import { startTokenServer, type TokenServer } from '../support/token-server.js';

const peers = findPeers('docker-registry');
/** For the password `s3cret-pass`. */
const htpasswd = 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n';
const keychain = (password = 's3cret-pass'): Keychain => ({
  find: async () => ({ kind: 'basic', username: 'robot', password, source: 'test' }),
  secrets: () => [password],
});

const closers: (() => PromiseLike<void>)[] = [];
const use = <T extends AsyncDisposable>(resource: T): T => {
  closers.unshift(() => resource[Symbol.asyncDispose]());
  return resource;
};
let plain: Transport;
let secure: Transport;
let tokens: TokenServer;
let guarded: DockerRegistry;
const hosts = {
  docker: '',
  token: '',
  dockerTls: '',
  embedded: '',
  embeddedTls: '',
  locked: '',
};
let repositories = 0;

beforeAll(async () => {
  const authorities: string[] = [];
  const behindTls = async (host: string): Promise<string> => {
    const proxy: TlsProxy = use(await startTlsProxy(host));
    authorities.push(proxy.ca);
    return proxy.host;
  };
  const users = join(use(tempDir()).path, 'users');
  writeFileSync(users, htpasswd);
  const embedded = await serveRegistry({ root: use(tempDir()).path });
  closers.unshift(() => embedded.close());
  const locked = await serveRegistry({ root: use(tempDir()).path, htpasswd: users });
  closers.unshift(() => locked.close());
  hosts.embedded = new URL(embedded.url).host;
  hosts.embeddedTls = await behindTls(hosts.embedded);
  hosts.locked = await behindTls(new URL(locked.url).host);
  if (peers !== undefined) {
    const program = peers['docker-registry'];
    hosts.docker = use(await startDockerRegistry({ program })).host;
    tokens = use(await startTokenServer({ user: 'robot', password: 's3cret-pass' }));
    const bundle = join(use(tempDir()).path, 'token.pem');
    writeFileSync(bundle, tokens.certificate);
    const { realm, service, issuer } = tokens;
    const auth = JSON.stringify({ token: { realm, service, issuer, rootcertbundle: bundle } });
    guarded = use(await startDockerRegistry({ program, configuration: `auth: ${auth}` }));
    hosts.token = guarded.host;
    hosts.dockerTls = await behindTls(hosts.docker);
  }
  plain = createNodeTransport();
  secure = createNodeTransport({ tls: { ca: authorities } });
  closers.unshift(() => plain.close());
  closers.unshift(() => secure.close());
});

afterAll(async () => {
  for (const close of closers) await close();
});

function contract(
  title: string,
  host: keyof typeof hosts,
  {
    tls = false,
    password = false,
    deletesTags = true,
  }: { readonly tls?: boolean; readonly password?: boolean; readonly deletesTags?: boolean } = {},
): void {
  storeContract(
    title,
    async () => {
      const name = { registry: hosts[host], repository: `contract/r${repositories++}` };
      const open = () => {
        const fetch = tls ? secure : plain;
        const client = createRegistryClient({ fetch, ...(password ? { keychain: keychain() } : {}) });
        return client.repository(name).forPush();
      };
      return { store: open(), other: open() };
    },
    { deletesTags },
  );
}

contract('embedded registry behind TLS', 'embeddedTls', { tls: true });
contract('embedded registry with a password behind TLS', 'locked', { tls: true, password: true });
if (peers !== undefined) {
  contract('docker-registry with tokens', 'token', { password: true, deletesTags: false });
  contract('docker-registry behind TLS', 'dockerTls', { tls: true, deletesTags: false });
}

test('a private authority that nobody named is not trusted', async () => {
  const resolve = createRegistryClient({ fetch: plain, patience: 'brief' })
    .repository({ registry: hosts.embeddedTls, repository: 'acme/hello' })
    .resolve('v1');
  await expect(resolve).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

test.skipIf(peers === undefined)(
  'tokens carry the right that is needed, and one serves many requests',
  async () => {
    const client = createRegistryClient({ fetch: plain, keychain: keychain() });
    const repository = client.repository({ registry: hosts.token, repository: 'acme/hello' }).forPush();
    const before = tokens.seen.length;
    await guarded.forget();
    await pushImage(repository, sampleImage('with tokens'), 'v1');
    await repository.resolve('v1');
    expect(tokens.seen.slice(before)).toEqual([
      { user: 'robot', asked: ['repository:acme/hello:pull,push'], granted: 1 },
    ]);
    const refused = (await guarded.requests()).filter(({ status }) => status === 401);
    expect(refused).toHaveLength(1);
  },
);

test.skipIf(peers === undefined)(
  'a stranger, a wrong password and a denied scope are told apart',
  async () => {
    const resolve = (name: string, chain?: Keychain) =>
      createRegistryClient({ fetch: plain, ...(chain ? { keychain: chain } : {}) })
        .repository({ registry: hosts.token, repository: name })
        .resolve('v1');
    await expect(resolve('public/hello')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(resolve('acme/hello')).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    await expect(resolve('acme/hello', keychain('wrong'))).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      reason: 'bad-credential',
    });
  },
);
