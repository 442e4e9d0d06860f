import { clusterReach } from '../bundle/cluster-reach.js';
import { BundlesError } from '../errors.js';
import type { ContainerNetwork, InspectedContainer } from './container-networks.js';
import type { RegistryHosting } from './registry-hosting.js';

/** A registry that `registry deploy` put into the cluster. */
export interface DeployedRegistry {
  readonly namespace: string;
  readonly service: string;
  readonly clusterIp: string;
  readonly port: number;
}

/** All that is known of a cluster and of this machine's containers. */
export interface ClusterFacts {
  /** Name of the kubeconfig's context. */
  readonly context: string;
  readonly hosting: RegistryHosting | undefined;
  readonly deployed: DeployedRegistry | undefined;
  /** Network of the cluster's nodes on this machine. */
  readonly network: ContainerNetwork | undefined;
  /** Running containers of this machine. */
  readonly containers: readonly InspectedContainer[];
  /** Addresses on which this machine can listen. */
  readonly ownAddresses: readonly string[];
}

/** A registry that both this machine and the resolver in the cluster reach. */
export type ClusterRegistry = (
  | {
      /** It runs beside the cluster: pushed to at `push`. */
      readonly kind: 'beside';
      readonly push: string;
    }
  | {
      /** The embedded one, listening on this address of the machine. */
      readonly kind: 'embedded';
      readonly address: string;
    }
  | {
      /** It runs in the cluster: pushed to through a forwarded port. */
      readonly kind: 'deployed';
      readonly deployed: DeployedRegistry;
    }
) & {
  /** Host as bundle references in the cluster name it; for `embedded` its port is added once it listens. */
  readonly pull: string;
  /** In words. */
  readonly because: string;
};

/** Why one way to a registry is none. */
export interface RefusedWay {
  readonly way: 'beside' | 'deployed' | 'embedded';
  readonly message: string;
}

/**
 * Chooses a registry by what is known: the one the cluster names itself, one deployed into it, or the embedded one on
 * the address that its nodes know this machine by.
 *
 * @throws CLUSTER_NO_REGISTRY with every way that was looked at in `details.ways`
 */
export function chooseClusterRegistry(facts: ClusterFacts): ClusterRegistry {
  const ways = [beside(facts), deployed(facts), embedded(facts)];
  const refused: RefusedWay[] = [];
  for (const way of ways) {
    if ('kind' in way) return way;
    refused.push(way);
  }
  const reasons = refused.map(({ message }) => message).join('; ');
  throw new BundlesError(
    'CLUSTER_NO_REGISTRY',
    `Cannot find a registry that the cluster of the context ${JSON.stringify(facts.context)} can read: ${reasons}`,
    {
      hint: `Run: npx tekton-bundles registry deploy --context ${facts.context}`,
      details: { context: facts.context, ways: refused },
    },
  );
}

function beside({ hosting, containers, network }: ClusterFacts): ClusterRegistry | RefusedWay {
  if (!hosting) {
    return { way: 'beside', message: 'it names no registry (ConfigMap kube-public/local-registry-hosting)' };
  }
  const { host, fromNetwork, fromRuntime } = hosting;
  const named = fromNetwork ?? fromRuntime ?? host;
  const reach = clusterReach(named, { plainHttp: true });
  if (reach.reachable) {
    return { kind: 'beside', push: host, pull: named, because: `the cluster names ${named} as its registry` };
  }
  const address = addressOf(host, { containers, network });
  if (address === undefined) return { way: 'beside', message: `of the registry it names, ${reach.message}` };
  const because = `${named} is the container at ${address}, an address that the resolver reaches by http`;
  return { kind: 'beside', push: host, pull: address, because };
}

/** The container that publishes the port of a loopback host, by its address on the nodes' network. */
function addressOf(
  host: string,
  { containers, network }: Pick<ClusterFacts, 'containers' | 'network'>,
): string | undefined {
  const port = Number(/^(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)$/.exec(host)?.[1]);
  for (const { addresses, published } of containers) {
    const inside = published.get(port);
    const address = network && addresses.get(network.name);
    if (inside === undefined || address === undefined) continue;
    const place = `${address}:${inside}`;
    if (clusterReach(place, { plainHttp: true }).reachable) return place;
  }
  return undefined;
}

function deployed({ deployed: found }: ClusterFacts): ClusterRegistry | RefusedWay {
  if (!found) return { way: 'deployed', message: 'none was put into it by registry deploy' };
  const pull = `${found.clusterIp}:${found.port}`;
  const reach = clusterReach(pull, { plainHttp: true });
  if (!reach.reachable) return { way: 'deployed', message: `of the one deployed into it, ${reach.message}` };
  const because = `registry deploy put one into the namespace ${found.namespace}`;
  return { kind: 'deployed', deployed: found, pull, because };
}

function embedded({ network, ownAddresses }: ClusterFacts): ClusterRegistry | RefusedWay {
  if (!network) {
    return { way: 'embedded', message: 'its nodes are not containers on this machine' };
  }
  const { name, gateway } = network;
  if (!ownAddresses.includes(gateway)) {
    const message = `the gateway ${gateway} of its network ${JSON.stringify(name)} is not an address of this machine (the containers run in a virtual machine, or without root)`;
    return { way: 'embedded', message };
  }
  const reach = clusterReach(`${gateway}:5055`, { plainHttp: true });
  if (!reach.reachable) return { way: 'embedded', message: reach.message };
  const because = `${gateway} is this machine on the network ${JSON.stringify(name)} of its nodes`;
  return { kind: 'embedded', address: gateway, pull: gateway, because };
}
