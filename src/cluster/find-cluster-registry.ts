import { networkInterfaces } from 'node:os';
import type { CallOptions } from '../content/store.js';
import { ProgramError, runProgram } from '../process/run-program.js';
import {
  type ClusterFacts,
  type ClusterRegistry,
  chooseClusterRegistry,
  type DeployedRegistry,
} from './choose-cluster-registry.js';
import {
  type ContainerNetwork,
  type InspectedContainer,
  parseContainers,
  parseNetworks,
} from './container-networks.js';
import type { Cluster } from './open-cluster.js';
import { hostingConfigMap, parseRegistryHosting, type RegistryHosting } from './registry-hosting.js';
import { deployedLabel } from './registry-objects.js';

interface ContainerEngineOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Programs to query, in this order. Default docker, podman. */
  readonly programs?: readonly string[];
}

/** What the container engines of this machine run. */
interface ContainerView {
  /** Running ones, of every engine. */
  readonly containers: readonly InspectedContainer[];
  /** A network by its name, from whichever engine has it. */
  network(name: string, options?: CallOptions): Promise<ContainerNetwork | undefined>;
}

const longestInspection = 16 * 1024 * 1024;
const timeoutMs = 10_000;

/** What the search for a registry may use of this machine. */
export interface FindClusterRegistryOptions extends CallOptions {
  /** For docker and podman, which report the addresses of containers. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Addresses on which this machine can listen. Default: those of its interfaces. */
  readonly ownAddresses?: readonly string[];
}

/**
 * Finds a registry that both this machine and Tekton's resolver in the cluster can reach. It reads, and changes nothing.
 *
 * @throws CLUSTER_NO_REGISTRY with the reason of each place, CLUSTER_UNREACHABLE, CLUSTER_REFUSED
 * @example
 * ```ts not-run="needs a cluster"
 * import { findClusterRegistry, openCluster } from 'tekton-bundles/cluster';
 *
 * const cluster = await openCluster({ files: [`${process.env.HOME}/.kube/config`], context: 'kind-test' });
 * const registry = await findClusterRegistry(cluster, { environment: process.env });
 * console.log(registry.kind, registry.pull, registry.because);
 * ```
 */
export async function findClusterRegistry(
  cluster: Cluster,
  options: FindClusterRegistryOptions,
): Promise<ClusterRegistry> {
  return chooseClusterRegistry(await gatherClusterFacts(cluster, options));
}

/** All that chooseClusterRegistry looks at. @throws CLUSTER_UNREACHABLE, CLUSTER_REFUSED */
export async function gatherClusterFacts(
  cluster: Cluster,
  { environment, ownAddresses = interfaceAddresses(), signal }: FindClusterRegistryOptions,
): Promise<ClusterFacts> {
  const call = signal ? { signal } : {};
  const [hosting, deployed, nodes, view] = await Promise.all([
    readHosting(cluster, call),
    findDeployed(cluster, call),
    nodeNames(cluster, call),
    inspectContainers({ environment }, call),
  ]);
  const network = await networkOf(nodes, view, call);
  const { containers } = view;
  return { context: cluster.context, hosting, deployed, network, containers, ownAddresses };
}

async function readHosting(cluster: Cluster, options: CallOptions): Promise<RegistryHosting | undefined> {
  const { CoreV1Api } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(CoreV1Api);
  const { name, namespace, key } = hostingConfigMap;
  const found = await cluster.ask(
    'read which registry the cluster names',
    () => api.readNamespacedConfigMap({ name, namespace }),
    options,
  );
  const text = found?.data?.[key];
  return text === undefined ? undefined : parseRegistryHosting(text);
}

async function findDeployed(cluster: Cluster, options: CallOptions): Promise<DeployedRegistry | undefined> {
  const { CoreV1Api } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(CoreV1Api);
  const found = await cluster.ask(
    'look for a registry in the cluster',
    () => api.listServiceForAllNamespaces({ labelSelector: deployedLabel }),
    options,
  );
  for (const { metadata, spec } of found?.items ?? []) {
    const port = spec?.ports?.[0]?.port;
    const { clusterIP } = spec ?? {};
    const { name, namespace } = metadata ?? {};
    if (clusterIP && clusterIP !== 'None' && port && name && namespace)
      return { namespace, service: name, clusterIp: clusterIP, port };
  }
  return undefined;
}

async function nodeNames(cluster: Cluster, options: CallOptions): Promise<readonly string[]> {
  const { CoreV1Api } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(CoreV1Api);
  const found = await cluster.ask(
    'list the nodes of the cluster',
    () => api.listNode({ limit: 50 }),
    options,
  );
  return (found?.items ?? []).flatMap(({ metadata }) => (metadata?.name ? [metadata.name] : []));
}

/** Nodes of kind, k3d and minikube are containers with the name of the node. */
async function networkOf(
  nodes: readonly string[],
  { containers, network }: ContainerView,
  options: CallOptions,
): Promise<ContainerNetwork | undefined> {
  for (const { name, addresses } of containers) {
    if (!nodes.includes(name)) continue;
    for (const joined of addresses.keys()) {
      const found = await network(joined, options);
      if (found) return found;
    }
  }
  return undefined;
}

function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
}

/** Asks the engines that are installed and answer; one that does not has no containers. Changes nothing. */
async function inspectContainers(
  { environment, programs = ['docker', 'podman'] }: ContainerEngineOptions,
  { signal }: CallOptions = {},
): Promise<ContainerView> {
  const ask = async (program: string, words: readonly string[]): Promise<string | undefined> => {
    try {
      const ran = await runProgram(program, words, {
        environment,
        timeoutMs,
        signal,
        longestOutput: longestInspection,
      });
      return ran.status === 0 ? ran.output : undefined;
    } catch (error) {
      if (error instanceof ProgramError) return undefined;
      throw error;
    }
  };
  const containersOf = async (program: string): Promise<readonly InspectedContainer[]> => {
    const ids = (await ask(program, ['ps', '--quiet']))?.split(/\s+/).filter((id) => id !== '') ?? [];
    if (ids.length === 0) return [];
    return parseContainers((await ask(program, ['inspect', ...ids])) ?? '');
  };
  const found = await Promise.all(programs.map(containersOf));
  return {
    containers: found.flat(),
    async network(name) {
      for (const program of programs) {
        const [network] = parseNetworks((await ask(program, ['network', 'inspect', name])) ?? '');
        if (network) return network;
      }
      return undefined;
    },
  };
}
