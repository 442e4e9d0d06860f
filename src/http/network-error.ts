import { BundlesError } from '../errors.js';
import { type FailureReason, failureRow, type NetworkReason } from './failure.js';
import { redactUrl } from './redact.js';

export interface NetworkErrorOptions {
  readonly method: string;
  readonly url: string | URL;
  /** The code of the system, TLS or the HTTP parser, e.g. `ECONNREFUSED`. */
  readonly errno?: string | undefined;
  /** The connection had served an earlier request: the peer may have closed it just before this one. */
  readonly reusedSocket?: boolean | undefined;
  /** Replaces the text of the reason. */
  readonly text?: string | undefined;
  /** Address of the proxy in between. */
  readonly proxy?: string | undefined;
  readonly cause?: unknown;
}

/** Beside the network's own reasons: a host that was given up for its answers, and a redirect that may not be followed. */
type Reason = NetworkReason | Extract<FailureReason, 'server-error' | 'rate-limited' | 'redirect-refused'>;

/** A request led to no answer, or to a part of one. The code follows from the reason; the chain of causes is kept. */
export class NetworkError extends BundlesError {
  readonly reason: Reason;
  readonly method: string;
  /** Without user, password, query and fragment. */
  readonly url: string;
  readonly errno: string | undefined;
  /** What was found, in a few words with the code of the system. */
  readonly text: string;
  readonly reusedSocket: boolean;
  readonly proxy: string | undefined;
  /** How often in all the request is worth sending. */
  readonly attempts: 'one' | 'two' | 'all';
  /** The same request may succeed a little later. */
  readonly retryable: boolean;

  constructor(reason: Reason, options: NetworkErrorOptions) {
    const { method, errno, reusedSocket = false, proxy, cause } = options;
    const url = redactUrl(options.url);
    const { code, hint, ...row } = failureRow(reason, { proxy });
    const text = options.text ?? row.text;
    const found = errno === undefined ? text : `${text} (${errno})`;
    super(code, `No answer to ${method} ${JSON.stringify(url)}: ${found}`, {
      hint,
      details: { reason, method, url, errno, proxy },
      cause,
    });
    this.reason = reason;
    this.method = method;
    this.url = url;
    this.errno = errno;
    this.text = found;
    this.reusedSocket = reusedSocket;
    this.proxy = proxy;
    this.attempts = errno === 'ENOTFOUND' ? 'two' : mayPass.has(reason) ? 'all' : 'one';
    this.retryable = this.attempts === 'all';
  }
}

/** True for our own, also across two loaded copies of the library. */
export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof Error && error.name === 'BundlesError' && 'reusedSocket' in error;
}

/** Reads what Node's sockets, TLS and HTTP parser report, also through the errors of several addresses tried. */
export function toNetworkError(
  error: unknown,
  options: Omit<NetworkErrorOptions, 'errno' | 'cause'>,
): NetworkError {
  if (isNetworkError(error)) return error;
  const errno = errnoOf(error);
  const { proxy, text } = proxyIn(error) ?? {};
  return new NetworkError(reasonFor(errno), { text, ...options, errno, proxy, cause: error });
}

/** Whether a failure of a request by http may mean that the server expects TLS: it hung up or sent no HTTP. */
export function mayExpectTls({ reason }: NetworkError): boolean {
  return reason === 'reset' || reason === 'protocol';
}

function reasonFor(errno: string | undefined): NetworkReason {
  if (errno === undefined) return 'protocol';
  const known = reasons.get(errno);
  if (known !== undefined) return known;
  if (errno.startsWith('ERR_PROXY')) return 'proxy';
  // Transports of other people: the classes of undici.
  if (/^UND_ERR_.*TIMEOUT$/.test(errno)) return 'timeout';
  if (/^(CERT_|CRL_|INVALID_|PATH_LENGTH|UNABLE_TO_)/.test(errno)) return 'tls-unknown-ca';
  if (/^(EPROTO$|ERR_SSL_|ERR_TLS_|ERR_OSSL)/.test(errno)) return 'tls';
  return 'protocol';
}

/** What a connection through a proxy states of it, see tunnel.ts. */
function proxyIn(
  error: unknown,
  depth = 0,
): { readonly proxy: string; readonly text: string | undefined } | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  if ('proxy' in error && typeof error.proxy === 'string') {
    const text = 'text' in error && typeof error.text === 'string' ? error.text : undefined;
    return { proxy: error.proxy, text };
  }
  return 'cause' in error ? proxyIn(error.cause, depth + 1) : undefined;
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
  ['UND_ERR_SOCKET', 'reset'],
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

const mayPass: ReadonlySet<Reason> = new Set(['dns', 'refused', 'reset', 'timeout', 'unreachable-host']);
