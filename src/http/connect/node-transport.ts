import type { LookupFunction } from 'node:net';
import type { HttpRequest, HttpResponse, Send } from '../message.js';
import { NetworkError } from '../network-error.js';
import { createAgents, type HostSettings, type Route, type TlsSettings } from './agents.js';
import { sendByHttp1 } from './http1.js';
import type { ProxySettings } from './proxy-settings.js';

/** Time limits in milliseconds, TLS, proxies and the number of connections. */
export interface NodeTransportOptions {
  /** For resolving the name, connecting and the TLS handshake together. Default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** From the request sent to the first byte of the answer; callers set closer ones by a signal. Default 5 min. */
  readonly headersTimeoutMs?: number | undefined;
  /** Longest pause within a body, on either side. Default 30 s. */
  readonly idleBodyMs?: number | undefined;
  /** By HTTP/1.1 connections per host at once, by HTTP/2 requests on its one; further requests wait. Default 64. */
  readonly maxSockets?: number | undefined;
  /** Whether HTTP/2 is offered to TLS servers. Default true. */
  readonly http2?: boolean | undefined;
  readonly tls?: TlsSettings | undefined;
  /** What holds for one host alone, by its name as in an address; its `ca` adds to that of `tls`. */
  readonly hosts?: ReadonlyMap<string, HostSettings> | undefined;
  /** Which requests go through a proxy. Default: none. */
  readonly proxy?: Pick<ProxySettings, 'proxyFor'> | undefined;
  /** Replaces the system's name resolution. */
  readonly lookup?: LookupFunction | undefined;
}

/** Sends requests over sockets until it is closed. */
export interface Transport extends Send {
  /** Ends every connection; requests under way fail with reason `closed`. */
  close(): Promise<void>;
}

/**
 * Sends requests over sockets whose connections are kept alive: HTTP/2 where a TLS server offers it, else HTTP/1.1. It follows no redirect
 * and retries nothing; the registry client does. Close it at the end.
 *
 * Time limits are milliseconds: 10,000 to connect, 300,000 for the head, 30,000 without a byte of the body.
 *
 * @example
 * ```ts
 * import { createNodeTransport } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport({ connectTimeoutMs: 2_000 });
 * const { status, body } = await send({ method: 'GET', url: new URL('/v2/', server.url), headers: {} });
 * body?.close();
 * console.log(status); // 200
 * await send.close();
 * ```
 */
export function createNodeTransport(options: NodeTransportOptions = {}): Transport {
  const { connectTimeoutMs = 10_000, headersTimeoutMs = 300_000, idleBodyMs = 30_000 } = options;
  const { maxSockets = 64, http2 = true, tls = {}, hosts = new Map(), proxy, lookup } = options;
  const limits = { connectTimeoutMs, headersTimeoutMs, idleBodyMs };
  const agents = createAgents({ connectTimeoutMs, maxSockets, http2, tls, hosts, proxy, lookup });
  const running = new Set<() => void>();
  let closed = false;

  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const { method, url, signal } = request;
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TypeError(`Only http and https requests can be sent, not ${url.protocol}`);
    }
    if (closed) throw new NetworkError('closed', { method, url });
    signal?.throwIfAborted();
    const chosen = agents.routeFor(url);
    const { agent, via, tlsHost }: Route = chosen instanceof Promise ? await chosen : chosen;
    signal?.throwIfAborted();
    const byHttp1 = (one: HttpRequest) => sendByHttp1(one, { agent, via, limits, running });
    return tlsHost ? tlsHost.send(request, { limits, running, byHttp1 }) : byHttp1(request);
  };

  return Object.assign(send, {
    async close() {
      closed = true;
      for (const end of running) end();
      await agents.destroy();
    },
  });
}
