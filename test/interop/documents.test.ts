import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';
import { documentPages, isPlayed, readFences } from '../support/documents/fences.js';
import { playPage, type RunProgram } from '../support/documents/play-page.js';
import { findPeers, isPeerName } from '../support/peers.js';
import { cliPath } from '../support/program/run-cli.js';

/** By the built program in a process of its own, as a reader starts it. */
const built: RunProgram = async ({ words, directory, environment, signal, heard }) => {
  const child = spawn(process.execPath, [cliPath, ...words], {
    cwd: directory,
    // As npx leaves it to a program.
    env: { ...environment, npm_command: 'exec' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', heard);
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', stop);
  return code ?? 137;
};

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The system's own first: a version manager puts shell scripts before it on the PATH. */
function findTool(name: string): string | undefined {
  const own = join('/usr/bin', name);
  if (existsSync(own)) return own;
  return isPeerName(name) ? findPeers(name)?.[name] : onPath(name);
}

const pages = documentPages().flatMap((page) => {
  const needs = readFences(page)
    .filter((fence) => isPlayed(fence) && fence.attributes.needs !== undefined)
    .flatMap(({ attributes }) => attributes.needs!.split(/,\s*/));
  return needs.length === 0 ? [] : [{ page, needs: [...new Set(needs)] }];
});

for (const { page, needs } of pages) {
  const tools = new Map(needs.map((name) => [name, findTool(name)]));
  const missing = needs.filter((name) => tools.get(name) === undefined);
  if (missing.length > 0) {
    if (process.env.CI === 'true') throw new Error(`${page} needs ${missing.join(', ')}`);
    console.warn(`SKIPPED: ${page} needs ${missing.join(', ')}`);
  }
  test.skipIf(missing.length > 0)(`${page} does what it shows, with ${needs.join(', ')}`, async () => {
    await playPage(page, { program: built, tool: (name) => tools.get(name) });
  });
}

test('the tutorial by the program itself', async () => {
  await playPage('docs/tutorial.md', { program: built });
});
