import { request as requestHttp } from 'node:http';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { ProxyServer } from './proxy-settings.js';
import { type Connect, handshake } from './tls-pool.js';

export interface TunnelOptions {
  readonly proxy: ProxyServer;
  /** How to reach the proxy itself. */
  readonly reach: {
    readonly secureContext?: SecureContext | undefined;
    readonly lookup?: LookupFunction | undefined;
    readonly autoSelectFamilyAttemptTimeout: number;
  };
}

/** Makes connections to TLS servers through one proxy, which opens them by CONNECT. */
export function createTunnel({ proxy, reach }: TunnelOptions): Connect {
  return async (target, signal) => {
    const { connect } = await import('node:tls');
    const host = target.host ?? 'localhost';
    const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
    const socket = await askProxy(authority, { proxy, reach, signal });
    const { path: _path, port: _port, ...options } = target;
    return handshake(connect({ ...(options as ConnectionOptions), socket }), signal);
  };
}

async function askProxy(
  authority: string,
  { proxy, reach, signal }: TunnelOptions & { readonly signal: AbortSignal },
): Promise<Socket> {
  const { authorization } = proxy;
  const send = proxy.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
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

/** What a proxy's answer to CONNECT means: its own refusal, or that it found no way to the host. */
function proxyRefusal({ shown }: ProxyServer, status: number): Error {
  const code = status >= 500 && status !== 511 ? 'EHOSTUNREACH' : `ERR_PROXY_${status}`;
  const text =
    code === 'EHOSTUNREACH'
      ? `the proxy ${shown} found no route, it answered ${status}`
      : `the proxy ${shown} refused, it answered ${status}`;
  return Object.assign(new Error(text), { code, proxy: shown, text });
}

/** A proxy that is not there, or not to be trusted, is a wrong setting; what breaks later may do better next time. */
export function proxyFailure({ shown }: ProxyServer, error: unknown): Error {
  const errno = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (errno === undefined || !settingErrors.test(errno)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const code = `ERR_PROXY_${errno.replace(/^ERR_/, '')}`;
  const text = `the proxy ${shown} cannot be used`;
  return Object.assign(new Error(`${text} (${errno})`, { cause: error }), { code, proxy: shown, text });
}

const settingErrors =
  /^(?:ECONNREFUSED|ENOTFOUND|EPROTO|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_)/;
