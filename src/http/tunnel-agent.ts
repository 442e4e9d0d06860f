import { request as requestHttp } from 'node:http';
import { Agent, type AgentOptions, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type SecureContext, type TLSSocket } from 'node:tls';
import { proxyFailure, proxyRefusal } from './proxy-error.js';
import type { ProxyServer } from './proxy-settings.js';

export interface TunnelOptions {
  readonly proxy: ProxyServer;
  /** For the connection, the proxy's answer and the TLS handshake behind it together. */
  readonly connectTimeoutMs: number;
  /** How to reach the proxy itself. */
  readonly reach: {
    readonly secureContext?: SecureContext | undefined;
    readonly lookup?: LookupFunction | undefined;
    readonly autoSelectFamilyAttemptTimeout: number;
  };
  /** Of the connections behind the proxy. */
  readonly agent: AgentOptions;
}

/** The connections to TLS servers that one proxy opens by CONNECT. */
export class TunnelAgent extends Agent {
  readonly #options: TunnelOptions;
  readonly #opening = new Set<AbortController>();

  constructor(options: TunnelOptions) {
    super(options.agent);
    this.#options = options;
  }

  /** Gives the connection by the callback, its TLS handshake done. */
  override createConnection(
    target: TunnelTarget,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(tooLate()), this.#options.connectTimeoutMs);
    this.#opening.add(controller);
    openTunnel(target, this.#options, controller.signal)
      .then(
        (socket) => callback?.(null, socket),
        (error: Error) => (callback as ((error: Error) => void) | undefined)?.(error),
      )
      .finally(() => {
        clearTimeout(timer);
        this.#opening.delete(controller);
      });
    return undefined;
  }

  override destroy(): void {
    for (const controller of this.#opening) controller.abort(new Error('closed'));
    super.destroy();
  }
}

type TunnelTarget = Parameters<Agent['createConnection']>[0] & {
  readonly servername?: string | undefined;
  readonly path?: string | null | undefined;
};

async function openTunnel(
  target: TunnelTarget,
  { proxy, reach }: TunnelOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const host = target.host ?? 'localhost';
  const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
  const socket = await askProxy(authority, { proxy, reach, signal });
  const { path: _path, port: _port, ...options } = target;
  return new Promise((resolve, reject) => {
    const secure = connect({ ...(options as ConnectionOptions), socket });
    const abort = () => {
      secure.destroy();
      reject(signal.reason);
    };
    const early = () => reject(reset());
    secure.once('error', reject);
    secure.once('close', early);
    signal.addEventListener('abort', abort, { once: true });
    secure.once('secureConnect', () => {
      secure.off('error', reject);
      secure.off('close', early);
      signal.removeEventListener('abort', abort);
      resolve(secure);
    });
  });
}

function askProxy(
  authority: string,
  { proxy, reach, signal }: Pick<TunnelOptions, 'proxy' | 'reach'> & { readonly signal: AbortSignal },
): Promise<Socket> {
  const { authorization } = proxy;
  const send = proxy.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = send({
      ...reach,
      hostname: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: authority,
      agent: false,
      // TLS to the proxy is for the proxy's own name, not for that of the Host header.
      ...(proxy.protocol === 'https:'
        ? { servername: isIP(proxy.hostname) === 0 ? proxy.hostname : '' }
        : {}),
      headers: {
        host: authority,
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      },
    });
    const abort = () => {
      asked.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    asked.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      signal.removeEventListener('abort', abort);
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        return resolve(socket);
      }
      socket.destroy();
      reject(proxyRefusal(proxy, statusCode));
    });
    asked.once('response', ({ statusCode = 0 }) => {
      asked.destroy();
      reject(proxyRefusal(proxy, statusCode));
    });
    asked.on('error', (error) => reject(proxyFailure(proxy, error)));
    asked.end();
  });
}

function tooLate(): Error {
  return Object.assign(new Error('the proxy opened no connection in time'), { code: 'ETIMEDOUT' });
}

function reset(): Error {
  return Object.assign(new Error('closed within the TLS handshake'), { code: 'ECONNRESET' });
}
