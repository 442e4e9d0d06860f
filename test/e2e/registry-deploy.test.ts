import { load, loadAll } from 'js-yaml';
import { expect } from 'vitest';
import { startKubeApiServer } from '../support/cluster/kube-api-server.js';
import { bad, good } from '../support/program/command-cases.js';

good(
  'registry deploy',
  'applies a registry, waits for it and reports how it is referred to',
  async ({ inProcess }) => {
    await using server = await startKubeApiServer({
      controller: (path, object, objects) => {
        if (object.kind === 'Deployment' && !object.status)
          objects.put(path, { ...object, status: { availableReplicas: 1 } });
      },
    });
    const environment = { KUBECONFIG: server.kubeconfig };
    const ran = await inProcess(['--namespace', 'testing'], { environment });
    expect([ran.code, ran.stdout]).toEqual([
      0,
      expect.stringContaining('10.96.7.8:5000 is the registry of kind-test'),
    ]);
    expect(ran.stderr).toContain('kind load docker-image docker.io/library/registry:2.8.3');
    const again = await inProcess(['--namespace', 'testing', '--output', 'json', '--quiet'], { environment });
    const { objects, ...document } = JSON.parse(again.stdout);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(document).toEqual({
      version: 1,
      context: 'kind-test',
      namespace: 'testing',
      service: 'bundles-registry',
      image: 'docker.io/library/registry:2.8.3',
      reference: '10.96.7.8:5000',
      error: null,
    });
    expect(objects.map(({ kind }: { kind: string }) => kind)).toEqual(['Deployment', 'Service']);
    const changes = server.requests.filter(({ method }) => method === 'PATCH');
    expect(changes.map(({ query }) => query.fieldManager)).toEqual(Array(6).fill('tekton-bundles'));
  },
);

good('registry deploy', 'prints what it would apply, and contacts no cluster', async ({ inProcess }) => {
  const ran = await inProcess(['--print', '--image', 'registry.example/registry:3']);
  const documents: unknown[] = [];
  loadAll(ran.stdout, (document: unknown) => void documents.push(document));
  expect(documents).toMatchObject([
    { kind: 'Namespace', metadata: { name: 'bundles-registry' } },
    {
      kind: 'Deployment',
      spec: { template: { spec: { containers: [{ image: 'registry.example/registry:3' }] } } },
    },
    { kind: 'Service', metadata: { namespace: 'bundles-registry' } },
  ]);
  const json = await inProcess(['--print', '-o', 'json']);
  expect(load(json.stdout)).toMatchObject({
    version: 1,
    context: null,
    service: null,
    reference: null,
    error: null,
  });
});

bad('registry deploy', 'no kubeconfig, another context, a namespace that is none', async ({ inProcess }) => {
  await using server = await startKubeApiServer();
  const environment = { KUBECONFIG: server.kubeconfig };
  const nowhere = await inProcess([], { environment: { KUBECONFIG: '/nonexistent/config' } });
  expect([nowhere.code, nowhere.stderr]).toEqual([
    2,
    expect.stringContaining('error[CLUSTER_CONFIG_INVALID]'),
  ]);
  const other = await inProcess(['--context', 'kind-tset'], { environment });
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('error[CLUSTER_CONFIG_INVALID]')]);
  const name = await inProcess(['--namespace', 'No_Name'], { environment });
  expect([name.code, name.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  expect(server.requests).toEqual([]);
});

bad('registry deploy', 'a cluster that refuses, and a pod that is never ready', async ({ inProcess }) => {
  await using server = await startKubeApiServer({ token: 'another' });
  const environment = { KUBECONFIG: server.kubeconfig };
  await using strict = await startKubeApiServer({
    intercept: ({ method }) =>
      method === 'PATCH' ? { status: 403, body: { message: 'deployments is forbidden' } } : undefined,
  });
  const refused = await inProcess(['-o', 'json'], { environment: { KUBECONFIG: strict.kubeconfig } });
  expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([5, 'CLUSTER_REFUSED']);
  const late = await inProcess(['--timeout', '1s'], { environment });
  expect([late.code, late.stderr]).toEqual([6, expect.stringContaining('error[CLUSTER_NO_REGISTRY]')]);
});
