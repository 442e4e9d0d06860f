import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { formatSlotClaim, type SlotRole } from '../../src/engine/slots/slot-claim.js';
import { newTicket } from '../../src/fs/file-lock.js';
import { identityOf } from '../../src/fs/process-identity.js';
import { type ImageProject, imageProject, readImages } from '../support/engines/image-project.js';
import { standInPodman } from '../support/engines/stand-in-podman.js';
import { cliPath, runCli } from '../support/program/run-cli.js';

const onLinux = test.skipIf(process.platform !== 'linux');
const scratch = { 'svc/Containerfile': 'FROM scratch\nCOPY hello /hello\n', 'svc/hello': 'hello' };
const declared = ['svc: {reference: localhost/svc, context: svc}'];
const little = ['--min-disk', '1M', '--min-memory', '1M'];

function makeSlots({ directory }: ImageProject): string {
  const slots = join(directory, 'slots');
  mkdirSync(slots);
  chmodSync(slots, 0o1777);
  return slots;
}

/** A process that is in a slot with a build, or only holds one. */
async function occupy(slots: string, role: SlotRole): Promise<{ child: ChildProcess; file: string }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  const owner = (await identityOf(child.pid ?? 0))!;
  const file = join(
    slots,
    formatSlotClaim({ queue: 'build', ticket: newTicket(systemClock), limit: 5, owner, role }),
  );
  writeFileSync(file, '');
  return { child, file };
}

onLinux('a build ends at its time-out also while the process that wants it is stopped', async () => {
  await using project = imageProject(declared, scratch);
  const podman = standInPodman(project.directory, ['hang']);
  const words = ['images', 'ensure', '--output', 'json', ...little, '--build-timeout', '1s'];
  const child = spawn(process.execPath, [cliPath, ...words], {
    cwd: project.directory,
    env: { ...project.env, PATH: `${podman.path}:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  const ended = once(child, 'close');
  await expect.poll(() => podman.builds(), { timeout: 150_000 }).toBe(1);
  child.kill('SIGSTOP');
  const builds = () =>
    readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && lineOf(pid).includes(`${podman.path}/podman\0build`),
    );
  await expect.poll(builds, { timeout: 150_000 }).toEqual([]);
  child.kill('SIGCONT');
  expect(await ended).toEqual([9, null]);
  expect(readImages(stdout).first.error?.code).toBe('BUILD_TIMEOUT');
});

onLinux('room that other builds hold is waited for, and missed once there is none of them', async () => {
  await using project = imageProject(declared, scratch);
  const machine = { host: { memTotal: 2 ** 33 }, store: {} };
  const podman = standInPodman(project.directory, ['run-fails'], { info: JSON.stringify(machine) });
  const slots = makeSlots(project);
  const { child, file } = await occupy(slots, 'build');
  const words = ['--output', 'json', '--min-disk', '900000GiB', '--slots-dir', slots, '--build-slots', '2'];
  const ran = await runCli(['images', 'ensure', ...words], {
    cwd: project.directory,
    env: { ...project.env, PATH: `${podman.path}:/usr/bin:/bin` },
    onStderr: (text) => {
      if (!text.includes('waiting for room that other builds use')) return;
      child.kill('SIGKILL');
      rmSync(file, { force: true });
    },
  });
  expect(ran.stderr).toContain('waiting for room that other builds use');
  expect([ran.code, readImages(ran.stdout).first.error?.code, podman.builds()]).toEqual([
    9,
    'RESOURCES_LOW',
    0,
  ]);
});

onLinux('who only looks at what could be freed waits for no build; who frees it may give up', async () => {
  await using project = imageProject(declared, scratch);
  const podman = standInPodman(project.directory, []);
  const slots = makeSlots(project);
  const { child } = await occupy(slots, 'hold');
  try {
    const at = { cwd: project.directory, env: { ...project.env, PATH: `${podman.path}:/usr/bin:/bin` } };
    const words = ['images', 'prune', '--slots-dir', slots, '--wait-timeout', '1s'];
    const looked = await runCli(words, at);
    expect([looked.code, looked.stderr]).toEqual([0, '']);
    child.kill('SIGSTOP');
    const refused = await runCli([...words, '--yes'], at);
    expect(refused.code).toBe(9);
    expect(refused.stderr).toContain('error[SLOT_TIMEOUT]');
    expect(refused.stderr).toContain(`${child.pid}, which is stopped`);
    expect(refused.stderr).toContain(`kill -CONT ${child.pid}`);
    // What was waited in vain counts as time in the queue.
    const ensure = ['images', 'ensure', '--output', 'json', ...little, ...words.slice(2)];
    const { first } = readImages((await runCli(ensure, at)).stdout);
    expect(first).toMatchObject({ outcome: 'failed', attempts: 0, error: { code: 'SLOT_TIMEOUT' } });
    expect(first.queuedMs).toBeGreaterThanOrEqual(1_000);
  } finally {
    child.kill('SIGKILL');
  }
});

function lineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
