import type { Clock } from '../../async/clock.js';
import { isBundlesError } from '../../errors.js';
import { isNetworkError, NetworkError, toNetworkError } from '../network-error.js';
import type { Answer, Call, Exchange } from './call.js';
import type { Host } from './host.js';
import { kindOf } from './rate.js';

/** Attempts in all, the first included. */
export const maxAttempts = 5;

/** A host that asks for a longer wait gets an error with that wait instead. */
const longestRetryAfterMs = 120_000;

export interface RetryOptions {
  readonly host: Host;
  readonly clock: Clock;
  /** In [0, 1), for the jitter between attempts. */
  readonly random: () => number;
  readonly onRetry: (call: Call) => void;
  /** Called for a request that is not sent since its host was given up. */
  readonly onGivenUp: (call: Call) => void;
}

/**
 * Sends a request until it gets a final answer, in the limits of its host: attempts, pauses, patience. Each attempt holds
 * one place of the host's limiter. Statuses that may pass are tried again; where they do not pass, the last one is final.
 *
 * @throws NetworkError; the signal's reason
 */
export function withRetry(next: Exchange, options: RetryOptions): Exchange {
  const { host, clock, onRetry, onGivenUp } = options;
  return async (call) => {
    const { signal } = call;
    const kind = kindOf(call.url);
    for (let number = 1; ; number++) {
      let startedAt = clock.now();
      let waitMs: number | undefined;
      try {
        const answer = await host.limiter.run(async () => {
          const leave = await host.pacer.enter(kind, signal);
          try {
            if (host.failure) {
              if (number === 1) onGivenUp(call);
              throw new GivenUp(host.failure);
            }
            startedAt = clock.now();
            return await next(call);
          } finally {
            leave();
          }
        }, signal);
        waitMs = waitAfterAnswer(answer, call, { ...options, number, startedAt });
        if (waitMs === undefined) return answer;
        await answer.source?.close();
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof GivenUp) throw error.failure;
        waitMs = waitAfterFailure(error, call, { ...options, number, startedAt });
      }
      onRetry(call);
      await clock.sleep(waitMs, signal);
    }
  };
}

/** Not an attempt of this request. */
class GivenUp {
  readonly failure: NetworkError;
  constructor(failure: NetworkError) {
    this.failure = failure;
  }
}

interface Attempt extends RetryOptions {
  readonly number: number;
  readonly startedAt: number;
}

/** Undefined where the answer is final. */
function waitAfterAnswer(
  answer: Answer,
  { repeat = true, method, url }: Call,
  { host, clock, random, number, startedAt }: Attempt,
): number | undefined {
  const { status, headers, url: answeredBy, http2 } = answer;
  const again = isRetryStatus(status) && !isStorageQuota(answer);
  host.answered({ healthy: !again, admits: status !== 401 && status !== 429 });
  const kind = kindOf(url);
  const protocol = answeredBy.protocol === 'https:' && answeredBy.host === url.host ? http2 : undefined;
  host.pacer.learn(protocol);
  if (status !== 429) host.pacer.accepted(kind);
  if (!again) return repeat && number === 1 && isExpiredLink(answer, method) ? 0 : undefined;
  host.failed(startedAt);
  const rateLimited = status === 429;
  const asked = parseRetryAfter(headers['retry-after'], clock.now());
  const wait = asked ?? waitUnasked({ rateLimited, number, random }, () => host.pacer.refused(kind));
  const bearable = wait <= longestRetryAfterMs && host.mayWait(wait);
  if (rateLimited && bearable) host.pause(wait);
  if (repeat && bearable && number < maxAttempts) return rateLimited ? 0 : wait;
  const reason = rateLimited ? 'rate-limited' : 'server-error';
  host.giveUp(new NetworkError(reason, { method, url, text: `it answered ${status} for too long` }));
  return undefined;
}

/** A first 429 means that requests came too fast, a second one to the same request that the host is in trouble. */
function waitUnasked(
  { rateLimited, number, random }: Pick<Attempt, 'number' | 'random'> & { readonly rateLimited: boolean },
  refused: () => number,
): number {
  if (!rateLimited) return backoffMs(number, { rateLimited, random });
  const pause = refused();
  return number === 1 ? pause : Math.max(pause, backoffMs(number - 1, { rateLimited, random }));
}

function waitAfterFailure(
  error: unknown,
  { repeat = true, attempts: most = maxAttempts, method, url }: Call,
  { host, random, number, startedAt }: Attempt,
): number {
  if (isBundlesError(error) && !isNetworkError(error)) throw error;
  const failure = toNetworkError(error, { method, url });
  if (failure.reason === 'redirect-refused') throw failure;
  host.failed(startedAt);
  const attempts = Math.min(most, { one: 1, two: 2, all: maxAttempts }[failure.attempts]);
  const wait = backoffMs(number, { rateLimited: false, random });
  if (repeat && number < host.attempts(attempts) && host.mayWait(wait)) return wait;
  host.giveUp(failure);
  throw failure;
}

/** How long to wait after the failed attempt number `attempt` (1, 2 …): full jitter, random in [0, 1). */
export function backoffMs(
  attempt: number,
  { rateLimited, random }: { rateLimited: boolean; random: () => number },
): number {
  const base = rateLimited ? 2_000 : 500;
  const cap = rateLimited ? 60_000 : 10_000;
  return Math.round(Math.min(cap, base * 2 ** (attempt - 1)) * random());
}

/** A quota of storage that is answered as 429 does not pass with time, as one of requests does. */
export function isStorageQuota({
  status,
  headers,
  body,
}: Pick<Answer, 'status' | 'headers' | 'body'>): boolean {
  if (status !== 429 || headers['retry-after'] !== undefined) return false;
  const text = Buffer.from(body).toString('utf8');
  return /\bquota\b/i.test(text) && !/\b(?:rate|requests?|pulls?|per|every)\b/i.test(text);
}

/** A signed link may have expired between the redirect and its use: the origin gives a new one. */
function isExpiredLink({ status, fromOrigin }: Answer, method: string): boolean {
  return !fromOrigin && (method === 'GET' || method === 'HEAD') && expiredStatuses.has(status);
}

/** As object stores answer a signature that is too old. */
const expiredStatuses: ReadonlySet<number> = new Set([400, 401, 403, 410]);

/** Statuses that may be gone with the next attempt. */
export function isRetryStatus(status: number): boolean {
  return retryStatuses.has(status);
}

const retryStatuses: ReadonlySet<number> = new Set([
  408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524,
]);

/**
 * How long a `Retry-After` header asks to wait, in milliseconds: whole seconds (at most 10^9) or an HTTP date.
 * Undefined when it is missing, malformed or in the past.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), 1e9) * 1000;
  // Date.parse alone takes far more than an HTTP date ("-1", "2030").
  if (!/^[A-Z][a-z]+,? .*GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} .*\d{4}$/.test(text)) return undefined;
  const wait = Date.parse(text) - now;
  return Number.isFinite(wait) && wait > 0 ? wait : undefined;
}
