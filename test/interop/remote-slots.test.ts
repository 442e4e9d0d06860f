import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSlotClaim } from '../../src/engine/slots/slot-claim.js';
import { type ImageProject, imageProject, readImages } from '../support/engines/image-project.js';
import { runningBuilds, startPodmanService } from '../support/engines/podman-service.js';
import { makeBase, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { cliPath } from '../support/program/run-cli.js';
import { writeProgram } from '../support/program/write-program.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'busybox');
const testWithPodman = test.skipIf(peers === undefined);
const little = ['--min-disk', '1M', '--min-memory', '1M'];

/** A project whose build prints its word while it runs. */
function project(word: string, seconds: number): ImageProject {
  return imageProject([`svc: {reference: localhost/${word}, context: svc}`], {
    'svc/Containerfile': `FROM localhost/base:1\nRUN : ${word}; sleep ${seconds}\nRUN : ${word}-next; sleep ${seconds}\n`,
  });
}

function makeSlots(directory: string): string {
  const slots = join(directory, 'slots');
  mkdirSync(slots);
  chmodSync(slots, 0o1777);
  return slots;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  readonly stdout: () => string;
}

function start(at: ImageProject, env: Readonly<Record<string, string>>, words: readonly string[]): Started {
  const child = spawn(
    process.execPath,
    [cliPath, 'images', 'ensure', '--output', 'json', ...little, ...words],
    {
      cwd: at.directory,
      env: { PATH: process.env.PATH, ...env, ...at.env },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += String(chunk);
  });
  return { child, ended: once(child, 'close'), stdout: () => text };
}

async function until(what: () => boolean, ms = 60_000): Promise<void> {
  for (const started = performance.now(); !what(); ) {
    if (performance.now() - started > ms) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Looks all the time how many builds run. */
function sample(word: RegExp): { stop(): Promise<{ most: number; seen: ReadonlySet<string> }> } {
  let over = false;
  let most = 0;
  const seen = new Set<string>();
  const loop = (async () => {
    while (!over) {
      const now = runningBuilds(word);
      most = Math.max(most, now.length);
      for (const one of now) seen.add(one);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  return {
    async stop() {
      over = true;
      await loop;
      return { most, seen };
    },
  };
}

const keeperOf = (slots: string) =>
  readdirSync(slots)
    .map(parseSlotClaim)
    .find((mark) => mark?.role === 'keep')?.owner.pid ?? 0;

const ends: readonly [string, (started: Started, slots: string) => void, readonly string[]][] = [
  ['SIGKILL of its client', ({ child }) => void child.kill('SIGKILL'), []],
  [
    'SIGKILL of its client and of the process between them',
    ({ child }, slots) => {
      process.kill(keeperOf(slots), 'SIGKILL');
      child.kill('SIGKILL');
    },
    [],
  ],
  ['SIGINT', ({ child }) => void child.kill('SIGINT'), []],
  ['its time-out', () => undefined, ['--build-timeout', '4s']],
];

for (const [index, [name, end, words]] of ends.entries())
  testWithPodman(`a build in a service ends after ${name}, and only then the next one begins`, async () => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using service = await startPodmanService(peers!.podman, store);
    await using all = tempDir('remote-');
    const slots = makeSlots(all.path);
    const limited = ['--slots-dir', slots, '--build-slots', '1'];
    const first = `remote-${process.pid}-${index}-first`;
    const second = `remote-${process.pid}-${index}-second`;
    await using one = project(first, 60);
    await using other = project(second, 1);
    const ours = new RegExp(`remote-${process.pid}-${index}-(?:first|second)`);
    const sampler = sample(ours);
    const killed = start(one, service.env, [...limited, ...words]);
    await until(() => runningBuilds(ours).length > 0);
    const waiting = start(other, service.env, limited);
    await until(() => readdirSync(slots).some((file) => file.endsWith('.wait')));
    end(killed, slots);
    const [code] = (await killed.ended) as [number | null];
    await waiting.ended;
    const samples = await sampler.stop();
    expect(readImages(waiting.stdout()).first).toMatchObject({ outcome: 'built', error: null });
    expect(samples).toEqual({ most: 1, seen: new Set([first, second]) });
    if (words.length > 0) {
      expect([code, readImages(killed.stdout()).first.error?.code]).toEqual([9, 'BUILD_TIMEOUT']);
    }
    expect(runningBuilds(ours)).toEqual([]);
    expect(readdirSync(slots).filter((file) => file.startsWith('build.'))).toEqual([]);
  });

testWithPodman('what a build runs inside of a podman machine is ended there at its time-out', async () => {
  await using store = await podmanStore(peers!.podman);
  await makeBase(store);
  await using service = await startPodmanService(peers!.podman, store);
  await using all = tempDir('machine-');
  // The real service, seen as one on another machine that only `podman machine ssh` leads to.
  const bin = join(all.path, 'bin');
  mkdirSync(bin);
  writeProgram(bin, 'sudo', ['shift', 'exec "$@"']);
  writeProgram(bin, 'podman', [
    `if [ "$1" = machine ]; then shift 2; PATH=${bin}:$PATH exec sh -c "$*"; fi`,
    `if [ "$1" != info ]; then exec ${peers!.podman} "$@"; fi`,
    `${peers!.podman} "$@" | sed 's/"hostname": "[^"]*"/"hostname": "localhost.localdomain"/'`,
  ]);
  const word = `remote-${process.pid}-machine`;
  await using one = project(word, 60);
  const env = { ...service.env, PATH: `${bin}:${process.env.PATH}` };
  const late = start(one, env, ['--slots-dir', makeSlots(all.path), '--build-timeout', '4s']);
  await until(() => runningBuilds(new RegExp(word)).length > 0);
  const [code] = (await late.ended) as [number];
  expect([code, readImages(late.stdout()).first.error?.code]).toEqual([9, 'BUILD_TIMEOUT']);
  expect(runningBuilds(new RegExp(word))).toEqual([]);
  expect(readdirSync(join(all.path, 'slots')).filter((file) => file.startsWith('build.'))).toEqual([]);
});

/** Numbers that are the same at each run of the test, of Park and Miller. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

testWithPodman(
  'of twelve builds, local and in a service, never more than two run while parts of them are killed',
  async () => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using service = await startPodmanService(peers!.podman, store);
    await using all = tempDir('mixed-');
    const slots = makeSlots(all.path);
    const word = (index: number) => `mixed-${process.pid}-${String(index).padStart(2, '0')}`;
    const ours = new RegExp(`mixed-${process.pid}-\\d\\d`);
    const sampler = sample(ours);
    let built = 0;
    const projects = Array.from({ length: 12 }, (_, index) => project(word(index), 2));
    try {
      const started = projects.map((at, index) =>
        start(at, index % 2 === 0 ? service.env : store.env, ['--slots-dir', slots, '--build-slots', '2']),
      );
      let running = started.length;
      for (const { ended } of started) void ended.then(() => running--);
      const next = numbers(2026);
      for (let kills = 0; kills < 9 && running > 0; kills++) {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        const marks = readdirSync(slots)
          .map(parseSlotClaim)
          .filter((mark) => mark?.queue === 'build' && mark.role !== 'wait' && mark.role !== 'service');
        const victim = marks[next(Math.max(1, marks.length))];
        // The holder, the process between, the client, or what it started.
        if (victim !== undefined) kill(victim.owner.pid);
      }
      await Promise.all(started.map(({ ended }) => ended));
      // Who was not killed has its image, or was informed what happened to the build.
      for (const { child, stdout } of started) {
        if (child.signalCode !== null) continue;
        const { outcome, error } = readImages(stdout()).first;
        expect([outcome, error?.code ?? 'none']).toEqual(
          child.exitCode === 0
            ? ['built', 'none']
            : ['failed', expect.stringMatching(/ENGINE_FAILED|BUILD_FAILED/)],
        );
        if (child.exitCode === 0) built++;
      }
    } finally {
      for (const one of projects) await one[Symbol.asyncDispose]();
    }
    const { most, seen } = await sampler.stop();
    expect(most).toBe(2);
    expect(built).toBeGreaterThanOrEqual(3);
    expect(seen.size).toBeGreaterThanOrEqual(built);
    expect(runningBuilds(ours)).toEqual([]);
  },
);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
