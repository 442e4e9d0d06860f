import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test as everywhere, expect } from 'vitest';
import { createRegistryHandler } from '../../src/registry-server/handler.js';
import { expectRefused, replace, source } from '../support/bad-input.js';
import { startKubernautCluster } from '../support/cluster/kubernaut-cluster.js';
import { exampleOf } from '../support/errors/example-of.js';
import { fileTree, leftovers } from '../support/file-tree.js';
import { isRoot } from '../support/program/other-user.js';
import { cliPath, run } from '../support/program/run-cli.js';
import { runEnsure } from '../support/program/run-ensure.js';
import { runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushParts, sha256, talkTo } from '../support/registry/registry-requests.js';
import { remediationProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

// What only root can prepare: file systems of a few kilobytes, devices, and files that a pod finds mounted.

const canMount = isRoot && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!canMount)
  console.warn('SKIPPED: this process may not mount, so no disk is full and nothing is mounted in a pod');
const test = everywhere.skipIf(!canMount);

test('a full disk is reported and leaves lock and schemas unharmed', async () => {
  await using mounted = mountSmallDisk(512);
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  cpSync(project.directory, join(mounted.path, 'p'), { recursive: true });
  const directory = join(mounted.path, 'p');
  expect((await runEnsure(directory, ['--offline'])).code).toBe(0);
  writeFileSync(join(directory, source), samplePipeline('changed'));
  fill(join(mounted.path, 'ballast'));
  const before = fileTree(directory, { leaveOut: ['.bundles'] });
  const ran = await runEnsure(directory, ['--offline']);
  const error = ran.result.error ?? ran.bundle('alpha').error;
  expect([error?.code, ran.code], ran.stdout).toEqual(['DISK_FULL', 9]);
  expect(error?.hint).toContain('space');
  expect(fileTree(directory, { leaveOut: ['.bundles'] })).toEqual(before);
  expect(leftovers(directory)).toEqual([]);
  // The state elsewhere: now the lock itself meets the full disk.
  await using state = tempDir();
  const lockOnly = await runEnsure(directory, ['--offline', '--state-dir', state.path]);
  expect([lockOnly.result.error?.code, lockOnly.code], lockOnly.stdout).toEqual(['DISK_FULL', 9]);
  const shown = lockOnly.result.error?.message.replace(`${directory}/`, '');
  expect(shown).toBe(exampleOf('DISK_FULL'));
  expect(fileTree(directory, { leaveOut: ['.bundles'] })).toEqual(before);
  rmSync(join(mounted.path, 'ballast'));
  const again = await runEnsure(directory, ['--offline']);
  expect([again.code, again.bundle('alpha').changes]).toEqual([0, ['lock', 'schema']]);
  expect(leftovers(directory)).toEqual([]);
});

test('a full disk answers 507, keeps what it has and goes on once there is room', async () => {
  await using mounted = mountSmallDisk(256);
  const root = mounted.path;
  const registry = talkTo(createRegistryHandler({ root }));
  const manifest = await pushParts(registry, 'a');
  expect((await registry.pushManifest('a', 'v1', manifest)).status).toBe(201);
  const large = kilobytes(400);
  const refused = await registry.send('POST', `/v2/a/blobs/uploads/?digest=${sha256(large)}`, {
    body: large,
  });
  expect([refused.status, refused.code]).toEqual([507, 'UNAVAILABLE']);

  const filler = kilobytes(4);
  let filled = 0;
  let status = 201;
  for (; status === 201 && filled < 200; filled++) {
    filler.writeUInt32LE(filled);
    const digest = sha256(filler);
    status = (await registry.send('POST', `/v2/fill/blobs/uploads/?digest=${digest}`, { body: filler }))
      .status;
  }
  expect(status).toBe(507);
  expect((await registry.pushManifest('a', 'v2', manifest)).status).toBe(507);
  expect((await registry.send('GET', '/v2/a/manifests/v1')).text).toBe(JSON.stringify(manifest));

  await rm(join(root, 'fill'), { recursive: true });
  expect((await registry.pushManifest('a', 'v2', manifest)).status).toBe(201);
  expect((await registry.send('GET', '/v2/a/tags/list')).text).toContain('["v1","v2"]');
});

test('in a pod, with the cluster of the pod, unless KUBECONFIG names another', async () => {
  await using registry = await startGuardedRegistry();
  await using cluster = await startKubernautCluster();
  await using mount = tempDir();
  await cluster.mountServiceAccount(mount.path, 'remedies');
  await using project = remediationProject({
    repository: `${registry.host}/acme`,
    settings: ['catalog: kubernetes'],
  });
  expect((await runJson(['ensure', '--config', project.config, '--catalog', 'none'])).code).toBe(0);
  const { hostname, port } = new URL(cluster.url);
  const pod = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const mounted = [
    'mount -t tmpfs none "$(readlink -f /var/run)"',
    'mkdir -p /var/run/secrets/kubernetes.io/serviceaccount',
    'cp "$1"/* /var/run/secrets/kubernetes.io/serviceaccount',
    'shift && exec "$@"',
  ];
  const within = ['-m', 'sh', '-c', mounted.join(' && '), 'sh', mount.path];
  const register = (env: Record<string, string>) =>
    run('unshare', [...within, process.execPath, cliPath, 'register'], { cwd: project.directory, env });
  const ran = await register(pod);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toContain('workflow test-alpha 1.0.0 registered as ');
  const path = '/apis/kubernaut.ai/v1alpha1/namespaces/remedies/remediationworkflows/test-alpha';
  expect(cluster.objects.get(path)).toBeDefined();
  const named = await register({ ...pod, KUBECONFIG: '/nonexistent/config' });
  expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('error[CLUSTER_CONFIG_INVALID]')]);
});

test('a device as a source gets its code and loses nothing', async () => {
  await expectRefused({
    spoil: replace(source, (path) => execFileSync('mknod', [path, 'c', '1', '5'])),
    code: 'NOT_READABLE',
    exit: 9,
    names: [source, 'a device'],
  });
});

const kilobytes = (count: number) => Buffer.alloc(count * 1024, 'x');

/** A file system of its own, gone with the scope. */
function mountSmallDisk(kibibytes: number) {
  const directory = tempDir();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'none', directory.path]);
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      execFileSync('umount', ['-l', directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

function fill(path: string): void {
  try {
    writeFileSync(path, new Uint8Array(64 * 1024 * 1024));
  } catch {
    // As wanted.
  }
  // What is left of the last page.
  try {
    for (let index = 0; ; index++) writeFileSync(`${path}-${index}`, 'x'.repeat(4096));
  } catch {
    expect(statSync(path).size).toBeGreaterThan(0);
  }
}
