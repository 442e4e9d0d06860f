import { Agent } from 'node:http';
import type { AgentOptions, Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ProxyServer, ProxySettings } from './proxy-settings.js';

/** `ca` adds to the authorities Node trusts; `cert` and `key` are for servers that ask who we are. */
export type TlsSettings = Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized'>;

export interface AgentsOptions {
  readonly connectTimeoutMs: number;
  readonly maxSockets: number;
  readonly tls: TlsSettings;
  readonly hosts: ReadonlyMap<string, TlsSettings>;
  readonly proxy: Pick<ProxySettings, 'proxyFor'> | undefined;
  readonly lookup: LookupFunction | undefined;
}

/** Where the connection for an address comes from. */
export interface Route {
  /** Its `protocol` decides between http and https. */
  readonly agent: Agent;
  /** The proxy to which the whole address is sent; none for a tunnel, which looks like the host itself. */
  readonly via: ProxyServer | undefined;
}

/** The pools of kept connections: one for http, one for each way to speak TLS. */
export interface Agents {
  routeFor(url: URL): Route | Promise<Route>;
  destroy(): Promise<void>;
}

export function createAgents(options: AgentsOptions): Agents {
  const { hosts, proxy } = options;
  let plain: Agent | undefined;
  const secure = new Map<string, Promise<HttpsAgent>>();
  const plainAgent = () => (plain ??= new Agent(agentOptions(options)));
  const secureAgent = (key: string, create: () => Promise<HttpsAgent>) => {
    const known = secure.get(key) ?? create();
    secure.set(key, known);
    return known;
  };
  const direct = (host: string | undefined) =>
    secureAgent(host ?? '', () => createSecureAgent(options, host === undefined ? {} : hosts.get(host)));
  const tunnel = (host: string | undefined, through: ProxyServer) =>
    secureAgent(`${host ?? ''} ${through.shown}`, () =>
      createTunnelAgent(options, through, host === undefined ? {} : hosts.get(host)),
    );

  return {
    routeFor(url) {
      const through = proxy?.proxyFor(url);
      if (url.protocol === 'http:') {
        if (through?.protocol !== 'https:') return { agent: plainAgent(), via: through };
        return direct(undefined).then((agent) => ({ agent, via: through }));
      }
      const own = hosts.has(url.host) ? url.host : undefined;
      const agent = through ? tunnel(own, through) : direct(own);
      return agent.then((found) => ({ agent: found, via: undefined }));
    },
    async destroy() {
      plain?.destroy();
      for (const agent of secure.values()) (await agent).destroy();
    },
  };
}

/** The second address of a host is tried after this; Node's 250 ms give up on hosts that are merely far away. */
const attemptTimeoutMs = 600;

function agentOptions({ maxSockets, lookup }: AgentsOptions) {
  return {
    keepAlive: true,
    maxSockets,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
    ...(lookup === undefined ? {} : { lookup }),
  };
}

async function createSecureAgent(options: AgentsOptions, own: TlsSettings = {}): Promise<HttpsAgent> {
  const [https, settings] = await Promise.all([import('node:https'), tlsOptions(options.tls, own)]);
  return new https.Agent({ ...agentOptions(options), ...settings });
}

async function createTunnelAgent(
  options: AgentsOptions,
  proxy: ProxyServer,
  own: TlsSettings = {},
): Promise<HttpsAgent> {
  const { connectTimeoutMs, lookup, tls } = options;
  const [{ TunnelAgent }, settings, toProxy] = await Promise.all([
    import('./tunnel-agent.js'),
    tlsOptions(tls, own),
    proxy.protocol === 'https:' ? tlsOptions({ ca: tls.ca }, {}) : {},
  ]);
  const reach = { ...toProxy, lookup, autoSelectFamilyAttemptTimeout: attemptTimeoutMs };
  return new TunnelAgent({
    proxy,
    connectTimeoutMs,
    reach,
    agent: { ...agentOptions(options), ...settings },
  });
}

/**
 * Naming authorities replaces Node's own; people mean theirs in addition. They are read once for all connections:
 * Node would parse some 150 certificates again for each.
 */
async function tlsOptions(common: TlsSettings, own: TlsSettings): Promise<ConnectionTls> {
  const named = [common.ca, own.ca].flat().filter((ca) => ca !== undefined);
  const { ca: _ca, rejectUnauthorized, ...identity } = { ...common, ...own };
  const check = rejectUnauthorized === undefined ? {} : { rejectUnauthorized };
  if (named.length === 0 && Object.keys(identity).length === 0) return check;
  const tls = await import('node:tls');
  const authorities = named.length === 0 ? {} : { ca: [...trusted(tls), ...named] };
  return { ...check, secureContext: tls.createSecureContext({ ...identity, ...authorities }) };
}

/** How one agent speaks TLS. */
type ConnectionTls = Pick<ConnectionOptions, 'rejectUnauthorized' | 'secureContext'>;

/** Newer Nodes can tell what NODE_EXTRA_CA_CERTS and the system's store add to their own list. */
function trusted(tls: typeof import('node:tls')): readonly string[] {
  const newer = tls as { readonly getCACertificates?: (kind: string) => string[] };
  return newer.getCACertificates?.('default') ?? tls.rootCertificates;
}
