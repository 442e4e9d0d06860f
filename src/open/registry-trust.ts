import type { Keychain } from '../auth/credential.js';
import type { UserFileOptions } from '../auth/stored/user-file.js';
import { BundlesError } from '../errors.js';
import { isLoopbackHost } from '../http/host-location.js';
import { hostKey } from '../oci/registry-host.js';
import type { Project } from '../project/project.js';

/**
 * A checkout may be untrusted, as in the job of a pull request. The registry settings of its bundles.yaml apply to
 * anonymous requests; before a credential is used with them, a user of this machine must agree.
 */
export interface DistrustedRegistry {
  /** The bundles.yaml. */
  readonly file: string;
  /** The keys that would weaken or redirect what is sent. */
  readonly keys: readonly string[];
  /** True where `login --trust-config` has agreed to other settings than these. */
  readonly hasChanged: boolean;
}

export interface RegistryTrust {
  /** Hosts of --trust-registry and BUNDLES_TRUST_REGISTRY. */
  readonly trusted: readonly string[];
  /** Of --plain-http. */
  readonly plainHttp: readonly string[];
  /** Of --insecure-skip-tls-verify. */
  readonly insecure: readonly string[];
}

/** The registries of other machines whose settings in bundles.yaml are not trusted on this machine, by hostKey. */
export function distrustedRegistries(
  projects: readonly Project[],
  { trusted, plainHttp, insecure }: RegistryTrust,
): ReadonlyMap<string, DistrustedRegistry> {
  const has = (hosts: readonly string[], key: string) => hosts.some((host) => hostKey(host) === key);
  const distrusted = new Map<string, DistrustedRegistry>();
  for (const { file, registries } of projects) {
    for (const [host, settings] of registries) {
      const key = hostKey(host);
      if (isLoopbackHost(key) || has(trusted, key)) continue;
      const keys = [
        settings.plainHttp && !has(plainHttp, key) && 'plainHttp',
        settings.caFile !== undefined && 'caFile',
        settings.insecureSkipTlsVerify && !has(insecure, key) && 'insecureSkipTlsVerify',
        settings.mirrors.length > 0 && 'mirrors',
      ].filter((name) => typeof name === 'string');
      if (keys.length > 0) distrusted.set(key, { file, keys, hasChanged: false });
    }
  }
  return distrusted;
}

/** Those of them that `login --trust-config` has not agreed to either. @throws CREDENTIALS_INVALID, CONFIG_INVALID, NOT_READABLE */
export async function withoutAgreed(
  distrusted: ReadonlyMap<string, DistrustedRegistry>,
  projects: readonly Project[],
  context: UserFileOptions & { readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, DistrustedRegistry>> {
  // What most runs do without is loaded and read where there is something to look up.
  if (distrusted.size === 0) return distrusted;
  const { agreements } = await import('./trusted-settings.js');
  const found = await agreements([...distrusted.keys()], projects, context);
  return new Map(
    [...distrusted].flatMap(([host, registry]) =>
      found.get(host) === 'agreed' ? [] : [[host, { ...registry, hasChanged: found.has(host) }]],
    ),
  );
}

/** The same keychain, which refuses to give a credential for a distrusted registry. */
export function distrustfulKeychain(
  keychain: Keychain,
  distrusted: ReadonlyMap<string, DistrustedRegistry>,
): Keychain {
  if (distrusted.size === 0) return keychain;
  return {
    async find(target, options) {
      const credential = await keychain.find(target, options);
      const found = distrusted.get(hostKey(target.registry));
      if (credential !== undefined && found !== undefined) {
        throw distrustedSettings(`use the credential for ${target.registry}`, target.registry, found);
      }
      return credential;
    },
    secrets: () => keychain.secrets(),
  };
}

/** Refuses at once what the first request with a credential would refuse. @throws TRUST_REQUIRED */
export async function refuseDistrusted(
  keychain: Keychain,
  distrusted: ReadonlyMap<string, DistrustedRegistry>,
  { projects, signal }: { readonly projects: readonly Project[]; readonly signal: AbortSignal },
): Promise<void> {
  const references = projects.flatMap(({ bundles }) => bundles.map(({ reference }) => reference));
  for (const host of distrusted.keys()) {
    const repositories = references.flatMap(({ registry, repository }) =>
      hostKey(registry) === host ? [repository] : [],
    );
    for (const repository of new Set(['', ...repositories])) {
      await keychain.find({ registry: host, repository }, { signal });
    }
  }
}

export function distrustedSettings(
  doing: string,
  host: string,
  { file, keys, hasChanged }: DistrustedRegistry,
): BundlesError {
  const why = hasChanged
    ? 'and login has agreed to other settings on this machine'
    : 'and it was not confirmed on this machine';
  return new BundlesError(
    'TRUST_REQUIRED',
    `Cannot ${doing}: ${JSON.stringify(file)} sets ${keys.join(', ')} for that host, ${why}`,
    {
      hint: `If you trust the file, pass --trust-registry ${host} or set BUNDLES_TRUST_REGISTRY=${host}; on your own machine, run login ${host} --trust-config ${file} once; otherwise remove the settings from registries:`,
      details: { file, host, keys, hasChanged },
    },
  );
}

/** The client certificate is a credential for every host that it is shown to. */
export function distrustedCertificate(host: string, file: string): BundlesError {
  return new BundlesError(
    'TRUST_REQUIRED',
    `Cannot present the client certificate to ${host}: only ${JSON.stringify(file)} names that host`,
    {
      hint: `Pass --trust-registry ${host} or set BUNDLES_TRUST_REGISTRY=${host}, or name the repository with --repository; on your own machine, run login ${host} --trust-config ${file} once`,
      details: { file, host },
    },
  );
}
