import { execFileSync, spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test as everywhere, expect } from 'vitest';
import { readFileCapped } from '../../src/fs/read-file-capped.js';
import { writeFileAtomic } from '../../src/fs/write-file-atomic.js';
import { type BadInput, expectRefused, replace, source } from '../support/bad-input.js';
import { tempDir } from '../support/temp-dir.js';

// A named pipe where a file is wanted: anyone who opens it without care waits indefinitely. Node cannot make one.

const canMake = spawnSync('mkfifo', ['--version']).error === undefined;
if (!canMake) console.warn('SKIPPED: mkfifo is not installed, so nothing meets a named pipe');
const test = everywhere.skipIf(!canMake);

const makePipe = (path: string) => execFileSync('mkfifo', [path]);

test('readFileCapped() refuses a pipe, and does not wait for it', async () => {
  await using directory = tempDir();
  const path = join(directory.path, 'pipe');
  makePipe(path);
  const options = { limit: 10, missing: 'CONFIG_NOT_FOUND' } as const;
  await expect(readFileCapped(path, options)).rejects.toMatchObject({ code: 'NOT_READABLE' });
});

test('writeFileAtomic() refuses a pipe and leaves it', async () => {
  await using directory = tempDir();
  const path = join(directory.path, 'pipe');
  makePipe(path);
  await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(await readdir(directory.path)).toEqual(['pipe']);
});

const instead = (path: string): BadInput => ({
  spoil: replace(path, makePipe),
  code: 'NOT_READABLE',
  exit: 9,
  names: [path, 'a pipe'],
});

test.each([source, 'bundles.yaml', 'bundles.lock'])(
  'a pipe instead of %s gets its code and loses nothing',
  (path) => expectRefused(instead(path)),
);
