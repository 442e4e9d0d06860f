import { delimiter, join } from 'node:path';
import { type Cluster, openCluster } from '../cluster/open-cluster.js';
import type { Context } from './context.js';

/** The cluster of a kubeconfig context, by the files kubectl would read. @throws CLUSTER_CONFIG_INVALID */
export function openKubeconfig(
  { environment, home }: Pick<Context, 'environment' | 'home'>,
  context: string | undefined,
): Promise<Cluster> {
  const named = (environment.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const usual = home === undefined ? [] : [join(home, '.kube', 'config')];
  return openCluster({ files: named.length > 0 ? named : usual, context });
}
