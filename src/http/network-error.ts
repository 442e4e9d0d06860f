import { BundlesError } from '../errors.js';
import { redactUrl } from './redact.js';

/** Why no answer came. */
export type NetworkReason =
  | 'dns'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'unreachable-host'
  | 'tls-unknown-ca'
  | 'tls-expired'
  | 'tls-wrong-host'
  | 'tls'
  | 'proxy'
  | 'protocol'
  | 'closed';

export interface NetworkErrorOptions {
  readonly method: string;
  readonly url: string | URL;
  /** The word of the system, TLS or the HTTP parser, e.g. `ECONNREFUSED`. */
  readonly errno?: string | undefined;
  /** The connection had served an earlier request: the peer may have closed it just before this one. */
  readonly reusedSocket?: boolean | undefined;
  readonly cause?: unknown;
}

/** A request got no answer, or only a part of one. Code REGISTRY_UNREACHABLE; the chain of causes is kept. */
export class NetworkError extends BundlesError {
  readonly reason: NetworkReason;
  readonly method: string;
  /** Without user, password, query and fragment. */
  readonly url: string;
  readonly errno: string | undefined;
  readonly reusedSocket: boolean;
  /** The same request may succeed a little later. */
  readonly retryable: boolean;

  constructor(reason: NetworkReason, options: NetworkErrorOptions) {
    const { method, errno, reusedSocket = false, cause } = options;
    const url = redactUrl(options.url);
    const found = errno === undefined ? texts[reason] : `${texts[reason]} (${errno})`;
    super('REGISTRY_UNREACHABLE', `No answer to ${method} ${JSON.stringify(url)}: ${found}`, {
      hint: hints[reason] ?? 'Check the host name, the network and the proxy settings',
      details: { reason, method, url, errno },
      cause,
    });
    this.reason = reason;
    this.method = method;
    this.url = url;
    this.errno = errno;
    this.reusedSocket = reusedSocket;
    this.retryable = retryableReasons.has(reason) && errno !== 'ENOTFOUND';
  }
}

/** True for our own, also across two loaded copies of the library. */
export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof Error && error.name === 'BundlesError' && 'reusedSocket' in error;
}

/** Reads what Node's sockets, TLS and HTTP parser say, also through the errors of several addresses tried. */
export function toNetworkError(
  error: unknown,
  options: Omit<NetworkErrorOptions, 'errno' | 'cause'>,
): NetworkError {
  if (isNetworkError(error)) return error;
  const errno = errnoOf(error);
  return new NetworkError(reasonFor(errno), { ...options, errno, cause: error });
}

function reasonFor(errno: string | undefined): NetworkReason {
  if (errno === undefined) return 'protocol';
  const known = reasons.get(errno);
  if (known !== undefined) return known;
  if (errno.startsWith('ERR_PROXY')) return 'proxy';
  if (/^(CERT_|CRL_|INVALID_|PATH_LENGTH|UNABLE_TO_)/.test(errno)) return 'tls-unknown-ca';
  if (/^(EPROTO$|ERR_SSL_|ERR_TLS_|ERR_OSSL)/.test(errno)) return 'tls';
  return 'protocol';
}

function errnoOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  for (const one of inner) {
    const found = errnoOf(one, depth + 1);
    if (found !== undefined) return found;
  }
  return 'cause' in error ? errnoOf(error.cause, depth + 1) : undefined;
}

const reasons: ReadonlyMap<string, NetworkReason> = new Map([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['EAI_NODATA', 'dns'],
  ['ENODATA', 'dns'],
  ['ESERVFAIL', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'reset'],
  ['ERR_STREAM_DESTROYED', 'reset'],
  ['ERR_HTTP2_GOAWAY_SESSION', 'reset'],
  ['ERR_HTTP2_INVALID_SESSION', 'reset'],
  ['ERR_HTTP2_STREAM_CANCEL', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['ERR_SOCKET_CONNECTION_TIMEOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable-host'],
  ['ENETUNREACH', 'unreachable-host'],
  ['EHOSTDOWN', 'unreachable-host'],
  ['ENETDOWN', 'unreachable-host'],
  ['EADDRNOTAVAIL', 'unreachable-host'],
  ['EACCES', 'unreachable-host'],
  ['EPERM', 'unreachable-host'],
  ['CERT_HAS_EXPIRED', 'tls-expired'],
  ['CERT_NOT_YET_VALID', 'tls-expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-wrong-host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-unknown-ca'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-unknown-ca'],
]);

const retryableReasons: ReadonlySet<NetworkReason> = new Set([
  'dns',
  'refused',
  'reset',
  'timeout',
  'unreachable-host',
]);

const texts: Readonly<Record<NetworkReason, string>> = {
  dns: 'the host name does not resolve',
  refused: 'the connection was refused',
  reset: 'the connection broke',
  timeout: 'it took too long',
  'unreachable-host': 'there is no way to the host',
  'tls-unknown-ca': 'its certificate is signed by no authority this machine trusts',
  'tls-expired': 'its certificate is expired or not valid yet',
  'tls-wrong-host': 'its certificate is for another host',
  tls: 'the TLS handshake failed',
  proxy: 'the proxy refused',
  protocol: 'what came back is no HTTP answer',
  closed: 'the transport is closed',
};

const hints: Readonly<Partial<Record<NetworkReason, string>>> = {
  'tls-unknown-ca': 'Name the file of its certificate authority with --ca-file or in NODE_EXTRA_CA_CERTS',
  proxy: 'Check HTTPS_PROXY, HTTP_PROXY, the user and password in them, and NO_PROXY',
  'tls-expired': 'Renew the certificate, or set the clock of this machine',
  'tls-wrong-host': 'Use the name the certificate was made for',
};
