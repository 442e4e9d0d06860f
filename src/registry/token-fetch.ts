import type { Clock } from '../async/clock.js';
import { createDeadline } from '../async/deadline.js';
import type { TokenFetch } from '../auth/token-exchange.js';
import type { Fetch } from '../http/fetch.js';
import { redactUrl } from '../http/redact.js';
import type { Host } from './host.js';
import type { RequestBudget } from './request-budget.js';
import { failureError, type Outcome, withRetry } from './retry.js';

export interface TokenFetchParts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly userAgent: string;
  readonly hostOf: (name: string) => Host;
  readonly count: () => void;
  readonly countRetry: () => void;
  readonly budget: RequestBudget;
}

/**
 * What token services are asked through: their host's limits, attempts and patience hold as for a registry.
 * Redirects are the caller's to judge.
 */
export function createTokenFetch(parts: TokenFetchParts): TokenFetch {
  const { fetch, clock, random, hostOf, count, countRetry, budget } = parts;
  return async (request, onRepeat) => {
    const url = new URL(request.url);
    const host = hostOf(url.host);
    const { method, signal } = request;
    const subject = () => ({ doing: 'Cannot get a token', method, url: redactUrl(url) });
    const turn = await host.turn({ nested: true, signal });
    try {
      if (host.failure) throw failureError(host.failure, subject());
      const onRetry = () => {
        countRetry();
        onRepeat();
      };
      const retry = { subject, clock, random, repeat: true, signal, onRetry };
      return await withRetry(host, retry, async (waitAfter): Promise<Outcome<Response>> => {
        budget.take();
        const deadline = createDeadline(clock, signal);
        try {
          const response = await deadline.within(
            host.allow(answerMs),
            fetch(fresh(request, parts, deadline.signal)),
          );
          const waitMs = waitAfter(response.status, response.headers);
          turn.release();
          if (waitMs === undefined) return { done: response };
          await response.body?.cancel();
          return { waitMs };
        } finally {
          count();
          deadline.close();
        }
      });
    } finally {
      turn.end();
    }
  };
}

const answerMs = 30_000;

/** A request can be sent once; each attempt needs its own. */
function fresh(request: Request, { userAgent }: TokenFetchParts, signal: AbortSignal): Request {
  const copy = new Request(request.clone(), { redirect: 'manual', signal });
  if (!copy.headers.has('user-agent')) copy.headers.set('user-agent', userAgent);
  copy.headers.set('accept-encoding', 'identity');
  return copy;
}
