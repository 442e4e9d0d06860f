import { expect, test } from 'vitest';
import { type HandledRegistry, handledRegistry } from '../../../test/support/registry/handled-registry.js';
import { sampleObject } from '../../../test/support/samples/sample-object.js';
import { sampleProject } from '../../../test/support/samples/sample-project.js';
import { systemClock } from '../../async/system-clock.js';
import { buildBundle } from '../../bundle/build-bundle.js';
import { readProject } from '../../project/read-project.js';
import { pushImage } from '../../registry/push-image.js';
import { createRun, type RunSettings } from '../create-run.js';
import type { EnsureEvent } from '../events.js';
import { ensureBundle } from './ensure-bundle.js';

const name = { registry: 'localhost:1', repository: 'acme/alpha' };
const rival = (text: string) => buildBundle([sampleObject({ script: `echo ${text}` })]).image;
const isTagPut = ({ method, url }: Request) => method === 'PUT' && url.endsWith('/manifests/v1.0.0');
const refusing = (status: number, code: string) => (request: Request) =>
  isTagPut(request) ? Response.json({ errors: [{ code, message: 'no' }] }, { status }) : undefined;

/** Ensures the bundle `alpha` of a project whose registry is the given one. */
async function ensureAlpha(registry: HandledRegistry, settings: Partial<RunSettings> = {}) {
  await using sample = sampleProject({ repository: 'localhost:1/acme', workflow: false });
  const project = await readProject(sample.config);
  const events: EnsureEvent[] = [];
  const run = createRun(
    project,
    { mode: 'ensure', names: ['alpha'], ...settings },
    {
      clock: systemClock,
      registries: {
        send: () => Promise.reject(new Error('only the registry is asked')),
        registry: registry.client,
        anonymous: registry.client,
      },
      onEvent: (event) => events.push(event),
    },
  );
  const [spec] = project.bundles;
  if (!spec) throw new Error('no bundle');
  const report = await ensureBundle(run, { spec, locked: undefined });
  const count = (type: EnsureEvent['type']) => events.filter((event) => event.type === type).length;
  return { ...report, events, count };
}

/** Runs a task, as another client would, when our client first starts to upload. */
function duringUpload(registry: HandledRegistry, task: () => Promise<unknown>) {
  let raced = false;
  registry.intercept = ({ method }) => {
    if (method !== 'POST' || raced) return undefined;
    raced = true;
    return task().then(() => undefined as never);
  };
}

test('an absent bundle is published, and its entry names the digest that the registry holds', async () => {
  await using registry = handledRegistry();
  const { result, entry, events } = await ensureAlpha(registry);
  expect(result).toMatchObject({ verdict: 'absent', firstVerdict: null, outcome: 'published', reason: null });
  expect(entry?.digest).toBe((await registry.client.repository(name).resolve('v1.0.0')).digest);
  expect(result).toMatchObject({ digest: entry?.digest, built: entry?.digest, error: null });
  expect(events.map(({ type }) => type)).toEqual(['built', 'verdict', 'publishing', 'finished']);
});

test('check of an absent bundle plans to publish it and sends nothing', async () => {
  await using registry = handledRegistry();
  const { result } = await ensureAlpha(registry, { mode: 'check' });
  expect(result).toMatchObject({ outcome: 'planned', plan: 'publish', changes: ['publish', 'lock'] });
  expect(registry.seen.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))).toEqual([]);
});

test('a frozen run fails before anything is sent where the lock would change', async () => {
  await using registry = handledRegistry();
  const { result, entry } = await ensureAlpha(registry, { frozen: true });
  expect(result).toMatchObject({
    verdict: 'absent',
    outcome: 'failed',
    error: { code: 'FROZEN' },
    pinned: null,
  });
  expect(entry).toBeUndefined();
  expect(registry.seen.filter((line) => /^(POST|PUT|PATCH)/.test(line))).toEqual([]);
});

test('a tag that another client writes during the push is decided on by its new content', async () => {
  await using registry = handledRegistry();
  duringUpload(registry, () => pushImage(registry.client.repository(name), rival('theirs'), 'v1.0.0'));
  const { result, count } = await ensureAlpha(registry);
  expect(result).toMatchObject({ firstVerdict: 'absent', verdict: 'different', outcome: 'failed' });
  expect(result.error?.code).toBe('TAG_DIFFERS');
  expect(count('verdict')).toBe(2);
});

test('a tag that another client fills with our own bytes during the push is not a conflict', async () => {
  await using registry = handledRegistry();
  duringUpload(registry, () => ensureAlpha(registry));
  const { result } = await ensureAlpha(registry);
  expect(result).toMatchObject({ outcome: 'published', digest: result.built, error: null });
});

test('a tag that changes again and again is given up and never overwritten', async () => {
  await using registry = handledRegistry();
  const other = registry.client.repository(name);
  await pushImage(other, rival('0'), 'v1.0.0');
  let changes = 0;
  let inside = false;
  registry.intercept = ({ method, url }) => {
    // Our client checks the tag again before each write; its first request is a GET.
    if (inside || method !== 'HEAD' || !url.endsWith('/manifests/v1.0.0')) return undefined;
    inside = true;
    return pushImage(other, rival(String(++changes)), 'v1.0.0').then(() => {
      inside = false;
      return undefined as never;
    });
  };
  const { result, count } = await ensureAlpha(registry, { onDifferent: 'overwrite' });
  expect(result).toMatchObject({ outcome: 'failed', error: { code: 'TAG_DIFFERS' } });
  expect(count('publishing')).toBeLessThanOrEqual(4);
  expect((await other.resolve('v1.0.0')).digest).not.toBe(result.built);
});

test('a push that breaks half-way falls back where that is allowed', async () => {
  await using registry = handledRegistry();
  registry.intercept = refusing(415, 'UNSUPPORTED');
  const { result, entry } = await ensureAlpha(registry);
  expect(result).toMatchObject({ outcome: 'fallback', reason: 'push-incomplete', error: null });
  expect(entry?.digest).toBe(result.built);
});

test('a push that breaks half-way fails where no fallback is allowed', async () => {
  await using registry = handledRegistry();
  registry.intercept = refusing(415, 'UNSUPPORTED');
  const { result, entry } = await ensureAlpha(registry, { fallback: false });
  expect(result).toMatchObject({ outcome: 'failed', pinned: null, served: null });
  expect(entry).toBeUndefined();
});

test('a push that is refused fails and never falls back', async () => {
  await using registry = handledRegistry();
  registry.intercept = refusing(403, 'DENIED');
  const { result } = await ensureAlpha(registry);
  expect(result).toMatchObject({ outcome: 'failed', error: { code: 'REGISTRY_DENIED' } });
});
