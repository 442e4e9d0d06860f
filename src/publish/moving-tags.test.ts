import { expect, test } from 'vitest';
import { handledRegistry } from '../../test/support/registry/handled-registry.js';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import { pushImage } from '../registry/push-image.js';
import { moveTags } from './moving-tags.js';

async function fixture() {
  const registry = handledRegistry();
  const repository = registry.client.repository({ registry: 'localhost:1', repository: 'acme/alpha' });
  const [old, image] = [sampleImage('old'), sampleImage('new')];
  await pushImage(repository, old, 'latest');
  await pushImage(repository, image, 'v1.0.0');
  registry.seen.length = 0;
  const request = {
    repository,
    manifest: image.manifest,
    tags: ['v1.0', 'latest'],
    mayPush: true,
    dryRun: false,
    keepOld: true,
  };
  return Object.assign(registry, { repository, request, digest: image.manifest.descriptor.digest, old });
}

test('tags that are missing or elsewhere are moved, those in place cost one HEAD', async () => {
  await using given = await fixture();
  expect(await moveTags(given.request)).toEqual({ moved: ['v1.0', 'latest'], warnings: [] });
  for (const tag of given.request.tags)
    expect((await given.repository.resolve(tag)).digest).toBe(given.digest);
  given.seen.length = 0;
  expect(await moveTags(given.request)).toEqual({ moved: [], warnings: [] });
  expect(given.seen).toEqual(['HEAD /v2/acme/alpha/manifests/v1.0', 'HEAD /v2/acme/alpha/manifests/latest']);
});

test('a digest that a moving tag leaves keeps a tag of its own', async () => {
  await using given = await fixture();
  await moveTags(given.request);
  const { digest } = given.old.manifest.descriptor;
  const anchor = `latest-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
  expect((await given.repository.resolve(anchor)).digest).toBe(digest);
  expect(await given.repository.tags()).toEqual(['latest', anchor, 'v1.0', 'v1.0.0']);
});

test('without keepOld the digest is left behind', async () => {
  await using given = await fixture();
  await moveTags({ ...given.request, keepOld: false });
  expect(await given.repository.tags()).toEqual(['latest', 'v1.0', 'v1.0.0']);
});

test('a lost reply to a moving tag is found by looking', async () => {
  await using given = await fixture();
  const inner = given.intercept;
  let lost = false;
  given.intercept = (request) => {
    if (request.method === 'GET' && lost) return undefined;
    if (request.method !== 'PUT' || !request.url.endsWith('/v1.0') || lost) return inner?.(request);
    lost = true;
    // Another client puts the same: this one hears of nothing.
    return given.repository
      .writeTagged(given.request.manifest.descriptor, given.request.manifest.bytes, 'v1.0')
      .then(() => Response.json({ errors: [{ code: 'DENIED', message: 'no' }] }, { status: 403 }));
  };
  expect(await moveTags(given.request)).toEqual({ moved: ['v1.0', 'latest'], warnings: [] });
});

test('a dry run reports the changes and moves nothing', async () => {
  await using given = await fixture();
  const moved = await moveTags({ ...given.request, dryRun: true });
  expect(moved).toEqual({ moved: ['v1.0', 'latest'], warnings: [] });
  expect(given.seen.filter((line) => line.startsWith('PUT'))).toEqual([]);
});

test('who may not push is warned of every tag that stays behind', async () => {
  await using given = await fixture();
  const { moved, warnings } = await moveTags({ ...given.request, mayPush: false });
  expect(moved).toEqual([]);
  expect(warnings[0]).toContain('v1.0 holds nothing');
  expect(warnings[1]).toContain(given.old.manifest.descriptor.digest);
});

test('a tag that cannot be moved is a warning and does not stop the next', async () => {
  await using given = await fixture();
  given.intercept = ({ method, url }) =>
    method === 'PUT' && url.endsWith('/v1.0')
      ? Response.json({ errors: [{ code: 'DENIED', message: 'no' }] }, { status: 403 })
      : undefined;
  const { moved, warnings } = await moveTags(given.request);
  expect(moved).toEqual(['latest']);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('v1.0 was not moved');
});

test('an abort is not a warning', async () => {
  await using given = await fixture();
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(moveTags(given.request, { signal })).rejects.toThrow('enough');
});
