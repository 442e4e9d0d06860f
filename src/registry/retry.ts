import type { Clock } from '../async/clock.js';
import { isBundlesError } from '../errors.js';
import { isNetworkError } from '../http/network-error.js';
import { backoffMs, isRetryStatus, longestRetryAfterMs, maxAttempts } from './backoff.js';
import type { Host } from './host.js';
import { classifyNetworkFailure, type NetworkFailure } from './network-failure.js';
import { isRegistryError, RegistryError } from './registry-error.js';
import { parseRetryAfter } from './retry-after.js';

/** What to say when nothing answers: what we were doing, and where. */
export interface RequestSubject {
  readonly doing: string;
  readonly method: string;
  readonly url: string;
}

/** What the attempts of one request share. */
export interface RetryOptions {
  readonly clock: Clock;
  /** In [0, 1), for the jitter. */
  readonly random: () => number;
  readonly subject: () => RequestSubject;
  /** False for what must not be sent twice without a look in between. */
  readonly repeat: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: () => void;
}

export type Outcome<T> = { readonly done: T } | { readonly waitMs: number };

/** Says after an answer how long to wait before the next attempt; undefined: this answer is final. */
export type WaitAfter = (status: number, headers: Headers) => number | undefined;

/**
 * Runs one request until it gets a final answer, in the host's limits: attempts, pauses, patience.
 * Each attempt holds one place of the host's limiter.
 *
 * @throws RegistryError REGISTRY_UNREACHABLE or RATE_LIMITED
 */
export async function withRetry<T>(
  host: Host,
  options: RetryOptions,
  attempt: (waitAfter: WaitAfter) => Promise<Outcome<T>>,
): Promise<T> {
  const { clock, signal } = options;
  for (let number = 1; ; number++) {
    let startedAt = clock.now();
    const run = async () => {
      await host.ready(signal);
      if (host.failure) throw failureError(host.failure, options.subject());
      startedAt = clock.now();
      return attempt((status, headers) =>
        waitAfterAnswer(host, { ...options, number, startedAt, status, headers }),
      );
    };
    let waitMs: number;
    try {
      const outcome = await host.limiter.run(run, signal);
      if ('done' in outcome) return outcome.done;
      waitMs = outcome.waitMs;
    } catch (error) {
      signal?.throwIfAborted();
      waitMs = waitAfterFailure(host, error, { ...options, number, startedAt });
    }
    options.onRetry();
    await clock.sleep(waitMs, signal);
  }
}

/** Nothing answered, or the host was given up before. */
export function failureError(
  failure: NetworkFailure,
  { doing, method, url }: RequestSubject,
  cause?: unknown,
): RegistryError {
  const code = failure.reason === 'rate-limited' ? 'RATE_LIMITED' : 'REGISTRY_UNREACHABLE';
  return new RegistryError(code, `${doing}: ${failure.text} at ${JSON.stringify(new URL(url).host)}`, {
    reason: failure.reason,
    method,
    url,
    retryable: failure.attempts !== 'one',
    cause,
  });
}

interface Attempted extends RetryOptions {
  readonly number: number;
  readonly startedAt: number;
}

function waitAfterAnswer(
  host: Host,
  attempted: Attempted & { readonly status: number; readonly headers: Headers },
): number | undefined {
  const { clock, random, number, startedAt, status, headers, repeat } = attempted;
  const again = isRetryStatus(status);
  host.answered(!again);
  if (!again) return undefined;
  host.failed(startedAt);
  const rateLimited = status === 429;
  const asked = parseRetryAfter(headers.get('retry-after'), clock.now());
  const wait = asked ?? backoffMs(number, { rateLimited, random });
  const bearable = wait <= longestRetryAfterMs && host.mayWait(wait);
  if (rateLimited && bearable) host.pause(wait);
  if (repeat && bearable && number < maxAttempts) return rateLimited ? 0 : wait;
  host.giveUp({
    reason: rateLimited ? 'rate-limited' : 'server-error',
    text: `answers ${status} for too long`,
    attempts: 'all',
    mayBePlainHttp: false,
  });
  return undefined;
}

function waitAfterFailure(host: Host, error: unknown, attempted: Attempted): number {
  const { number, startedAt, repeat, random } = attempted;
  const ours = isBundlesError(error) && !isNetworkError(error);
  if (ours && !(isRegistryError(error) && error.retryable && error.reason === 'reset')) throw error;
  const failure = classifyNetworkFailure(error);
  host.failed(startedAt);
  const attempts = { one: 1, two: 2, all: maxAttempts }[failure.attempts];
  const wait = backoffMs(number, { rateLimited: false, random });
  if (repeat && number < host.attempts(ours ? maxAttempts : attempts) && host.mayWait(wait)) return wait;
  host.giveUp(failure);
  throw ours ? error : failureError(failure, attempted.subject(), error);
}
