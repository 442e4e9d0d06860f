import { expect, test } from 'vitest';
import { handledRegistry } from '../../test/support/registry/handled-registry.js';
import { referrerlessRegistry } from '../../test/support/registry/referrerless-registry.js';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import { writeImage } from '../content/write-image.js';
import type { Digest } from '../oci/digest.js';
import { artifactManifest, attachArtifact, contentOf } from './attach-artifact.js';

const place = { registry: 'registry.test', repository: 'acme/hello' };
const image = sampleImage('attached');
const subject = image.manifest.descriptor;
const artifactOf = (text: string) => ({
  artifactType: 'application/vnd.example',
  content: contentOf(text, 'text/plain'),
  annotations: { 'org.example.ä': 'ü' },
});

test('an artifact is listed as a referrer, with type and annotations, and attaching it again stores nothing new', async () => {
  await using registry = handledRegistry();
  const repository = registry.client.repository(place).forPush();
  await writeImage(repository, image, { tag: 'v1' });
  const first = await attachArtifact(repository, subject, artifactOf('one'));
  const second = await attachArtifact(repository, subject, artifactOf('one'));
  expect(second).toEqual(first);
  expect(await repository.referrers(subject.digest)).toEqual([
    { ...first, artifactType: 'application/vnd.example', annotations: { 'org.example.ä': 'ü' } },
  ]);
});

test.each([
  ['without a referrers API', false],
  ['that claims to note the subject and has no referrers API', true],
])('on a registry %s, four clients attach at once and the fallback tag lists all', async (_, claims) => {
  await using registry = referrerlessRegistry({ claims });
  const repository = () => registry.client().repository(place).forPush();
  await writeImage(repository(), image, { tag: 'v1' });
  const texts = Array.from({ length: 4 }, (_, index) => `artifact ${index}`);
  await Promise.all(texts.map((text) => attachArtifact(repository(), subject, artifactOf(text))));
  const listed = (await repository().referrers(subject.digest)).map(({ digest }) => digest);
  const expected = texts.map((text) => artifactManifest(subject, artifactOf(text)).descriptor.digest);
  expect([...listed].sort()).toEqual(expected.sort());
});

test('what the registry never lists is an error, not a success', async () => {
  await using registry = handledRegistry();
  const repository = registry.client.repository(place).forPush();
  await writeImage(repository, image, { tag: 'v1' });
  const forgetful = {
    ...repository,
    referrers: async (_: Digest) => [],
    addReferrer: async () => undefined,
  };
  await expect(attachArtifact(forgetful, subject, artifactOf('lost'))).rejects.toMatchObject({
    code: 'RACE_LOST',
  });
});
