import { abortable } from '../async/abortable.js';
import type { Clock } from '../async/clock.js';
import { createLimiter, type Limiter } from '../async/limiter.js';
import type { NetworkFailure } from './network-failure.js';

/**
 * In all, for a host that has not answered yet where a fallback is allowed: DNS, connect, TLS, first byte. With what
 * comes before and after it, 100 bundles have fallen back within three seconds.
 */
const briefPatienceMs = 2_200;
/** How long one host may go on failing before all its requests give up. */
const defaultTroubleMs = 40_000;
const requestsOnQuay = 8;
const requestsElsewhere = 32;
/** Answers in a row that earn one more request in flight after a 429. */
const answersPerRegain = 20;

export interface HostOptions {
  readonly clock: Clock;
  /** http is spoken without asking. */
  readonly plainHttp?: boolean;
  /** `brief`: a host that never answered gets 2.2 s in all. */
  readonly patience?: 'brief' | 'full' | undefined;
  /** How long it may go on failing (40 s where nothing is said), and the longest wait for one answer. */
  readonly timeoutMs?: number | undefined;
  /** A request that fails is not tried again: what it was to bring can be had elsewhere. Default false. */
  readonly once?: boolean;
}

/** The right to send now; the first request to a host is a probe, the others wait until it ends. */
export interface Turn {
  /** The host has answered, and what its first answer teaches is known: the others may go. */
  release(): void;
  /** This request is over. */
  end(): void;
}

/** What one run knows of one host; all its repositories share it. */
export interface Host {
  /** As it stands in URLs: lower case, with its port. */
  readonly name: string;
  readonly limiter: Limiter;
  /** Undefined until an answer tells which of the two a loopback host speaks. */
  scheme: 'https' | 'http' | undefined;
  /** Scheme, host and port as `URL.origin` writes them; https until an answer tells otherwise. */
  readonly origin: string;
  /** False once a POST with the digest and the bytes was not understood. */
  singlePost: boolean;
  /** Repositories from which this host would not mount a blob. */
  readonly refusedMounts: Set<string>;
  /** Why the host was given up; whoever asks it later gets the same failure. */
  readonly failure: NetworkFailure | undefined;
  /** Waits for the probe. `nested`: asked on behalf of the probe itself, so it must not wait for it. */
  turn(options: { nested?: boolean; signal?: AbortSignal | undefined }): Promise<Turn>;
  /** How long a request that starts now may take, at most `wanted` milliseconds; starts the patience. */
  allow(wanted: number): number;
  /** Whether a failed request may wait that long and try again. */
  mayWait(ms: number): boolean;
  /** Any HTTP answer came; `healthy` when it is none of those that are tried again. */
  answered(healthy: boolean): void;
  /** The attempt that started then got no answer or one of those that are tried again. */
  failed(startedAt: number): void;
  /** No further attempt: a host that never answered, or that failed for too long, is given up for this run. */
  giveUp(failure: NetworkFailure): void;
  /** After a 429: nobody asks before that time, and fewer do so at once. */
  pause(ms: number): void;
  /** Resolves when no pause is left. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Attempts that one request gets in all, out of those it would get. */
  attempts(wanted: number): number;
}

export function createHost(name: string, options: HostOptions): Host {
  const { clock, plainHttp = false, patience = 'full', timeoutMs, once: single = false } = options;
  const troubleMs = timeoutMs ?? defaultTroubleMs;
  const longest = timeoutMs ?? Number.POSITIVE_INFINITY;
  const most = name === 'quay.io' ? requestsOnQuay : requestsElsewhere;
  const limiter = createLimiter(most);
  let probe: Promise<void> | undefined;
  let active = 0;
  let failure: NetworkFailure | undefined;
  let hasAnswered = false;
  let patienceEnds: number | undefined;
  let troubleSince: number | undefined;
  let pausedUntil = 0;
  let calmAnswers = 0;

  const brief = () => patience === 'brief' && !hasAnswered;
  const end = () => {
    if (brief()) return patienceEnds ?? Number.POSITIVE_INFINITY;
    return troubleSince === undefined ? Number.POSITIVE_INFINITY : troubleSince + troubleMs;
  };

  const origins = { https: new URL(`https://${name}`).origin, http: new URL(`http://${name}`).origin };

  return {
    name,
    limiter,
    get origin() {
      return origins[this.scheme ?? 'https'];
    },
    scheme: plainHttp ? 'http' : isLoopbackHost(name) ? undefined : 'https',
    singlePost: true,
    refusedMounts: new Set(),
    get failure() {
      return failure;
    },
    async turn({ nested = false, signal }) {
      while (probe && !(nested && hasAnswered)) await abortable(probe, signal);
      // An old trouble says nothing about a request that comes when all others are over.
      if (active++ === 0) troubleSince = undefined;
      const leave = once(() => void active--);
      if (hasAnswered || failure) return { release: () => undefined, end: leave };
      let open: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => {
        open = resolve;
      });
      probe = mine;
      const release = once(() => {
        if (probe === mine) probe = undefined;
        open();
      });
      return {
        release,
        end() {
          release();
          leave();
        },
      };
    },
    allow(wanted) {
      if (brief()) patienceEnds ??= clock.now() + Math.min(longest, briefPatienceMs);
      return Math.max(1, Math.min(wanted, longest, end() - clock.now()));
    },
    mayWait: (ms) => !single && clock.now() + ms < end(),
    answered(healthy) {
      hasAnswered = true;
      if (!healthy) return;
      troubleSince = undefined;
      if (limiter.limit < most && ++calmAnswers >= answersPerRegain) {
        calmAnswers = 0;
        limiter.limit++;
      }
    },
    failed(startedAt) {
      troubleSince ??= startedAt;
    },
    giveUp(why) {
      if (!hasAnswered || clock.now() >= end()) failure = why;
    },
    pause(ms) {
      const now = clock.now();
      // The answers to requests that were already on their way belong to the same warning.
      if (now >= pausedUntil) limiter.limit = Math.max(1, Math.floor(limiter.limit / 2));
      calmAnswers = 0;
      pausedUntil = Math.max(pausedUntil, now + ms);
    },
    async ready(signal) {
      while (pausedUntil > clock.now()) await clock.sleep(pausedUntil - clock.now(), signal);
    },
    attempts: (wanted) => (brief() ? Math.min(2, wanted) : wanted),
  };
}

/** localhost, *.localhost, 127.0.0.0/8 and [::1]. */
export function isLoopbackHost(name: string): boolean {
  const host = name.replace(/:\d+$/, '').toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

function once(task: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    task();
  };
}
