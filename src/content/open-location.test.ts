import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillStore } from '../../test/support/registry/readable-contract.js';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { parseImageLocation } from '../oci/image-location.js';
import { copyImage } from './copy-image.js';
import { createMemoryStore } from './memory-store.js';
import { openSourceLocation, openTargetLocation } from './open-location.js';

const first = sampleImage('first');
const second = sampleImage('second');

/** Two images in a registry that is only a memory store, with the names of its repositories that were asked for. */
async function given() {
  const store = createMemoryStore();
  await fillStore(store, [
    { image: first, tags: ['v1'] },
    { image: second, tags: ['v2'] },
  ]);
  const asked: string[] = [];
  const repository = (reference: { readonly repository: string }) => {
    asked.push(reference.repository);
    return store;
  };
  return { store, asked, options: { repository } };
}

test('an image goes through every kind of place and stays what it is', async () => {
  await using directory = tempDir();
  const { asked, options } = await given();
  const at = (name: string) => join(directory.path, name);
  const places = [
    'quay.io/acme/x:v1',
    `oci:${at('layout')}:v1`,
    `oci-archive:${at('a.tar')}:v1`,
    `docker-archive:${at('b.tar')}:quay.io/acme/y:v1`,
    `oci:${at('last')}:v1`,
    'quay.io/acme/z:v3',
  ].map(parseImageLocation);
  for (const [index, place] of places.entries()) {
    const from = places[index - 1];
    if (!from) continue;
    const source = await openSourceLocation(from, options);
    const target = await openTargetLocation(place, options);
    try {
      const tags = target.tag === undefined ? [] : [target.tag];
      const { descriptor } = await copyImage({ source: source.store, target: target.store }, source.wanted, {
        tags,
      });
      expect(descriptor).toMatchObject(first.manifest.descriptor);
      await target.finish();
    } finally {
      await target.close();
    }
    const { store, wanted } = await openSourceLocation(place, options);
    expect(await store.resolve(wanted)).toMatchObject(first.manifest.descriptor);
  }
  expect(new Set(asked)).toEqual(new Set(['acme/x', 'acme/z']));
});

test('without a tag a file must hold exactly one image', async () => {
  await using directory = tempDir();
  const { options } = await given();
  const path = join(directory.path, 'layout');
  const layout = parseImageLocation(`oci:${path}`);
  await expect(openSourceLocation(layout, options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const target = await openTargetLocation(layout, options);
  await fillStore(target.store, [{ image: first, tags: ['v1', 'latest'] }]);
  expect((await openSourceLocation(layout, options)).wanted).toBe(first.manifest.descriptor.digest);
  await fillStore(target.store, [{ image: second, tags: ['v2'] }]);
  await expect(openSourceLocation(layout, options)).rejects.toMatchObject({
    code: 'REFERENCE_INVALID',
    details: { tags: ['latest', 'v1', 'v2'], images: 2 },
  });
  const { digest } = second.manifest.descriptor;
  const byDigest = await openSourceLocation(parseImageLocation(`oci:${path}@${digest}`), options);
  expect((await byDigest.store.resolve(byDigest.wanted)).digest).toBe(digest);
});

test('a reference without tag and digest, and a digest to write to, are refused', async () => {
  const { options, asked } = await given();
  const refused = { code: 'REFERENCE_INVALID' };
  await expect(openSourceLocation(parseImageLocation('quay.io/acme/x'), options)).rejects.toMatchObject(
    refused,
  );
  const pinned = parseImageLocation(`oci:x@sha256:${'a'.repeat(64)}`);
  await expect(openTargetLocation(pinned, options)).rejects.toMatchObject(refused);
  expect(asked).toEqual([]);
});
