import { expect, test } from 'vitest';
import { sampleImage } from '../../test/support/sample-image.js';
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

test('planTag() tells what a tag would leave, and refuses for one that stays', async () => {
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
  const { store, old, next } = await storeWith(tag);
  const plan = await planTag(store, { tag, digest: next.digest });
  const anchor = await anchorTag(store, plan);
  expect(anchor).toBe(`${'x'.repeat(115)}-${old.digest.slice(7, 19)}`);
  expect(await store.resolve(anchor ?? '')).toMatchObject(old);
  expect(await anchorTag(store, plan)).toBe(anchor);
  expect(await anchorTag(store, { ...plan, action: 'put', previous: undefined })).toBeUndefined();
});
