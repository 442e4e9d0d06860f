/**
 * The two ways to name the kind of object that a workflow treats: a flat schema's word (`deployment`), and the version
 * and kind of a RemediationWorkflow (`apps/v1/Deployment`).
 */
const kinds: Readonly<Record<string, string>> = {
  configmap: 'v1/ConfigMap',
  cronjob: 'batch/v1/CronJob',
  daemonset: 'apps/v1/DaemonSet',
  deployment: 'apps/v1/Deployment',
  horizontalpodautoscaler: 'autoscaling/v2/HorizontalPodAutoscaler',
  ingress: 'networking.k8s.io/v1/Ingress',
  job: 'batch/v1/Job',
  namespace: 'v1/Namespace',
  networkpolicy: 'networking.k8s.io/v1/NetworkPolicy',
  node: 'v1/Node',
  persistentvolume: 'v1/PersistentVolume',
  persistentvolumeclaim: 'v1/PersistentVolumeClaim',
  pod: 'v1/Pod',
  poddisruptionbudget: 'policy/v1/PodDisruptionBudget',
  replicaset: 'apps/v1/ReplicaSet',
  secret: 'v1/Secret',
  service: 'v1/Service',
  statefulset: 'apps/v1/StatefulSet',
};

export const versionKindWanted = '"*" or VERSION/Kind or GROUP/VERSION/Kind, e.g. apps/v1/Deployment';

/** True for `*`, `v1/Pod` and `apps/v1/Deployment`. */
export function isVersionKind(component: string): boolean {
  return component === '*' || /^(?:[^/\p{Cc}]+\/){1,2}[A-Z][^/\p{Cc}]*$/u.test(component);
}

/** The version and kind of a well-known word, in any case and also in the plural; undefined for others. */
export function versionKindOf(word: string): string | undefined {
  if (isVersionKind(word)) return word;
  const plain = word.toLowerCase().replaceAll(/[-_]/g, '');
  const singular = plain === 'ingresses' ? 'ingress' : plain.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
  for (const one of [plain, singular]) if (Object.hasOwn(kinds, one)) return kinds[one];
  return undefined;
}

/** The flat schema's word for a version and kind: the kind in lower case. */
export function wordOf(versionKind: string): string {
  return versionKind === '*' ? '*' : (versionKind.split('/').at(-1) ?? '').toLowerCase();
}
