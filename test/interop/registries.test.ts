import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveRegistry } from '../../src/registry-server/serve-registry.js';
import { startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import { freePort } from '../support/network/free-port.js';
import { findPeers } from '../support/peers.js';
import { spawnServer } from '../support/program/spawn-server.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import {
  loginSuite,
  type RegistryUnderTest,
  registrySuite,
  type SuiteOptions,
} from '../support/registry/registry-suite.js';
import { startTokenServer } from '../support/registry/token-server.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'distribution', 'crane', 'oras');
const user = { name: 'acme+robot', password: 's3cret-pass' };
/** For that password. */
const htpasswd = `${user.name}:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n`;

async function distribution(program: string, options = {}): Promise<RegistryUnderTest> {
  const { host, close } = await startDockerRegistry({ program, ...options });
  return { host, close };
}

async function distributionWithTokens(program: string): Promise<RegistryUnderTest> {
  const tokens = await startTokenServer({ user: user.name, password: user.password });
  const directory = tempDir();
  const rootcertbundle = join(directory.path, 'token.pem');
  writeFileSync(rootcertbundle, tokens.certificate);
  const { realm, service, issuer } = tokens;
  const configuration = `auth: ${JSON.stringify({ token: { realm, service, issuer, rootcertbundle } })}`;
  const { host, close } = await startDockerRegistry({ program, configuration });
  return {
    host,
    user,
    async close() {
      await close();
      await tokens[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function embedded(users?: string): Promise<RegistryUnderTest> {
  const directory = tempDir();
  const file = join(directory.path, 'users');
  if (users !== undefined) writeFileSync(file, users);
  const root = join(directory.path, 'registry');
  const served = await serveRegistry({ root, ...(users === undefined ? {} : { htpasswd: file }) });
  return {
    host: new URL(served.url).host,
    ...(users === undefined ? {} : { user }),
    async close() {
      await served.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** ggcr's registry, which keeps everything in memory. */
async function craneRegistry(program: string): Promise<RegistryUnderTest> {
  const port = await freePort();
  const words = ['registry', 'serve', '--address', `127.0.0.1:${port}`];
  const server = await spawnServer(program, words, port);
  return { host: `127.0.0.1:${port}`, close: server.stop };
}

async function quay(): Promise<RegistryUnderTest> {
  const users = { [user.name]: { password: user.password, may: 'push' } } as const;
  const { host, stop } = await startFaultyRegistry({ profile: 'quay', users });
  return { host, user, close: stop };
}

const open: SuiteOptions = { coldRequests: 8, warmRequests: 1 };

if (peers !== undefined) {
  const [old, young] = [peers['docker-registry'], peers.distribution];
  const withPasswords = async () => ({ ...(await distribution(old, { htpasswd })), user });
  const registries: readonly [string, () => Promise<RegistryUnderTest>, SuiteOptions][] = [
    ['docker-registry 2.8', () => distribution(old), open],
    ['docker-registry 2.8 with htpasswd', withPasswords, { coldRequests: 10, warmRequests: 2 }],
    ['distribution 3', () => distribution(young), open],
    [
      'distribution 3 with tokens',
      () => distributionWithTokens(young),
      { coldRequests: 16, warmRequests: 3, validates: false },
    ],
    ['crane registry serve', () => craneRegistry(peers.crane), open],
    ['embedded registry', () => embedded(), open],
    ['embedded registry with htpasswd', () => embedded(htpasswd), { coldRequests: 10, warmRequests: 2 }],
    ['quay profile', quay, { coldRequests: 13, warmRequests: 3 }],
  ];
  for (const [title, start, options] of registries) registrySuite(title, peers, start, options);
  loginSuite('docker-registry 2.8 with htpasswd', withPasswords);
  loginSuite('distribution 3 with tokens', () => distributionWithTokens(young));
  loginSuite('embedded registry with htpasswd', () => embedded(htpasswd));
  loginSuite('quay profile', quay);
}
