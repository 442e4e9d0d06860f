import type { Clock } from '../../async/clock.js';
import type { HttpResponse, Send } from '../message.js';
import type { Call, Exchange } from './call.js';
import type { Host } from './host.js';
import { withScheme } from './loopback-scheme.js';
import { receive } from './receive.js';
import { type Follow, withRedirects } from './redirects.js';
import { type RetryOptions, withRetry } from './retry.js';

export interface ExchangeOptions extends RetryOptions {
  readonly send: Send;
  readonly clock: Clock;
  readonly host: Host;
  readonly follow: Follow;
  readonly budget: Budget;
  /** Called for each request that was sent. */
  readonly count: (call: Call) => void;
}

export interface Budget {
  /** Called before each request; what it throws prevents the request. */
  take(): void;
  /** Releases a permit whose request reached no server and is not counted. */
  giveBack(): void;
}

/** Requests to one host, from the outermost layer to the innermost: retries, the reading of the answer, redirects. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { send, host, clock, follow, budget, count } = options;
  const once = (call: Call): Promise<HttpResponse> => {
    budget.take();
    return send(call);
  };
  const counted = (call: Call) => {
    const sent = once(call);
    count(call);
    return sent;
  };
  const located = withRedirects(counted, follow);
  const bySpokenScheme = withScheme(located, {
    host,
    guess: withRedirects(once, follow),
    count,
    giveBack: () => budget.giveBack(),
  });
  return withRetry(receive(bySpokenScheme, host, clock), options);
}
