import { expect, test } from 'vitest';
import { childEntry, parseNodes } from './nodes.js';

test('a field is found through aliases and merges', () => {
  const root = parseNodes('a: &a {x: 1}\nb: {<<: [*a, {y: 2}], z: 3}\n');
  const merged = root && childEntry(root, 'b')?.value;
  expect(merged && childEntry(merged, 'x')?.value).toMatchObject({ value: '1' });
  expect(merged && childEntry(merged, 'y')?.value).toMatchObject({ value: '2' });
});

test('a field that merges of merges do not have is looked for once in each mapping', () => {
  const levels = Array.from(
    { length: 200 },
    (_, index) =>
      `l${index + 1}: &l${index + 1}\n  <<: [${Array.from({ length: 9 }, () => `*l${index}`).join(', ')}]\n`,
  );
  const root = parseNodes(`l0: &l0 {x: 1}\n${levels.join('')}`);
  const last = root && childEntry(root, 'l200')?.value;
  expect(last && childEntry(last, 'missing')).toBeUndefined();
  expect(last && childEntry(last, 'x')?.value).toMatchObject({ value: '1' });
});

test('a text with more nodes than memory is worth has none', () => {
  expect(parseNodes(`[${'a,'.repeat(600_000)}]`)).toBeUndefined();
  expect(parseNodes('{"a": "\\/"}')).toBeUndefined();
});
