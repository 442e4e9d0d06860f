import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { type Authorizer, createAuthorizer } from '../auth/authorizer.js';
import type { Keychain } from '../auth/credential.js';
import { BundlesError } from '../errors.js';
import type { Fetch } from '../http/fetch.js';
import { safeText } from '../http/safe-text.js';
import { apiHost, canonicalRegistry, isRegistryHost } from '../oci/registry-host.js';
import { isRepository } from '../oci/repository-name.js';
import { version } from '../version.js';
import { createHost, type Host } from './host.js';
import { createRepository, type RegistryRepository } from './repository.js';
import { createTokenFetch } from './token-fetch.js';
import type { Access, Wire } from './wire.js';

export interface RegistryClientOptions {
  readonly fetch: Fetch;
  /** Without one, everything is asked for anonymously. */
  readonly keychain?: Keychain;
  readonly clock?: Clock;
  /** `name/version` of the program; default that of this library. */
  readonly userAgent?: string;
  /** Hosts (with port) that speak plain http; loopback hosts are found out. */
  readonly plainHttp?: readonly string[];
  /** `brief`, where a fallback is at hand: a host that never answered gets 2.5 s in all. Default `full`. */
  readonly patience?: 'brief' | 'full';
  /** Told which credential is used, never its value, and what registries warn of. */
  readonly log?: ((line: string) => void) | undefined;
  /** In [0, 1), for the jitter between attempts. */
  readonly random?: () => number;
}

export interface RepositoryOptions {
  /** Called for each request that this repository causes, token requests included. */
  readonly onRequest?: () => void;
}

/** All registries of one run: what is learned of a host, its limits and its tokens are shared. */
export interface RegistryClient {
  /** Asks nothing yet. @throws REFERENCE_INVALID */
  repository(
    name: { readonly registry: string; readonly repository: string },
    options?: RepositoryOptions,
  ): RegistryRepository;
  report(): RegistryReport;
}

/** Requests sent so far, and how many of them repeated an earlier one. */
export interface RegistryReport {
  readonly requests: number;
  readonly retried: number;
}

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { fetch, clock = systemClock, random = Math.random, keychain, log } = options;
  const { userAgent = `tekton-bundles/${version}`, patience = 'full' } = options;
  const plainHttp = new Set((options.plainHttp ?? []).map((host) => canonicalRegistry(host)));
  const hosts = new Map<string, Host>();
  const report = { requests: 0, retried: 0 };

  const hostOf = (name: string): Host => {
    let host = hosts.get(name);
    if (!host) {
      host = createHost(name, { clock, patience, plainHttp: plainHttp.has(name) });
      hosts.set(name, host);
    }
    return host;
  };
  const warnOnce = createWarnings(log);
  const countRetry = () => void report.retried++;
  const tokenFetch = createTokenFetch({
    fetch,
    clock,
    random,
    userAgent,
    hostOf,
    count: () => void report.requests++,
    countRetry,
  });
  let authorizer: Authorizer | undefined;

  return {
    report: () => ({ ...report }),
    repository({ registry, repository }, { onRequest } = {}) {
      requireName(registry, repository);
      authorizer ??= createAuthorizer({ fetch: tokenFetch, clock, userAgent, keychain, log });
      const host = hostOf(apiHost(canonicalRegistry(registry)));
      let requests = 0;
      const countOne = () => {
        requests++;
        onRequest?.();
      };
      let access: Access = { challenged: false, credential: undefined };
      const open = (actions: 'pull' | 'pull,push'): RegistryRepository => {
        const wire: Wire = {
          host,
          registry,
          repository,
          fetch,
          authorizer: authorizer as Authorizer,
          clock,
          random,
          userAgent,
          count() {
            report.requests++;
            countOne();
          },
          countToken: countOne,
          countRetry,
          warn: warnOnce,
          noteAccess(noted) {
            access = noted;
          },
          target: () => ({
            origin: new URL(`${host.scheme ?? 'https'}://${host.name}`).origin,
            registry,
            repository,
            actions,
          }),
        };
        return createRepository({
          wire,
          access: () => access,
          requests: () => requests,
          forPush: () => open('pull,push'),
        });
      };
      return open('pull');
    },
  };
}

/** `Warning: 299 - "text"` headers, once per text. */
function createWarnings(log: ((line: string) => void) | undefined): (name: string, headers: Headers) => void {
  const told = new Set<string>();
  return (name, headers) => {
    const text = /^299 \S+ "(.*)"/.exec(headers.get('warning') ?? '')?.[1];
    if (!log || text === undefined || told.has(text) || told.size >= 20) return;
    told.add(text);
    log(`${name} warns: ${safeText(text)}`);
  };
}

/** Addresses are built from names that were parsed, never from raw text. */
function requireName(registry: string, repository: string): void {
  if (isRegistryHost(registry) && isRepository(repository)) return;
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot use the repository ${JSON.stringify(`${registry}/${repository}`.slice(0, 200))}: it is no repository name`,
    { hint: 'Write it as HOST/PATH in lower case' },
  );
}
