import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';
import { isAlive } from '../../test/support/program/is-alive.js';
import { tempDir } from '../../test/support/temp-dir.js';

const main = new URL('../../test/support/program/watchdog-main.ts', import.meta.url).pathname;
const typescript = new URL('../../scripts/typescript.mjs', import.meta.url).pathname;

async function startGuarded(directory: string, ...words: string[]) {
  await mkdir(directory);
  await writeFile(join(directory, 'a file'), 'content');
  const holder = spawn(process.execPath, ['--import', typescript, main, directory, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
  return { holder, child: Number((await lines.next()).value), lines };
}

test('after SIGKILL the child and the directory of a process are gone, whatever the child ignores', async () => {
  await using parent = tempDir();
  const directory = join(parent.path, "it's a $(directory)");
  const { holder, child } = await startGuarded(directory);
  expect([isAlive(child), existsSync(directory)]).toEqual([true, true]);
  holder.kill('SIGKILL');
  await vi.waitFor(() => expect([isAlive(child), existsSync(directory)]).toEqual([false, false]), {
    timeout: 50_000,
  });
  expect(existsSync(parent.path)).toBe(true);
});

test('a process that is killed as soon as it has started its child leaves no child either', async () => {
  await using parent = tempDir();
  const directory = join(parent.path, 'left');
  const { child } = await startGuarded(directory, 'dies');
  await vi.waitFor(() => expect([isAlive(child), existsSync(directory)]).toEqual([false, false]), {
    timeout: 50_000,
  });
});

test('a watchdog that was dismissed touches nothing', async () => {
  await using parent = tempDir();
  const directory = join(parent.path, 'kept');
  const { holder, child, lines } = await startGuarded(directory);
  holder.stdin.write('dismiss\n');
  expect((await lines.next()).value).toBe('dismissed');
  await new Promise((resolve) => holder.once('close', resolve));
  expect([isAlive(child), existsSync(directory)]).toEqual([true, true]);
  process.kill(child, 'SIGKILL');
});
