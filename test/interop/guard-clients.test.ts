import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startContainerd } from '../support/engines/containerd.js';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { runLines } from '../support/program/run-lines.js';
import { writeProgram } from '../support/program/write-program.js';
import { type ServeCommand, startServeCommand } from '../support/registry/serve-command.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('crane', 'oras', 'skopeo', 'curl', 'resolver');
const containers = findPeers('containerd', 'ctr');
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('SKIPPED: containerd is started as root only');
const interop = test.skipIf(peers === undefined);
/** Another address of this machine than loopback, as its neighbours use. */
const address = Object.values(networkInterfaces())
  .flatMap((list = []) => list)
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
if (address === undefined) console.warn('SKIPPED: this machine has no address but loopback');
const service = 'registry.bundles.svc.cluster.local';

let home: TempDir;
let server: ServeCommand;
let port: string;
let digest: string;
/** By every name that a client of this machine may use. */
let hosts: readonly string[];
/** Where the name of the service leads to this machine; other programs see the machine's own. */
let hostsFile: string;

beforeAll(async () => {
  if (peers === undefined) return;
  home = tempDir('guard-clients-');
  const words = ['--host', '0.0.0.0', '--allow-anonymous', '--allow-host', service];
  server = await startServeCommand(join(home.path, 'registry'), words);
  port = new URL(server.url).port;
  hosts = ['127.0.0.1', 'localhost', ...(address === undefined ? [] : [address])].map(
    (host) => `${host}:${port}`,
  );
  hostsFile = join(home.path, 'hosts');
  writeFileSync(hostsFile, `127.0.0.1 localhost ${service} registry.evil.example\n`);
  const file = join(home.path, 'task.yaml');
  writeFileSync(
    file,
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: one}\nspec: {steps: [{image: a}]}\n',
  );
  const pushed = await runInProcess(['push', `127.0.0.1:${port}/acme/one:v1`, '-f', file, '-o', 'json']);
  if (pushed.code !== 0) throw new Error(pushed.stderr);
  digest = await crane('digest', `127.0.0.1:${port}/acme/one:v1`);
});

afterAll(async () => {
  expect(await server?.stop()).toBe(0);
  await home?.[Symbol.asyncDispose]();
});

const environment = () => ({ HOME: home.path });
const crane = async (...words: string[]) =>
  (await mustRun(peers!.crane, ['--insecure', ...words], { env: environment() })).trim();

interop('crane pushes and pulls by each address', async () => {
  for (const [index, host] of hosts.entries()) {
    const copy = `${host}/crane/one:v${index}`;
    await crane('copy', `${host}/acme/one:v1`, copy);
    expect(await crane('digest', copy), host).toBe(digest);
    await crane('validate', '--remote', copy);
    await crane('delete', copy);
  }
});

interop('skopeo pushes and pulls by each address', async () => {
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false', '--insecure-policy'];
  for (const [index, host] of hosts.entries()) {
    const copy = `docker://${host}/skopeo/one:v${index}`;
    const words = ['copy', '--preserve-digests', ...plain, `docker://${host}/acme/one:v1`, copy];
    await mustRun(peers!.skopeo, words, { env: environment() });
    expect(await crane('digest', copy.slice('docker://'.length)), host).toBe(digest);
  }
});

interop('oras pushes and pulls by each address', async () => {
  for (const [index, host] of hosts.entries()) {
    const copy = `${host}/oras/one:v${index}`;
    const words = ['cp', '--from-plain-http', '--to-plain-http', `${host}/acme/one:v1`, copy];
    await mustRun(peers!.oras, words, { env: environment() });
    expect(await crane('digest', copy), host).toBe(digest);
  }
});

interop("Tekton's resolver reads by each address", async () => {
  // It speaks plain http to loopback and private addresses alone.
  const plain = hosts.filter((host) =>
    /^(?:localhost|127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\b/.test(host),
  );
  const requests = plain.map((host) => ({ bundle: `${host}/acme/one@${digest}`, kind: 'task', name: 'one' }));
  const answers = await runLines<{ error?: string; data?: string }>(peers!.resolver, requests);
  expect(answers.map(({ error }) => error)).toEqual(plain.map(() => undefined));
});

test.skipIf(peers === undefined || containers === undefined || !isRoot)(
  'containerd fetches by each address',
  async () => {
    await using daemon = await startContainerd(containers!, home.path);
    for (const host of hosts) {
      const fetched = await daemon.ctr('content', 'fetch', '--plain-http', `${host}/acme/one:v1`);
      expect(fetched, host).toContain(digest);
    }
  },
);

/** A program that finds the name of the service, as those in a cluster do. */
function inCluster(name: 'crane' | 'oras' | 'skopeo' | 'ctr', program: string): string {
  return writeProgram(join(home.path, 'in-cluster'), name, [
    `exec unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "${hostsFile}" "${program}" "$@"`,
  ]);
}

const ownHosts = test.skipIf(peers === undefined || !isRoot || process.platform !== 'linux');

// Tekton's resolver speaks https to every name but localhost: it reaches a registry without TLS by address, as above.
ownHosts('crane, oras and skopeo work by the name of the service', async () => {
  const host = `${service}:${port}`;
  const env = environment();
  const own = (name: 'crane' | 'oras' | 'skopeo') => inCluster(name, peers![name]);
  await mustRun(own('crane'), ['--insecure', 'copy', `${host}/acme/one:v1`, `${host}/service/crane:v1`], {
    env,
  });
  await mustRun(
    own('oras'),
    ['cp', '--from-plain-http', '--to-plain-http', `${host}/acme/one:v1`, `${host}/service/oras:v1`],
    { env },
  );
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false', '--insecure-policy'];
  const [from, to] = [`docker://${host}/acme/one:v1`, `docker://${host}/service/skopeo:v1`];
  await mustRun(own('skopeo'), ['copy', '--preserve-digests', ...plain, from, to], { env });
  for (const name of ['crane', 'oras', 'skopeo'])
    expect(await crane('digest', `127.0.0.1:${port}/service/${name}:v1`), name).toBe(digest);
  const evil = ['--insecure', 'digest', `registry.evil.example:${port}/acme/one:v1`];
  await expect(mustRun(own('crane'), evil, { env })).rejects.toThrow('421');
});

test.skipIf(peers === undefined || containers === undefined || !isRoot || process.platform !== 'linux')(
  'containerd fetches by the name of the service',
  async () => {
    const directory = join(home.path, 'by-service');
    mkdirSync(directory);
    const programs = { ...containers!, ctr: inCluster('ctr', containers!.ctr) };
    await using daemon = await startContainerd(programs, directory);
    const reference = `${service}:${port}/acme/one:v1`;
    expect(await daemon.ctr('content', 'fetch', '--plain-http', reference)).toContain(digest);
  },
);

interop('a cluster reads by the name of its service, and by no other name', async () => {
  const ask = (name: string) =>
    mustRun(
      peers!.curl,
      ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--resolve', `${name}:${port}:127.0.0.1`].concat(
        `http://${name}:${port}/v2/acme/one/manifests/v1`,
      ),
      { env: environment() },
    );
  expect(await ask(service)).toBe('200');
  expect(await ask('registry.evil.example')).toBe('421');
});
