import { createDeadline } from '../../async/deadline.js';
import { readStart } from '../../bytes/byte-source.js';
import { BundlesError, isBundlesError } from '../../errors.js';
import type { HeaderFields, HttpResponse } from '../../http/message.js';
import { toNetworkError } from '../../http/network-error.js';
import { redactUrl } from '../../http/redact.js';
import { hiding } from '../../http/redactor.js';
import { backoffMs, isRetryStatus, parseRetryAfter } from '../../http/send/retry.js';
import { shorten } from '../../http/shorten.js';
import { CatalogError } from '../catalog-error.js';
import type { CatalogHost, GivenUp } from '../catalog-host.js';
import { generationHint } from './generation.js';

export interface CatalogRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below the catalog's address, e.g. `/api/v1/workflows`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** For messages: `Cannot register …`. */
  readonly doing: string;
  /** Sending it twice does no harm, so it is sent again after every failure that may pass. */
  readonly repeat: boolean;
  /** Statuses the caller wants to see; all others throw. */
  readonly expect: readonly number[];
  /** Bytes of the answer. Default 1 MiB. */
  readonly limit?: number;
}

export interface CatalogAnswer {
  readonly status: number;
  /** The parsed body; undefined where it is empty or no JSON. */
  readonly json: unknown;
  /** What the service itself states, safe to show. */
  readonly said: string;
  /** The service's clock, in milliseconds. */
  readonly date: number | undefined;
}

/** How long one request may take with all its repetitions. */
const patienceMs = 40_000;

/**
 * Sends a request until it has a final answer. A request that must not be sent twice is repeated only if it certainly
 * was not carried out: the service was unreachable, or states that it did nothing.
 *
 * @throws CatalogError CATALOG_UNREACHABLE, CATALOG_REFUSED
 */
export async function ask(
  host: CatalogHost,
  request: CatalogRequest,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<CatalogAnswer> {
  const { clock } = host;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    if (host.givenUp) throw givenUpError(host, request, host.givenUp);
    let failure: Failure;
    try {
      const received = await send(host, request, signal);
      if (request.expect.includes(received.status) && generationOf(request, received) === undefined)
        return received;
      failure = failureOfAnswer(host, request, received);
    } catch (error) {
      signal?.throwIfAborted();
      failure = failureOfNetwork(host, request, error);
    }
    const { error, passes } = failure;
    const rateLimited = error.reason === 'rate-limited';
    const wait = failure.retryAfterMs ?? backoffMs(attempt, { rateLimited, random: host.random });
    const bearable = clock.now() - startedAt + wait <= patienceMs && attempt < host.attempts;
    if (!passes) throw error;
    if (!bearable) {
      if (error.code === 'CATALOG_UNREACHABLE' && host.attempts > 1)
        host.givenUp = { error, why: error.message.slice(request.doing.length) };
      throw error;
    }
    if (!request.repeat && error.mayHaveHappened) throw error;
    await clock.sleep(wait, signal);
  }
}

/** The failure of an earlier request as that of this one, which was not sent. */
function givenUpError(
  { url }: CatalogHost,
  { method, path, doing }: CatalogRequest,
  { error, why }: GivenUp,
): CatalogError {
  const { reason, status, hint, cause } = error;
  const details = { ...error.details, method, url: redactUrl(url + path) };
  const subject = { reason, status, hint, cause, method, url: url + path, details };
  return new CatalogError('CATALOG_UNREACHABLE', `${doing}${why}`, subject);
}

interface Failure {
  readonly error: CatalogError;
  /** The same request may succeed a little later. */
  readonly passes: boolean;
  readonly retryAfterMs?: number | undefined;
}

interface Received extends CatalogAnswer {
  readonly text: string;
  readonly headers: HeaderFields;
}

async function send(
  host: CatalogHost,
  { method, path, query = {}, body, limit = 1024 * 1024 }: CatalogRequest,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const url = new URL(`${host.url}${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': host.userAgent };
  if (host.token !== undefined) headers.authorization = `Bearer ${host.token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
  const deadline = createDeadline(host.clock, signal);
  try {
    const request = { method, url, headers, body: bytes, signal: deadline.signal };
    const response = await deadline.within(host.timeoutMs, host.send(request));
    const text = await deadline.within(host.timeoutMs, readText(host, response, limit));
    const json = parse(text);
    return {
      status: response.status,
      headers: response.headers,
      text,
      json,
      said: wordsOf(json, text, host.token),
      date: dateOf(response.headers),
    };
  } finally {
    deadline.close();
  }
}

/** @throws TOO_LARGE */
async function readText({ url }: CatalogHost, { body }: HttpResponse, limit: number): Promise<string> {
  if (!body) return '';
  const { bytes, complete } = await readStart(body, limit);
  if (complete) return new TextDecoder().decode(bytes);
  const message = `Cannot read the answer of ${JSON.stringify(url)}: it is longer than ${limit} bytes`;
  throw new BundlesError('TOO_LARGE', message, { details: { limit } });
}

function failureOfAnswer(host: CatalogHost, request: CatalogRequest, received: Received): Failure {
  const { method, path, doing } = request;
  const { status, said, headers, json } = received;
  const url = host.url + path;
  const at = `${JSON.stringify(host.url)} answers ${status}`;
  const message = `${doing}: ${at}${said === '' ? '' : `, ${said}`}`;
  const subject = { url, method, status, details: { said } };
  const hint = generationOf(request, received);
  const refused = (reason: CatalogError['reason']): Failure => ({
    error: new CatalogError('CATALOG_REFUSED', message, { ...subject, reason, hint }),
    passes: false,
  });
  if (status === 401) return refused('unauthorized');
  if (status === 403) return refused('forbidden');
  if (status >= 300 && status < 400) {
    const error = new CatalogError('CATALOG_UNREACHABLE', message, { ...subject, reason: 'redirect' });
    return { error, passes: false };
  }
  if (isRetryStatus(status)) {
    const asked = parseRetryAfter(headers['retry-after'], host.clock.now());
    // The service states of these that it did nothing; what a gateway in between states proves nothing.
    const nothingDone = status === 429 || (status === 503 && asked !== undefined);
    const error = new CatalogError('CATALOG_UNREACHABLE', message, {
      ...subject,
      reason: status === 429 ? 'rate-limited' : 'server-error',
      mayHaveHappened: !nothingDone,
    });
    return { error, passes: true, retryAfterMs: asked };
  }
  if (hint !== undefined) return refused('generation');
  if (json === undefined && status < 400) {
    const error = new CatalogError('CATALOG_UNREACHABLE', `${doing}: ${at} and not JSON`, {
      ...subject,
      reason: 'not-a-catalog',
      mayHaveHappened: true,
    });
    return { error, passes: false };
  }
  return refused(status === 400 || status === 413 || status === 422 ? 'invalid' : 'status');
}

function generationOf(
  { method, path }: CatalogRequest,
  { status, headers, json, text }: Received,
): string | undefined {
  const contentType = headers['content-type'] ?? '';
  return generationHint({ method, path, status, contentType, json, text });
}

function failureOfNetwork(host: CatalogHost, request: CatalogRequest, cause: unknown): Failure {
  const { method, path, doing } = request;
  const subject = { url: host.url + path, method, cause };
  if (isBundlesError(cause, 'TOO_LARGE')) {
    const message = `${doing}: ${cause.message}`;
    const options = { ...subject, reason: 'too-large', mayHaveHappened: true } as const;
    return { error: new CatalogError('CATALOG_UNREACHABLE', message, options), passes: false };
  }
  const { reason, text, attempts } = toNetworkError(cause, subject);
  // A connection that never came about carried no request.
  const neverSent =
    ['dns', 'refused', 'unreachable-host', 'proxy'].includes(reason) || reason.startsWith('tls');
  const error = new CatalogError('CATALOG_UNREACHABLE', `${doing}: ${text} at ${JSON.stringify(host.url)}`, {
    ...subject,
    reason: 'network',
    mayHaveHappened: !neverSent,
    details: { network: reason },
  });
  return { error, passes: attempts !== 'one' };
}

/** `title: detail` of a problem (RFC 9457); else the text itself where it is short and no page. */
function wordsOf(json: unknown, text: string, token: string | undefined): string {
  const hide = hiding(() => (token === undefined ? [] : [token]));
  const redact = (said: string) => shorten(hide(said));
  if (typeof json === 'object' && json !== null) {
    const { title, detail, message } = json as Record<string, unknown>;
    return redact([title, detail ?? message].filter((part) => typeof part === 'string').join(': '));
  }
  return /^\s*</.test(text) ? 'a page' : redact(text.slice(0, 2000));
}

function parse(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function dateOf(headers: HeaderFields): number | undefined {
  const time = Date.parse(headers.date ?? '');
  return Number.isFinite(time) ? time : undefined;
}
