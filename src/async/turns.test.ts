import { expect, test } from 'vitest';
import { createTurns } from './turns.js';

test('waiters go on in their order, each in a turn of its own', async () => {
  const turn = createTurns();
  const seen: string[] = [];
  const work = async (name: string) => {
    await turn();
    seen.push(name);
    setImmediate(() => seen.push(`after ${name}`));
  };
  await Promise.all([work('a'), work('b')]);
  expect(seen).toEqual(['a', 'after a', 'b']);
});
