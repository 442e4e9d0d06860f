import { abortable } from '../../async/abortable.js';
import type { Clock } from '../../async/clock.js';
import { createLimiter, type Limiter } from '../../async/limiter.js';
import { isLoopbackHost } from '../host-location.js';
import type { NetworkError } from '../network-error.js';
import { createPacer, type Pacer } from './rate.js';

/**
 * In all, for a host that has not answered yet where a fallback is allowed: DNS, connect, TLS, first byte. With what
 * comes before and after it, 100 bundles have fallen back within three seconds.
 */
const briefPatienceMs = 2_200;
/** How long one host may go on failing before all its requests give up. */
const defaultTroubleMs = 40_000;
/** In flight; what counts beside it is the rate. */
const most = 32;
/** Answers in a row that earn one more request in flight after a 429. */
const answersPerRegain = 20;

export interface HostOptions {
  readonly clock: Clock;
  /** http is spoken without asking. */
  readonly plainHttp?: boolean;
  /** `brief`: a host that never answered gets 2.2 s in all. */
  readonly patience?: 'brief' | 'full' | undefined;
  /** How long it may go on failing (default 40 s), and the longest wait for one response. */
  readonly timeoutMs?: number | undefined;
  /** A request that fails is not tried again: what it was to bring can be had elsewhere. Default false. */
  readonly once?: boolean;
}

/** A place in the queue of a host: the first request goes alone, the others wait until it has taught what they need. */
export interface Entry {
  /** The others may go. */
  admitOthers(): void;
  /** This request is over. */
  leave(): void;
}

/** The state of one host during a run; all its repositories share it. */
export interface Host {
  /** As it is in URLs: lower case, with its port. */
  readonly name: string;
  readonly limiter: Limiter;
  readonly pacer: Pacer;
  /** Undefined for a loopback host until a response shows which of the two it uses. */
  scheme: 'https' | 'http' | undefined;
  /** Scheme, host and port as `URL.origin` writes them; https until a response shows otherwise. */
  readonly origin: string;
  /** Why the host was given up; every later request to it gets the same failure. */
  readonly failure: NetworkError | undefined;
  /** The longest time for one answer, body included. */
  readonly longestMs: number;
  /** Waits for the first request. `nested`: asked on behalf of it, so it must not wait for it. */
  enter(options: { nested?: boolean; signal?: AbortSignal | undefined }): Promise<Entry>;
  /** How long a request that starts now may take, at most `wanted` milliseconds; starts the patience. */
  allow(wanted: number): number;
  /** Whether a failed request may wait that long and try again. */
  mayWait(ms: number): boolean;
  /**
   * An HTTP answer came; `healthy` when it is none of those that are tried again. `admits`: it has taught what the others need,
   * as neither a challenge nor a 429 has.
   */
  answered(answer: { readonly healthy: boolean; readonly admits: boolean }): void;
  /** The attempt that started then got no answer or one of those that are tried again. */
  failed(startedAt: number): void;
  /** No further attempt: a host that never answered, or that failed for too long, is given up for this run. */
  giveUp(failure: NetworkError): void;
  /** After a 429: no request is sent for that time, and fewer are sent at once afterwards. */
  pause(ms: number): void;
  /** Attempts that one request gets in all, out of those it would get. */
  attempts(wanted: number): number;
}

export function createHost(name: string, options: HostOptions): Host {
  const { clock, plainHttp = false, patience = 'full', timeoutMs, once: single = false } = options;
  const troubleMs = timeoutMs ?? defaultTroubleMs;
  const longestMs = timeoutMs ?? Number.POSITIVE_INFINITY;
  const limiter = createLimiter(most);
  const pacer = createPacer({ clock, fixed: name === 'quay.io' });
  const gate = createGate();
  let failure: NetworkError | undefined;
  let hasAnswered = false;
  let patienceEnds: number | undefined;
  let troubleSince: number | undefined;
  let pausedUntil = 0;
  let calmAnswers = 0;
  let active = 0;

  const brief = () => patience === 'brief' && !hasAnswered;
  const end = () => {
    if (brief()) return patienceEnds ?? Number.POSITIVE_INFINITY;
    return troubleSince === undefined ? Number.POSITIVE_INFINITY : troubleSince + troubleMs;
  };
  const origins = { https: new URL(`https://${name}`).origin, http: new URL(`http://${name}`).origin };

  return {
    name,
    limiter,
    pacer,
    longestMs,
    get origin() {
      return origins[this.scheme ?? 'https'];
    },
    scheme: plainHttp ? 'http' : isLoopbackHost(name) ? undefined : 'https',
    get failure() {
      return failure;
    },
    async enter({ nested = false, signal }) {
      // Another request may have changed the gate before this one resumes: check it again, with no await before it is closed.
      while (gate.opened && !(nested && hasAnswered)) await abortable(gate.opened, signal);
      // An old trouble states nothing about a request that comes when all others are over.
      if (active++ === 0) troubleSince = undefined;
      const admitOthers = hasAnswered || failure ? () => undefined : gate.close();
      let left = false;
      return {
        admitOthers,
        leave() {
          admitOthers();
          if (!left) active--;
          left = true;
        },
      };
    },
    allow(wanted) {
      if (brief()) patienceEnds ??= clock.now() + Math.min(longestMs, briefPatienceMs);
      return Math.max(1, Math.min(wanted, longestMs, end() - clock.now()));
    },
    mayWait: (ms) => !single && clock.now() + ms < end(),
    answered({ healthy, admits }) {
      hasAnswered = true;
      if (admits) gate.open();
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
      pacer.hold(ms);
    },
    attempts: (wanted) => (brief() ? Math.min(2, wanted) : wanted),
  };
}

/** While it is closed, only the request that closed it goes on. */
function createGate() {
  let closed: { readonly opened: Promise<void>; readonly open: () => void } | undefined;
  const open = () => {
    closed?.open();
    closed = undefined;
  };
  return {
    /** Undefined while it is open. */
    get opened() {
      return closed?.opened;
    },
    open,
    /** Returns a function that opens it again, unless another request has already done so. */
    close() {
      let resolve: () => void = () => undefined;
      const mine = { opened: new Promise<void>((done) => (resolve = done)), open: () => resolve() };
      closed ??= mine;
      return () => {
        if (closed === mine) open();
      };
    },
  };
}
