import { expect, test } from 'vitest';
import { toTektonResults } from './tekton-results.js';

const summary = {
  planned: 0,
  reused: 9_999,
  published: 1,
  fallback: 0,
  failed: 2,
  requests: 7,
  durationMs: 1,
};
const part = { shard: 3, of: 16, digest: 'sha256:1', entries: 625 };

test('results are one reference, the same for Chains, and four numbers, however many bundles there are', () => {
  const location = `oci:quay.io/acme/parts:run@sha256:${'0'.repeat(64)}`;
  expect([...toTektonResults({ summary, part: { ...part, location } })]).toEqual([
    ['part', location],
    ['IMAGES', location.slice('oci:'.length)],
    ['summary', 'reused 9999, published 1, fallback 0, failed 2'],
  ]);
});

test('a part in a file is not an image, and a run without a part has none', () => {
  const inFile = toTektonResults({ summary, part: { ...part, location: 'parts/3.yaml' } });
  expect([inFile.get('part'), inFile.get('IMAGES')]).toEqual(['parts/3.yaml', '']);
  const without = toTektonResults({ summary, part: null });
  expect([without.get('part'), without.get('IMAGES')]).toEqual(['', '']);
});

test('what Kubernetes would cut off is refused', () => {
  const location = 'a'.repeat(4_000);
  expect(() => toTektonResults({ summary, part: { ...part, location } })).toThrow(
    expect.objectContaining({ code: 'TOO_LARGE' }),
  );
});
