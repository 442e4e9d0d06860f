import { expect, test } from 'vitest';
import { systemClock } from '../../async/system-clock.js';
import { whileSilent } from './decide-bundle.js';

/** A clock whose waits end at once, unless they were given up before. */
const hasty = { ...systemClock, alarm: (_: number, ring: () => void) => systemClock.alarm(0, ring) };

test('an answer that comes at once leaves nothing to do', async () => {
  let done = 0;
  const answer = await whileSilent(Promise.resolve('yes'), {
    clock: systemClock,
    meanwhile: async () => void done++,
  });
  expect([answer, done]).toEqual(['yes', 0]);
});

test('a long wait is used, and what was begun is finished before the answer is given', async () => {
  let done = false;
  const answer = new Promise<string>((resolve) => setTimeout(resolve, 20, 'late'));
  const meanwhile = async () => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    done = true;
  };
  expect(await whileSilent(answer, { clock: hasty, meanwhile })).toBe('late');
  expect(done).toBe(true);
});

test('a failure of what was done meanwhile is ignored, one of the answer is not', async () => {
  const meanwhile = () => Promise.reject(new Error('disk'));
  const late = new Promise<string>((resolve) => setTimeout(resolve, 20, 'late'));
  expect(await whileSilent(late, { clock: hasty, meanwhile })).toBe('late');
  const failing = Promise.reject(new Error('denied'));
  await expect(whileSilent(failing, { clock: hasty, meanwhile })).rejects.toThrow('denied');
});
