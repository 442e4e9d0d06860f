/** What servers count apart: manifests, blobs and uploads; lists of tags; tokens. */
export type RequestKind = 'content' | 'tags' | 'tokens';

/** How many requests a server is sent in a second; one host's are shared by all of a run. */
export interface Pacer {
  /** How long a request of this kind has to wait, in milliseconds; it counts as sent then. */
  wait(kind: RequestKind, now: number): number;
  /** An answer that was no refusal; `http2` where a TLS server's protocol is known by it. */
  accepted(kind: RequestKind, now: number, http2: boolean | undefined): void;
  /** A 429 that does not say how long to wait: gives for how long the whole host is left alone. */
  refused(kind: RequestKind, now: number): number;
}

interface Rate {
  readonly perSecond: number;
  /** Requests beyond it at once. */
  readonly burst: number;
}

/** What the nginx of Quay allows, less a tenth: by HTTP/1.1 for all of an address, by HTTP/2 for each connection. */
const byHttp1: Rate = { perSecond: 45, burst: 9 };
const byHttp2: Rate = { perSecond: 450, burst: 45 };
const tags = { byHttp1: { perSecond: 4.5, burst: 1 }, byHttp2: { perSecond: 45, burst: 1 } } as const;
const tokens: Rate = { perSecond: 110, burst: 1 };
const growth = 1.5;
/** After a refusal, since others who share the limit may have left. */
const regrowth = 1.15;
const regrowSeconds = 3;
/** 429s that come so soon after each other are answers to one burst. */
const oneBurstMs = 500;
const least = 1;

interface Bucket {
  rate: Rate;
  /** When the requests sent so far are used up, in milliseconds. */
  usedUntil: number;
  /** Answers since the rate was set. */
  answers: number;
  /** The rate before it grew; undefined once a refusal has shown what is allowed. */
  before: Rate | undefined;
  /** It does not grow beyond: at more the server refused. */
  most: number;
  refusedAt: number;
}

/**
 * Starts TLS servers at the rates of Quay, since any of them may be one; where they take more, the rate grows until one says
 * 429. A server without TLS starts without a rate and gets one by its first 429. `fixed`: the server is quay.io itself.
 */
export function createPacer({ fixed = false }: { readonly fixed?: boolean } = {}): Pacer {
  const buckets = new Map<RequestKind, Bucket>();
  const seconds = { start: 0, accepted: 0, before: 0 };
  let protocolKnown = false;
  const begin = (kind: RequestKind, rate: Rate, most: number) => {
    const bucket: Bucket = {
      rate,
      usedUntil: 0,
      answers: 0,
      before: undefined,
      most,
      refusedAt: Number.NEGATIVE_INFINITY,
    };
    buckets.set(kind, bucket);
    return bucket;
  };
  begin('tokens', tokens, tokens.perSecond);

  const learnProtocol = (http2: boolean) => {
    protocolKnown = true;
    const rate = http2 ? byHttp2 : byHttp1;
    begin('content', rate, fixed ? rate.perSecond : Number.POSITIVE_INFINITY);
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

  return {
    wait(kind, now) {
      const bucket = buckets.get(kind);
      if (bucket === undefined) return 0;
      const { perSecond, burst } = bucket.rate;
      const interval = 1000 / perSecond;
      const at = Math.max(now, bucket.usedUntil - burst * interval);
      bucket.usedUntil = Math.max(bucket.usedUntil, at) + interval;
      return at - now;
    },
    accepted(kind, now, http2) {
      if (http2 !== undefined && !protocolKnown) learnProtocol(http2);
      tally(now);
      seconds.accepted++;
      const bucket = buckets.get(kind);
      if (bucket === undefined) return;
      const { perSecond, burst } = bucket.rate;
      const settled = bucket.most < Number.POSITIVE_INFINITY;
      if (++bucket.answers < perSecond * (settled ? regrowSeconds : 1) || perSecond >= bucket.most) return;
      bucket.before = settled ? undefined : bucket.rate;
      bucket.rate = { perSecond: Math.min(bucket.most, perSecond * (settled ? regrowth : growth)), burst };
      bucket.answers = 0;
    },
    refused(kind, now) {
      tally(now);
      const seen = Math.max(least, seconds.accepted, seconds.before);
      const bucket = buckets.get(kind) ?? begin(kind, { perSecond: seen, burst: 0 }, seen);
      const { rate, before, refusedAt } = bucket;
      if (now - refusedAt >= oneBurstMs) {
        const { perSecond } = rate;
        const seenToPass = Math.min(perSecond * 0.9, Math.max(perSecond * 0.4, seen));
        bucket.rate = { perSecond: Math.max(least, before?.perSecond ?? seenToPass), burst: 0 };
        bucket.most = Math.min(bucket.most, perSecond * 0.9);
        bucket.before = undefined;
        bucket.answers = 0;
        bucket.refusedAt = now;
        bucket.usedUntil = 0;
      }
      // Long enough for a burst of ten to be forgotten.
      return Math.min(5_000, Math.max(250, 5_000 / bucket.rate.perSecond));
    },
  };
}

/** What a request is counted as. */
export function kindOf({ pathname }: URL): RequestKind {
  if (!/^\/v2\/.+\//.test(pathname)) return 'tokens';
  return /\/tags\/list$/.test(pathname) ? 'tags' : 'content';
}
