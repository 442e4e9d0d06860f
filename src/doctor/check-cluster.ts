import { clusterReach } from '../bundle/cluster-reach.js';
import { findClusterRegistry } from '../cluster/find-cluster-registry.js';
import type { Cluster } from '../cluster/open-cluster.js';
import type { Project } from '../project/project.js';
import { type CheckOutcome, type CheckResult, fine, warning } from './check-result.js';

/** Whether there is a registry that both this machine and the cluster reach. @throws CLUSTER_CONFIG_INVALID, CLUSTER_UNREACHABLE, CLUSTER_REFUSED, CLUSTER_NO_REGISTRY */
export async function checkCluster(
  open: () => Promise<Cluster>,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const cluster = await open();
  const { context } = cluster;
  const { kind, pull, because } = await findClusterRegistry(cluster, { environment, signal });
  return fine(`${context}: ${pull}: ${because}`, { context, kind, registry: pull });
}

/** By which scheme Tekton's resolver contacts each host of the project's references, and whether it can reach it. */
export function checkResolver(project: Project): CheckResult[] {
  return hostsOf(project).map((host) => {
    const declared = project.registries.get(host);
    const privateAuthority = declared?.caFile !== undefined || declared?.insecureSkipTlsVerify === true;
    const plainHttp = declared?.plainHttp === true;
    const { scheme, reason, message, remedy } = clusterReach(host, { plainHttp, privateAuthority });
    const details = { host, scheme, reason };
    if (remedy === null) return { link: 'resolver', ...fine(`${message} (${scheme})`, details) };
    return { link: 'resolver', ...warning(message, remedy, details) };
  });
}

function hostsOf({ bundles, fallback }: Project): readonly string[] {
  const hosts = new Set(bundles.map(({ reference }) => reference.registry));
  const beside = fallback.kind === 'registry' ? (fallback.clusterReference ?? fallback.registry) : undefined;
  if (beside !== undefined) hosts.add(beside.split('/')[0] ?? beside);
  return [...hosts];
}
