import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSlotClaim } from '../../src/engine/slots/slot-claim.js';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { makeBase, podmanStore } from '../support/engines/podman-store.js';
import { buildsBelow } from '../support/engines/slot-sampler.js';
import { standInKind } from '../support/engines/stand-in-kind.js';
import { findPeers } from '../support/peers.js';
import { cliPath, mustRun, run, runCli } from '../support/program/run-cli.js';
import { writeProgram } from '../support/program/write-program.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'busybox');
const root = process.getuid?.() === 0;
if (!root) console.warn('SKIPPED: mounting a tmpfs and making a control group needs root');
const testWithPodman = test.skipIf(peers === undefined);
const testAsRoot = test.skipIf(peers === undefined || !root);

const svc = 'svc: {reference: localhost/svc, context: svc}';
const files = { 'svc/Containerfile': 'FROM scratch\nCOPY hello /hello\n', 'svc/hello': 'hello' };

testAsRoot('a store on a small disk is refused before a build starts, with what is missing', async () => {
  await using disk = tempDir();
  await mustRun('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'none', disk.path]);
  try {
    await using store = await podmanStore(peers!.podman, disk.path);
    await using project = imageProject([svc], files);
    const at = { cwd: project.directory, env: { ...store.env, ...project.env } };
    const words = ['images', 'ensure', '--output', 'json', '--min-memory', '1M'];
    const refused = await runCli(words, at);
    const { first } = readImages(refused.stdout);
    expect(first.error).toMatchObject({
      code: 'RESOURCES_LOW',
      message: expect.stringMatching(/6\d MiB of disk are free on the disk of \S+\/root, wanted 2048 MiB$/),
      details: { what: 'disk', place: join(disk.path, 'root'), wanted: 2 ** 31 },
    });
    expect([refused.code, first.attempts, first.log]).toEqual([9, 0, null]);
    const enough = await runCli([...words, '--min-disk', '16M'], at);
    expect([enough.code, readImages(enough.stdout).first.outcome]).toEqual([0, 'built']);
  } finally {
    await run('umount', ['-l', disk.path]);
  }
});

testAsRoot('under a control group with little memory no build starts, and the group is named', async () => {
  const group = makeGroup(256);
  try {
    await using store = await podmanStore(peers!.podman);
    await using project = imageProject([svc], files);
    const inside = async (...words: string[]) => {
      const line = `echo $$ >${group.processes}; exec "$0" "$@"`;
      const all = [
        process.execPath,
        cliPath,
        'images',
        'ensure',
        '--output',
        'json',
        '--min-disk',
        '1M',
        ...words,
      ];
      const env = { ...store.env, ...project.env };
      return run('/bin/sh', ['-c', line, ...all], { cwd: project.directory, env, timeoutMs: 120_000 });
    };
    const refused = await inside();
    const { first } = readImages(refused.stdout);
    expect(first.error).toMatchObject({
      code: 'RESOURCES_LOW',
      message: expect.stringMatching(
        /^Cannot start a build: \d+ MiB of memory are free in .*, wanted 1024 MiB$/,
      ),
      details: { what: 'memory', place: group.directory },
    });
    expect(first.error?.details.free).toBeLessThan(256 * 2 ** 20);
    expect([refused.code, first.attempts]).toEqual([9, 0]);
    const enough = await inside('--min-memory', '16M');
    expect([enough.code, readImages(enough.stdout).first.outcome]).toEqual([0, 'built']);
  } finally {
    group.remove();
  }
});

testAsRoot('a step that the kernel kills for want of memory is reported as that', async () => {
  const group = makeGroup(192);
  try {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using all = tempDir();
    writeProgram(all.path, 'podman', [
      `if [ "$1" = build ]; then echo $$ >${group.processes}; fi`,
      `exec ${peers!.podman} "$@"`,
    ]);
    await using project = imageProject([svc], {
      'svc/Containerfile': 'FROM localhost/base:1\nRUN head -c 500m /dev/zero | tail >/dev/null\n',
    });
    const words = ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'];
    const env = { ...store.env, ...project.env, PATH: `${all.path}:${process.env.PATH}` };
    const ran = await runCli(words, { cwd: project.directory, env });
    const { error, attempts } = readImages(ran.stdout).first;
    expect([ran.code, attempts, error?.code, error?.details.reason]).toEqual([
      9,
      1,
      'ENGINE_FAILED',
      'memory',
    ]);
    await within(10_000, () => readFileSync(group.processes, 'utf8') === '');
  } finally {
    group.remove();
  }
});

testAsRoot(
  'a disk that fills up is DISK_FULL where the engine writes, and BUILD_FAILED where a step does',
  async () => {
    await using disk = tempDir();
    await mustRun('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', disk.path]);
    try {
      await using store = await podmanStore(peers!.podman, disk.path);
      await makeBase(store);
      // In this order: an engine whose disk is full may leave its container behind, and the disk full.
      const lines = ['fills', 'stores'].map(
        (name) => `${name}: {reference: localhost/${name}, context: ${name}}`,
      );
      await using project = imageProject(lines, {
        'stores/Containerfile': 'FROM scratch\nCOPY large /large\n',
        'stores/large': 'x'.repeat(40 * 2 ** 20),
        'fills/Containerfile': [
          'FROM localhost/base:1',
          // What is removed again, the engine can write its own records with.
          'RUN head -c 40m /dev/zero >/large || { echo no space left on device; rm /large; exit 1; }',
          '',
        ].join('\n'),
      });
      const words = ['images', 'ensure', '--sequential', '--output', 'json'];
      const ran = await runCli([...words, '--min-disk', '1K', '--min-memory', '1M'], {
        cwd: project.directory,
        env: { ...store.env, ...project.env },
      });
      const { images } = readImages(ran.stdout);
      expect(images.map(({ name, error }) => [name, error?.code])).toEqual([
        ['fills', 'BUILD_FAILED'],
        ['stores', 'DISK_FULL'],
      ]);
    } finally {
      await run('umount', ['-l', disk.path]);
    }
  },
);

/** A real control group of either version, with so many mebibytes. */
function makeGroup(mebibytes: number): { directory: string; processes: string; remove(): void } {
  const second = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const directory = `/sys/fs/cgroup/${second ? '' : 'memory/'}bundles-test-${process.pid}`;
  mkdirSync(directory);
  writeFileSync(
    join(directory, second ? 'memory.max' : 'memory.limit_in_bytes'),
    String(mebibytes * 2 ** 20),
  );
  return { directory, processes: join(directory, 'cgroup.procs'), remove: () => rmdirSync(directory) };
}

testWithPodman('a build ends when its holder and the keeper between them are killed at once', async () => {
  await using store = await podmanStore(peers!.podman);
  await makeBase(store);
  await using project = imageProject([svc], {
    'svc/Containerfile': 'FROM localhost/base:1\nRUN sleep 120\n',
  });
  const child = spawn(
    process.execPath,
    [cliPath, 'images', 'ensure', '--min-disk', '1M', '--min-memory', '1M'],
    {
      cwd: project.directory,
      env: { PATH: process.env.PATH, ...store.env, ...project.env },
      stdio: 'ignore',
    },
  );
  const ended = once(child, 'exit');
  const uses = join(project.directory, '.state', 'tekton-bundles', 'images');
  const marks = () => {
    const slots = existsSync(uses) ? readdirSync(uses).find((name) => name.startsWith('slots-')) : undefined;
    return (slots === undefined ? [] : readdirSync(join(uses, slots))).map(parseSlotClaim);
  };
  const asleep = () => /RUN sleep/.test(readLog(join(project.directory, '.bundles', 'images', 'svc.log')));
  await within(60_000, () => asleep() && marks().some((mark) => mark?.role === 'build'));
  const keeper = marks().find((mark) => mark?.role === 'keep')?.owner.pid ?? 0;
  process.kill(keeper, 'SIGKILL');
  child.kill('SIGKILL');
  await ended;
  await within(5_000, async () => (await buildsBelow(project.directory)).length === 0);
});

testWithPodman('an image that no registry has is loaded into the kind cluster there is', async () => {
  await using store = await podmanStore(peers!.podman);
  await using project = imageProject([svc], files);
  const kind = standInKind(project.directory, ['e2e'], { failures: 2 });
  const env = { ...store.env, ...project.env, PATH: `${kind.path}:${process.env.PATH}` };
  const words = ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'];
  const ran = await runCli(words, { cwd: project.directory, env });
  const { first } = readImages(ran.stdout);
  expect(first).toMatchObject({ outcome: 'built', loaded: ['e2e'], error: null });
  expect(first.use).toEqual({ reference: first.reference, imagePullPolicy: 'Never' });
  expect(kind.calls().filter((call) => call.includes(' load '))).toHaveLength(3);
  // The archive that kind was given is one that podman reads, with the name that a Pod uses.
  expect(kind.calls().at(-1)).toMatch(/^podman load image-archive \S+\/svc\.tar --name e2e$/);
  await using second = await podmanStore(peers!.podman);
  await second.podman('load', '--input', kind.archive);
  expect(await second.names()).toEqual([first.reference]);
  expect(readdirSync(join(project.directory, '.bundles', 'images'))).toEqual(['svc.log']);

  const none = await runCli([...words, '--no-kind'], { cwd: project.directory, env });
  expect(readImages(none.stdout).first.loaded).toEqual([]);
  const wrong = await runCli([...words, '--kind', 'e3e'], { cwd: project.directory, env });
  expect([wrong.code, wrong.stderr]).toEqual([9, expect.stringContaining('Existing clusters: e2e')]);
  const several = standInKind(project.directory, ['a', 'b']);
  const unsure = await runCli(words, { cwd: project.directory, env });
  expect([unsure.code, unsure.stderr]).toEqual([0, expect.stringContaining('--kind')]);
  expect(several.calls().filter((call) => call.includes('load'))).toEqual([]);
});

testWithPodman('an image is loaded into those nodes of a kind cluster that lack it', async () => {
  await using store = await podmanStore(peers!.podman);
  await using project = imageProject([svc], files);
  const nodes = ['e2e-external-load-balancer', 'e2e-control-plane', 'e2e-worker'];
  const kind = standInKind(project.directory, ['e2e'], { nodes, podman: peers!.podman });
  const env = { ...store.env, ...project.env, PATH: `${kind.path}:${process.env.PATH}` };
  const ensure = async () => {
    const before = kind.calls().length;
    const words = ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'];
    const ran = await runCli(words, { cwd: project.directory, env });
    const { first } = readImages(ran.stdout);
    expect(first).toMatchObject({ loaded: ['e2e'], error: null, use: { imagePullPolicy: 'Never' } });
    const loads = kind
      .calls()
      .slice(before)
      .filter((call) => call.includes(' load '))
      .map((call) => call.split('svc.tar').at(-1));
    return { outcome: first.outcome, loads };
  };
  const all = ' --name e2e --nodes e2e-control-plane,e2e-worker';
  expect(await ensure()).toEqual({ outcome: 'built', loads: [all] });
  expect(await ensure()).toEqual({ outcome: 'reused', loads: [] });
  kind.change('e2e-worker');
  expect(await ensure()).toEqual({ outcome: 'reused', loads: [' --name e2e --nodes e2e-worker'] });
  // The name alone proves nothing.
  kind.change('e2e-control-plane', 'a'.repeat(64));
  expect(await ensure()).toEqual({ outcome: 'reused', loads: [' --name e2e --nodes e2e-control-plane'] });
  expect(readdirSync(join(project.directory, '.bundles', 'images'))).toEqual(['svc.log']);
});

function readLog(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function within(ms: number, what: () => boolean | Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await what()); ) {
    if (performance.now() - started > ms) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
