import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { abortable } from './abortable.js';

const reason = new Error('enough');
const never = new Promise<never>(() => undefined);

test('what is settled first counts, and then no listener is left on the signal', async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve('done'), signal)).toBe('done');
  await expect(abortable(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(await abortable(Promise.resolve('done'), undefined)).toBe('done');
});

test('an abort rejects with its reason, also one that came before', async () => {
  const controller = new AbortController();
  const waiting = abortable(never, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(abortable(never, controller.signal)).rejects.toBe(reason);
});
