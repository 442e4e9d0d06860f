import { isBundlesError } from '../errors.js';
import { isRegistryHost } from '../oci/registry-host.js';
import { parseYaml } from '../tekton/yaml/parse-yaml.js';
import type { YamlValue } from '../tekton/yaml/value.js';

/**
 * What a cluster states of a registry beside it: the ConfigMap `local-registry-hosting` in `kube-public`, key
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

/** Reads the ConfigMap's text; undefined where it states no usable host. */
export function parseRegistryHosting(text: string): RegistryHosting | undefined {
  if (text.length > longestText) return undefined;
  const hosting = readValue(text);
  const host = hosting instanceof Map ? hostAt(hosting.get('host')) : undefined;
  if (host === undefined || !(hosting instanceof Map)) return undefined;
  return {
    host,
    fromRuntime: hostAt(hosting.get('hostFromContainerRuntime')),
    fromNetwork: hostAt(hosting.get('hostFromClusterNetwork')),
  };
}

function readValue(text: string): YamlValue {
  try {
    return parseYaml(text, { file: hostingConfigMap.name, document: 1, line: 1 }).value;
  } catch (error) {
    if (isBundlesError(error, 'YAML_INVALID')) return null;
    throw error;
  }
}

const longestText = 64 * 1024;

function hostAt(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const host = value.trim().toLowerCase();
  return isRegistryHost(host) ? host : undefined;
}
