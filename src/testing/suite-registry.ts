import { join } from 'node:path';
import { clusterReach } from '../bundle/cluster-reach.js';
import { findClusterRegistry } from '../cluster/find-cluster-registry.js';
import { forwardRegistry } from '../cluster/forward-port.js';
import type { Cluster } from '../cluster/open-cluster.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { serve } from '../http/serve/serve.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { startRegistry } from './start-registry.js';

/** The registry of a suite, under both its addresses. */
export interface SuiteRegistry extends AsyncDisposable {
  /** Host, with a path where one was given, as this machine reaches it. */
  readonly push: string;
  /** The same as the cluster's resolver reaches it; null without a cluster. */
  readonly pull: string | null;
}

export interface SuiteRegistryOptions extends CallOptions {
  /** One that runs already. */
  readonly registry?: string | undefined;
  readonly cluster?: Cluster | undefined;
  /** Where the content of an embedded one lies. */
  readonly directory: string;
  readonly allowHosts?: readonly string[] | undefined;
  /** For docker and podman. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The registry that is given, or the one that the cluster can read, or an embedded one for the scope alone.
 * @throws CLUSTER_NO_REGISTRY, CLUSTER_UNREACHABLE, CLUSTER_REFUSED, ADDRESS_IN_USE
 */
export async function openSuiteRegistry({
  registry,
  cluster,
  directory,
  allowHosts,
  environment,
  signal,
}: SuiteRegistryOptions): Promise<SuiteRegistry> {
  const call = signal ? { signal } : {};
  if (registry !== undefined) return given(registry, cluster);
  if (!cluster) return startEmbedded(directory, null, allowHosts);
  const found = await findClusterRegistry(cluster, { environment, ...call });
  if (found.kind === 'beside') return { push: found.push, pull: found.pull, ...nothingToEnd };
  if (found.kind === 'embedded') return startEmbedded(directory, found.address, allowHosts);
  const forwarded = await forwardRegistry(cluster, found.deployed, call);
  return { push: forwarded.host, pull: found.pull, [Symbol.asyncDispose]: forwarded.close };
}

const nothingToEnd = { [Symbol.asyncDispose]: async () => undefined };

function given(registry: string, cluster: Cluster | undefined): SuiteRegistry {
  if (!cluster) return { push: registry, pull: null, ...nothingToEnd };
  const host = registry.split('/')[0] ?? '';
  const reach = clusterReach(host);
  if (reach.reachable) return { push: registry, pull: registry, ...nothingToEnd };
  throw new BundlesError(
    'CLUSTER_NO_REGISTRY',
    `Cannot use the registry ${registry} for the cluster of ${JSON.stringify(cluster.context)}: ${reach.message}`,
    {
      hint: 'Leave it out to look for one that the cluster can reach',
      details: { context: cluster.context, registry, reason: reach.reason },
    },
  );
}

/** Writable on loopback only; the nodes' network, if requested, may only read. */
async function startEmbedded(
  directory: string,
  address: string | null,
  allowHosts: readonly string[] | undefined,
): Promise<SuiteRegistry> {
  const root = join(directory, 'registry');
  const { host, stop } = await startRegistry({ root, allowHosts });
  if (address === null) return { push: host, pull: null, [Symbol.asyncDispose]: stop };
  try {
    const handler = createRegistryHandler({ root, readOnly: true });
    const readers = await serve(handler, { host: address, allowHosts });
    const end = async () => {
      await readers.close();
      await stop();
    };
    return { push: host, pull: `${address}:${readers.port}`, [Symbol.asyncDispose]: end };
  } catch (error) {
    await stop();
    throw error;
  }
}
