/** Where a key of a credential file applies: a whole registry, or one of its namespaces or repositories. */
export interface CredentialKey {
  readonly host: string;
  /** Empty for the whole registry. */
  readonly path: string;
}

/**
 * Reads a key such as `quay.io`, `quay.io/org/repo` or `https://index.docker.io/v1/`. In a key with a scheme the path
 * is an API's, not a namespace; so is `/v1/` or `/v2/` behind a host alone.
 */
export function parseCredentialKey(key: string): CredentialKey {
  const scheme = /^https?:\/\//i.exec(key)?.[0] ?? '';
  const [host = '', ...rest] = key.slice(scheme.length).split('/');
  const path = rest.join('/').replace(/\/+$/, '');
  const isApi = scheme !== '' || (key.endsWith('/') && /^v[12]$/.test(path));
  return { host: canonicalHost(host), path: isApi ? '' : path };
}

/** Lower case with its port; the names of Docker Hub are one. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return hubNames.has(lower) ? 'docker.io' : lower;
}

/** The key under which helpers keep the credential of a registry. */
export function helperKey(registry: string): string {
  return canonicalHost(registry) === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
}

const hubNames: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
