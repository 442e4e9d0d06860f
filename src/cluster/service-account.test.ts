import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { type KubeApiServerOptions, startKubeApiServer } from '../../test/support/cluster/kube-api-server.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { systemClock } from '../async/system-clock.js';
import { openCluster } from './open-cluster.js';
import { serviceAccountOf } from './service-account.js';
import { watchObject } from './watch-object.js';

/** A cluster, and what a pod of the namespace `jobs` has of it. */
async function pod(options: KubeApiServerOptions = {}) {
  const server = await startKubeApiServer(options);
  const mount = tempDir();
  await server.mountServiceAccount(mount.path, 'jobs');
  const { hostname: host, port } = new URL(server.url);
  return {
    server,
    serviceAccount: { host, port, directory: mount.path },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await mount[Symbol.asyncDispose]();
    },
  };
}

test('a pod speaks to its cluster by the token and the authority that are mounted', async () => {
  await using here = await pod();
  const { serviceAccount, server } = here;
  const cluster = await openCluster({ files: ['/nonexistent/config'], serviceAccount });
  expect([cluster.context, cluster.server, cluster.namespace]).toEqual(['in-cluster', server.url, 'jobs']);
  const api = cluster.config.makeApiClient(CoreV1Api);
  expect((await cluster.ask('list the nodes', () => api.listNode()))?.items).toEqual([]);
  const path = '/api/v1/namespaces/jobs/configmaps';
  const seen = watchObject(cluster, { path, name: 'a' }, { clock: systemClock, ms: 20_000 });
  await expect.poll(() => server.requests.some(({ query }) => query.watch === 'true')).toBe(true);
  server.objects.put(`${path}/a`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
  expect(await seen).toEqual({ is: 'seen' });
  expect((await openCluster({ files: [], serviceAccount, context: 'in-cluster' })).server).toBe(server.url);
});

test('a kubeconfig that is there goes first, and another context is not taken for the one of the pod', async () => {
  await using here = await pod();
  const { serviceAccount, server } = here;
  const files = [server.kubeconfig];
  expect((await openCluster({ files, serviceAccount })).context).toBe('kind-test');
  await expect(openCluster({ files: [], serviceAccount, context: 'kind-test' })).rejects.toMatchObject({
    code: 'CLUSTER_CONFIG_INVALID',
    message: 'Cannot use the context "kind-test": the service account of this pod has in-cluster',
  });
});

test('a pod without a right gets a hint what to do, as a pod', async () => {
  await using here = await pod({ intercept: () => ({ status: 403, body: { message: 'no nodes for you' } }) });
  const cluster = await openCluster({ files: [], serviceAccount: here.serviceAccount });
  const api = cluster.config.makeApiClient(CoreV1Api);
  await expect(cluster.ask('list the nodes', () => api.listNode())).rejects.toMatchObject({
    code: 'CLUSTER_REFUSED',
    hint: expect.stringContaining('service account'),
  });
});

test.each(['token', 'ca.crt'])('a %s that is missing or empty is refused', async (name) => {
  await using here = await pod();
  const { serviceAccount } = here;
  const file = join(serviceAccount.directory, name);
  const refused = {
    code: 'CLUSTER_CONFIG_INVALID',
    message: expect.stringContaining(JSON.stringify(file)),
    hint: expect.stringContaining('automountServiceAccountToken'),
  };
  await writeFile(file, '\n');
  await expect(openCluster({ files: [], serviceAccount })).rejects.toMatchObject(refused);
  await rm(file);
  await expect(openCluster({ files: [], serviceAccount })).rejects.toMatchObject(refused);
});

test('the namespace may be missing, an address of IPv6 has its brackets, and what is not an address is refused', async () => {
  await using here = await pod();
  const { serviceAccount } = here;
  await rm(join(serviceAccount.directory, 'namespace'));
  const cluster = await openCluster({ files: [], serviceAccount: { ...serviceAccount, host: 'fd00::1' } });
  expect([cluster.server, cluster.namespace]).toEqual([
    `https://[fd00::1]:${serviceAccount.port}`,
    'default',
  ]);
  await expect(
    openCluster({ files: [], serviceAccount: { ...serviceAccount, port: 'http' } }),
  ).rejects.toMatchObject({ code: 'CLUSTER_CONFIG_INVALID' });
});

test('serviceAccountOf() knows a pod by the address of its API server', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
  expect(serviceAccountOf(pod)).toEqual({ host: '10.96.0.1', port: '443', directory });
  expect(serviceAccountOf({ ...pod, KUBERNETES_SERVICE_PORT: '' })).toBeUndefined();
  expect(serviceAccountOf({})).toBeUndefined();
});
