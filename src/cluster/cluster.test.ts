import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type KubeApiServerOptions, startKubeApiServer } from '../../test/support/cluster/kube-api-server.js';
import { writeProgram } from '../../test/support/program/write-program.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { isBundlesError } from '../errors.js';
import { createNodeTransport } from '../http/connect/node-transport.js';
import { digestOf } from '../oci/digest.js';
import { createRegistryClient } from '../registry/client.js';
import { startRegistry } from '../testing/start-registry.js';
import { deployRegistry } from './deploy-registry.js';
import { findClusterRegistry, gatherClusterFacts } from './find-cluster-registry.js';
import { forwardRegistry } from './forward-port.js';
import { openCluster } from './open-cluster.js';
import { registryImage } from './registry-objects.js';

const nothing = { environment: { PATH: '/nonexistent' }, ownAddresses: ['127.0.0.1'] };

function code(expected: string, words = '') {
  return (error: unknown) =>
    error instanceof Error && isBundlesError(error, expected as 'USAGE') && error.message.includes(words);
}

/** A Deployment controller that finds the image, or does not. */
const runsPods: KubeApiServerOptions['controller'] = (path, object, objects) => {
  if (object.kind !== 'Deployment' || object.status) return;
  objects.put(path, { ...object, status: { availableReplicas: 1 } });
  const { labels, namespace = '' } = object.metadata;
  objects.put(`/api/v1/namespaces/${namespace}/pods/registry-1`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'registry-1', namespace, ...(labels && { labels }) },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
};

test('kubeconfig files are merged as kubectl merges them, and missing ones passed over', async () => {
  await using server = await startKubeApiServer();
  await using directory = tempDir();
  const second = join(directory.path, 'second');
  const contexts = [
    { name: 'kind-test', context: { cluster: 'other', user: 'other' } },
    { name: 'other', context: { cluster: 'other', user: 'other', namespace: 'mine' } },
  ];
  const clusters = [{ name: 'other', cluster: { server: 'https://203.0.113.7' } }];
  const text = { contexts, clusters, users: [{ name: 'other', user: {} }], 'current-context': 'other' };
  await writeFile(second, JSON.stringify(text));
  const files = [join(directory.path, 'missing'), server.kubeconfig, second];
  const first = await openCluster({ files });
  expect([first.context, first.server, first.namespace]).toEqual(['kind-test', server.url, 'default']);
  const other = await openCluster({ files, context: 'other' });
  expect([other.server, other.namespace]).toEqual(['https://203.0.113.7', 'mine']);
});

test('a kubeconfig that is missing, none, or without the context is refused, without quoting it', async () => {
  await using server = await startKubeApiServer();
  await using directory = tempDir();
  const broken = join(directory.path, 'broken');
  await writeFile(broken, 'users: [{name: a, user: {token: "geheim"}}\n  : :');
  const refused = code('CLUSTER_CONFIG_INVALID');
  await expect(openCluster({ files: [join(directory.path, 'missing')] })).rejects.toSatisfy(refused);
  await expect(openCluster({ files: [broken] })).rejects.toSatisfy(
    (error) => refused(error) && !String(error).includes('geheim'),
  );
  await expect(openCluster({ files: [server.kubeconfig], context: 'kind-tset' })).rejects.toSatisfy(
    code('CLUSTER_CONFIG_INVALID', 'has kind-test'),
  );
});

test('a cluster that does not answer, refuses or knows nothing of it is recognized', async () => {
  const answers = new Map<string, { status: number; body: unknown } | 'reset'>();
  await using server = await startKubeApiServer({ intercept: ({ path }) => answers.get(path) });
  const cluster = await openCluster({ files: [server.kubeconfig] });
  const facts = () => gatherClusterFacts(cluster, nothing);
  expect((await facts()).hosting).toBeUndefined();
  const nodes = '/api/v1/nodes';
  answers.set(nodes, { status: 403, body: { message: 'nodes is forbidden\u001b[31m' } });
  await expect(facts()).rejects.toSatisfy(code('CLUSTER_REFUSED', 'answers 403: nodes is forbidden'));
  answers.set(nodes, { status: 503, body: {} });
  await expect(facts()).rejects.toSatisfy(code('CLUSTER_UNREACHABLE', 'answers 503'));
  answers.set(nodes, 'reset');
  await expect(facts()).rejects.toSatisfy(code('CLUSTER_UNREACHABLE', 'ECONNRESET'));
  await server[Symbol.asyncDispose]();
  await expect(facts()).rejects.toSatisfy(code('CLUSTER_UNREACHABLE', 'refused'));
});

test('a wait for a cluster ends in its time and by its signal', async () => {
  const cluster = await openCluster({ files: [(await startKubeApiServer()).kubeconfig], timeoutMs: 50 });
  const never = () => new Promise<never>(() => undefined);
  await expect(cluster.ask('wait', never)).rejects.toSatisfy(code('CLUSTER_UNREACHABLE', 'ETIMEDOUT'));
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(cluster.ask('wait', never, { signal })).rejects.toThrow('enough');
});

/** A `docker` that prints what the real one prints for a kind cluster with a registry beside it. */
const docker = `
case "$1 $2" in
"ps --quiet") echo abc; echo def ;;
"inspect abc") cat <<'END'
[{"Name": "/test-control-plane", "NetworkSettings": {"Networks": {"kind": {"IPAddress": "172.18.0.2"}}, "Ports": {}}},
 {"Name": "/kind-registry", "NetworkSettings": {"Networks": {"kind": {"IPAddress": "172.18.0.3"}}, "Ports": {"5000/tcp": [{"HostPort": "5001"}]}}}]
END
;;
"network inspect") echo '[{"Name": "kind", "IPAM": {"Config": [{"Gateway": "172.18.0.1"}]}}]' ;;
*) exit 1 ;;
esac
`;

test('the registry of a kind cluster is found by its ConfigMap, its nodes and the containers of this machine', async () => {
  await using server = await startKubeApiServer();
  await using directory = tempDir();
  writeProgram(directory.path, 'docker', [docker]);
  const options = { ...nothing, environment: { PATH: directory.path } };
  const cluster = await openCluster({ files: [server.kubeconfig] });
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'test-control-plane' } };
  server.objects.put('/api/v1/nodes/test-control-plane', node);
  await expect(findClusterRegistry(cluster, options)).rejects.toSatisfy(
    code('CLUSTER_NO_REGISTRY', '172.18.0.1'),
  );
  const gateway = await findClusterRegistry(cluster, { ...options, ownAddresses: ['172.18.0.1'] });
  expect(gateway).toMatchObject({ kind: 'embedded', address: '172.18.0.1' });
  server.objects.put('/api/v1/namespaces/kube-public/configmaps/local-registry-hosting', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'local-registry-hosting', namespace: 'kube-public' },
    data: { 'localRegistryHosting.v1': 'host: "localhost:5001"\n' },
  });
  const beside = await findClusterRegistry(cluster, { ...options, ownAddresses: ['172.18.0.1'] });
  expect(beside).toMatchObject({ kind: 'beside', push: 'localhost:5001', pull: '172.18.0.3:5000' });
});

test('a registry is deployed, found again by its ClusterIP, and reached through a forwarded port', async () => {
  await using registry = await startRegistry();
  await using server = await startKubeApiServer({
    controller: runsPods,
    podPort: () => Number(registry.host.split(':')[1]),
  });
  const cluster = await openCluster({ files: [server.kubeconfig] });
  const deployed = await deployRegistry(cluster, { namespace: 'bundles' });
  expect(deployed).toEqual({
    namespace: 'bundles',
    service: 'bundles-registry',
    clusterIp: '10.96.7.8',
    port: 5000,
  });
  expect(await findClusterRegistry(cluster, nothing)).toMatchObject({
    kind: 'deployed',
    pull: '10.96.7.8:5000',
  });
  const before = server.objects.version();
  await deployRegistry(cluster, { namespace: 'bundles' });
  expect(server.objects.version()).toBe(before);

  await using forwarded = await forwardRegistry(cluster, deployed);
  const send = createNodeTransport();
  const repository = createRegistryClient({ send }).repository({
    registry: forwarded.host,
    repository: 'acme/a',
  });
  const bytes = new TextEncoder().encode('x'.repeat(300_000));
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
  await repository.forPush().write(descriptor, bytes);
  expect(await repository.has(descriptor)).toBe(true);
  await send.close();
});

test('a pod that cannot get its image is reported with the image and how to load it', async () => {
  await using server = await startKubeApiServer({
    controller: (path, object, objects) => {
      if (object.kind !== 'Deployment') return;
      const waiting = { reason: 'ErrImagePull', message: 'no route to docker.io' };
      objects.put(path.replace(/\/apis.*/, '/api/v1/namespaces/bundles/pods/registry-1'), {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'registry-1', namespace: 'bundles' },
        status: { containerStatuses: [{ image: registryImage, state: { waiting } }] },
      });
    },
  });
  const cluster = await openCluster({ files: [server.kubeconfig] });
  const deploying = deployRegistry(cluster, { namespace: 'bundles', timeoutMs: 2_000 });
  await expect(deploying).rejects.toSatisfy(
    code('CLUSTER_NO_REGISTRY', 'ErrImagePull: no route to docker.io'),
  );
  await expect(forwardRegistry(cluster, { namespace: 'bundles', port: 5000 })).rejects.toSatisfy(
    code('CLUSTER_NO_REGISTRY', 'no pod of it is ready'),
  );
});
