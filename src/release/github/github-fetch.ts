import type { Clock } from '../../async/clock.js';
import { createDeadline } from '../../async/deadline.js';
import { readStart } from '../../bytes/byte-source.js';
import { BundlesError } from '../../errors.js';
import type { HttpResponse, Send } from '../../http/message.js';
import { isNetworkError, NetworkError, toNetworkError } from '../../http/network-error.js';
import { redactUrl } from '../../http/redact.js';

/** As much of `fetch` as Octokit uses. */
export type GitHubFetch = (url: string, init: GitHubFetchInit) => Promise<Response>;

export interface GitHubFetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ArrayBuffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GitHubFetchOptions {
  readonly send: Send;
  readonly clock: Clock;
  /** The origins that get the token; other ones get nothing but the downloads that GitHub redirects to. */
  readonly origins: readonly string[];
  readonly token: string;
  /** For one answer with its body, and for what is uploaded at the least rate. */
  readonly timeoutMs: number;
  /** Bytes of an answer. */
  readonly limit: number;
  readonly onRequest?: (() => void) | undefined;
}

const mostRedirects = 5;
const leastBytesPerMs = 20;

/**
 * Sends Octokit's requests by our own transport, with its proxies and authorities. The token goes to the origins of the
 * API alone; a redirect to another one is followed for downloads only, without the token.
 */
export function createGitHubFetch(options: GitHubFetchOptions): GitHubFetch {
  return async (address, init) => {
    try {
      return await follow(new URL(address), init, options);
    } catch (error) {
      const mayPass = isNetworkError(error) && error.attempts !== 'one';
      throw mayPass && init.signal?.aborted !== true ? error : final(error);
    }
  };
}

/** An error whose name makes Octokit send nothing again. */
function final(cause: unknown): Error {
  return Object.assign(new Error('not sent again', { cause }), { name: 'AbortError' });
}

async function follow(first: URL, init: GitHubFetchInit, options: GitHubFetchOptions): Promise<Response> {
  requireOrigin(first, init.method, options);
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const { response, bytes } = await exchange(url, init, options);
    const target = redirectOf(response, url, init.method);
    if (target === undefined) return toResponse(url, init.method, response, bytes);
    if (redirects === mostRedirects) throw refusedRedirect(url, init.method);
    if (!options.origins.includes(target.origin)) requireDownload(url, target, init.method);
    url = target;
  }
}

interface Exchanged {
  readonly response: HttpResponse;
  readonly bytes: Uint8Array;
}

async function exchange(
  url: URL,
  { method, headers: given, body: text, signal }: GitHubFetchInit,
  { send, clock, origins, token, timeoutMs, limit, onRequest }: GitHubFetchOptions,
): Promise<Exchanged> {
  const body = bytesOf(text);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = value;
  delete headers.authorization;
  if (origins.includes(url.origin)) headers.authorization = `Bearer ${token}`;
  const deadline = createDeadline(clock, signal);
  const time = timeoutMs + (body?.byteLength ?? 0) / leastBytesPerMs;
  const read = async (): Promise<Exchanged> => {
    const response = await send({ method, url, headers, body, signal: deadline.signal });
    if (!response.body) return { response, bytes: new Uint8Array(0) };
    const { bytes, complete } = await readStart(response.body, limit);
    if (!complete) throw tooLong(url, limit);
    return { response, bytes };
  };
  try {
    onRequest?.();
    return await deadline.within(time, read());
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BundlesError) throw error;
    throw toNetworkError(error, { method, url });
  } finally {
    deadline.close();
  }
}

function bytesOf(body: GitHubFetchInit['body']): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return new TextEncoder().encode(body);
  return body instanceof Uint8Array ? body : new Uint8Array(body);
}

function redirectOf({ status, headers }: HttpResponse, url: URL, method: string): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, url.href)) throw refusedRedirect(url, method);
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead && status !== 307 && status !== 308) throw refusedRedirect(url, method);
  return new URL(location, url);
}

/** A download may lie elsewhere; it never gets less protection than the API had. */
function requireDownload(from: URL, to: URL, method: string): void {
  const isRead = method === 'GET' || method === 'HEAD';
  const isWeaker = to.protocol !== 'https:' && to.protocol !== from.protocol;
  if (!isRead || isWeaker || !/^https?:$/.test(to.protocol)) throw refusedRedirect(from, method);
}

function requireOrigin(url: URL, method: string, { origins }: GitHubFetchOptions): void {
  if (origins.includes(url.origin)) return;
  throw new BundlesError(
    'GITHUB_REFUSED',
    `Cannot send ${method} to ${JSON.stringify(redactUrl(url))}: GitHub named a host that is not its own, expected ${origins.join(' or ')}`,
    {
      hint: 'Check GITHUB_API_URL, and whether a proxy on the way to GitHub changes its answers',
      details: { reason: 'foreign-origin', method, url: redactUrl(url) },
    },
  );
}

function refusedRedirect(url: URL, method: string): NetworkError {
  return new NetworkError('redirect-refused', { method, url });
}

function tooLong(url: URL, limit: number): BundlesError {
  return new BundlesError(
    'TOO_LARGE',
    `Cannot read the answer of ${JSON.stringify(redactUrl(url))}: it is longer than ${limit} bytes`,
    { details: { limit, url: redactUrl(url) } },
  );
}

function toResponse(
  url: URL,
  method: string,
  { status, headers }: HttpResponse,
  bytes: Uint8Array,
): Response {
  if (status < 200 || status > 599) {
    throw new NetworkError('protocol', { method, url, text: `it answered the status ${status}` });
  }
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : new Uint8Array(bytes), { status, headers: { ...headers } });
}
