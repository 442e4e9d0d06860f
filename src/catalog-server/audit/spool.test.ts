import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSpool, type Spool } from './spool.js';

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'spool-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Takes everything out, oldest first. */
async function drain(spool: Spool): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let segment = await spool.oldest(); segment; segment = await spool.oldest()) {
    all.push(...segment.entries);
    await segment.remove();
  }
  return all;
}

test('entries come out in their order, also those that came meanwhile, and then they are gone', async () => {
  const path = await directory();
  const spool = await openSpool(path);
  await Promise.all([spool.append([1, 2]), spool.append([3])]);
  expect(spool.waiting).toBe(3);
  const first = await spool.oldest();
  await spool.append([4]);
  expect(first?.entries).toEqual([1, 2, 3]);
  await first?.remove();
  expect(spool.waiting).toBe(1);
  expect(await drain(spool)).toEqual([4]);
  expect([spool.waiting, await readdir(path)]).toEqual([0, []]);
  await spool.close();
});

test('what was taken and not removed is taken again', async () => {
  const spool = await openSpool(await directory());
  await spool.append(['a']);
  await spool.oldest();
  expect((await spool.oldest())?.entries).toEqual(['a']);
  await spool.close();
});

test('another process finds what the one before left, and never writes behind it', async () => {
  const path = await directory();
  const before = await openSpool(path);
  await before.append([{ n: 1 }]);
  await before.close();
  const [name = ''] = await readdir(path);
  // As a killed process leaves it: a line that was never acknowledged.
  await appendFile(join(path, name), '{"n":2');
  const after = await openSpool(path);
  expect(after.waiting).toBe(1);
  await after.append([{ n: 3 }]);
  expect((await readdir(path)).length).toBe(2);
  expect(await drain(after)).toEqual([{ n: 1 }, { n: 3 }]);
  await after.close();
});

test('strange files are left alone, and a damaged line is passed over', async () => {
  const path = await directory();
  await writeFile(join(path, 'notes.txt'), 'mine');
  await writeFile(join(path, '000000000007.jsonl'), '1\nnot json\n2\n');
  const spool = await openSpool(path);
  expect(await drain(spool)).toEqual([1, 2]);
  await spool.append([3]);
  expect((await readdir(path)).sort()).toEqual(['000000000008.jsonl', 'notes.txt']);
  await spool.close();
});

test('beyond its limit nothing is taken, and there is room again once something is gone', async () => {
  const spool = await openSpool(await directory(), { limitBytes: 20 });
  await spool.append(['0123456789']);
  await expect(spool.append(['0123456789'])).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(await drain(spool)).toEqual(['0123456789']);
  await spool.append(['again']);
  expect(await drain(spool)).toEqual(['again']);
  await spool.close();
});
