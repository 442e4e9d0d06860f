import type { Keychain } from '../auth/credential.js';
import type { HostSettings, TlsSettings } from '../http/connect/agents.js';
import { createLookup } from '../http/connect/lookup.js';
import { createNodeTransport } from '../http/connect/node-transport.js';
import { readProxySettings } from '../http/connect/proxy-settings.js';
import type { Send } from '../http/message.js';
import { createRegistryClient, type RegistryClient } from '../registry/client.js';
import { createRequestBudget } from '../registry/connection/request-budget.js';
import { version } from '../version.js';
import type { RunContext } from './machine.js';
import type { DistrustedRegistry } from './registry-trust.js';

export interface Connection {
  readonly send: Send;
  /** Asks with the credentials that this machine has. */
  readonly registry: RegistryClient;
  /** Asks as a stranger. */
  readonly anonymous: RegistryClient;
  /** Registries whose settings in bundles.yaml are not trusted on this machine, by hostKey. */
  readonly distrusted: ReadonlyMap<string, DistrustedRegistry>;
  /** Aborted when a request beyond the limit of the run was wanted. */
  readonly signal: AbortSignal;
  /** With --verbose, also prints the number of requests. */
  close(): Promise<void>;
}

export interface ConnectionSettings {
  /** `brief` where a fallback is allowed: a host that does not answer is given up after 2.2 s. */
  readonly patience: 'brief' | 'full';
  readonly plainHttp: readonly string[];
  /** Prints the lines of `--verbose`. */
  readonly log?: (line: string) => void;
  readonly network?: NetworkSettings;
  readonly keychain: Keychain;
  readonly distrusted: ReadonlyMap<string, DistrustedRegistry>;
  /** Put around everything that is sent; the first is the innermost. */
  readonly watches?: readonly ((send: Send) => Send)[];
}

/** The network settings of flags and projects, with their files read. */
export interface NetworkSettings {
  readonly tls?: TlsSettings;
  readonly hosts?: ReadonlyMap<string, HostSettings>;
  readonly mirrors?: ReadonlyMap<string, readonly string[]>;
  readonly timeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly maxRequests?: number | undefined;
}

/** Registry clients over real sockets with this machine's credentials and proxies. @throws CONFIG_INVALID */
export function connect(context: RunContext, settings: ConnectionSettings): Connection {
  const { patience, plainHttp, log, keychain, distrusted, network = {} } = settings;
  const { tls, hosts, mirrors, timeoutMs, connectTimeoutMs, maxRequests } = network;
  const names = createLookup();
  const proxies = readProxySettings(context.environment);
  const transport = createNodeTransport({
    lookup: names.lookup,
    proxy: proxies,
    tls,
    hosts,
    connectTimeoutMs,
  });
  const send = (settings.watches ?? []).reduce<Send>((inner, watch) => watch(inner), transport);
  const stop = new AbortController();
  const onSpent = (error: unknown) => stop.abort(error);
  const { clock } = context;
  const common = {
    send,
    clock,
    plainHttp,
    patience,
    mirrors,
    timeoutMs,
    userAgent: `tekton-bundles/${version}`,
    budget: maxRequests === undefined ? undefined : createRequestBudget(maxRequests, { onSpent }),
    ...(log ? { log } : {}),
  };
  const registry = createRegistryClient({ ...common, keychain });
  const anonymous = createRegistryClient(common);
  context.hide?.(() => [...keychain.secrets(), ...registry.secrets(), ...(proxies?.secrets ?? [])]);
  return {
    send,
    registry,
    anonymous,
    distrusted,
    signal: stop.signal,
    async close() {
      log?.(reportOf([registry, anonymous]));
      await transport.close();
      names.close();
    },
  };
}

function reportOf(clients: readonly RegistryClient[]): string {
  const reports = clients.map((client) => client.report());
  const sum = (name: 'requests' | 'retried' | 'saved') => reports.reduce((all, one) => all + one[name], 0);
  return `requests: ${sum('requests')} made, ${sum('retried')} of them repeated, ${sum('saved')} saved`;
}
