import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { type BuildSlotOptions, withBuildSlot } from '../../src/engine/slots/build-slot.js';
import { formatSlotClaim, type SlotRole } from '../../src/engine/slots/slot-claim.js';
import { newTicket } from '../../src/fs/file-lock.js';
import { identityOf, ownIdentity, type ProcessIdentity } from '../../src/fs/process-identity.js';
import { isRoot, programForEverybody, stranger } from '../support/program/other-user.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

if (!isRoot) console.warn('SKIPPED: forged build slots of another user need root');
const withUsers = test.skipIf(!isRoot);
/** Neither root nor the one who forges. */
const victim = { uid: 12_346, gid: 12_346 };

let home: TempDir;
let slots: string;
/** A process of the stranger's own, which he may hold slots for. */
let sleeper: ChildProcess;

beforeAll(async () => {
  if (!isRoot) return;
  home = tempDir('forged-slots-');
  chmodSync(home.path, 0o755);
  slots = join(home.path, 'slots');
  mkdirSync(slots);
  chmodSync(slots, 0o1777);
  sleeper = spawn('sleep', ['600'], { ...stranger, stdio: 'ignore' });
  const entry = join(import.meta.dirname, '../../src/engine/slots/build-slot.ts');
  await build({
    stdin: {
      contents: `import { withBuildSlot } from ${JSON.stringify(entry)};
        import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../src/async/system-clock.ts'))};
        const [directory, limit] = process.argv.slice(2);
        await withBuildSlot({ directory, limit: Number(limit), clock: systemClock }, async () => console.log('in'));`,
      resolveDir: home.path,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(home.path, 'take-slot.mjs'),
  });
});

beforeEach(() => {
  if (isRoot) for (const name of readdirSync(slots)) rmSync(join(slots, name));
});

afterAll(async () => {
  sleeper?.kill('SIGKILL');
  await home?.[Symbol.asyncDispose]();
});

/** The stranger writes a mark of a process, as old as can be. */
async function forge(owner: ProcessIdentity, role: SlotRole, limit = 1): Promise<void> {
  const ticket = newTicket({ ...systemClock, now: () => 0 });
  const name = formatSlotClaim({ queue: 'build', ticket, limit, owner, role });
  const child = spawn('touch', [join(slots, name)], { ...stranger, stdio: 'ignore' });
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
}

/** Another user takes a slot in a process of their own; returns its output, empty if it got no slot in time. */
async function takeAsVictim(limit: number): Promise<string> {
  const { node } = programForEverybody();
  const child = spawn(node, [join(home.path, 'take-slot.mjs'), slots, String(limit)], {
    ...victim,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return said.trim();
}

async function takeAsRoot(limit: number): Promise<string> {
  const options: BuildSlotOptions = { directory: slots, limit, clock: systemClock };
  return withBuildSlot({ ...options, signal: AbortSignal.timeout(30_000) }, async () => 'in');
}

const takers = [
  ['root', takeAsRoot],
  ['another unprivileged user', takeAsVictim],
] as const;

withUsers.each(takers)('marks that a stranger forges do not keep out %s', async (_, take) => {
  const self = await ownIdentity();
  const first = (await identityOf(1))!;
  for (const role of ['wait', 'hold', 'keep', 'build'] as const) {
    // Processes of root, of this test, of an unknown pid namespace, and one whose start is not reported.
    for (const owner of [first, self, { ...first, space: '0123456789ab' }, { ...first, start: 0 }])
      await forge(owner, role);
  }
  expect(await take(1)).toBe('in');
  expect(await take(2)).toBe('in');
});

withUsers('twenty thousand files of a stranger hide no slot that is held', async () => {
  const owner = (await identityOf(1))!;
  for (let index = 0; index < 10_000; index++) {
    const ticket = String(index).padStart(21, '0');
    const name = formatSlotClaim({ queue: 'build', ticket, limit: 1, owner, role: 'hold' });
    for (const file of [name, `0-${index}`].map((text) => join(slots, text))) {
      writeFileSync(file, '');
      chownSync(file, stranger.uid, stranger.gid);
    }
  }
  const options: BuildSlotOptions = { directory: slots, limit: 1, clock: systemClock };
  await withBuildSlot({ ...options, waitTimeoutMs: 60_000 }, async () => {
    const second = withBuildSlot({ ...options, waitTimeoutMs: 500 }, async () => 'in');
    await expect(second).rejects.toMatchObject({ code: 'SLOT_TIMEOUT' });
  });
});

withUsers('ten processes that wait use little of a processor', async () => {
  const { node } = programForEverybody();
  const ten = await withBuildSlot({ directory: slots, limit: 1, clock: systemClock }, async () => {
    const children = Array.from({ length: 10 }, () =>
      spawn(node, [join(home.path, 'take-slot.mjs'), slots, '1'], { stdio: 'ignore' }),
    );
    // All of them have come in, and then nothing happens.
    await expect.poll(() => readdirSync(slots).length, { timeout: 30_000 }).toBe(11);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const ticks = () => children.reduce((sum, { pid }) => sum + ticksOf(pid ?? 0), 0);
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    // A tick is a hundredth of a second.
    const share = (ticks() - before) / 500;
    console.info(`slots: ten that wait use ${(share * 100).toFixed(1)} % of a processor`);
    expect(share).toBeLessThan(0.15);
    return children;
  });
  for (const child of ten)
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  expect(ten.map(({ exitCode }) => exitCode)).toEqual(ten.map(() => 0));
});

/** Processor time by fields 14 and 15 of proc_pid_stat(5). */
function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

withUsers.each(takers)('how many a stranger finds right does not bind %s', async (_, take) => {
  const owner = (await identityOf(sleeper.pid!))!;
  await forge(owner, 'hold', 1);
  expect(await take(2)).toBe('in');
});

withUsers.each(takers)('a stranger who is first and never goes in is overtaken by %s', async (_, take) => {
  const owner = (await identityOf(sleeper.pid!))!;
  await forge(owner, 'wait', 1);
  expect(await take(2)).toBe('in');
});

withUsers('a slot that a process of somebody else holds counts until that process ends', async () => {
  const owner = (await identityOf(sleeper.pid!))!;
  await forge(owner, 'hold', 1);
  let entered = false;
  const seen = new Promise<void>((resolve) => {
    const waiting = withBuildSlot(
      { directory: slots, limit: 1, clock: systemClock, onQueuePosition: () => resolve() },
      async () => {
        entered = true;
      },
    );
    void waiting;
  });
  await seen;
  expect(entered).toBe(false);
  sleeper.kill('SIGKILL');
  await expect.poll(() => entered, { timeout: 10_000 }).toBe(true);
});

withUsers('a use counts where its project lies in a home that another user cannot look into', async () => {
  const project = join(home.path, 'closed');
  mkdirSync(project, { mode: 0o700 });
  const file = join(project, 'bundles.yaml');
  writeFileSync(file, '');
  const use = { file, image: 'svc', reference: 'localhost/svc:key-1' };
  const { noteImageUse } = await import('../../src/images/image-uses.js');
  await noteImageUse(slots, use);
  const entry = join(import.meta.dirname, '../../src/images/image-uses.ts');
  const program = join(home.path, 'read-uses.mjs');
  await build({
    stdin: {
      contents: `import { readImageUses } from ${JSON.stringify(entry)};
        console.log(JSON.stringify(await readImageUses(process.argv[2])));`,
      resolveDir: home.path,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const { node } = programForEverybody();
  const child = spawn(node, [program, slots], { ...stranger, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(JSON.parse(said)).toEqual([use]);
});
