import type { Clock } from '../../async/clock.js';
import { type SharedTask, shareTask } from '../../async/shared-task.js';
import { createAuthorizer } from '../../auth/authorizer.js';
import type { Keychain } from '../../auth/credential.js';
import type { AskTokenService } from '../../auth/token-exchange.js';
import { followLocation } from '../../http/location.js';
import type { Send } from '../../http/message.js';
import type { Call, Exchange } from '../../http/send/call.js';
import { createExchange } from '../../http/send/exchange.js';
import { createHost, type HostOptions } from '../../http/send/host.js';
import type { Follow } from '../../http/send/redirects.js';
import { canonicalRegistry } from '../../oci/registry-host.js';
import { version } from '../../version.js';
import type { AuthorizedExchange, RegistryHost } from './connection.js';
import { type RequestBudget, unlimited } from './request-budget.js';
import { withAuth } from './with-auth.js';

/** How registries are reached: transport, credentials, retries. */
export interface RegistryClientOptions {
  /** Sends requests: `createNodeTransport()` over sockets, `sendTo(handler)` to a handler in this process. */
  readonly send: Send;
  /** Without one, all requests are anonymous. */
  readonly keychain?: Keychain | undefined;
  readonly clock?: Clock | undefined;
  /** `name/version` of the program; default that of this library. */
  readonly userAgent?: string | undefined;
  /** Hosts (with port) without TLS; loopback hosts are detected. */
  readonly plainHttp?: readonly string[] | undefined;
  /** `brief`, where a fallback is at hand: a host that never answered gets 2.2 s in all. Default `full`. */
  readonly patience?: 'brief' | 'full' | undefined;
  /** Receives which credential is used, never its value, and what registries warn of. */
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

/** The number of requests that a client has made, repeated and saved. */
export interface RegistryReport {
  /** Sent so far, token requests included. */
  readonly requests: number;
  /** Of these, how many repeated an earlier one. */
  readonly retried: number;
  /** Not sent: a token was at hand or under way already, or the host had been given up. */
  readonly saved: number;
}

/** What sends requests to one host. */
export interface Pipeline {
  readonly host: RegistryHost;
  /** withAuth(withRetry(receive(withRedirects(send)))) */
  readonly send: AuthorizedExchange;
  /** See RegistryConnection. */
  readonly introduce: (
    target: { readonly registry: string; readonly repository: string },
    call: Pick<Call, 'onSent' | 'signal'>,
  ) => Promise<void>;
}

/** The hosts of one run, each with its pipeline. */
export interface Pipelines {
  /** As a mirror a host gets little patience: what it should serve can be had elsewhere. */
  hostOf(name: string, mirror?: boolean): Pipeline;
  /** The run is about this repository. */
  willAsk(registry: string, repository: string): void;
  redact(text: string): string;
  /** Every credential and token handed out so far. */
  secrets(): readonly string[];
  report(): RegistryReport;
  onRetry(): void;
}

export function createPipelines(
  options: RegistryClientOptions & { readonly clock: Clock; readonly random: () => number },
): Pipelines {
  const { clock, random, keychain, log, patience = 'full', timeoutMs, budget = unlimited } = options;
  const { userAgent = `tekton-bundles/${version}` } = options;
  const plain = new Set((options.plainHttp ?? []).map((host) => canonicalRegistry(host)));
  const report = { requests: 0, retried: 0, saved: 0 };
  const pipelines = new Map<string, Pipeline>();
  const opened = new Map<string, Set<string>>();
  const send: Send = (request) =>
    options.send({ ...request, headers: { ...request.headers, 'user-agent': userAgent } });
  const onRetry = () => void report.retried++;
  const onSaved = () => void report.saved++;
  const count = (call: Call) => {
    report.requests++;
    call.onSent?.();
  };
  const exchangeWith = (host: RegistryHost, follow: Follow): Exchange =>
    createExchange({ send, host, clock, random, follow, budget, count, onRetry, onGivenUp: onSaved });

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
  const repositoriesOf = (registry: string) => opened.get(registry) ?? [];
  const authorizer = lazy(() => createAuthorizer({ ask, clock, keychain, log, repositoriesOf }));

  const open = (name: string, more: Partial<HostOptions>): Pipeline => {
    const made = createHost(name, { clock, patience, timeoutMs, plainHttp: plain.has(name), ...more });
    const host = Object.assign(made, { singlePost: true, refusedMounts: new Set<string>() });
    const bare = exchangeWith(host, followRedirect);
    const authorized = lazy(() => withAuth(bare, { host, authorizer: authorizer(), onSaved }));
    const ping = async (call: Pick<Call, 'onSent' | 'signal'>) => {
      const headers = { accept: 'application/json', 'accept-encoding': 'identity' };
      const url = new URL(`${host.origin}/v2/`);
      const { status, headers: received } = await bare({
        ...call,
        method: 'GET',
        url,
        headers,
        anyScheme: true,
      });
      if (status === 401)
        authorizer().note(received['www-authenticate'] ?? '', { origin: host.origin, registry: name });
    };
    let pinged: SharedTask<void> | undefined;
    return {
      host,
      send: (call) => authorized()(call),
      async introduce(target, { onSent, signal }) {
        if (authorizer().knows(host.origin) || !(await keychain?.find(target, { signal }))) return;
        // Any failure is left to the upload itself.
        if (!pinged || pinged.abandoned)
          pinged = shareTask((alive) => ping({ onSent, signal: alive }).catch(() => undefined));
        await pinged.join(signal);
      },
    };
  };
  const hostOf = (name: string, mirror = false): Pipeline => {
    const key = `${mirror ? 'mirror ' : ''}${name}`;
    const known = pipelines.get(key) ?? open(name, mirror ? { patience: 'brief', once: true } : {});
    pipelines.set(key, known);
    return known;
  };

  return {
    hostOf,
    willAsk(registry, repository) {
      const known = opened.get(registry) ?? new Set();
      opened.set(registry, known.add(repository));
    },
    redact: (text) => authorizer().redact(text),
    secrets: () => authorizer().secrets(),
    report: () => ({ ...report }),
    onRetry,
  };
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
