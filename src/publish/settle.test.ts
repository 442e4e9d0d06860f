import { expect, test } from 'vitest';
import { handledRegistry } from '../../test/support/handled-registry.js';
import { sampleObject } from '../../test/support/sample-object.js';
import { buildBundle } from '../bundle/build-bundle.js';
import { pushImage } from '../registry/push-image.js';
import type { Policy } from './policy.js';
import { publish } from './publish.js';
import { settle } from './settle.js';
import { askVerdict } from './verdict.js';

const place = { registry: 'localhost:1', repository: 'acme/alpha' };
const reference = { ...place, tag: 'v1.0.0' };
const bundle = buildBundle([sampleObject()]);
const rival = (text: string) => buildBundle([sampleObject({ script: `echo ${text}` })]).image;
const ours = { digest: bundle.digest, bundle: () => bundle };
const policy: Policy = { publish: true, onDifferent: 'fail', fallback: true };

function fixture() {
  const registry = handledRegistry();
  const repository = registry.client.repository(place);
  const request = { ours, reference, repository, policy, named: true, dryRun: false };
  return Object.assign(registry, { repository, request });
}

const isTagPut = ({ method, url }: Request) => method === 'PUT' && url.endsWith('/manifests/v1.0.0');

test('an absent tag is published after it was asked for once more', async () => {
  await using given = fixture();
  const seen: string[] = [];
  const settled = await settle({
    ...given.request,
    onVerdict: ({ name }) => seen.push(name),
    beforeAct: async ({ name }, action) => void seen.push(`${name}: ${action.do}`),
    onPublish: () => seen.push('publish'),
  });
  expect(settled).toMatchObject({ action: { do: 'published' }, firstVerdict: null, reason: null });
  expect(seen).toEqual(['absent', 'absent: publish', 'publish']);
});

test('what beforeAct throws keeps everything as it is', async () => {
  await using given = fixture();
  const refuse = () => Promise.reject(new Error('frozen'));
  await expect(settle({ ...given.request, beforeAct: refuse })).rejects.toThrow('frozen');
  expect(given.seen.filter((line) => /^(POST|PUT|PATCH)/.test(line))).toEqual([]);
});

test('a tag that another writes during the push gives a second round by its new content', async () => {
  await using given = fixture();
  const other = given.client.repository(place);
  let raced = false;
  given.intercept = ({ method }) => {
    if (method !== 'POST' || raced) return undefined;
    raced = true;
    return pushImage(other, rival('theirs'), 'v1.0.0').then(() => undefined as never);
  };
  const settled = await settle(given.request);
  expect(settled).toMatchObject({ firstVerdict: 'absent', verdict: { name: 'different' } });
  expect(settled.action).toMatchObject({ do: 'fail', error: { code: 'TAG_DIFFERS' } });
});

test('a tag that another fills with our own bytes during the push is no conflict', async () => {
  await using given = fixture();
  const other = given.client.repository(place);
  let raced = false;
  given.intercept = ({ method }) => {
    if (method !== 'POST' || raced) return undefined;
    raced = true;
    return pushImage(other, bundle.image, 'v1.0.0').then(() => undefined as never);
  };
  expect((await settle(given.request)).action.do).toBe('published');
});

test('a tag that changes again and again is given up, never overwritten by chance', async () => {
  await using given = fixture();
  const other = given.client.repository(place);
  await pushImage(other, rival('0'), 'v1.0.0');
  let changes = 0;
  let inside = false;
  const overwrite = { ...policy, onDifferent: 'overwrite' as const };
  const seen: string[] = [];
  given.intercept = ({ method, url }) => {
    // Each time ours is about to ask once more before it writes the tag.
    if (inside || method !== 'HEAD' || !url.endsWith('/manifests/v1.0.0') || seen.length === 0)
      return undefined;
    inside = true;
    return pushImage(other, rival(String(++changes)), 'v1.0.0').then(() => {
      inside = false;
      return undefined as never;
    });
  };
  const settled = await settle({
    ...given.request,
    policy: overwrite,
    onPublish: () => seen.push('publish'),
  });
  expect(settled.action.do).toBe('fail');
  expect(seen.length).toBeLessThanOrEqual(4);
  expect((await other.resolve('v1.0.0')).digest).not.toBe(bundle.digest);
});

test.each([
  ['with a fallback', true, 'fallback'],
  ['without one', false, 'fail'],
])('a push that breaks half-way, %s', async (_, fallback, wanted) => {
  await using given = fixture();
  given.intercept = (request) =>
    isTagPut(request)
      ? Response.json({ errors: [{ code: 'UNSUPPORTED', message: 'no' }] }, { status: 415 })
      : undefined;
  const settled = await settle({ ...given.request, policy: { ...policy, fallback } });
  expect(settled.action.do).toBe(wanted);
  if (fallback) expect(settled.reason).toBe('push-incomplete');
});

test('a push whose answer is lost counts as published where the tag holds our bytes', async () => {
  await using given = fixture();
  const quiet = given.client.repository(place);
  given.intercept = (request) =>
    isTagPut(request)
      ? request.arrayBuffer().then(async () => {
          given.intercept = undefined;
          await pushImage(quiet, bundle.image, 'v1.0.0');
          return new Response('bad gateway', { status: 502 });
        })
      : undefined;
  const expected = await askVerdict(given.repository, { ours, tag: 'v1.0.0' });
  const published = await publish({ repository: given.repository, ours, tag: 'v1.0.0', expected });
  expect(published).toEqual({ do: 'published' });
});

test('a push that is refused fails and never falls back', async () => {
  await using given = fixture();
  given.intercept = (request) =>
    isTagPut(request)
      ? Response.json({ errors: [{ code: 'DENIED', message: 'no' }] }, { status: 403 })
      : undefined;
  const { action } = await settle(given.request);
  expect(action).toMatchObject({ do: 'fail', error: { code: 'REGISTRY_DENIED' } });
});
