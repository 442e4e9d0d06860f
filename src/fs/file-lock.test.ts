import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { removeDeadLock, withFileLock } from './file-lock.js';
import { formatIdentity, livenessOf, ownIdentity } from './process-identity.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const clock = systemClock;
/** A clock whose time passes as soon as a task waits for it. */
const hastyClock: Clock = {
  ...systemClock,
  async sleep(_ms, signal) {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  },
};

test('withFileLock() lets one task in at a time and leaves nothing behind', async () => {
  const path = join(root, 'turns');
  let inside = 0;
  let done = 0;
  const task = async () => {
    expect(++inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    inside--;
    done++;
  };
  await Promise.all(Array.from({ length: 25 }, () => withFileLock(path, task, { clock })));
  expect(done).toBe(25);
  expect(await readdir(root)).not.toContain('turns');
});

test('withFileLock() returns what the task returns and passes on what it throws', async () => {
  const path = join(root, 'result');
  expect(await withFileLock(path, async () => 42, { clock })).toBe(42);
  const reason = new Error('task');
  await expect(withFileLock(path, () => Promise.reject(reason), { clock })).rejects.toBe(reason);
  expect(await withFileLock(path, async () => 43, { clock })).toBe(43);
});

test('withFileLock() names the holder when its patience ends', async () => {
  const path = join(root, 'busy');
  await withFileLock(
    path,
    async () => {
      await expect(withFileLock(path, async () => 1, { clock, timeoutMs: 30 })).rejects.toMatchObject({
        code: 'BUSY',
        details: { pid: process.pid },
      });
    },
    { clock },
  );
  expect(await withFileLock(path, async () => 2, { clock, timeoutMs: 0 })).toBe(2);
});

test('withFileLock() stops waiting on request', async () => {
  const path = join(root, 'abort');
  const reason = new Error('stop');
  await withFileLock(
    path,
    async () => {
      const abort = new AbortController();
      const waiting = withFileLock(path, async () => 1, { clock, signal: abort.signal });
      setTimeout(() => abort.abort(reason), 10);
      await expect(waiting).rejects.toBe(reason);
      expect(await readdir(path)).toHaveLength(1);
    },
    { clock },
  );
});

async function plantFlag(
  path: string,
  identity: Partial<Awaited<ReturnType<typeof ownIdentity>>>,
): Promise<string> {
  await mkdir(path, { recursive: true });
  const owner = formatIdentity({ ...(await ownIdentity()), ...identity });
  const file = join(path, `${'0'.repeat(21)}.${owner}.elsewhere`);
  await writeFile(file, '');
  return file;
}

test('withFileLock() passes a holder that died, also when its pid lives again', async () => {
  const path = join(root, 'dead');
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  for (const identity of [{ pid: gone }, { start: 1 }, { pid: 1, start: 999_999_999_999 }]) {
    await plantFlag(path, identity);
    expect(await withFileLock(path, async () => 'in', { clock, timeoutMs: 0 })).toBe('in');
  }
  expect(await readdir(root)).not.toContain('dead');
});

test('removeDeadLock() takes away what the dead left only', async () => {
  const path = join(root, 'left');
  await removeDeadLock(path);
  await mkdir(path);
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  const dead = formatIdentity({ ...(await ownIdentity()), pid });
  await writeFile(join(path, `${'0'.repeat(21)}.${dead}.host`), '');
  await removeDeadLock(path);
  expect(await readdir(root)).not.toContain('left');
  await withFileLock(
    path,
    async () => {
      await removeDeadLock(path);
      expect(await readdir(path)).toHaveLength(1);
    },
    { clock },
  );
});

test('withFileLock() passes a holder of another container only after it was silent for long', async () => {
  const path = join(root, 'silent');
  await plantFlag(path, { space: '0123456789ab' });
  let waited = 0;
  const counting: Clock = {
    ...hastyClock,
    sleep: (ms, signal) => {
      if (ms < 1000) waited += ms;
      return hastyClock.sleep(ms, signal);
    },
  };
  expect(await withFileLock(path, async () => 'in', { clock: counting })).toBe('in');
  expect(waited).toBeGreaterThan(10_000);
});

test('withFileLock() waits for a holder of another container that gives signs of life', async () => {
  const path = join(root, 'heartbeat');
  const file = await plantFlag(path, { space: '0123456789ab' });
  let beats = 0;
  const beating: Clock = {
    ...hastyClock,
    async sleep(ms, signal) {
      await utimes(file, 1000, 1000 + ++beats).catch(() => undefined);
      await hastyClock.sleep(ms, signal);
    },
  };
  await expect(withFileLock(path, async () => 'in', { clock: beating })).rejects.toMatchObject({
    code: 'BUSY',
    details: { host: 'elsewhere' },
  });
});

test('withFileLock() ignores files in its directory that are none of its own', async () => {
  const path = join(root, 'strange');
  await mkdir(path);
  await writeFile(join(path, '.DS_Store'), '');
  expect(await withFileLock(path, async () => 'in', { clock, timeoutMs: 0 })).toBe('in');
  expect(await readdir(path)).toEqual(['.DS_Store']);
});

test('withFileLock() reports NOT_WRITABLE where no lock can be made', async () => {
  await writeFile(join(root, 'plain'), '');
  for (const path of [join(root, 'plain'), join(root, 'plain', 'lock'), '/proc/none/lock']) {
    await expect(withFileLock(path, async () => 1, { clock })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
  }
});

test('livenessOf() distinguishes running, killed and zombie processes', async () => {
  const self = await ownIdentity();
  expect(await livenessOf(self, self)).toBe('alive');
  if (self.start === 0) return;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const other = { pid: child.pid ?? 0, start: 1, space: self.space };
  expect(await livenessOf(other, self)).toBe('dead');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await livenessOf(other, self)).toBe('dead');
  expect(await livenessOf({ ...other, space: 'ffffffffffff' }, self)).toBe('unknown');
});
