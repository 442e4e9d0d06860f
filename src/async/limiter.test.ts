import { expect, test } from 'vitest';
import { gate } from '../../test/support/network/gate.js';
import { createLimiter } from './limiter.js';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('as many tasks run at once as the limit allows, and all of them in the end', async () => {
  const limiter = createLimiter(3);
  let running = 0;
  let most = 0;
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      limiter.run(async () => {
        most = Math.max(most, ++running);
        await settle();
        running--;
        return index;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('tasks start in the order they came, also beside newcomers', async () => {
  const limiter = createLimiter(1);
  const first = gate();
  const started: string[] = [];
  const start = (name: string) => limiter.run(async () => void started.push(name));
  const all = [limiter.run(() => first.opened), start('a'), start('b')];
  first.open();
  all.push(start('newcomer'));
  await Promise.all(all);
  expect(started).toEqual(['a', 'b', 'newcomer']);
});

test('a failure is passed on and frees its place', async () => {
  const limiter = createLimiter(1);
  await expect(limiter.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await limiter.run(async () => 'next')).toBe('next');
});

test('a limit that is raised lets more in and one that is lowered fewer', async () => {
  const limiter = createLimiter(1);
  const tasks = Array.from({ length: 6 }, gate);
  let running = 0;
  const all = tasks.map(({ opened }) =>
    limiter.run(async () => {
      running++;
      await opened;
      running--;
    }),
  );
  await settle();
  expect(running).toBe(1);
  limiter.limit = 3;
  tasks[0]?.open();
  await settle();
  expect(running).toBe(3);
  limiter.limit = 1;
  tasks[1]?.open();
  await settle();
  expect(running).toBe(2);
  for (const { open } of tasks) open();
  await Promise.all(all);
  expect(running).toBe(0);
});

test('who is aborted while waiting leaves the queue and takes no place', async () => {
  const limiter = createLimiter(1);
  const first = gate();
  const holding = limiter.run(() => first.opened);
  const controller = new AbortController();
  let ran = false;
  const waiting = limiter.run(async () => {
    ran = true;
  }, controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  first.open();
  await holding;
  expect(await limiter.run(async () => 'next')).toBe('next');
  expect(ran).toBe(false);
});

test('a signal that is aborted already starts nothing', async () => {
  const limiter = createLimiter(1);
  const signal = AbortSignal.abort(new Error('before'));
  await expect(limiter.run(async () => 'never', signal)).rejects.toThrow('before');
  expect(await limiter.run(async () => 'next')).toBe('next');
});

test('any number of tasks may wait with one signal, without a warning of Node', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  try {
    const limiter = createLimiter(1);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => limiter.run(async () => undefined, signal)));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', note);
  }
  expect(warnings).toEqual([]);
});
