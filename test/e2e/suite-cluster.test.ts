import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { prepareWorkflows } from '../../src/testing/prepare-workflows.js';
import { startRegistry } from '../../src/testing/start-registry.js';
import { startKubeApiServer } from '../support/cluster/kube-api-server.js';
import { runCli } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';

const repository = 'quay.invalid/acme/tests';
const hostingPath = '/api/v1/namespaces/kube-public/configmaps/local-registry-hosting';

function hosting(text: string) {
  const metadata = { name: 'local-registry-hosting', namespace: 'kube-public' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'localRegistryHosting.v1': text } };
}

/** What the run asks the resolver for. */
function bundleOf(file: string | null): unknown {
  const run = load(readFileSync(file ?? '', 'utf8')) as {
    spec: { pipelineRef: { params: { name: string; value: string }[] } };
  };
  return run.spec.pipelineRef.params.find(({ name }) => name === 'bundle')?.value;
}

test('with --cluster kind pushes to the registry beside the cluster and refers as the cluster does', async () => {
  await using registry = await startRegistry();
  await using server = await startKubeApiServer();
  await using project = sampleProject({ repository });
  const text = `host: "${registry.host}"\nhostFromClusterNetwork: "172.18.0.3:5000"\n`;
  server.objects.put(hostingPath, hosting(text));
  const script = "console.log(require('node:fs').readFileSync(process.env.BUNDLES_RESULT, 'utf8'))";
  const words = ['--quiet', '--no-catalog', '--config', project.config, '--cluster', 'kind'];
  const ran = await runCli(['with', ...words, '--', process.execPath, '-e', script], {
    env: { KUBECONFIG: server.kubeconfig },
  });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const { 'test-alpha': alpha } = JSON.parse(ran.stdout);
  expect(alpha.reference).toBe(`${registry.host}/alpha:v1.0.0@${alpha.digest}`);
  expect(alpha.clusterReference).toBe(`172.18.0.3:5000/alpha:v1.0.0@${alpha.digest}`);
  expect((await fetch(`${registry.url}/v2/alpha/manifests/${alpha.digest}`)).status).toBe(200);
});

test('a deployed registry is pushed to through a forwarded port, and catalog and run name its ClusterIP', async () => {
  await using registry = await startRegistry();
  await using server = await startKubeApiServer({ podPort: () => Number(registry.host.split(':')[1]) });
  await using project = sampleProject({ repository });
  const labels = {
    'app.kubernetes.io/managed-by': 'tekton-bundles',
    'app.kubernetes.io/component': 'registry',
  };
  const place = { namespace: 'bundles', labels };
  server.objects.put('/api/v1/namespaces/bundles/services/bundles-registry', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bundles-registry', ...place },
    spec: { clusterIP: '10.96.7.8', ports: [{ port: 5000 }] },
  });
  server.objects.put('/api/v1/namespaces/bundles/pods/bundles-registry-1', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bundles-registry-1', ...place },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const cluster = await openCluster({ files: [server.kubeconfig] });
  await using prepared = await prepareWorkflows({ project: project.config, cluster });
  const alpha = prepared.workflows['test-alpha']!;
  const expected = `10.96.7.8:5000/alpha:v1.0.0@${alpha.digest}`;
  expect([alpha.clusterReference, bundleOf(alpha.run)]).toEqual([expected, expected]);
  const registered = await fetch(`${prepared.catalog}/api/v1/workflows/${alpha.workflowId}`);
  expect(await registered.json()).toMatchObject({
    container_image: expected,
    container_digest: alpha.digest,
  });
  expect((await fetch(`${registry.url}/v2/alpha/manifests/${alpha.digest}`)).status).toBe(200);
});

test('a registry that is given and that no pod reaches is refused, as is a cluster without any', async () => {
  await using registry = await startRegistry();
  await using server = await startKubeApiServer();
  await using project = sampleProject({ repository });
  const words = ['with', '--config', project.config, '--cluster', 'kind'];
  const env = { KUBECONFIG: server.kubeconfig, PATH: '/nonexistent' };
  const [given, none] = await Promise.all([
    runCli([...words, '--registry', registry.host, '--', 'true'], { env }),
    runCli([...words, '--', 'true'], { env }),
  ]);
  expect([given.code, given.stderr]).toEqual([6, expect.stringContaining('error[CLUSTER_NO_REGISTRY]')]);
  expect([none.code, none.stderr]).toEqual([6, expect.stringContaining('error[CLUSTER_NO_REGISTRY]')]);
  expect(none.stderr).toContain('registry deploy --context kind-test');
});
