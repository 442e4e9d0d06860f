import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { BundlesError, isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';

/** The access to its cluster that Kubernetes gives every pod. */
export interface ServiceAccount {
  /** Address of the API server, within the cluster. */
  readonly host: string;
  readonly port: string;
  /** Holds `token`, `ca.crt` and, as a rule, `namespace`. */
  readonly directory: string;
}

/** The name of its context, since no kubeconfig gives it one. */
export const inCluster = 'in-cluster';

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';
const longestFile = 1024 * 1024;

/**
 * The service account of the pod that has this environment; undefined outside a pod. Give it to `openCluster`.
 *
 * @example
 * ```ts
 * import { serviceAccountOf } from 'tekton-bundles/cluster';
 *
 * console.log(serviceAccountOf({})); // undefined
 * console.log(serviceAccountOf({ KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' })?.host); // 10.0.0.1
 * ```
 */
export function serviceAccountOf({
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port,
}: Readonly<Record<string, string | undefined>>): ServiceAccount | undefined {
  return host && port ? { host, port, directory: mounted } : undefined;
}

/** @internal A token that is renewed is read again; its cluster's authority alone is trusted. @throws CLUSTER_CONFIG_INVALID */
export async function loadServiceAccount(
  config: KubeConfig,
  { host, port, directory }: ServiceAccount,
): Promise<void> {
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(server))
    throw invalid(`${JSON.stringify(`${host}:${port}`)} is not an address`, { directory });
  const [token, caFile] = [join(directory, 'token'), join(directory, 'ca.crt')];
  for (const file of [token, caFile]) await readText(file);
  const namespace = await readText(join(directory, 'namespace')).catch(() => undefined);
  config.loadFromOptions({
    clusters: [{ name: inCluster, server, caFile, skipTLSVerify: false }],
    users: [{ name: inCluster, authProvider: { name: 'tokenFile', config: { tokenFile: token } } }],
    contexts: [{ name: inCluster, cluster: inCluster, user: inCluster, namespace: namespace?.trim() }],
    currentContext: inCluster,
  });
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFileCapped(path, { limit: longestFile, missing: 'NOT_FOUND' });
    const text = new TextDecoder().decode(bytes);
    if (text.trim() !== '') return text;
  } catch (cause) {
    if (!isBundlesError(cause)) throw cause;
    throw invalid(`cannot read ${JSON.stringify(path)}`, { path, cause });
  }
  throw invalid(`${JSON.stringify(path)} is empty`, { path });
}

function invalid(problem: string, { cause, ...details }: Readonly<Record<string, unknown>>): BundlesError {
  return new BundlesError(
    'CLUSTER_CONFIG_INVALID',
    `Cannot use the service account of this pod: ${problem}`,
    {
      hint: 'Give the pod a service account whose token is mounted (automountServiceAccountToken), or name a kubeconfig in KUBECONFIG',
      details,
      cause,
    },
  );
}
