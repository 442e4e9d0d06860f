import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLayoutStore } from '../../src/content/layout/layout-store.js';
import { verifyImage } from '../../src/content/verify-image.js';
import { sampleImage } from '../support/samples/sample-image.js';

let root: string;
let script: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'layout-processes-'));
  script = join(root, 'writer.mjs');
  const entry = fileURLToPath(new URL('../support/samples/layout-writer.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rm(root, { recursive: true, force: true }));

function startWriter(directory: string, name: string, count: number): ChildProcess {
  return spawn(process.execPath, [script, directory, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('two processes fill one layout and lose nothing', async () => {
  const directory = join(root, 'two');
  const writers = ['a', 'b'].map((name) => startWriter(directory, name, 30));
  const exits = await Promise.all(writers.map((writer) => once(writer, 'exit')));
  expect(exits).toEqual([
    [0, null],
    [0, null],
  ]);
  const store = openLayoutStore(directory);
  expect(await store.tags()).toHaveLength(61);
  for (const tag of await store.tags()) await verifyImage(store, tag);
  expect((await readdir(directory)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
});

test('a layout is whole after every kill, and the next writer goes on', async () => {
  const directory = join(root, 'killed');
  let finished = 0;
  for (let round = 0; round < 10; round++) {
    const writer = startWriter(directory, `r${round}`, 100_000);
    writer.stdout?.on('data', (text: Buffer) => {
      finished += text.toString().split('\n').length - 1;
    });
    if (round > 0) await once(writer.stdout ?? writer, 'data');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
    writer.kill('SIGKILL');
    await once(writer, 'close');
    const store = openLayoutStore(directory, { durable: false });
    const tags = await store.tags();
    expect(tags.length).toBeGreaterThanOrEqual(finished);
    for (const tag of tags) await verifyImage(store, tag);
  }
  const store = openLayoutStore(directory, { durable: false, timeoutMs: 5000 });
  const image = sampleImage('after all');
  for (const { descriptor, bytes } of [...image.layers, image.config]) await store.write(descriptor, bytes);
  await store.writeTagged(image.manifest.descriptor, image.manifest.bytes, 'latest');
  await verifyImage(store, 'latest');
  expect((await readdir(directory)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  expect(finished).toBeGreaterThanOrEqual(9);
  expect(JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')).manifests.length).toBeGreaterThan(
    finished,
  );
});
