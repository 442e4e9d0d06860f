import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as kit from '../src/public/testing.js';

const root = new URL('../docs/', import.meta.url);
const reference = readFileSync(new URL('reference/faulty-registries.md', root), 'utf8');
const text = readFileSync(new URL('guides/faulty-registries.md', root), 'utf8') + reference;

test('docs/guides/faulty-registries.md starts a registry in two lines', () => {
  const [, example = ''] = /^```ts\n([\s\S]*?)^```/m.exec(text) ?? [];
  const lines = example.split('\n').filter((line) => line.trim() !== '');
  expect(lines.findIndex((line) => line.includes('startFaultyRegistry('))).toBe(1);
});

/** First column of the table below a heading. */
function listed(heading: string): string[] {
  const [, part = ''] = reference.split(`## ${heading}\n`);
  return [...(part.split(/^## /m)[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]!);
}

test('docs/reference/faulty-registries.md lists every profile and every fault, and no other', () => {
  expect(listed('Profiles')).toEqual(Object.keys(kit.profiles));
  const others = ['on', 'hostilePlaces', 'hostileWords', 'retryAfterForms'];
  const faults = Object.keys(kit.faults).filter((name) => !others.includes(name));
  expect(listed('Faults').sort()).toEqual(faults.sort());
  const phases = ['formatPhases', 'phase', 'runPhases'];
  const names = [...others, ...Object.keys(kit).filter((name) => !phases.includes(name))];
  for (const name of names) if (name !== 'hostileWords') expect(text, name).toContain(name);
});
