import { isRegistryHost } from '../oci/registry-host.js';

/**
 * What a cluster says of a registry beside it: the ConfigMap `local-registry-hosting` in `kube-public`, key
 * `localRegistryHosting.v1` (KEP-1755). Kind's and k3d's scripts write it.
 */
export interface RegistryHosting {
  /** As this machine reaches it, e.g. `localhost:5001`. */
  readonly host: string;
  /** As the container runtime of the nodes reaches it; pods may not. */
  readonly fromRuntime: string | undefined;
  /** As pods reach it. */
  readonly fromNetwork: string | undefined;
}

export const hostingConfigMap = {
  namespace: 'kube-public',
  name: 'local-registry-hosting',
  key: 'localRegistryHosting.v1',
} as const;

/** Reads the ConfigMap's text; undefined where it says no usable host. */
export async function parseRegistryHosting(text: string): Promise<RegistryHosting | undefined> {
  if (text.length > longestText) return undefined;
  const { load } = await import('js-yaml');
  let value: unknown;
  try {
    value = load(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const said = value as Record<string, unknown>;
  const host = hostAt(said.host);
  if (host === undefined) return undefined;
  return {
    host,
    fromRuntime: hostAt(said.hostFromContainerRuntime),
    fromNetwork: hostAt(said.hostFromClusterNetwork),
  };
}

const longestText = 64 * 1024;

function hostAt(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const host = value.trim().toLowerCase();
  return isRegistryHost(host) ? host : undefined;
}
