import type { LookupFunction } from 'node:net';
import { createAgents, type HostSettings, type Route, type TlsSettings } from './agents.js';
import type { Fetch } from './fetch.js';
import { NetworkError } from './network-error.js';
import type { ProxySettings } from './proxy-settings.js';
import { sendByOffer } from './send-by-offer.js';
import { sendRequest } from './send-request.js';

export interface NodeTransportOptions {
  /** For resolving the name, connecting and the TLS handshake together. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** From the request sent to the first byte of the answer; callers set closer ones by a signal. Default 5 min. */
  readonly headersTimeoutMs?: number;
  /** Longest pause within a body, on either side. Default 30 s. */
  readonly idleBodyMs?: number;
  /** By HTTP/1.1 connections per host at once, by HTTP/2 requests on its one; further requests wait. Default 64. */
  readonly maxSockets?: number;
  /** Whether HTTP/2 is offered to TLS servers. Default true. */
  readonly http2?: boolean;
  readonly tls?: TlsSettings;
  /** What holds for one host alone, by its name as in an address; its `ca` adds to that of `tls`. */
  readonly hosts?: ReadonlyMap<string, HostSettings>;
  /** Which requests go through a proxy. Default: none. */
  readonly proxy?: Pick<ProxySettings, 'proxyFor'> | undefined;
  /** Replaces the system's name resolution. */
  readonly lookup?: LookupFunction;
}

export interface Transport extends Fetch {
  /** Ends every connection; requests under way fail with reason `closed`. */
  close(): Promise<void>;
}

/**
 * A Fetch over sockets with connections kept alive: HTTP/2 where a TLS server takes it, else HTTP/1.1. It follows no redirect, decompresses nothing,
 * adds no header but host, connection and the body's length (and a proxy's authorization), and never sends bytes at
 * hand in chunks. A signal's abort rejects with its reason; everything else that goes wrong is a NetworkError.
 */
export function createNodeTransport(options: NodeTransportOptions = {}): Transport {
  const { connectTimeoutMs = 10_000, headersTimeoutMs = 300_000, idleBodyMs = 30_000 } = options;
  const { maxSockets = 64, http2 = true, tls = {}, hosts = new Map(), proxy, lookup } = options;
  const limits = { connectTimeoutMs, headersTimeoutMs, idleBodyMs };
  const agents = createAgents({ connectTimeoutMs, maxSockets, http2, tls, hosts, proxy, lookup });
  const running = new Set<() => void>();
  let closed = false;

  const transport = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TypeError(`Only http and https requests can be sent, not ${url.protocol}`);
    }
    if (closed) throw new NetworkError('closed', { method: request.method, url });
    request.signal.throwIfAborted();
    const chosen = agents.routeFor(url);
    const { agent, via, origin }: Route = chosen instanceof Promise ? await chosen : chosen;
    const options = { url, agent, via, limits, running };
    // A host header of its own would also be the name that TLS asks for.
    if (origin === undefined || request.headers.has('host')) return sendRequest(request, options);
    return sendByOffer(request, { ...options, origin });
  };

  return Object.assign(transport, {
    async close() {
      closed = true;
      for (const end of running) end();
      await agents.destroy();
    },
  });
}
