import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { tempDir } from '../../../test/support/temp-dir.js';
import { systemClock } from '../../async/system-clock.js';
import { newTicket } from '../../fs/file-lock.js';
import { identityOf, ownIdentity } from '../../fs/process-identity.js';
import { type BuildSlotOptions, withBuildSlot } from './build-slot.js';
import { formatSlotClaim, parseSlotClaim } from './slot-claim.js';
import { requireSlotDirectory } from './slot-directory.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('never more than the limit are in, and they come in the order of asking', async () => {
  await using directory = tempDir();
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const tasks: Promise<void>[] = [];
  for (let index = 0; index < 8; index++) {
    const task = withBuildSlot({ directory: directory.path, limit: 2, clock: systemClock }, async () => {
      order.push(index);
      most = Math.max(most, ++inside);
      // The first waits for the second, so that two are in at once at least once.
      while (most < 2) await pause(5);
      await pause(20);
      inside--;
    });
    tasks.push(task);
    await pause(5);
  }
  await Promise.all(tasks);
  expect(most).toBe(2);
  for (const [place, index] of order.entries())
    expect(Math.abs(place - index), order.join()).toBeLessThanOrEqual(1);
  expect(readdirSync(directory.path)).toEqual([]);
});

test('a waiting build reports its place and who is building; one that gives up leaves nothing', async () => {
  await using directory = tempDir();
  const options: BuildSlotOptions = { directory: directory.path, limit: 1, clock: systemClock };
  const stop = new AbortController();
  const places: unknown[] = [];
  await withBuildSlot(options, async () => {
    const waiting = withBuildSlot(
      { ...options, signal: stop.signal, onQueuePosition: (place) => places.push(place) },
      async () => undefined,
    );
    await expect.poll(() => places.length).toBe(1);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
  expect(places).toEqual([{ place: 1, waiting: 1, holders: [process.pid], stopped: [] }]);
  expect(readdirSync(directory.path)).toEqual([]);
});

test('the smallest limit of those at work counts', async () => {
  await using directory = tempDir();
  const at = (limit: number) => ({ directory: directory.path, limit, clock: systemClock });
  let second = false;
  const places: unknown[] = [];
  const { other } = await withBuildSlot(at(1), async () => {
    const onQueuePosition = (place: unknown) => void places.push(place);
    const other = withBuildSlot({ ...at(5), onQueuePosition }, async () => {
      second = true;
    });
    await expect.poll(() => places.length).toBe(1);
    expect(second).toBe(false);
    return { other };
  });
  await other;
  expect(second).toBe(true);
});

test('a slot whose holder died stays taken while its build lives, and is free afterwards', async () => {
  await using directory = tempDir();
  const self = await ownIdentity();
  const wish = { queue: 'build', ticket: newTicket({ ...systemClock, now: () => 0 }), limit: 1 };
  const dead = { ...self, pid: 2 ** 22 + 1 };
  writeFileSync(join(directory.path, formatSlotClaim({ ...wish, owner: dead, role: 'hold' })), '');
  // This very process is the build here.
  const build = join(directory.path, formatSlotClaim({ ...wish, owner: self, role: 'build' }));
  writeFileSync(build, '');
  let entered = false;
  const waiting = withBuildSlot({ directory: directory.path, limit: 1, clock: systemClock }, async () => {
    entered = true;
  });
  const held = () => readdirSync(directory.path).filter((name) => name.endsWith('.hold'));
  await expect.poll(held).toEqual([]);
  expect(entered).toBe(false);
  const { unlinkSync } = await import('node:fs');
  unlinkSync(build);
  await waiting;
  expect(entered).toBe(true);
});

test('what lies there and is not a mark of a process is passed over', async () => {
  await using directory = tempDir();
  const self = await ownIdentity();
  const name = formatSlotClaim({
    queue: 'build',
    ticket: newTicket(systemClock),
    limit: 1,
    owner: self,
    role: 'hold',
  });
  await symlink('/etc/passwd', join(directory.path, name));
  await mkdir(join(directory.path, name.replace('.hold', '.keep')));
  for (const text of ['build.x.hold', 'use-1.json', '..hold', name.replace('-1.', '-0.')])
    writeFileSync(join(directory.path, text), 'x');
  await withBuildSlot({ directory: directory.path, limit: 1, clock: systemClock }, async () => undefined);
});

/** A mark of a process that is stopped for as long as the test lasts. */
async function stoppedMark(directory: string, role: 'wait' | 'hold'): Promise<{ pid: number } & Disposable> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  child.kill('SIGSTOP');
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /), {
    timeout: 20_000,
  });
  const owner = (await identityOf(pid))!;
  const ticket = newTicket({ ...systemClock, now: () => 0 });
  writeFileSync(join(directory, formatSlotClaim({ queue: 'build', ticket, limit: 1, owner, role })), '');
  return { pid, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

test.skipIf(process.platform !== 'linux')('who waits and is stopped is passed over', async () => {
  await using directory = tempDir();
  using _ = await stoppedMark(directory.path, 'wait');
  const at = { directory: directory.path, limit: 1, clock: systemClock };
  expect(await withBuildSlot(at, async () => 'in')).toBe('in');
});

test.skipIf(process.platform !== 'linux')(
  'who holds a slot and is stopped is named, and waited for as long as is wanted',
  async () => {
    await using directory = tempDir();
    using holder = await stoppedMark(directory.path, 'hold');
    const places: { stopped: readonly number[] }[] = [];
    const refused = withBuildSlot(
      {
        directory: directory.path,
        limit: 1,
        clock: systemClock,
        waitTimeoutMs: 200,
        onQueuePosition: (place) => places.push(place),
      },
      async () => undefined,
    );
    await expect(refused).rejects.toMatchObject({
      code: 'SLOT_TIMEOUT',
      details: { holders: [holder.pid], stopped: [holder.pid] },
    });
    expect(places.map(({ stopped }) => stopped)).toEqual([[holder.pid]]);
    expect(readdirSync(directory.path)).toHaveLength(1);
  },
);

test('what dead processes left in empty queues is tidied by the next one', async () => {
  await using directory = tempDir();
  const owner = { ...(await ownIdentity()), pid: 2 ** 22 + 1 };
  for (const role of ['wait', 'hold', 'keep'] as const) {
    const wish = { queue: 'key-0123', ticket: newTicket(systemClock), limit: 1, owner, role };
    writeFileSync(join(directory.path, formatSlotClaim(wish)), '');
  }
  await withBuildSlot({ directory: directory.path, limit: 1, clock: systemClock }, async () => undefined);
  expect(readdirSync(directory.path)).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  'a limit set by root applies to all users, and one set by another user to none',
  async () => {
    await using directory = tempDir();
    const file = join(directory.path, 'limit');
    await writeFile(file, '1\n');
    const both = async () => {
      const at = { directory: directory.path, limit: 5, clock: systemClock };
      return withBuildSlot(at, () =>
        withBuildSlot({ ...at, waitTimeoutMs: 100 }, async () => 'both').catch(
          (error: { code: string }) => error.code,
        ),
      );
    };
    expect(await both()).toBe('SLOT_TIMEOUT');
    await chown(file, 12_345, 12_345);
    expect(await both()).toBe('both');
    await chown(file, 0, 0);
    await chmod(file, 0o666);
    expect(await both()).toBe('both');
    await chmod(file, 0o644);
    await writeFile(file, 'many\n');
    await expect(both()).rejects.toMatchObject({ code: 'SLOTS_UNSAFE' });
  },
);

test('a mark is its name, and any other text is none', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 120 }), (text) => {
      const mark = parseSlotClaim(text);
      if (mark !== undefined) expect(formatSlotClaim(mark)).toBe(text);
    }),
  );
});

test('a directory is accepted only if no other user can remove files in it', async () => {
  await using directory = tempDir();
  const uid = process.getuid?.();
  await requireSlotDirectory(join(directory.path, 'own', 'slots'), { uid, make: true });
  await requireSlotDirectory(join(directory.path, 'own', 'slots'), { uid, make: true });
  const place = join(directory.path, 'shared');
  await mkdir(place);
  await chmod(place, 0o1777);
  await requireSlotDirectory(place, { uid });
  await chmod(place, 0o0770);
  await expect(requireSlotDirectory(place, { uid })).rejects.toMatchObject({ code: 'SLOTS_UNSAFE' });
  await symlink(place, join(directory.path, 'link'));
  for (const name of ['link', 'missing']) {
    const refused = requireSlotDirectory(join(directory.path, name), { uid });
    await expect(refused).rejects.toMatchObject({ code: 'SLOTS_UNSAFE' });
  }
  // A directory of root serves all users, one of another user only that user.
  if (uid === 0) {
    await chmod(place, 0o1777);
    await requireSlotDirectory(place, { uid: 1000 });
    const { chown } = await import('node:fs/promises');
    await chown(place, 1001, 1001);
    await expect(requireSlotDirectory(place, { uid: 1000 })).rejects.toMatchObject({ code: 'SLOTS_UNSAFE' });
  }
});
