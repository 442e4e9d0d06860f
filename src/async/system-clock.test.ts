import { expect, test } from 'vitest';
import { systemClock } from './system-clock.js';

test('sleep() lasts as long as requested', async () => {
  const before = systemClock.now();
  await systemClock.sleep(30);
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(28);
});

test('sleep() ends with the reason of the signal, as soon as that is aborted', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});

test('sleep() with a signal that is aborted already does not wait', async () => {
  const reason = new Error('before');
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test('alarm() rings when its time has come, unless it is called off', async () => {
  const rung: string[] = [];
  systemClock.alarm(5, () => rung.push('kept'));
  const callOff = systemClock.alarm(5, () => rung.push('called off'));
  callOff();
  await systemClock.sleep(40);
  callOff();
  expect(rung).toEqual(['kept']);
});
