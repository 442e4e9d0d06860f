import type { Clock } from '../../async/clock.js';

/**
 * What servers count apart: manifests, with blobs and uploads; lists of tags; tokens. Of blobs Quay allows a longer burst than of
 * manifests, so that their answers prove no rate.
 */
export type RequestKind = 'manifests' | 'blobs' | 'tags' | 'tokens';
/** Those that share a rate. */
type RateKind = Exclude<RequestKind, 'blobs'>;

/** How many requests a server is sent in a second; one host's are shared by all of a run. */
export interface Pacer {
  /** Waits until a request of this kind may be sent. What it gives is called when the answer has come, or none will. */
  enter(kind: RequestKind, signal?: AbortSignal): Promise<() => void>;
  /** An answer has come; `http2` where a TLS server's protocol is known by it. */
  learn(http2: boolean | undefined): void;
  /** It was not a refusal. */
  accepted(kind: RequestKind): void;
  /** For a 429 without a Retry-After: returns how long no request is sent to the host. */
  refused(kind: RequestKind): number;
  /** Nothing is sent for so long. */
  hold(ms: number): void;
}

export interface PacerOptions {
  readonly clock: Clock;
  /** The server is quay.io itself, whose limits are known. Default false. */
  readonly fixed?: boolean;
}

interface Rate {
  readonly perSecond: number;
  /** Requests beyond it at once. */
  readonly burst: number;
  /** The same for the first half second, where it is less: several jobs of one address may start at once. */
  readonly firstBurst?: number;
}

/** What the nginx of Quay allows, less a tenth: by HTTP/1.1 for all of an address, by HTTP/2 for each connection. */
const byHttp1: Rate = { perSecond: 45, burst: 6, firstBurst: 3 };
const byHttp2: Rate = { perSecond: 450, burst: 45 };
const tags = { byHttp1: { perSecond: 4.5, burst: 1 }, byHttp2: { perSecond: 45, burst: 1 } } as const;
const tokens: Rate = { perSecond: 110, burst: 1 };
/** Tokens on their way at once, beside their rate: so many come together at worst. */
const tokensAtOnce = 3;
const firstBurstMs = 500;
/** Of the rate: a burst for round trips of 70 ms. */
const burstShare = 0.07;
const growth = 1.5;
/** Answers that earn the first growth, in seconds of the rate: a run of 100 bundles tries no limit out. */
const firstGrowthSeconds = 2.2;
/** After a refusal, since others who share the limit may have left. */
const regrowth = 1.15;
const regrowSeconds = 3;
/** After so long at the most that did not lead to a refusal, more is tried. */
const forgetSeconds = 60;
/** 429s that come so soon after each other are answers to one burst. */
const oneBurstMs = 500;
const least = 1;
/** What a moment has shown to pass is not a rate yet. */
const leastSeen = 10;
/** A request has arrived by then, whether it was answered or not. */
const arrivalMs = 1_000;

interface Bucket {
  rate: Rate;
  readonly beganAt: number;
  /** What has arrived and is not used up at `levelAt`, as the server may count it. */
  level: number;
  levelAt: number;
  /** When those were sent that may still be on their way. */
  readonly pending: Set<{ readonly sentAt: number }>;
  /** A limit of concurrent requests, where the server allows too few to count those under way in the level. */
  readonly atOnce: number | undefined;
  /** Ends the wait of the next request. */
  wake: () => void;
  /** The last request that waits. */
  last: Promise<unknown>;
  /** Answers since the rate was set. */
  answers: number;
  /** The rate before it grew; undefined once a refusal has shown what is allowed. */
  before: Rate | undefined;
  /** It does not grow beyond: at more the server refused. */
  most: number;
  /** The server's limit is known, and nothing beyond it is tried. */
  readonly known: boolean;
  refusedAt: number;
}

/**
 * Starts TLS servers at the rates of Quay, since any of them may be one; where they take more, the rate grows until one states
 * 429. A server without TLS starts without a rate and gets one by its first 429.
 *
 * A server counts requests when they arrive, and on the way some are held up and come together. So one that is not answered yet
 * counts in full: however late the requests arrive, they are not more at once than the burst.
 */
export function createPacer({ clock, fixed = false }: PacerOptions): Pacer {
  const buckets = new Map<RateKind, Bucket>();
  const seconds = { start: 0, accepted: 0, before: 0 };
  let heldUntil = 0;
  let protocolKnown = false;
  const begin = (kind: RateKind, rate: Rate, most: number) => {
    const atOnce = kind === 'tokens' ? tokensAtOnce : undefined;
    const bucket = createBucket(rate, { beganAt: clock.now(), most, atOnce });
    buckets.set(kind, bucket);
    return bucket;
  };
  begin('tokens', tokens, tokens.perSecond);

  const learnProtocol = (http2: boolean) => {
    protocolKnown = true;
    const rate = http2 ? byHttp2 : byHttp1;
    if (!buckets.has('manifests'))
      begin('manifests', rate, fixed ? rate.perSecond : Number.POSITIVE_INFINITY);
    const listing = http2 ? tags.byHttp2 : tags.byHttp1;
    if (fixed) begin('tags', listing, listing.perSecond);
  };
  const tally = (now: number) => {
    if (now - seconds.start >= 1000) {
      seconds.before = now - seconds.start < 2000 ? seconds.accepted : 0;
      seconds.accepted = 0;
      seconds.start = now;
    }
  };
  const ready = async (bucket: Bucket | undefined, signal: AbortSignal | undefined) => {
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.now();
      const ms = Math.max(heldUntil - now, bucket ? delayOf(bucket, now) : 0);
      if (ms <= 0) return;
      if (bucket && now >= heldUntil) await sleepUntilWoken(bucket, Math.max(1, ms), { clock, signal });
      else await clock.sleep(ms, signal);
    }
  };

  return {
    async enter(kind, signal) {
      const bucket = buckets.get(rateKindOf(kind));
      if (bucket === undefined) {
        if (heldUntil > clock.now()) await ready(undefined, signal);
        return () => undefined;
      }
      // One after another: who comes first goes first.
      const turn = bucket.last.then(async () => {
        await ready(bucket, signal);
        return send(bucket, clock);
      });
      bucket.last = turn.catch(() => undefined);
      return turn;
    },
    learn(http2) {
      if (http2 !== undefined && !protocolKnown) learnProtocol(http2);
    },
    accepted(kind) {
      tally(clock.now());
      seconds.accepted++;
      const bucket = kind === 'blobs' ? undefined : buckets.get(kind);
      if (bucket) grow(bucket);
    },
    refused(kind) {
      const now = clock.now();
      tally(now);
      const seen = Math.max(seconds.accepted, seconds.before);
      let bucket = buckets.get(rateKindOf(kind));
      if (bucket === undefined) {
        bucket = begin(rateKindOf(kind), rateOf(Math.max(leastSeen, seen * 0.9)), Number.POSITIVE_INFINITY);
        bucket.refusedAt = now;
      } else if (now - bucket.refusedAt >= oneBurstMs) {
        shrink(bucket, seen, now);
      }
      // Long enough for the burst that nginx allows blobs to be forgotten: manifests, of which it allows fewer, count it too.
      return Math.min(1_000, Math.max(250, 45_000 / bucket.rate.perSecond));
    },
    hold(ms) {
      heldUntil = Math.max(heldUntil, clock.now() + ms);
      for (const bucket of buckets.values()) bucket.wake();
    },
  };
}

function createBucket(
  rate: Rate,
  { beganAt, most, atOnce }: Pick<Bucket, 'beganAt' | 'most' | 'atOnce'>,
): Bucket {
  return {
    rate,
    beganAt,
    level: 0,
    levelAt: 0,
    pending: new Set(),
    atOnce,
    wake: () => undefined,
    last: Promise.resolve(),
    answers: 0,
    before: undefined,
    most,
    known: Number.isFinite(most),
    refusedAt: Number.NEGATIVE_INFINITY,
  };
}

function drain(bucket: Bucket, now: number): void {
  const used = (Math.max(0, now - bucket.levelAt) * bucket.rate.perSecond) / 1000;
  bucket.level = Math.max(0, bucket.level - used);
  bucket.levelAt = now;
}

/** How long the next request has to wait, by what is known now. */
function delayOf(bucket: Bucket, now: number): number {
  const { pending, rate, atOnce } = bucket;
  for (const request of pending) {
    if (now - request.sentAt >= arrivalMs) arrive(bucket, request, now);
  }
  drain(bucket, now);
  const [oldest] = pending;
  const untilOldest = oldest ? oldest.sentAt + arrivalMs - now : 0;
  if (atOnce !== undefined && pending.size >= atOnce) return untilOldest;
  const burst = now - bucket.beganAt < firstBurstMs ? (rate.firstBurst ?? rate.burst) : rate.burst;
  const beyond = bucket.level + (atOnce === undefined ? pending.size : 0) - burst;
  if (beyond <= 0) return 0;
  // What has arrived cannot make room for it: an answer has to come.
  return bucket.level < beyond ? untilOldest : (beyond * 1000) / rate.perSecond;
}

function send(bucket: Bucket, clock: Clock): () => void {
  const request = { sentAt: clock.now() };
  bucket.pending.add(request);
  if (bucket.atOnce !== undefined) count(bucket, request.sentAt);
  return () => {
    arrive(bucket, request, clock.now());
    bucket.wake();
  };
}

function arrive(bucket: Bucket, request: { readonly sentAt: number }, now: number): void {
  const pending = bucket.pending.delete(request);
  if (pending && bucket.atOnce === undefined) count(bucket, now);
}

function count(bucket: Bucket, now: number): void {
  drain(bucket, now);
  bucket.level++;
}

function grow(bucket: Bucket): void {
  const { perSecond, burst } = bucket.rate;
  const settled = bucket.most < Number.POSITIVE_INFINITY;
  const earned = settled ? regrowSeconds : bucket.before ? 1 : firstGrowthSeconds;
  if (++bucket.answers < perSecond * earned) return;
  if (perSecond >= bucket.most) {
    // Anyone who shared the limit may have left long ago.
    if (!bucket.known && bucket.answers >= perSecond * forgetSeconds) bucket.most *= growth;
    return;
  }
  bucket.before = settled ? undefined : bucket.rate;
  const grown = Math.min(bucket.most, perSecond * (settled ? regrowth : growth));
  bucket.rate = { perSecond: grown, burst: Math.max(burst, grown * burstShare) };
  bucket.answers = 0;
  bucket.wake();
}

/**
 * Back to the rate before it grew, else to somewhat less than was seen to pass. Several jobs that have started at once behind one
 * address see little pass: a third of the rate leaves room for three.
 */
function shrink(bucket: Bucket, seen: number, now: number): void {
  const { perSecond } = bucket.rate;
  // What passed in the first moment is not a rate yet, and what passed since an earlier refusal is one.
  const atLeast = Number.isFinite(bucket.refusedAt) ? perSecond / 2 : perSecond / 3;
  const seenToPass = Math.min(perSecond * 0.8, Math.max(atLeast, seen * 0.9));
  bucket.rate = bucket.before ?? rateOf(Math.max(least, seenToPass));
  // Each step between what passed and what was refused would cost a burst of refusals, for a gain of less than half.
  bucket.most = bucket.before?.perSecond ?? Math.min(bucket.most, perSecond * 0.9);
  bucket.before = undefined;
  bucket.answers = 0;
  bucket.refusedAt = now;
  bucket.level = 0;
  bucket.levelAt = now;
}

function rateOf(perSecond: number): Rate {
  return { perSecond, burst: Math.max(1, perSecond * burstShare) };
}

/** The wait of the next request ends early when an answer has come, or when the rate has changed. */
async function sleepUntilWoken(
  bucket: Bucket,
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal | undefined },
): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = () => {
      cancel();
      signal?.removeEventListener('abort', wake);
      bucket.wake = () => undefined;
      resolve();
    };
    const cancel = clock.alarm(ms, wake);
    bucket.wake = wake;
    signal?.addEventListener('abort', wake, { once: true });
  });
}

function rateKindOf(kind: RequestKind): RateKind {
  return kind === 'blobs' ? 'manifests' : kind;
}

/** What a request is counted as. */
export function kindOf({ pathname }: URL): RequestKind {
  if (!/^\/v2\/.+\//.test(pathname)) return 'tokens';
  if (/\/tags\/list$/.test(pathname)) return 'tags';
  return /\/manifests\/[^/]+$/.test(pathname) ? 'manifests' : 'blobs';
}
