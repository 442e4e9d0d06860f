import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gunzipCapped, isGzip } from './gunzip-capped.js';

const plain = Buffer.alloc(100_000, 'bundle');
const packed = gzipSync(plain);
const run = (bytes: Uint8Array, limit = plain.length) => gunzipCapped(bytes, { limit, what: 'the layer' });

test('a gzip file of exactly the limit is read', async () => {
  expect(Buffer.from(await run(packed)).equals(plain)).toBe(true);
  expect((await run(gzipSync(''), 0)).length).toBe(0);
});

test('a gzip file of several members is one', async () => {
  expect((await run(Buffer.concat([packed, packed]), 200_000)).length).toBe(200_000);
});

test('one byte more than the limit is too large', async () => {
  await expect(run(packed, plain.length - 1)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  await expect(run(packed, 0)).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['no gzip', Buffer.from('hello')],
  ['a file cut short', packed.subarray(0, -1)],
  ['a wrong checksum', Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)])],
  ['zeros behind the end', Buffer.concat([packed, Buffer.alloc(3)])],
  ['text behind the end', Buffer.concat([packed, Buffer.from('hello')])],
])('%s is invalid', async (_, bytes) => {
  await expect(run(bytes)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});

test('a gzip file is known by its first two bytes', () => {
  expect([isGzip(packed), isGzip(plain), isGzip(Buffer.from([0x1f])), isGzip(Buffer.alloc(0))]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
