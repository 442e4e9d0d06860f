import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tempDir } from '../../../test/support/temp-dir.js';
import { digestOf } from '../../oci/digest.js';
import { openLayoutStore } from './layout-store.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function* pieces(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === 'string' ? bytesOf(part) : part;
}

async function whole(body: Uint8Array | ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body as ReadableStream).arrayBuffer());
}

test('a blob of unknown size is received whole or not at all', async () => {
  await using directory = tempDir();
  const temporaries = join(directory.path, 'elsewhere');
  const store = openLayoutStore(join(directory.path, 'layout'), { temporaries });
  const digest = digestOf(bytesOf('hello world'));
  await expect(store.receive(digest, pieces('hello'))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  const broken = new Error('the client is gone');
  const breaking = async function* () {
    yield bytesOf('hello');
    throw broken;
  };
  await expect(store.receive(digest, breaking())).rejects.toBe(broken);
  expect(await readdir(directory.path)).toEqual(['elsewhere']);
  expect(await readdir(temporaries)).toEqual([]);
  expect(await store.sizeOf(digest)).toBeUndefined();
  await store.receive(digest, pieces('hello', ' ', 'world'));
  expect(await store.sizeOf(digest)).toBe(11);
  expect(await store.isThere()).toBe(false);
  await store.create();
  expect(await store.isThere()).toBe(true);
});

test('a file is adopted where it holds what the digest states, and is gone in any case', async () => {
  await using directory = tempDir();
  const store = openLayoutStore(join(directory.path, 'layout'));
  const digest = digestOf(bytesOf('hello'));
  const file = join(directory.path, 'file');
  await writeFile(file, 'other');
  await expect(store.adopt(digest, file)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  await expect(store.adopt(digest, file)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await writeFile(file, 'hello');
  await store.adopt(digest, file);
  expect(await store.sizeOf(digest)).toBe(5);
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('layouts share a blob as one file', async () => {
  await using directory = tempDir();
  const [one, other] = ['one', 'other'].map((name) => openLayoutStore(join(directory.path, name)));
  const digest = digestOf(bytesOf('hello'));
  expect(await other!.share(digest, one!.directory)).toBe(false);
  expect(await readdir(directory.path)).toEqual([]);
  await one!.receive(digest, pieces('hello'));
  expect(await other!.share(digest, one!.directory)).toBe(true);
  expect(await other!.share(digest, one!.directory)).toBe(true);
  const file = join('blobs', 'sha256', digest.slice(7));
  const [first, second] = await Promise.all([one!, other!].map((store) => stat(join(store.directory, file))));
  expect(first!.ino).toBe(second!.ino);
  expect(await readFile(join(other!.directory, file), 'utf8')).toBe('hello');
});

test('any range of a blob is read as it is', async () => {
  await using directory = tempDir();
  const store = openLayoutStore(directory.path);
  const content = Buffer.alloc(600_000, 'abcdefghijk');
  const digest = digestOf(content);
  await store.receive(digest, pieces(content));
  const offset = fc.integer({ min: 0, max: content.length - 1 });
  await fc.assert(
    fc.asyncProperty(offset, offset, async (first, last) => {
      const found = await whole(await store.readRange(digest, first, last));
      expect(Buffer.compare(found, content.subarray(first, last + 1))).toBe(0);
    }),
    { numRuns: 50 },
  );
  expect(await store.readRange(digest, 0, -1)).toEqual(new Uint8Array());
  await expect(store.readRange(digestOf(bytesOf('absent')), 0, 1)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a place where nothing can be stored reports it, and what is not a file is not a blob', async () => {
  await using directory = tempDir();
  await writeFile(join(directory.path, 'layout'), 'a file');
  const store = openLayoutStore(join(directory.path, 'layout'));
  const digest = digestOf(bytesOf('hello'));
  await expect(store.receive(digest, pieces('hello'))).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(await store.sizeOf(digest)).toBeUndefined();
  const other = openLayoutStore(join(directory.path, 'other'));
  await mkdir(join(directory.path, 'other', 'blobs', 'sha256', digest.slice(7)), { recursive: true });
  expect(await other.sizeOf(digest)).toBeUndefined();
});
