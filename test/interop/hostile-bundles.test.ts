import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLimiter } from '../../src/async/limiter.js';
import { systemClock } from '../../src/async/system-clock.js';
import { createBundleLookup } from '../../src/catalog-server/bundle-lookup.js';
import { openLayoutStore } from '../../src/content/layout-store.js';
import type { Image } from '../../src/oci/image.js';
import { layoutDirectory } from '../../src/registry-server/layout-directory.js';
import { hostileBundles } from '../support/hostile-bundles.js';
import { cliPath } from '../support/run-cli.js';
import { runMeasured } from '../support/run-measured.js';
import { samplePipeline } from '../support/sample-project.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

/** Of the processor. */
const secondsAllowed = 5;
const mebibytesAllowed = 300;

let directory: TempDir;
let sane: string;

beforeAll(() => {
  directory = tempDir();
  sane = join(directory.path, 'sane.yaml');
  writeFileSync(sane, samplePipeline('sane'));
});
afterAll(() => directory[Symbol.asyncDispose]());

async function writeLayout(path: string, { manifest, config, layers }: Image): Promise<string> {
  const store = openLayoutStore(path, { durable: false });
  for (const { descriptor, bytes } of [...layers, config])
    if (!(await store.has(descriptor))) await store.write(descriptor, bytes);
  await store.writeTagged(manifest.descriptor, manifest.bytes, 'v1');
  return `oci:${path}:v1`;
}

test('there are two hundred of them', () => {
  expect(hostileBundles().length).toBeGreaterThanOrEqual(200);
  expect(new Set(hostileBundles().map(({ title }) => title)).size).toBe(hostileBundles().length);
});

test.each(hostileBundles())(
  '$title: each command answers or refuses in time and memory',
  async ({ image }) => {
    await using place = tempDir();
    const hostile = image();
    const location = await writeLayout(join(place.path, 'layout'), hostile);
    const measured = async (words: readonly string[]) => {
      const { code, stderr, peakMebibytes, seconds } = await runMeasured(words, { cwd: place.path });
      expect({ words, code, stderr, ok: code !== null && code !== 1 }).toMatchObject({ ok: true });
      expect({ words, seconds, ok: seconds < secondsAllowed }).toMatchObject({ ok: true });
      expect({ words, peakMebibytes, ok: peakMebibytes < mebibytesAllowed }).toMatchObject({ ok: true });
    };
    // Times are those of the processor, so that processes side by side do not count against each other.
    const limiter = createLimiter(availableParallelism());
    const commands = [
      ['list', location, '-o', 'yaml'],
      ['inspect', location],
      ['inspect', location, '-o', 'json'],
      ['diff', location, sane, '-o', 'json'],
      ['diff', sane, location],
      ['explain', location, '-o', 'json'],
      ['export', location, '--format', 'oci-archive', '--to', join(place.path, 'exported')],
    ];
    await Promise.all(commands.map((words) => limiter.run(() => measured(words))));
  },
);

/** How long the longest pause between two turns of the event loop is, in seconds of the processor. */
async function longestPause(task: Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last);
    longest = Math.max(longest, (user + system) / 1e6);
    last = process.cpuUsage();
  }, 5);
  await task.catch(() => undefined);
  const { user, system } = process.cpuUsage(last);
  clearInterval(timer);
  return Math.max(longest, (user + system) / 1e6);
}

test.each(hostileBundles())('$title: a page with its graph keeps nobody waiting', async ({ image }) => {
  await using place = tempDir();
  const hostile = image();
  await writeLayout(layoutDirectory(place.path, 'acme/hostile'), hostile);
  const lookup = createBundleLookup({ registry: undefined, layouts: place.path, clock: systemClock });
  const pinned = `127.0.0.1:5055/acme/hostile:v1@${hostile.manifest.descriptor.digest}`;
  expect(await longestPause(lookup.graph(pinned))).toBeLessThan(1);
  const graph = await lookup.graph(pinned);
  expect(JSON.stringify(graph ?? null).length).toBeLessThan(1024 * 1024);
});

/** Of the processor, so far, of a process that runs; Linux tells it. */
function secondsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  // In hundredths of a second, as the kernel counts for programs.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Tells on descriptor 3 when the program listens for signals, and at its end what it took of the processor. */
const signalReport = [
  "import { writeSync } from 'node:fs';",
  "process.on('newListener', (name) => name === 'SIGINT' && writeSync(3, 'listening '));",
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String(user + system)); });",
].join('\n');

test.runIf(process.platform === 'linux').each(['list', 'inspect', 'explain'])(
  'a signal ends %s of what takes longest within a second',
  async (command) => {
    const slowest = hostileBundles().filter(({ title }) =>
      /20 objects of 390 KiB of YAML|merges, 1946|in brackets, 256|tasks, in a row/.test(title),
    );
    for (const { image } of slowest) {
      await using place = tempDir();
      const location = await writeLayout(join(place.path, 'layout'), image());
      const hook = `data:text/javascript,${encodeURIComponent(signalReport)}`;
      const child = spawn(process.execPath, ['--import', hook, cliPath, command, location, '-o', 'json'], {
        env: { PATH: process.env.PATH, HOME: place.path },
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      const exited = once(child, 'exit');
      const told = child.stdio[3] as Readable;
      let text = '';
      const listening = new Promise<void>((resolve) => {
        told.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('listening')) resolve();
        });
      });
      const ended = once(told, 'close');
      await Promise.race([listening, ended]);
      const before = secondsOf(child.pid);
      child.kill('SIGINT');
      await Promise.all([exited, ended]);
      const seconds = Number(text.replaceAll('listening', '').trim()) / 1e6;
      expect(seconds - before).toBeLessThan(1);
    }
  },
);
