import type { Clock } from '../../async/clock.js';
import { createDeadline } from '../../async/deadline.js';
import { readStart } from '../../bytes/byte-source.js';
import { BundlesError } from '../../errors.js';
import { isLoopbackHost } from '../../http/host-location.js';
import { type HeaderFields, mediaTypeOf, type Send } from '../../http/message.js';
import { toNetworkError } from '../../http/network-error.js';
import { redactUrl } from '../../http/redact.js';
import { hiding } from '../../http/redactor.js';
import { backoffMs, isRetryStatus, parseRetryAfter } from '../../http/send/retry.js';
import { shorten } from '../../http/shorten.js';
import { version } from '../../version.js';

/** What all requests to the services of a keyless signature share. */
export interface ServiceClient {
  readonly send: Send;
  readonly clock: Clock;
}

export interface ServiceRequest {
  /** For messages: `Fulcio`, `Rekor`. */
  readonly service: string;
  readonly url: URL;
  /** Sent by POST, as JSON where it is not bytes; without one it is a GET. */
  readonly body?: unknown;
  readonly headers?: HeaderFields;
  /** Never shown, wherever the service repeats them. */
  readonly secrets?: readonly string[];
  /** Statuses that the caller wants to see beside 200 and 201. */
  readonly expect?: readonly number[];
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly bytes: Uint8Array;
}

const limit = 4 * 1024 * 1024;
const answerMs = 30_000;
const patienceMs = 40_000;
const mostAttempts = 3;

/**
 * Asks a service and gives its answer. No redirect is followed: what is sent may be a token. What may pass is tried
 * again.
 *
 * @throws SIGSTORE_FAILED, NetworkError, the signal's reason
 */
export async function askService(
  { send, clock }: ServiceClient,
  request: ServiceRequest,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ServiceAnswer> {
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    let failure: unknown;
    let waitMs: number | undefined;
    const backoff = backoffMs(attempt, { rateLimited: false, random: Math.random });
    try {
      const answer = await sendOnce({ send, clock }, request, signal);
      const { status, headers } = answer;
      if (status === 200 || status === 201 || request.expect?.includes(status)) return answer;
      failure = refused(request, answer);
      if (isRetryStatus(status)) waitMs = parseRetryAfter(headers['retry-after'], clock.now()) ?? backoff;
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof BundlesError && cause.code === 'SIGSTORE_FAILED') throw cause;
      const error = toNetworkError(cause, { method: methodOf(request), url: request.url });
      failure = error;
      if (error.attempts !== 'one') waitMs = backoff;
    }
    const isBearable = waitMs !== undefined && clock.now() - startedAt + waitMs <= patienceMs;
    if (waitMs === undefined || !isBearable || attempt >= mostAttempts) throw failure;
    await clock.sleep(waitMs, signal);
  }
}

/** The JSON object of an answer. @throws SIGSTORE_FAILED */
export function jsonOf(request: ServiceRequest, { bytes }: ServiceAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw serviceFailed(request, 'the answer is not a JSON object');
}

export function serviceFailed(
  { service, url }: Pick<ServiceRequest, 'service' | 'url'>,
  why: string,
  {
    hint,
    cause,
    status,
  }: { readonly hint?: string; readonly cause?: unknown; readonly status?: number } = {},
): BundlesError {
  const shown = redactUrl(url);
  return new BundlesError('SIGSTORE_FAILED', `Cannot use ${service} at ${JSON.stringify(shown)}: ${why}`, {
    hint: hint ?? 'Check the address, and that the service is running',
    details: { service, url: shown, status: status ?? null },
    cause,
  });
}

/**
 * The address of a service from an option.
 *
 * @throws USAGE for what is not an address, and for http beyond this machine: a token and what proves a signature cross no
 *   network unprotected
 */
export function readServiceUrl(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' && isLoopbackHost(url.host);
  const isPlain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url && isPlain && (url.protocol === 'https:' || isHttp)) {
    return new URL(`${url.origin}${url.pathname.replace(/\/+$/, '')}`);
  }
  throw new BundlesError('USAGE', `Cannot use ${option} ${JSON.stringify(redactUrl(text).slice(0, 300))}`, {
    hint: `Write ${option} https://HOST, without user, query and fragment; http is allowed for this machine only`,
  });
}

/** A path below the address of a service. */
export function below(url: URL, path: string): URL {
  return new URL(`${url.origin}${url.pathname.replace(/\/+$/, '')}${path}`);
}

const methodOf = ({ body }: ServiceRequest) => (body === undefined ? 'GET' : 'POST');

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return new TextEncoder().encode(JSON.stringify(body));
}

async function sendOnce(
  { send, clock }: ServiceClient,
  request: ServiceRequest,
  signal: AbortSignal | undefined,
): Promise<ServiceAnswer> {
  const { url, body, headers } = request;
  const type: HeaderFields = body === undefined ? {} : { 'content-type': 'application/json' };
  const deadline = createDeadline(clock, signal);
  try {
    const response = await deadline.within(
      answerMs,
      send({
        method: methodOf(request),
        url,
        headers: {
          accept: 'application/json',
          'user-agent': `tekton-bundles/${version}`,
          ...type,
          ...headers,
        },
        body: bytesOf(body),
        signal: deadline.signal,
      }),
    );
    const read = response.body && (await deadline.within(answerMs, readStart(response.body, limit)));
    if (read?.complete === false) throw serviceFailed(request, `the answer is longer than ${limit} bytes`);
    return { status: response.status, headers: response.headers, bytes: read?.bytes ?? new Uint8Array(0) };
  } finally {
    deadline.close();
  }
}

function refused(request: ServiceRequest, { status, headers, bytes }: ServiceAnswer): BundlesError {
  if (status >= 300 && status < 400) return serviceFailed(request, `it redirects (${status})`, { status });
  const text = wordsOf(headers, bytes, request.secrets ?? []);
  return serviceFailed(request, `it answers ${status}${text === '' ? '' : `, ${text}`}`, { status });
}

function wordsOf(headers: HeaderFields, bytes: Uint8Array, secrets: readonly string[]): string {
  if (!mediaTypeOf(headers).includes('json')) return '';
  const hide = hiding(() => secrets);
  try {
    const { message } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, 64 * 1024)));
    return typeof message === 'string' ? shorten(hide(message)) : '';
  } catch {
    return '';
  }
}
