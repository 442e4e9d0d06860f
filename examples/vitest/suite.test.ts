import { createHash } from 'node:crypto';
import { type PreparedWorkflows, prepareWorkflows } from 'tekton-bundles/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let prepared: PreparedWorkflows;
beforeAll(async () => {
  prepared = await prepareWorkflows({ project: '../bundles.yaml' });
}, 60_000);
afterAll(() => prepared?.[Symbol.asyncDispose]());

const accept = 'application/vnd.docker.distribution.manifest.v2+json';

test('the bundle is served', async () => {
  const { reference, digest } = prepared.workflows['say-hello']!;
  const [, host, repository] = /^([^/]+)\/([^:]+):/.exec(reference)!;
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${digest}`, { headers: { accept } });
  const manifest = Buffer.from(await answer.arrayBuffer());
  expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(digest);
});

test('the workflow is registered', async () => {
  const { workflowId, digest } = prepared.workflows['say-hello']!;
  const answer = await fetch(`${prepared.catalog}/api/v1/workflows/${workflowId}`);
  expect(await answer.json()).toMatchObject({ container_image: expect.stringContaining(`@${digest}`) });
});
