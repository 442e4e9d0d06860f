import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatIdentity, ownIdentity } from './process-identity.js';
import { writeFileAtomic } from './write-file-atomic.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'atomic-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folder(): Promise<string> {
  return mkdtemp(join(root, 'case-'));
}

test('writeFileAtomic() writes text and bytes and leaves only the file', async () => {
  const directory = await folder();
  const path = join(directory, 'a.yaml');
  expect(await writeFileAtomic(path, 'grün')).toBe('written');
  expect(await readFile(path, 'utf8')).toBe('grün');
  const middle = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  await writeFileAtomic(path, middle);
  expect([...(await readFile(path))]).toEqual([2, 3]);
  expect(await readdir(directory)).toEqual(['a.yaml']);
});

test('writeFileAtomic() leaves an unchanged file alone on request', async () => {
  const path = join(await folder(), 'a');
  await writeFileAtomic(path, 'same');
  await utimes(path, 1000, 1000);
  expect(await writeFileAtomic(path, 'same', { onlyIfChanged: true })).toBe('unchanged');
  expect((await stat(path)).mtimeMs).toBe(1_000_000);
  expect(await writeFileAtomic(path, 'diff', { onlyIfChanged: true })).toBe('written');
  expect(await readFile(path, 'utf8')).toBe('diff');
});

test.each([
  ['durable', true, 1],
  ['that is not durable', false, 1],
  ['that is not durable, and large', false, 300 * 1024],
])('writeFileAtomic() keeps the mode of the file it replaces by one %s', async (_, durable, size) => {
  const path = join(await folder(), 'a');
  await writeFileAtomic(path, '1', { mode: 0o600, durable });
  await writeFileAtomic(path, Buffer.alloc(size, '2'), { durable });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await readFile(path)).equals(Buffer.alloc(size, '2'))).toBe(true);
  expect(await readdir(dirname(path))).toEqual(['a']);
});

test('writeFileAtomic() refuses a symbolic link and a directory', async () => {
  const directory = await folder();
  await writeFile(join(directory, 'real'), 'untouched');
  await symlink('real', join(directory, 'link'));
  await symlink('nowhere', join(directory, 'broken'));
  await mkdir(join(directory, 'folder'));
  for (const name of ['link', 'broken', 'folder']) {
    await expect(writeFileAtomic(join(directory, name), 'x')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  }
  expect(await readFile(join(directory, 'real'), 'utf8')).toBe('untouched');
  expect((await readdir(directory)).sort()).toEqual(['broken', 'folder', 'link', 'real']);
});

test('writeFileAtomic() reports NOT_WRITABLE where the directory is missing or forbids it', async () => {
  const directory = await folder();
  await expect(writeFileAtomic(join(directory, 'no', 'file'), 'x')).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    details: { errno: 'ENOENT' },
  });
  await expect(writeFileAtomic('/proc/self/nothing', 'x')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  await chmod(directory, 0o500);
  if (process.getuid?.() !== 0) {
    await expect(writeFileAtomic(join(directory, 'a'), 'x')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  }
  await chmod(directory, 0o700);
});

test('writeFileAtomic() removes what dead processes left, and only that', async () => {
  const directory = await folder();
  const self = await ownIdentity();
  const temporary = (identity: typeof self, name = 'a') =>
    `.${name}.${formatIdentity(identity)}.0123456789ab.tmp`;
  const dead = temporary({ ...self, start: 1 });
  const alive = temporary(self);
  const foreign = temporary({ ...self, space: '0123456789ab' });
  const foreignOld = temporary({ ...self, space: '0123456789ab' }, 'old');
  for (const name of [dead, alive, foreign, foreignOld, 'user.tmp', '.user.tmp']) {
    await writeFile(join(directory, name), '');
  }
  const longAgo = Date.now() / 1000 - 2 * 60 * 60;
  await utimes(join(directory, foreignOld), longAgo, longAgo);
  await writeFileAtomic(join(directory, 'a'), 'x');
  expect((await readdir(directory)).sort()).toEqual(['.user.tmp', alive, foreign, 'a', 'user.tmp'].sort());
});

test('writeFileAtomic() does nothing once aborted', async () => {
  const directory = await folder();
  const reason = new Error('stop');
  const write = writeFileAtomic(join(directory, 'a'), 'x', { signal: AbortSignal.abort(reason) });
  await expect(write).rejects.toBe(reason);
  expect(await readdir(directory)).toEqual([]);
});

test('many writers of one file leave one whole version', async () => {
  const directory = await folder();
  const path = join(directory, 'a');
  const versions = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(versions.map((version) => writeFileAtomic(path, version, { durable: false })));
  expect(versions).toContain(await readFile(path, 'utf8'));
  expect(await readdir(directory)).toEqual(['a']);
});
