import { expect, test } from 'vitest';
import { shareTask } from './shared-task.js';

test('all who join get the one result, and one who leaves does not end the work', async () => {
  let runs = 0;
  let finish: (value: string) => void = () => undefined;
  const task = shareTask(() => {
    runs++;
    return new Promise<string>((resolve) => {
      finish = resolve;
    });
  });
  const leaving = new AbortController();
  const left = task.join(leaving.signal);
  const stayed = [task.join(), task.join(new AbortController().signal)];
  await Promise.resolve();
  leaving.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  expect(task.abandoned).toBe(false);
  finish('done');
  expect(await Promise.all(stayed)).toEqual(['done', 'done']);
  expect(runs).toBe(1);
});

test('when the last has left, the work is aborted', async () => {
  let seen: AbortSignal | undefined;
  const task = shareTask((signal) => {
    seen = signal;
    return new Promise(() => undefined);
  });
  const leaving = new AbortController();
  const left = task.join(leaving.signal);
  await Promise.resolve();
  leaving.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  expect([task.abandoned, seen?.aborted]).toEqual([true, true]);
});
