import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFastClock } from '../../test/support/clocks/fast-clock.js';
import { systemClock } from '../async/system-clock.js';
import { buildBundle } from '../bundle/build-bundle.js';
import { type Fetch, sendTo } from '../http/serve/handler-transport.js';
import { createRegistryClient } from '../registry/client.js';
import { pushImage } from '../registry/push-image.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { readSources } from '../tekton/sources/read-sources.js';
import { createBundleLookup } from './bundle-lookup.js';

const text =
  'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: workflow}\nspec: {tasks: [{name: a, taskRef: {name: b}}]}\n';
const { objects } = readSources([{ path: 'p.yaml', bytes: new TextEncoder().encode(text) }]);
const bundle = buildBundle(objects);
const image = `127.0.0.1:5055/acme/hello:v1@${bundle.digest}`;
const other = `127.0.0.1:5055/acme/hello:v1@sha256:${'0'.repeat(64)}`;

async function registry(): Promise<{ readonly root: string; readonly fetch: Fetch }> {
  const root = await mkdtemp(join(tmpdir(), 'lookup-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const fetch = createRegistryHandler({ root });
  const repository = createRegistryClient({ send: sendTo(fetch) }).repository({
    registry: '127.0.0.1:5055',
    repository: 'acme/hello',
  });
  await pushImage(repository, bundle.image, 'v1');
  return { root, fetch };
}

const lookup = (fetch: Fetch | undefined, layouts?: string, clock = systemClock) =>
  createBundleLookup({
    registry: fetch && createRegistryClient({ send: sendTo(fetch), clock }),
    layouts,
    clock: systemClock,
    timeoutMs: 30_000,
  });

test('a registry that has the digest serves it, and its Pipeline is read', async () => {
  const { fetch } = await registry();
  const bundles = lookup(fetch);
  expect(bundles.known(image).state).toBe('unknown');
  expect((await bundles.served(image)).state).toBe('served');
  expect(bundles.known(image).state).toBe('served');
  expect(await bundles.graph(image)).toMatchObject({ tasks: [{ name: 'a', runs: 'b' }], omitted: 0 });
  expect((await bundles.served(other)).state).toBe('absent');
  expect(await bundles.graph(other)).toBeUndefined();
});

test('what no registry serves, this machine may keep', async () => {
  const { root } = await registry();
  const refuse: Fetch = async () => {
    throw Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    });
  };
  // It is asked again for seconds, and answers at once.
  const hasty = createFastClock(1_000);
  for (const bundles of [lookup(refuse, root, hasty), lookup(undefined, root)]) {
    expect((await bundles.served(image)).state).toBe('kept');
    expect(await bundles.graph(image)).toMatchObject({ tasks: [{ name: 'a' }] });
  }
  expect((await lookup(refuse, undefined, hasty).served(image)).state).toBe('unreachable');
  expect((await lookup(undefined).served(image)).state).toBe('unknown');
});

test('a registry that refuses the request counts as denied', async () => {
  const deny: Fetch = async () => Response.json({ errors: [{ code: 'DENIED' }] }, { status: 403 });
  expect((await lookup(deny).served(image)).state).toBe('denied');
});

test.each([undefined, '', 'not a reference!', 'quay.io/acme/hello:v1', 'http://quay.io/acme/hello@sha256:1'])(
  '%s is not pinned, and no request is sent',
  async (reference) => {
    const asked: Fetch = async () => {
      throw new Error('a request was sent');
    };
    expect((await lookup(asked).served(reference)).state).toBe('unpinned');
    expect(await lookup(asked).graph(reference)).toBeUndefined();
  },
);
