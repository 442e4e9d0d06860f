import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import type { Clock } from '../../async/clock.js';
import { createLimiter } from '../../async/limiter.js';
import type { GitHubFetch } from './github-fetch.js';

/** GitHub's routes, by name. */
export type Rest = Octokit['rest'];

export interface OctokitOptions {
  readonly baseUrl: string;
  readonly userAgent: string;
  readonly fetch: GitHubFetch;
  readonly clock: Clock;
  /** How long a second of the pauses between requests takes. */
  readonly secondMs: number;
}

/** Longer pauses than this are an error instead: the job would only wait for its own end. */
const longestPauseSeconds = 120;

/**
 * The routes, with GitHub's rules for clients: pauses between requests that write, pauses where a limit was reached, and
 * requests repeated that failed on the server's side. This file alone loads Octokit.
 */
export function createOctokit({ baseUrl, userAgent, fetch, clock, secondMs }: OctokitOptions): Rest {
  const mayPause = (times: number) => (seconds: number, _: unknown, __: unknown, count: number) =>
    count < times && seconds <= longestPauseSeconds;
  const spaced = (seconds: number) => paced(clock, seconds * secondMs);
  // Their types want the plugin's own limiters.
  const limiters: object = {
    ...{ global: atOnce(10), auth: atOnce(1) },
    ...{ write: spaced(1), search: spaced(2), notifications: spaced(3) },
  };
  const octokit = new (Octokit.plugin(retry, throttling))({
    baseUrl,
    userAgent,
    request: { fetch },
    log: silent,
    retry: { retryAfterBaseValue: secondMs },
    throttle: {
      onRateLimit: mayPause(1),
      onSecondaryRateLimit: mayPause(2),
      ...{ retryAfterBaseValue: secondMs },
      ...limiters,
    },
  });
  return octokit.rest;
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

type Job = (...words: readonly unknown[]) => Promise<unknown>;

/** What the throttling plugin expects from its limiters; its own ones can only use the machine's clock. */
interface JobGroup {
  key(id: string): { schedule(options: unknown, job: Job, ...words: readonly unknown[]): Promise<unknown> };
}

function atOnce(number: number): JobGroup {
  const limiter = createLimiter(number);
  return { key: () => ({ schedule: (_, job, ...words) => limiter.run(() => job(...words)) }) };
}

/** One job after the other, each at least so long after the one before. */
function paced(clock: Clock, pauseMs: number): JobGroup {
  let next = 0;
  return {
    key: () => ({
      async schedule(_, job, ...words) {
        const now = clock.now();
        const wait = Math.max(0, next - now);
        next = now + wait + pauseMs;
        if (wait > 0) await clock.sleep(wait);
        return job(...words);
      },
    }),
  };
}
