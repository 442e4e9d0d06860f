import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSlotClaim } from '../../src/engine/slots/slot-claim.js';
import { imageProject } from '../support/engines/image-project.js';
import { makeBase, podmanStore } from '../support/engines/podman-store.js';
import { buildsBelow, sampleBuilds } from '../support/engines/slot-sampler.js';
import { findPeers } from '../support/peers.js';
import { cliPath } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'busybox');
const testWithPodman = test.skipIf(peers === undefined);
const processes = 12;
const limit = 2;

/** Who builds now, by the marks in the directory of the slots: process number of the holder and the ticket. */
function holders(slots: string): { pid: number; ticket: string }[] {
  const marks = readdirSync(slots)
    .map(parseSlotClaim)
    .filter((mark) => mark?.queue === 'build');
  const building = new Set(marks.filter((mark) => mark?.role === 'build').map((mark) => mark?.ticket));
  return marks.flatMap((mark) =>
    mark?.role === 'hold' && building.has(mark.ticket) ? [{ pid: mark.owner.pid, ticket: mark.ticket }] : [],
  );
}

async function until<T>(what: () => T | undefined | Promise<T | undefined>, ms = 60_000): Promise<T> {
  const started = performance.now();
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    if (performance.now() - started > ms) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

testWithPodman(
  'of twelve processes never more than two build, also while three are killed, and none is overtaken',
  async () => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using all = tempDir('slots-');
    const slots = join(all.path, 'slots');
    mkdirSync(slots);
    chmodSync(slots, 0o1777);
    const sampler = sampleBuilds(all.path, async () => slots);
    const ended = new Map<number, Promise<unknown[]>>();
    const children: ChildProcess[] = [];
    const errors: string[] = [];
    for (let index = 0; index < processes; index++) {
      const project = imageProject([`svc: {reference: localhost/p${index}, context: svc}`], {
        'svc/Containerfile': `FROM localhost/base:1\nRUN sleep 2; echo ${index} >/index\n`,
      });
      const child = spawn(
        process.execPath,
        [
          cliPath,
          'images',
          'ensure',
          '--slots-dir',
          slots,
          '--build-slots',
          String(limit),
          '--min-memory',
          '1M',
        ],
        {
          cwd: project.directory,
          env: {
            PATH: process.env.PATH,
            ...store.env,
            ...project.env,
            BUNDLES_STATE_DIR: join(all.path, `state-${index}`),
          },
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      child.stderr?.on('data', (chunk) => errors.push(String(chunk)));
      children.push(child);
      ended.set(child.pid ?? 0, once(child, 'exit'));
    }
    const killed: string[] = [];
    const freedMs: number[] = [];
    for (let count = 0; count < 3; count++) {
      // Not before everybody is in the queue, and in the middle of a build.
      const victim = await until(
        () => holders(slots).find(({ ticket }) => !killed.includes(ticket)),
        240_000,
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      process.kill(victim.pid, 'SIGKILL');
      const started = performance.now();
      killed.push(victim.ticket);
      await until(async () => {
        const marks = readdirSync(slots).filter((name) => name.includes(victim.ticket));
        const alive = marks.filter((name) => isAlive(parseSlotClaim(name)?.owner.pid ?? 0));
        return alive.length === 0 ? true : undefined;
      });
      freedMs.push(Math.round(performance.now() - started));
    }
    const codes = (await Promise.all(ended.values())).map(([code]) => code as number | null);
    const samples = await sampler.stop();
    console.info(`slots: freed after ${freedMs.join(', ')} ms; ${samples.busySamples} samples saw builds`);
    expect(
      codes.filter((code) => code === 0),
      errors.join(''),
    ).toHaveLength(processes - 3);
    expect(codes.filter((code) => code === null)).toHaveLength(3);
    expect(samples.mostBuilds).toBe(limit);
    expect(samples.busySamples).toBeGreaterThan(100);
    expect(Math.max(...freedMs)).toBeLessThan(5_000);
    expect(samples.asked).toHaveLength(processes);
    for (const [place, ticket] of samples.started.entries())
      expect(Math.abs(samples.asked.indexOf(ticket) - place), samples.started.join(' ')).toBeLessThanOrEqual(
        1,
      );
    expect(await buildsBelow(all.path)).toEqual([]);
    expect(
      readdirSync(slots).filter(
        (name) => name.startsWith('build.') && isAlive(parseSlotClaim(name)?.owner.pid ?? 0),
      ),
    ).toEqual([]);
  },
);

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
}
