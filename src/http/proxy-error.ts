import type { ProxyServer } from './proxy-settings.js';

/** What a proxy's answer to CONNECT means: its own refusal, or that it found no way to the host. */
export function proxyRefusal({ shown }: ProxyServer, status: number): Error {
  const code = status >= 500 && status !== 511 ? 'EHOSTUNREACH' : `ERR_PROXY_${status}`;
  return Object.assign(new Error(`The proxy ${shown} answers ${status}`), { code });
}

/** A proxy that is not there, or not to be trusted, is a wrong setting; what breaks later may do better next time. */
export function proxyFailure({ shown }: ProxyServer, error: unknown): Error {
  const errno = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (errno === undefined || !settingErrors.test(errno)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const code = `ERR_PROXY_${errno.replace(/^ERR_/, '')}`;
  return Object.assign(new Error(`The proxy ${shown} cannot be used (${errno})`, { cause: error }), { code });
}

const settingErrors =
  /^(?:ECONNREFUSED|ENOTFOUND|EPROTO|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_)/;
