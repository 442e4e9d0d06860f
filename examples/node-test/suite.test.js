import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { prepareWorkflows } from 'tekton-bundles/testing';

let prepared;
before(async () => {
  prepared = await prepareWorkflows({ project: '../bundles.yaml' });
});
after(() => prepared?.[Symbol.asyncDispose]());

const accept = 'application/vnd.docker.distribution.manifest.v2+json';

test('the bundle is served', async () => {
  const { reference, digest } = prepared.workflows['say-hello'];
  const [, host, repository] = /^([^/]+)\/([^:]+):/.exec(reference);
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${digest}`, { headers: { accept } });
  const manifest = Buffer.from(await answer.arrayBuffer());
  assert.equal(`sha256:${createHash('sha256').update(manifest).digest('hex')}`, digest);
});

test('the workflow is registered', async () => {
  const { workflowId, digest } = prepared.workflows['say-hello'];
  const answer = await fetch(`${prepared.catalog}/api/v1/workflows/${workflowId}`);
  const { container_image } = await answer.json();
  assert.ok(container_image.endsWith(`@${digest}`));
});
