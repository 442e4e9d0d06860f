import { delimiter, join } from 'node:path';
import { type Cluster, openCluster } from '../cluster/open-cluster.js';
import { serviceAccountOf } from '../cluster/service-account.js';
import type { RunContext } from './machine.js';

/**
 * The cluster of a kubeconfig context, by the files kubectl would read; within a pod without any, the cluster of the pod.
 * Files that KUBECONFIG names have to be there: anyone who names one means no other cluster.
 * @throws CLUSTER_CONFIG_INVALID
 */
export async function openKubeconfig(
  run: Pick<RunContext, 'environment' | 'home' | 'hide'>,
  context: string | undefined,
): Promise<Cluster> {
  const cluster = await openNamed(run, context);
  const users = cluster.config.getUsers();
  run.hide?.(() =>
    users.flatMap(({ token, password }) => [token, password].filter((one) => one !== undefined)),
  );
  return cluster;
}

function openNamed(
  { environment, home }: Pick<RunContext, 'environment' | 'home'>,
  context: string | undefined,
): Promise<Cluster> {
  const named = (environment.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const usual = home === undefined ? [] : [join(home, '.kube', 'config')];
  if (named.length > 0) return openCluster({ files: named, context });
  return openCluster({ files: usual, context, serviceAccount: serviceAccountOf(environment) });
}
