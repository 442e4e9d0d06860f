import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFileCapped } from './read-file-capped.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'capped-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const options = { limit: 10, missing: 'CONFIG_NOT_FOUND' } as const;

test.each([0, 1, 9, 10])('readFileCapped() reads %i of 10 bytes', async (size) => {
  const path = join(root, `size-${size}`);
  await writeFile(path, 'x'.repeat(size));
  expect(Buffer.from(await readFileCapped(path, options)).toString()).toBe('x'.repeat(size));
});

test.each([65_536, 65_537, 1_000_000])('readFileCapped() reads %i bytes whole', async (size) => {
  const path = join(root, `size-${size}`);
  const content = Buffer.alloc(size, 'abcdefg');
  await writeFile(path, content);
  for (const limit of [size, 2_000_000]) {
    expect(content.equals(await readFileCapped(path, { ...options, limit }))).toBe(true);
  }
  await expect(readFileCapped(path, { ...options, limit: size - 1 })).rejects.toMatchObject({
    code: 'SOURCE_TOO_LARGE',
  });
});

test('readFileCapped() follows a symbolic link', async () => {
  await writeFile(join(root, 'target'), 'hello');
  await symlink('target', join(root, 'link'));
  expect(Buffer.from(await readFileCapped(join(root, 'link'), options)).toString()).toBe('hello');
});

test('readFileCapped() refuses a link that leads out of the directory it was given', async () => {
  const inner = join(root, 'inner');
  await mkdir(join(inner, 'deeper'), { recursive: true });
  await writeFile(join(root, 'secret'), 'sesame');
  await writeFile(join(inner, 'deeper', 'file'), 'hello');
  await symlink('../secret', join(inner, 'out'));
  await symlink('out', join(inner, 'by-another'));
  await symlink('deeper/file', join(inner, 'in'));
  const within = { ...options, linksWithin: inner };
  expect(Buffer.from(await readFileCapped(join(inner, 'in'), within)).toString()).toBe('hello');
  for (const name of ['out', 'by-another'])
    await expect(readFileCapped(join(inner, name), within)).rejects.toMatchObject({ code: 'NOT_READABLE' });
  await expect(readFileCapped(join(inner, 'none'), within)).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
  });
});

test('readFileCapped() refuses more than the limit without reading it', async () => {
  const path = join(root, 'huge');
  await writeFile(path, '');
  await truncate(path, 2 ** 40);
  await expect(readFileCapped(path, options)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  await expect(readFileCapped(path, { ...options, tooLarge: 'LAYOUT_INVALID' })).rejects.toMatchObject({
    code: 'LAYOUT_INVALID',
    details: { limit: 10 },
  });
});

test('readFileCapped() counts where the size is silent', async () => {
  await expect(readFileCapped('/proc/self/status', options)).rejects.toMatchObject({
    code: 'SOURCE_TOO_LARGE',
  });
  const whole = await readFileCapped('/proc/self/status', { ...options, limit: 1_000_000 });
  expect(Buffer.from(whole).toString()).toContain('Name:');
});

test('readFileCapped() throws the requested code when there is no file', async () => {
  await expect(readFileCapped(join(root, 'none'), options)).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
  });
  await writeFile(join(root, 'plain'), '');
  await expect(readFileCapped(join(root, 'plain', 'x'), options)).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
  });
});

test('readFileCapped() refuses directories and devices', async () => {
  for (const path of [root, '/dev/zero']) {
    await expect(readFileCapped(path, options)).rejects.toMatchObject({ code: 'NOT_READABLE' });
  }
});

test('readFileCapped() reports NOT_READABLE where permission is missing', async () => {
  const path = join(root, 'secret');
  await writeFile(path, 'x');
  await chmod(path, 0);
  const read = readFileCapped(path, options);
  if (process.getuid?.() === 0) expect((await read).length).toBe(1);
  else await expect(read).rejects.toMatchObject({ code: 'NOT_READABLE', details: { errno: 'EACCES' } });
});

test('readFileCapped() obeys the signal', async () => {
  const reason = new Error('stop');
  const read = readFileCapped(join(root, 'none'), { ...options, signal: AbortSignal.abort(reason) });
  await expect(read).rejects.toBe(reason);
});
