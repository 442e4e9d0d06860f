import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFastClock } from '../../test/support/clocks/fast-clock.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { type BundlesError, isBundlesError } from '../errors.js';
import type { Engine } from './engine.js';
import { engineError, readEngineFailure } from './engine-failure.js';
import { recoveringEngine } from './recovering-engine.js';

const clock = createFastClock(1_000);
const ends = [
  'Error: server probably quit: unexpected EOF',
  'Error: unable to connect to Podman socket: Get "http://d/_ping": dial unix /p.sock: connect: connection refused',
  'Error: acquiring storage lock: timed out waiting for lock',
];

/** An engine of which each command fails the given number of times, and so does its health check. */
function failing(failures: number, end: string): { engine: Engine; calls: string[] } {
  const calls: string[] = [];
  const counts = new Map<string, number>();
  const engine = new Proxy({} as Record<string, unknown>, {
    ownKeys: () => methods.map(([name]) => name),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get:
      (_, name: string) =>
      async (...words: string[]) => {
        calls.push(name);
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        if (name === 'save' && existsSync(words[1] ?? '')) throw new Error('the file is there already');
        if (name === 'save') writeFileSync(words[1] ?? '', 'archive');
        if (count <= failures) throw engineError(name, readEngineFailure(125, end));
        return name === 'status' ? { version: '4.3.1' } : undefined;
      },
  });
  return { engine: engine as unknown as Engine, calls };
}

const methods: readonly [keyof Engine, (engine: Engine, file: string) => Promise<unknown>][] = [
  ['inspect', (engine) => engine.inspect('a')],
  ['tag', (engine) => engine.tag('a', 'b')],
  ['pull', (engine) => engine.pull('a', { plainHttp: false })],
  ['push', (engine) => engine.push('a', { plainHttp: false, list: false })],
  ['save', (engine, file) => engine.save('a', file)],
  ['images', (engine) => engine.images()],
  ['members', (engine) => engine.members('a')],
  ['removeList', (engine) => engine.removeList('a')],
  ['listedDigests', (engine) => engine.listedDigests()],
  ['buildsUnderWay', (engine) => engine.buildsUnderWay()],
];

test.each(ends)('every command is done again once the engine answers: %s', async (end) => {
  await using directory = tempDir();
  for (const [name, run] of methods) {
    const { engine, calls } = failing(2, end);
    const retried: number[] = [];
    const onRetry = (_: BundlesError, attempt: number) => retried.push(attempt);
    await run(recoveringEngine(engine, { clock, onRetry }), join(directory.path, `${name}.tar`));
    expect(calls.filter((call) => call === name)).toHaveLength(3);
    expect(retried).toEqual([2, 3]);
  }
});

test('an engine that stays away, and one that refuses, is called no more often than necessary', async () => {
  const away = failing(Number.POSITIVE_INFINITY, ends[1] ?? '');
  const engine = recoveringEngine(away.engine, { clock, recoveryMs: 5_000 });
  await expect(engine.tag('a', 'b')).rejects.toMatchObject({
    code: 'ENGINE_FAILED',
    details: { reason: 'refused' },
  });
  expect(away.calls.filter((call) => call === 'tag')).toHaveLength(1);

  const full = failing(1, 'Error: writing blob: write /x: no space left on device');
  const error = await recoveringEngine(full.engine, { clock })
    .push('a', { plainHttp: false, list: false })
    .catch((one) => one);
  expect([isBundlesError(error, 'DISK_FULL'), full.calls]).toEqual([true, ['push']]);
});

test('what a lost answer has removed is not missed', async () => {
  const { engine, calls } = failing(1, ends[0] ?? '');
  const known = { ...engine, inspect: () => Promise.resolve(undefined) };
  await recoveringEngine(Object.assign(known, { status: engine.status, remove: engine.remove }), {
    clock,
  }).remove('a');
  expect(calls.filter((call) => call === 'remove')).toHaveLength(1);
});
