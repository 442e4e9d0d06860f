import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Keychain } from '../../src/auth/credential.js';
import { createNodeTransport, type Transport } from '../../src/http/connect/node-transport.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { serveRegistry } from '../../src/registry-server/serve-registry.js';
import { startTlsProxy, type TlsProxy } from '../support/network/tls-proxy.js';
import { findPeers } from '../support/peers.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { storeContract } from '../support/registry/store-contract.js';
import { startTokenServer, type TokenServer } from '../support/registry/token-server.js';
import { sampleImage } from '../support/samples/sample-image.js';
import { tempDir } from '../support/temp-dir.js';

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
/** Each as it listens itself, and behind a proxy that ends TLS with a certificate of a private authority. */
const hosts = new Map<string, { readonly plain: string; readonly tls: string }>();
const dockerModes = [
  'docker-registry',
  'docker-registry with htpasswd',
  'docker-registry with tokens',
] as const;
const embeddedModes = ['embedded registry', 'embedded registry with htpasswd'] as const;
let repositories = 0;

beforeAll(async () => {
  const authorities: string[] = [];
  const behindTls = async (host: string): Promise<string> => {
    const proxy: TlsProxy = use(await startTlsProxy(host));
    authorities.push(proxy.ca);
    return proxy.host;
  };
  const add = async (title: string, host: string) =>
    void hosts.set(title, { plain: host, tls: await behindTls(host) });
  const users = join(use(tempDir()).path, 'users');
  writeFileSync(users, htpasswd);
  for (const [title, more] of [
    ['embedded registry', {}],
    ['embedded registry with htpasswd', { htpasswd: users }],
  ] as const) {
    const served = await serveRegistry({ root: use(tempDir()).path, ...more });
    closers.unshift(() => served.close());
    await add(title, new URL(served.url).host);
  }
  if (peers !== undefined) {
    const program = peers['docker-registry'];
    await add('docker-registry', use(await startDockerRegistry({ program })).host);
    await add('docker-registry with htpasswd', use(await startDockerRegistry({ program, htpasswd })).host);
    tokens = use(await startTokenServer({ user: 'robot', password: 's3cret-pass' }));
    guarded = use(await startWithTokens(program, tokens.realm));
    // A registry behind TLS may name no token service that is not.
    const realm = new URL(tokens.realm);
    const secureRealm = `https://${await behindTls(realm.host)}${realm.pathname}`;
    const behind = use(await startWithTokens(program, secureRealm));
    hosts.set('docker-registry with tokens', {
      plain: guarded.host,
      tls: await behindTls(behind.host),
    });
  }
  plain = createNodeTransport();
  secure = createNodeTransport({ tls: { ca: authorities } });
  closers.unshift(() => plain.close());
  closers.unshift(() => secure.close());
});

afterAll(async () => {
  for (const close of closers) await close();
});

function startWithTokens(program: string, realm: string): Promise<DockerRegistry> {
  const bundle = join(use(tempDir()).path, 'token.pem');
  writeFileSync(bundle, tokens.certificate);
  const { service, issuer } = tokens;
  const auth = JSON.stringify({ token: { realm, service, issuer, rootcertbundle: bundle } });
  return startDockerRegistry({ program, configuration: `auth: ${auth}` });
}

function contract(title: string, way: 'plain' | 'tls', deletesTags: boolean): void {
  storeContract(
    way === 'tls' ? `${title} behind TLS` : title,
    async () => {
      const name = { registry: hosts.get(title)?.[way] ?? '', repository: `contract/r${repositories++}` };
      const open = () => {
        const fetch = way === 'tls' ? secure : plain;
        const known = title.includes(' with ') ? { keychain: keychain() } : {};
        return createRegistryClient({ send: fetch, ...known })
          .repository(name)
          .forPush();
      };
      return { store: open(), other: open() };
    },
    { deletesTags },
  );
}

for (const way of ['plain', 'tls'] as const) {
  for (const title of embeddedModes) contract(title, way, true);
  if (peers !== undefined) for (const title of dockerModes) contract(title, way, false);
}

test('a private authority that was not named is not trusted', async () => {
  const resolve = createRegistryClient({ send: plain, patience: 'brief' })
    .repository({ registry: hosts.get('embedded registry')?.tls ?? '', repository: 'acme/hello' })
    .resolve('v1');
  await expect(resolve).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

test.skipIf(peers === undefined)(
  'tokens carry the right that is needed, and one serves many requests',
  async () => {
    const client = createRegistryClient({ send: plain, keychain: keychain() });
    const repository = client.repository({ registry: guarded.host, repository: 'acme/hello' }).forPush();
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
  'a stranger, a wrong password and a denied scope are distinguished',
  async () => {
    const resolve = (name: string, chain?: Keychain) =>
      createRegistryClient({ send: plain, ...(chain ? { keychain: chain } : {}) })
        .repository({ registry: guarded.host, repository: name })
        .resolve('v1');
    await expect(resolve('public/hello')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(resolve('acme/hello')).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    await expect(resolve('acme/hello', keychain('wrong'))).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      reason: 'bad-credential',
    });
  },
);
