import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pushParts, sha256, talkTo } from '../../test/support/registry/registry-requests.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { systemClock } from '../async/system-clock.js';
import { createUpperBound } from './disk-use.js';
import { createRegistryHandler } from './handler.js';

const kilobytes = (count: number, seed = 'x') => Buffer.alloc(count * 1024, seed);

test('what would pass the limit of the whole registry is refused before and while it arrives', async () => {
  await using directory = tempDir();
  let now = 0;
  const clock = { ...systemClock, now: () => now };
  const handler = createRegistryHandler({ root: directory.path, clock, limits: { diskBytes: 100 * 1024 } });
  const registry = talkTo(handler);
  const post = (body: Uint8Array, path = 'a') =>
    registry.send('POST', `/v2/${path}/blobs/uploads/?digest=${sha256(body)}`, {
      body,
      headers: { 'content-length': String(body.length) },
    });
  expect((await post(kilobytes(60))).status).toBe(201);
  const declared = await post(kilobytes(60, 'y'), 'b');
  expect([declared.status, declared.code]).toEqual([507, 'DENIED']);
  const streamed = await registry.send('POST', `/v2/b/blobs/uploads/?digest=${sha256('z')}`, {
    body: new ReadableStream({ pull: (controller) => controller.enqueue(kilobytes(10, 'z')) }),
  });
  expect([streamed.status, streamed.code]).toEqual([507, 'DENIED']);
  now += 1000;
  expect((await post(kilobytes(30, 'y'), 'b')).status).toBe(201);
  expect((await registry.send('GET', `/v2/a/blobs/${sha256(kilobytes(60))}`)).status).toBe(200);

  await rm(join(directory.path, 'a'), { recursive: true });
  now += 1000;
  expect((await post(kilobytes(60, 'y'), 'b')).status).toBe(201);
});

test('a manifest that finds no room is refused, and none is listed', async () => {
  await using directory = tempDir();
  const open = talkTo(createRegistryHandler({ root: directory.path }));
  const manifest = await pushParts(open, 'a');
  const full = talkTo(createRegistryHandler({ root: directory.path, limits: { diskBytes: 300 } }));
  const put = await full.pushManifest('a', 'v1', manifest);
  expect([put.status, put.code]).toEqual([507, 'DENIED']);
  expect((await full.send('GET', '/v2/a/manifests/v1')).code).toBe('MANIFEST_UNKNOWN');
});

test('a bound counts what is being added while it is measured', async () => {
  let held = 0;
  let measured: () => void = () => undefined;
  const measure = () =>
    new Promise<number>((resolve) => {
      const before = held;
      measured = () => resolve(before);
    });
  const bound = createUpperBound({ limit: 3, measure, clock: systemClock, freshMs: 0, pauseMs: 0 });
  const add = async () => {
    const settle = await bound.reserve(1);
    if (settle) held++;
    settle?.();
    return settle;
  };
  const adds = Array.from({ length: 10 }, add);
  measured();
  const done = await Promise.all(adds);
  expect(done.filter((added) => added !== undefined)).toHaveLength(3);
  expect(held).toBe(3);
});

test('a bound whose measurement fails refuses every upload, and recovers', async () => {
  const measure = async () => {
    if (broken) throw new Error('unreadable');
    return 0;
  };
  let broken = true;
  const bound = createUpperBound({ limit: 1, measure, clock: systemClock, freshMs: 1000, pauseMs: 0 });
  await expect(bound.hasRoom(1)).rejects.toThrow('unreadable');
  broken = false;
  expect(await bound.hasRoom(1)).toBe(true);
  expect(await bound.hasRoom(2)).toBe(false);
});
