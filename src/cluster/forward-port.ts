import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { DeployedRegistry } from './choose-cluster-registry.js';
import type { Cluster } from './open-cluster.js';
import { deployedLabel } from './registry-objects.js';

/** A port of this machine behind which a pod answers. */
export interface ForwardedPort extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  close(): Promise<void>;
}

/**
 * Forwards a free port of 127.0.0.1 to the pod of a deployed registry, until it is closed.
 *
 * @throws CLUSTER_NO_REGISTRY where no pod is ready
 * @example
 * ```ts not-run="needs a cluster"
 * import { deployRegistry, forwardRegistry, openCluster } from 'tekton-bundles/cluster';
 *
 * const cluster = await openCluster({ files: [`${process.env.HOME}/.kube/config`] });
 * await using forwarded = await forwardRegistry(cluster, await deployRegistry(cluster, { namespace: 'registry' }));
 * console.log(forwarded.host);
 * ```
 */
export async function forwardRegistry(
  cluster: Cluster,
  { namespace, port }: Pick<DeployedRegistry, 'namespace' | 'port'>,
  options: CallOptions = {},
): Promise<ForwardedPort> {
  const { PortForward } = await import('@kubernetes/client-node');
  const pod = await readyPod(cluster, namespace, options);
  const forward = new PortForward(cluster.config);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    forward.portForward(namespace, pod, [port], socket, null, socket).then(
      (peer) => {
        const end = () => socket.destroy();
        if (typeof peer === 'function') return end();
        peer.onclose = end;
        socket.on('close', () => peer.close());
      },
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  const { port: found } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${found}`, close, [Symbol.asyncDispose]: close };
}

async function readyPod(cluster: Cluster, namespace: string, options: CallOptions): Promise<string> {
  const { CoreV1Api } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(CoreV1Api);
  const found = await cluster.ask(
    'look for the pod of the registry',
    () => api.listNamespacedPod({ namespace, labelSelector: deployedLabel }),
    options,
  );
  const ready = found?.items.find(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  if (ready?.metadata?.name) return ready.metadata.name;
  throw new BundlesError(
    'CLUSTER_NO_REGISTRY',
    `Cannot reach the registry in the namespace ${JSON.stringify(namespace)}: no pod of it is ready`,
    {
      hint: `kubectl --context ${cluster.context} --namespace ${namespace} get pods shows why`,
      details: { context: cluster.context, namespace },
    },
  );
}
