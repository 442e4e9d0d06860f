import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { type PodmanService, startPodmanService } from '../support/engines/podman-service.js';
import { makeBase, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { isAlive } from '../support/program/is-alive.js';
import { runCli } from '../support/program/run-cli.js';
import { writeProgram } from '../support/program/write-program.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'busybox', 'docker-registry');
const testWithPodman = test.skipIf(peers === undefined);
const podman = peers?.podman ?? '';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Brings a service back a moment after it was killed, as systemd does, and notes the number of its process. */
function bringBack(service: PodmanService, pidFile: string): AsyncDisposable {
  writeFileSync(pidFile, String(service.pid));
  let over = false;
  const loop = (async () => {
    while (!over) {
      await pause(100);
      if (isAlive(service.pid)) continue;
      await pause(1_500);
      await service.restart();
      writeFileSync(pidFile, String(service.pid));
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over = true;
      await loop;
    },
  };
}

testWithPodman('a service that is killed is waited for at every command of a run', async () => {
  await using registry = await startDockerRegistry();
  await using store = await podmanStore(podman);
  await makeBase(store);
  await using service = await startPodmanService(podman, store);
  await using all = tempDir('recovery-');
  const pidFile = join(all.path, 'pid');
  await using _ = bringBack(service, pidFile);
  const [bin, marks] = [join(all.path, 'bin'), join(all.path, 'marks')];
  for (const path of [bin, marks]) mkdirSync(path);
  // Real podman; at the first use of each command its service is killed, before it or while it builds.
  writeProgram(bin, 'podman', [
    `kill_service() { kill -9 $(cat ${pidFile}); }`,
    'name="$1"; [ "$1" = image ] || [ "$1" = manifest ] && name="$1-$2"',
    `if [ "$1" != info ] && [ ! -e "${marks}/$name" ]; then`,
    `  : >"${marks}/$name"`,
    '  if [ "$1" = build ]; then (sleep 1; kill_service) & else kill_service; fi',
    `  ${podman} "$@"; status=$?; echo $status >"${marks}/$name"; exit $status`,
    'fi',
    `exec ${podman} "$@"`,
  ]);
  const lines = [`svc: {reference: "${registry.host}/acme/svc:v1", context: svc}`];
  await using project = imageProject(lines, {
    'svc/Containerfile': 'FROM localhost/base:1\nCOPY main /main\nRUN sleep 2\n',
    'svc/main': 'm',
  });
  const ensure = async (out: string) => {
    const words = ['--min-disk', '1M', '--min-memory', '1M', '--export', join(all.path, out)];
    const ran = await runCli(['images', 'ensure', '--output', 'json', ...words], {
      cwd: project.directory,
      env: { ...service.env, ...project.env, PATH: `${bin}:${process.env.PATH}` },
      timeoutMs: 240_000,
    });
    return readImages(ran.stdout).first;
  };
  const built = await ensure('first');
  expect(built).toMatchObject({ outcome: 'built', pushed: true, attempts: 2, error: null });
  for (const name of [built.reference ?? '', built.tagged ?? '']) await store.podman('untag', name, name);
  expect(await ensure('second')).toMatchObject({ outcome: 'reused', from: 'registry', error: null });
  for (const name of ['build', 'manifest-exists', 'image-inspect', 'tag', 'push', 'save', 'pull', 'ps'])
    expect([name, readFileSync(join(marks, name), 'utf8').trim()]).toEqual([
      name,
      expect.not.stringMatching(/^0?$/),
    ]);
});
