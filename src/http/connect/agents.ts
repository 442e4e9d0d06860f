import { Agent } from 'node:http';
import type { AgentOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { hostnameOf } from '../host-location.js';
import type { ProxyServer, ProxySettings } from './proxy-settings.js';
import { createTlsHost, type TlsHost } from './tls-host.js';
import { createTlsPool, type TlsPool } from './tls-pool.js';
import { createTunnel } from './tunnel.js';

/** `ca` adds to the authorities Node trusts; `cert` and `key` are for servers that request a client certificate. */
export type TlsSettings = Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized'>;

/** TLS and HTTP/2 for one host. */
export interface HostSettings extends TlsSettings {
  /** False: HTTP/2 is not offered to this host. */
  readonly http2?: boolean;
}

export interface AgentsOptions {
  readonly connectTimeoutMs: number;
  readonly maxSockets: number;
  readonly http2: boolean;
  readonly tls: TlsSettings;
  readonly hosts: ReadonlyMap<string, HostSettings>;
  readonly proxy: Pick<ProxySettings, 'proxyFor'> | undefined;
  readonly lookup: LookupFunction | undefined;
}

/** Where the connection for an address comes from. */
export interface Route {
  /** Its `protocol` decides between http and https. */
  readonly agent: Agent;
  /** The proxy to which the whole address is sent; none for a tunnel, which looks like the host itself. */
  readonly via: ProxyServer | undefined;
  /** The server that TLS is with, where HTTP/2 may be offered to it. */
  readonly tlsHost?: TlsHost | undefined;
}

/** The pools of kept connections: one for http, one for each set of TLS settings. */
export interface Agents {
  routeFor(url: URL): Route | Promise<Route>;
  destroy(): Promise<void>;
}

export function createAgents(options: AgentsOptions): Agents {
  const { hosts, proxy, http2, maxSockets } = options;
  let plain: Agent | undefined;
  const pools = new Map<string, Promise<TlsPool>>();
  const tlsHosts = new Map<string, TlsHost>();
  const plainAgent = () => (plain ??= new Agent(agentOptions(options)));
  const poolFor = (key: string, create: () => Promise<TlsPool>) => {
    const known = pools.get(key) ?? create();
    pools.set(key, known);
    return known;
  };
  const tlsHostOf = (key: string, url: URL, pool: TlsPool) => {
    if (!(hosts.get(url.host)?.http2 ?? http2)) return undefined;
    const whole = `${url.host} ${key}`;
    const peer = { hostname: hostnameOf(url), port: Number(url.port || 443) };
    const known = tlsHosts.get(whole) ?? createTlsHost({ url, peer, pool, maxStreams: maxSockets });
    tlsHosts.set(whole, known);
    return known;
  };

  return {
    routeFor(url) {
      const through = proxy?.proxyFor(url);
      if (url.protocol === 'http:') {
        if (through?.protocol !== 'https:') return { agent: plainAgent(), via: through };
        return poolFor('', () => createPool(options)).then(({ agent }) => ({ agent, via: through }));
      }
      const own = hosts.get(url.host);
      const key = `${own ? url.host : ''}${through ? ` ${through.shown}` : ''}`;
      return poolFor(key, () => createPool(options, { own, through })).then((pool) => ({
        agent: pool.agent,
        via: undefined,
        tlsHost: tlsHostOf(key, url, pool),
      }));
    },
    async destroy() {
      plain?.destroy();
      for (const host of tlsHosts.values()) host.destroy();
      for (const pool of pools.values()) (await pool).destroy();
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
    lookup,
  };
}

async function createPool(
  options: AgentsOptions,
  {
    own = {},
    through,
  }: { readonly own?: HostSettings | undefined; readonly through?: ProxyServer | undefined } = {},
): Promise<TlsPool> {
  const { connectTimeoutMs, lookup, tls } = options;
  const agent = { ...agentOptions(options), ...(await tlsOptions(tls, own)) };
  if (through === undefined) return createTlsPool({ agent, connectTimeoutMs });
  const toProxy = through.protocol === 'https:' ? await tlsOptions({ ca: tls.ca }, {}) : {};
  const reach = { ...toProxy, lookup, autoSelectFamilyAttemptTimeout: attemptTimeoutMs };
  return createTlsPool({ agent, connectTimeoutMs, tunnel: createTunnel({ proxy: through, reach }) });
}

/**
 * Passing authorities to Node replaces its default ones, so the defaults are added here. They are read once for all
 * connections: Node would parse some 150 certificates again for each.
 */
async function tlsOptions(common: TlsSettings, own: HostSettings): Promise<ConnectionTls> {
  const named = [common.ca, own.ca].flat().filter((ca) => ca !== undefined);
  const { ca: _ca, http2: _http2, rejectUnauthorized, ...identity } = { ...common, ...own };
  const check = rejectUnauthorized === undefined ? {} : { rejectUnauthorized };
  if (named.length === 0 && Object.keys(identity).length === 0) return check;
  const tls = await import('node:tls');
  const authorities = named.length === 0 ? {} : { ca: [...trusted(tls), ...named] };
  return { ...check, secureContext: tls.createSecureContext({ ...identity, ...authorities }) };
}

/** The TLS settings of one agent. */
type ConnectionTls = Pick<ConnectionOptions, 'rejectUnauthorized' | 'secureContext'>;

/** Newer versions of Node report what NODE_EXTRA_CA_CERTS and the system's store add to the default list. */
function trusted(tls: typeof import('node:tls')): readonly string[] {
  const newer = tls as { readonly getCACertificates?: (kind: string) => string[] };
  return newer.getCACertificates?.('default') ?? tls.rootCertificates;
}
