import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { createAuthorizer } from '../auth/authorizer.js';
import type { Keychain } from '../auth/credential.js';
import { BundlesError } from '../errors.js';
import type { Fetch } from '../http/fetch.js';
import type { MaySpeakTls } from '../http/may-speak-tls.js';
import { safeText } from '../http/safe-text.js';
import { apiHost, canonicalRegistry, isRegistryHost } from '../oci/registry-host.js';
import { isRepository } from '../oci/repository-name.js';
import { version } from '../version.js';
import { authenticate } from './authenticate.js';
import { createHosts } from './hosts.js';
import { mirroredName, readThroughMirrors } from './mirrors.js';
import { createRepository, type RegistryRepository } from './repository.js';
import { type RequestBudget, unlimited } from './request-budget.js';
import { createTokenFetch } from './token-fetch.js';
import type { Access, Wire } from './wire.js';

export interface RegistryClientOptions {
  readonly fetch: Fetch;
  /**
   * Asked of a loopback host whose dialect is not known, by the address that it would have with TLS; where the answer is
   * no, it is not tried by https. Default: nobody is asked.
   */
  readonly maySpeakTls?: MaySpeakTls | undefined;
  /** Without one, everything is asked for anonymously. */
  readonly keychain?: Keychain;
  readonly clock?: Clock;
  /** `name/version` of the program; default that of this library. */
  readonly userAgent?: string;
  /** Hosts (with port) that speak plain http; loopback hosts are found out. */
  readonly plainHttp?: readonly string[];
  /** `brief`, where a fallback is at hand: a host that never answered gets 2.2 s in all. Default `full`. */
  readonly patience?: 'brief' | 'full';
  /** Told which credential is used, never its value, and what registries warn of. */
  readonly log?: ((line: string) => void) | undefined;
  /** In [0, 1), for the jitter between attempts. */
  readonly random?: () => number;
  /** How long one host may go on failing, and the longest wait for one answer. Default 40 s for the former. */
  readonly timeoutMs?: number | undefined;
  /** Default: without limit. */
  readonly budget?: RequestBudget | undefined;
  /** By registry, places with the same content: HOST, or HOST/PATH below which its repositories lie. */
  readonly mirrors?: ReadonlyMap<string, readonly string[]> | undefined;
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
  /**
   * Asks the registry who we are there; true when it wanted to know. Reads nothing and needs no right.
   *
   * @throws RegistryError REGISTRY_DENIED with reason `bad-credential`; REFERENCE_INVALID
   */
  authenticate(registry: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  report(): RegistryReport;
}

export interface RegistryReport {
  /** Sent so far, token requests included. */
  readonly requests: number;
  /** Of these, how many repeated an earlier one. */
  readonly retried: number;
  /** Not sent: a token was at hand or under way already, or the host had been given up. */
  readonly saved: number;
}

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { fetch, clock = systemClock, random = Math.random, keychain, log } = options;
  const { userAgent = `tekton-bundles/${version}`, patience = 'full', timeoutMs } = options;
  const { plainHttp = [], budget = unlimited, mirrors, maySpeakTls } = options;
  const hosts = createHosts({ clock, patience, timeoutMs, plainHttp });
  const report = { requests: 0, retried: 0, saved: 0 };
  const count = () => void report.requests++;
  const countRetry = () => void report.retried++;
  const countSaved = () => void report.saved++;
  const tokenFetch = createTokenFetch({
    fetch,
    clock,
    random,
    userAgent,
    budget,
    count,
    countRetry,
    hostOf: hosts.get,
  });
  const authorizer = lazy(() => createAuthorizer({ fetch: tokenFetch, clock, userAgent, keychain, log }));
  const warn = createWarnings(log, (text) => authorizer().redact(text));
  const shared = { fetch, maySpeakTls, clock, random, userAgent, budget, countRetry, countSaved, warn };

  const openWire = (place: WirePlace): Wire => {
    const { host, registry, repository, actions, onRequest, noteAccess } = place;
    return {
      ...shared,
      host,
      registry,
      repository,
      noteAccess,
      authorizer: authorizer(),
      count() {
        count();
        onRequest();
      },
      countToken: onRequest,
      target: () => ({ origin: host.origin, registry, repository, actions }),
    };
  };
  const hostNameOf = (registry: string) => apiHost(canonicalRegistry(registry));

  return {
    report: () => ({ ...report }),
    async authenticate(registry, use = {}) {
      requireName(registry, 'any');
      let access: Access = unknownAccess;
      const wire = openWire({
        host: hosts.get(hostNameOf(registry)),
        registry,
        repository: '',
        actions: 'pull',
        onRequest: () => undefined,
        noteAccess: (noted) => {
          access = noted;
        },
      });
      await authenticate(wire, use);
      return access.challenged;
    },
    repository(name, { onRequest } = {}) {
      requireName(name.registry, name.repository);
      let requests = 0;
      let access: Access = unknownAccess;
      const counted = () => {
        requests++;
        onRequest?.();
      };
      const place = { ...name, onRequest: counted, actions: 'pull' } as const;
      const open = (wire: Wire): RegistryRepository =>
        createRepository({
          wire,
          access: () => access,
          requests: () => requests,
          forPush: () => open({ ...wire, target: () => ({ ...wire.target(), actions: 'pull,push' }) }),
        });
      const noteAccess = (noted: Access) => {
        access = noted;
      };
      const origin = open(openWire({ ...place, host: hosts.get(hostNameOf(name.registry)), noteAccess }));
      const copies = mirrors?.get(canonicalRegistry(name.registry)) ?? [];
      if (copies.length === 0) return origin;
      const opened = copies.map((mirror) => {
        const copy = mirroredName(mirror, name.repository);
        requireName(copy.registry, copy.repository);
        const host = hosts.mirror(hostNameOf(copy.registry));
        return open(openWire({ ...place, ...copy, host, noteAccess: () => undefined }));
      });
      return readThroughMirrors(origin, opened, { log });
    },
  };
}

interface WirePlace extends Pick<Wire, 'host' | 'registry' | 'repository' | 'noteAccess'> {
  readonly actions: 'pull' | 'pull,push';
  readonly onRequest: () => void;
}

const unknownAccess: Access = { challenged: false, credential: undefined };

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** `Warning: 299 - "text"` headers, once per text. */
function createWarnings(
  log: ((line: string) => void) | undefined,
  redact: (text: string) => string,
): (name: string, headers: Headers) => void {
  const told = new Set<string>();
  return (name, headers) => {
    const text = /^299 \S+ "(.*)"/.exec(headers.get('warning') ?? '')?.[1];
    if (!log || text === undefined || told.has(text) || told.size >= 20) return;
    told.add(text);
    log(`${name} warns: ${safeText(redact(text))}`);
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
