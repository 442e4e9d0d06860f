import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { createAuthorizer } from '../auth/authorizer.js';
import type { Keychain } from '../auth/credential.js';
import type { AskTokenService } from '../auth/token-exchange.js';
import { BundlesError } from '../errors.js';
import type { Answer, Exchange } from '../http/call.js';
import { createExchange } from '../http/exchange.js';
import { createHost, type HostOptions } from '../http/host.js';
import { followLocation } from '../http/location.js';
import type { Send } from '../http/message.js';
import type { Follow } from '../http/redirects.js';
import { safeText } from '../http/safe-text.js';
import { apiHost, canonicalRegistry, isRegistryHost } from '../oci/registry-host.js';
import { isRepository } from '../oci/repository-name.js';
import { version } from '../version.js';
import { answerError } from './answer-error.js';
import {
  type Access,
  type AuthorizedExchange,
  type RegistryConnection,
  type RegistryHost,
  sendRequest,
} from './connection.js';
import { mirroredName, readThroughMirrors } from './mirrors.js';
import { RegistryError } from './registry-error.js';
import { createRepository, type RegistryRepository } from './repository.js';
import { type RequestBudget, unlimited } from './request-budget.js';
import { withAuth } from './with-auth.js';

export interface RegistryClientOptions {
  /** Sends requests: `createNodeTransport()` over sockets, `sendTo(handler)` to a handler in this process. */
  readonly send: Send;
  /** Without one, everything is asked for anonymously. */
  readonly keychain?: Keychain | undefined;
  readonly clock?: Clock | undefined;
  /** `name/version` of the program; default that of this library. */
  readonly userAgent?: string | undefined;
  /** Hosts (with port) that speak plain http; loopback hosts are detected. */
  readonly plainHttp?: readonly string[] | undefined;
  /** `brief`, where a fallback is at hand: a host that never answered gets 2.2 s in all. Default `full`. */
  readonly patience?: 'brief' | 'full' | undefined;
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
  const { clock = systemClock, random = Math.random, log, mirrors } = options;
  const { authorizer, hostOf, report } = createPipelines({ ...options, clock, random });
  const redact = (text: string) => authorizer().redact(text);
  const onWarning = createWarnings(log, redact);

  const connect = ({ target, onSent, onAccess }: Connecting): RegistryConnection => {
    const { registry, repository, mirror = false } = target;
    const { host, send } = hostOf(apiHost(canonicalRegistry(registry)), mirror);
    return {
      ...{ registry, repository, host, clock, random, send, redact, onSent, onAccess },
      actions: 'pull',
      onRetry: () => void report.retried++,
      onAnswer: (answer) => onWarning(host.name, answer),
    };
  };

  return {
    report: () => ({ ...report }),
    async authenticate(registry, { signal } = {}) {
      requireName(registry, 'any');
      let access = unknownAccess;
      const onAccess = (noted: Access) => {
        access = noted;
      };
      const target = { registry, repository: '' };
      await authenticate(connect({ target, onSent: () => undefined, onAccess }), signal);
      return access.challenged;
    },
    repository(name, { onRequest } = {}) {
      requireName(name.registry, name.repository);
      let requests = 0;
      let access = unknownAccess;
      const onSent = () => {
        requests++;
        onRequest?.();
      };
      const onAccess = (noted: Access) => {
        access = noted;
      };
      const open = (connection: RegistryConnection): RegistryRepository =>
        createRepository({
          connection,
          access: () => access,
          requests: () => requests,
          forPush: () => open({ ...connection, actions: 'pull,push' }),
        });
      const origin = open(connect({ target: name, onSent, onAccess }));
      const copies = mirrors?.get(canonicalRegistry(name.registry)) ?? [];
      if (copies.length === 0) return origin;
      const opened = copies.map((mirror) => {
        const copy = mirroredName(mirror, name.repository);
        requireName(copy.registry, copy.repository);
        const target = { ...copy, mirror: true };
        return open(connect({ target, onSent, onAccess: () => undefined }));
      });
      return readThroughMirrors(origin, opened, { log });
    },
  };
}

interface Connecting extends Pick<RegistryConnection, 'onSent' | 'onAccess'> {
  readonly target: {
    readonly registry: string;
    readonly repository: string;
    readonly mirror?: boolean;
  };
}

const unknownAccess: Access = { challenged: false, credential: undefined };

/**
 * Asks a registry's `/v2/` and answers its challenge, for no repository and without any right: a credential that is
 * refused is found out, and nothing is read or made.
 *
 * @throws RegistryError
 */
async function authenticate(connection: RegistryConnection, signal: AbortSignal | undefined): Promise<void> {
  const doing = `Cannot log in to ${JSON.stringify(connection.registry)}`;
  const answer = await sendRequest(connection, { method: 'GET', to: '', doing, signal });
  const { method, status, headers, url, fromOrigin } = answer;
  if (status !== 200) throw answerError(connection, answer, { doing });
  const page = /^text\/html/i.test(headers['content-type'] ?? '');
  if (!page && fromOrigin) return;
  throw new RegistryError(
    'REGISTRY_UNREACHABLE',
    `${doing}: ${JSON.stringify(url.host)} answered a page, wanted a registry`,
    { reason: 'not-a-registry', method, status },
  );
}

interface Pipeline {
  readonly host: RegistryHost;
  /** withAuth(withRetry(withRedirects(send))) */
  readonly send: AuthorizedExchange;
}

/** The hosts of one run, each with its pipeline, and what asks their token services. */
function createPipelines(
  options: RegistryClientOptions & { readonly clock: Clock; readonly random: () => number },
) {
  const { clock, random, keychain, log, patience = 'full', timeoutMs, budget = unlimited } = options;
  const { userAgent = `tekton-bundles/${version}` } = options;
  const plain = new Set((options.plainHttp ?? []).map((host) => canonicalRegistry(host)));
  const report = { requests: 0, retried: 0, saved: 0 };
  const pipelines = new Map<string, Pipeline>();
  const send: Send = (request) =>
    options.send({ ...request, headers: { ...request.headers, 'user-agent': userAgent } });
  const onSaved = () => void report.saved++;

  const exchangeWith = (host: RegistryHost, follow: Follow): Exchange =>
    createExchange({
      ...{ send, host, clock, random, follow, budget },
      count(call) {
        report.requests++;
        call.onSent?.();
      },
      onRetry: () => void report.retried++,
      onGivenUp: onSaved,
    });
  /** The limits, attempts and patience of a token service's host hold as for a registry. */
  const ask: AskTokenService = async (call, follow) => {
    const { host } = hostOf(call.url.host);
    const entry = await host.enter({ nested: true, signal: call.signal });
    try {
      return await exchangeWith(host, follow)(call);
    } finally {
      entry.leave();
    }
  };
  const authorizer = lazy(() => createAuthorizer({ ask, clock, keychain, log }));
  const open = (name: string, more: Partial<HostOptions>): Pipeline => {
    const made = createHost(name, { clock, patience, timeoutMs, plainHttp: plain.has(name), ...more });
    const host = Object.assign(made, { singlePost: true, refusedMounts: new Set<string>() });
    const asked = exchangeWith(host, followRedirect);
    return { host, send: (call) => withAuth(asked, { host, authorizer: authorizer(), onSaved })(call) };
  };
  /** As a mirror a host gets little patience: what it should serve can be had elsewhere. */
  const hostOf = (name: string, mirror = false): Pipeline => {
    const key = `${mirror ? 'mirror ' : ''}${name}`;
    const known = pipelines.get(key) ?? open(name, mirror ? { patience: 'brief', once: true } : {});
    pipelines.set(key, known);
    return known;
  };
  return { authorizer, hostOf, report };
}

/** Reading goes where a redirect leads, an upload where its next part is to go. */
const followRedirect: Follow = (location, url, method) =>
  followLocation(location, { url, use: method === 'GET' || method === 'HEAD' ? 'read' : 'upload' });

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
): (name: string, answer: Answer) => void {
  const told = new Set<string>();
  return (name, { headers }) => {
    const text = /^299 \S+ "(.*)"/.exec(headers.warning ?? '')?.[1];
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
