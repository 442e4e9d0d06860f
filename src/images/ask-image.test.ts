import { expect, test } from 'vitest';
import { contentOf } from '../../test/support/samples/sample-image.js';
import { createMemoryStore } from '../content/memory-store.js';
import { keyLabel } from '../engine/context/image-key.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { askImage } from './ask-image.js';

const key = 'a'.repeat(64);
const signal = new AbortController().signal;

interface Member {
  readonly architecture?: string;
  readonly os?: string;
  readonly label?: string | undefined;
}

/** Images with separate labels, in a list unless there is exactly one without a platform. */
async function stored(members: readonly Member[], list = true) {
  const store = createMemoryStore();
  const put = async (content: Content) => {
    await store.write(content.descriptor, new Blob([content.bytes]).stream());
    return content.descriptor;
  };
  const manifests = [];
  for (const { architecture = 'amd64', os = 'linux', label } of members) {
    const config = contentOf(
      JSON.stringify({
        architecture,
        os,
        config: label === undefined ? {} : { Labels: { [keyLabel]: label } },
        rootfs: { type: 'layers', diff_ids: [] },
      }),
      mediaTypes.dockerConfig,
    );
    const manifest = contentOf(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.dockerManifest,
        config: await put(config),
        layers: [],
      }),
      mediaTypes.dockerManifest,
    );
    manifests.push({ ...(await put(manifest)), platform: { architecture, os } });
  }
  const index = contentOf(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    mediaTypes.ociIndex,
  );
  const top = list ? await put(index) : manifests[0];
  if (top === undefined) throw new Error('nothing to tag');
  await store.tag({ mediaType: top.mediaType, digest: top.digest, size: top.size }, 'key-1');
  return store;
}

const both = ['linux/amd64', 'linux/arm64/v8'];
const cases: readonly [string, readonly Member[], boolean, readonly string[], 'present' | 'different'][] = [
  ['the image', [{ label: key }], false, ['linux/amd64'], 'present'],
  ['an image of another key', [{ label: 'b' }], false, ['linux/amd64'], 'different'],
  ['an image without a label', [{}], false, ['linux/amd64'], 'different'],
  ['one image where a list is wanted', [{ label: key }], false, both, 'different'],
  ['the whole list', [{ architecture: 'arm64', label: key }, { label: key }], true, both, 'present'],
  [
    'a list whose second image has another key',
    [{ label: key }, { architecture: 'arm64', label: 'b' }],
    true,
    both,
    'different',
  ],
  [
    'a list whose second image has no label',
    [{ label: key }, { architecture: 'arm64' }],
    true,
    both,
    'different',
  ],
  ['a list without one of the platforms', [{ label: key }], true, both, 'different'],
  ['a list with one platform twice', [{ label: key }, { label: key }], true, both, 'different'],
  ['an empty list', [], true, ['linux/amd64'], 'different'],
  [
    'an image with attestations beside it',
    [{ label: key }, { os: 'unknown', architecture: 'unknown' }],
    true,
    ['linux/amd64'],
    'present',
  ],
];

test.each(cases)('askImage() of %s', async (_, members, list, platforms, verdict) => {
  const found = await askImage(await stored(members, list), { tag: 'key-1', key, platforms, signal });
  expect(found.name).toBe(verdict);
});

test('askImage() of a tag that is not there gives what the store reports', async () => {
  const store = createMemoryStore();
  expect((await askImage(store, { tag: 'key-1', key, platforms: ['linux/amd64'], signal })).name).not.toBe(
    'present',
  );
});
