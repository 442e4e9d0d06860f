import type { KubernetesObject, V1Deployment } from '@kubernetes/client-node';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { shorten } from '../http/shorten.js';
import type { DeployedRegistry } from './choose-cluster-registry.js';
import type { Cluster } from './open-cluster.js';
import { registryObjects } from './registry-objects.js';
import { watchObject } from './watch-object.js';

/** How a registry is deployed to a cluster. */
export interface DeployRegistryOptions extends CallOptions {
  readonly namespace: string;
  /** Default: registryImage. */
  readonly image?: string;
  /** How long its pod may take to be ready. Default 2 minutes. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

const fieldManager = 'tekton-bundles';

/**
 * Applies a registry to a cluster and waits until its pod is ready. Applied again, it changes only what differs.
 *
 * @throws CLUSTER_REFUSED, CLUSTER_UNREACHABLE; CLUSTER_NO_REGISTRY where its pod is not ready in time
 * @example
 * ```ts not-run="needs a cluster"
 * import { deployRegistry, openCluster } from 'tekton-bundles/cluster';
 *
 * const cluster = await openCluster({ files: [`${process.env.HOME}/.kube/config`] });
 * const { clusterIp, port } = await deployRegistry(cluster, { namespace: 'registry' });
 * console.log(`${clusterIp}:${port}`);
 * ```
 */
export async function deployRegistry(
  cluster: Cluster,
  { namespace, image, timeoutMs = 120_000, clock = systemClock, signal }: DeployRegistryOptions,
): Promise<DeployedRegistry> {
  const call = signal ? { signal } : {};
  const [deployment, service] = registryObjects({ namespace, image });
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await applyObject(cluster, own, call);
  await applyObject(cluster, deployment, call);
  const { spec, metadata } = await applyObject(cluster, service, call);
  await waitUntilReady(cluster, deployment, { timeoutMs, clock, ...call });
  const port = spec?.ports?.[0]?.port;
  if (!spec?.clusterIP || port === undefined) {
    throw new BundlesError('CLUSTER_REFUSED', 'Cannot use the service of the registry: it has no ClusterIP', {
      details: { namespace, service: metadata?.name },
    });
  }
  return { namespace, service: metadata?.name ?? '', clusterIp: spec.clusterIP, port };
}

/** Server-side apply; fields that other clients set are left to them. */
async function applyObject<T extends KubernetesObject>(
  cluster: Cluster,
  object: T,
  options: CallOptions,
): Promise<T> {
  const { KubernetesObjectApi, PatchStrategy } = await import('@kubernetes/client-node');
  const api = KubernetesObjectApi.makeApiClient(cluster.config);
  const { kind, metadata } = object;
  const named = `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name}`;
  const applied = await cluster.ask(
    `apply ${named}`,
    () => api.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply),
    options,
  );
  if (applied) return applied as T;
  throw new BundlesError('CLUSTER_REFUSED', `Cannot apply ${named}: the cluster does not have this kind`, {
    details: { context: cluster.context, kind },
  });
}

interface Waiting extends CallOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
}

async function waitUntilReady(
  cluster: Cluster,
  { metadata }: V1Deployment,
  { timeoutMs, clock, signal }: Waiting,
): Promise<void> {
  const { name, namespace = '' } = metadata ?? {};
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const end = await watchObject<V1Deployment>(
    cluster,
    { path, name },
    {
      ms: timeoutMs,
      until: ({ status }) => (status?.availableReplicas ?? 0) > 0,
      clock,
      signal,
    },
  );
  if (end.is === 'seen') return;
  const cause = end.is === 'ended' ? end.cause : undefined;
  throw await notReady(cluster, { namespace, timeoutMs, cause });
}

/** States what the pod waits for: most often an image that the node cannot get. */
async function notReady(
  cluster: Cluster,
  { namespace, timeoutMs, cause }: { namespace: string; timeoutMs: number; cause: unknown },
): Promise<BundlesError> {
  const { CoreV1Api } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(CoreV1Api);
  const pods = await cluster
    .ask('look at the pod of the registry', () => api.listNamespacedPod({ namespace }))
    .catch(() => undefined);
  const container = pods?.items[0]?.status?.containerStatuses?.[0];
  const { reason, message } = container?.state?.waiting ?? {};
  const why = reason === undefined ? 'its pod is not ready' : `${reason}: ${shorten(message ?? '')}`;
  const image = container?.image ?? pods?.items[0]?.spec?.containers[0]?.image;
  return new BundlesError(
    'CLUSTER_NO_REGISTRY',
    `Cannot deploy a registry into the namespace ${JSON.stringify(namespace)} within ${timeoutMs / 1000} s: ${why}`,
    {
      hint: `Load the image onto the nodes first, e.g. kind load docker-image ${image ?? 'IMAGE'}; or name one that they can pull with --image`,
      details: { context: cluster.context, namespace, reason },
      cause,
    },
  );
}
