import { expect, test } from 'vitest';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import { BundlesError } from '../errors.js';
import { createMemoryStore } from './memory-store.js';
import { anchorTag, looksImmutable, planTag } from './move-tag.js';

test.each(['v1.2.3', '1.2.3', 'v1.2.3-rc.1', '1.2.3_build', 'V10.20.30', 'stable-0123456789ab'])(
  'the tag %s stays',
  (tag) => expect(looksImmutable(tag)).toBe(true),
);

test.each(['latest', 'v1', 'v1.2', 'main', 'stable', '2024-01-02', 'v1.2.x', 'pr-12', 'stable-0123456789AB'])(
  'the tag %s may move',
  (tag) => expect(looksImmutable(tag)).toBe(false),
);

async function storeWith(tag: string) {
  const store = createMemoryStore();
  const [old, next] = [sampleImage('old').manifest, sampleImage('next').manifest];
  await store.writeTagged(old.descriptor, old.bytes, tag);
  await store.write(next.descriptor, next.bytes);
  return { store, old: old.descriptor, next: next.descriptor };
}

test('planTag() reports what a tag would leave, and refuses an immutable one', async () => {
  const { store, old, next } = await storeWith('v1.0.0');
  const { digest } = next;
  expect(await planTag(store, { tag: 'new', digest })).toMatchObject({ action: 'put' });
  expect(await planTag(store, { tag: 'v1.0.0', digest: old.digest })).toMatchObject({ action: 'unchanged' });
  await expect(planTag(store, { tag: 'v1.0.0', digest })).rejects.toMatchObject({
    code: 'TAG_DIFFERS',
    details: { tag: 'v1.0.0', found: old.digest, expected: digest },
  });
  const forced = await planTag(store, { tag: 'v1.0.0', digest, force: true });
  expect(forced).toMatchObject({ action: 'moved', previous: old });
});

test('anchorTag() puts an anchor once, whatever the length of the tag', async () => {
  const tag = 'x'.repeat(128);
  const { store, old } = await storeWith(tag);
  const anchor = await anchorTag(store, { tag, previous: old });
  expect(anchor).toBe(`${'x'.repeat(115)}-${old.digest.slice(7, 19)}`);
  expect(await store.resolve(anchor)).toMatchObject(old);
  expect(await anchorTag(store, { tag, previous: old })).toBe(anchor);
});

test('anchorTag() replaces nothing: an anchor that holds another digest is a refusal', async () => {
  const { store, old, next } = await storeWith('stable');
  const anchor = `stable-${old.digest.slice(7, 19)}`;
  await store.tag(next, anchor);
  await expect(anchorTag(store, { tag: 'stable', previous: old })).rejects.toMatchObject({
    code: 'ANCHOR_FAILED',
    details: { tag: 'stable', anchor, digest: old.digest },
  });
  expect((await store.resolve(anchor)).digest).toBe(next.digest);
});

test('anchorTag() believes what it reads back, not what it was given', async () => {
  const { store, old } = await storeWith('stable');
  const forgetful = { ...store, tag: async () => undefined };
  await expect(anchorTag(forgetful, { tag: 'stable', previous: old })).rejects.toMatchObject({
    code: 'ANCHOR_FAILED',
  });
  const lossy: typeof store = {
    ...store,
    tag: async (...given) => {
      await store.tag(...given);
      throw new Error('the reply was lost');
    },
  };
  expect(await anchorTag(lossy, { tag: 'stable', previous: old })).toMatch(/^stable-/);
});

test('anchorTag() passes on what may pass', async () => {
  const { store, old } = await storeWith('stable');
  const down = new BundlesError('REGISTRY_UNREACHABLE', 'no answer');
  const silent = { ...store, tag: () => Promise.reject(down) };
  await expect(anchorTag(silent, { tag: 'stable', previous: old })).rejects.toBe(down);
});
