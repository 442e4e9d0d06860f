import { expect, test } from 'vitest';
import { handledRegistry } from '../../test/support/registry/handled-registry.js';
import { sampleObject } from '../../test/support/samples/sample-object.js';
import { buildBundle } from '../bundle/build-bundle.js';
import { pushImage } from '../registry/push-image.js';
import { publish } from './publish.js';
import { askVerdict } from './verdict.js';

const name = { registry: 'localhost:1', repository: 'acme/alpha' };
const bundle = buildBundle([sampleObject()]);
const ours = { digest: bundle.digest, bundle: async () => bundle };

test('a push whose reply is lost counts as published where the tag holds our bytes', async () => {
  await using given = handledRegistry();
  const repository = given.client.repository(name);
  given.intercept = (request) =>
    request.method === 'PUT' && request.url.endsWith('/manifests/v1.0.0')
      ? request.arrayBuffer().then(async () => {
          given.intercept = undefined;
          await pushImage(given.client.repository(name), bundle.image, 'v1.0.0');
          return new Response('bad gateway', { status: 502 });
        })
      : undefined;
  const expected = await askVerdict(repository, { ours, tag: 'v1.0.0' });
  const published = await publish({ repository, ours, tag: 'v1.0.0', expected, keepOld: true });
  expect(published).toEqual({ do: 'published', left: undefined });
});
