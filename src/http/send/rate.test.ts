import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { seededRandom } from '../../../test/support/random/seeded-random.js';
import type { Answer, Exchange } from './call.js';
import { createHost } from './host.js';
import { createPacer, kindOf } from './rate.js';
import { withRetry } from './retry.js';

/** nginx's limit_req without delay: the excess drains at the rate and may not pass the burst. */
function nginx(perSecond: number, burst: number) {
  let excess = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (now: number): boolean => {
    const next = Math.max(0, excess - ((now - last) * perSecond) / 1000) + (last < 0 ? 0 : 1);
    if (next > burst) return false;
    excess = next;
    last = now;
    return true;
  };
}

interface Simulation {
  readonly limit: (now: number) => boolean;
  readonly requests: number;
  readonly http2: boolean;
  /** Jobs that start at once, each as a separate process. Default 1. */
  readonly jobs?: number;
  /** Milliseconds of a round trip, and how much longer a request may be on its way. Default 2 and 0. */
  readonly roundTripMs?: number;
  readonly jitterMs?: number;
  readonly name?: string;
  /** Default https. */
  readonly scheme?: string;
}

/** Sends requests as a run does, behind a limit that all jobs share. Gives the time of each job, and its 429s. */
async function simulate(options: Simulation): Promise<{ readonly ms: number; readonly refused: number }[]> {
  const { limit, requests, http2, jobs = 1, roundTripMs = 2, jitterMs = 0 } = options;
  const { name = 'registry.example', scheme = 'https' } = options;
  const clock = createJumpingClock(1_000_000);
  const random = seededRandom(7);
  const started = clock.now();
  const job = async () => {
    let refused = 0;
    const server: Exchange = async ({ method, url }): Promise<Answer> => {
      await clock.sleep(roundTripMs / 2 + random() * jitterMs);
      const status = limit(clock.now()) ? 200 : 429;
      if (status === 429) refused++;
      await clock.sleep(roundTripMs / 2);
      return {
        method,
        url,
        status,
        headers: {},
        body: new Uint8Array(),
        complete: true,
        fromOrigin: true,
        http2,
      };
    };
    const host = createHost(name, { clock });
    const quiet = { onRetry: () => undefined, onGivenUp: () => undefined };
    const send = withRetry(server, { host, clock, random, ...quiet });
    const call = (index: number) => ({
      method: 'HEAD',
      url: new URL(`${scheme}://${name}/v2/acme/b${index}/manifests/v1`),
      headers: {},
    });
    await send(call(0));
    const answers = await Promise.all(
      Array.from({ length: requests - 1 }, (_, index) => send(call(index + 1))),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    return { ms: clock.now() - started, refused };
  };
  return Promise.all(Array.from({ length: jobs }, job));
}

const quay = { 'HTTP/1.1': { perSecond: 50, burst: 10 }, 'HTTP/2': { perSecond: 500, burst: 50 } } as const;
const ways = [2, 50].flatMap((roundTripMs) =>
  [0, 20, 100].map((jitterMs) => [roundTripMs, jitterMs] as const),
);

test.each(ways)(
  'behind the limits of Quay a run is refused seldom, at %i ms and with %i ms of jitter',
  async (roundTripMs, jitterMs) => {
    const play = async (protocol: keyof typeof quay, requests: number) => {
      const { perSecond, burst } = quay[protocol];
      const limit = nginx(perSecond, burst);
      const http2 = protocol === 'HTTP/2';
      return (await simulate({ limit, requests, http2, roundTripMs, jitterMs }))[0];
    };
    const [warm, cold] = [await play('HTTP/1.1', 100), await play('HTTP/1.1', 800)];
    expect(warm?.refused).toBe(0);
    // Requests that are held up on the way count until they are answered.
    expect(warm?.ms).toBeLessThan(2_350 + 6 * jitterMs);
    expect(cold?.refused).toBeLessThanOrEqual(4);
    expect(cold?.ms).toBeLessThan(22_000);
    const many = await play('HTTP/2', 1_000);
    expect(many?.refused).toBe(0);
    expect(many?.ms).toBeLessThan(3_500);
  },
);

test('three jobs that start at once behind one address are refused seldom, and none of them starves', async () => {
  for (const roundTripMs of [2, 50]) {
    const limit = nginx(50, 10);
    const jobs = await simulate({ limit, requests: 100, http2: false, jobs: 3, roundTripMs, jitterMs: 60 });
    expect(Math.max(...jobs.map(({ refused }) => refused))).toBeLessThanOrEqual(5);
    // The limit alone takes 5.8 s.
    expect(Math.max(...jobs.map(({ ms }) => ms))).toBeLessThan(10_000);
  }
});

test('quay.io itself is never sent more than it allows', async () => {
  for (const http2 of [false, true]) {
    const limit = http2 ? nginx(500, 50) : nginx(50, 10);
    const [job] = await simulate({ limit, requests: 1_000, http2, name: 'quay.io', jitterMs: 60 });
    expect(job?.refused).toBe(0);
  }
});

test('a server that allows everything is soon not held back any more', async () => {
  const limit = () => true;
  const [http1] = await simulate({ limit, requests: 1_000, http2: false });
  expect(http1?.ms).toBeLessThan(9_000);
  const [http2] = await simulate({ limit, requests: 3_000, http2: true });
  expect(http2?.ms).toBeLessThan(6_000);
});

test('a server without TLS is not paced before it refuses, and then slower', async () => {
  const [free] = await simulate({ limit: () => true, requests: 1_000, http2: false, scheme: 'http' });
  expect(free?.ms).toBeLessThan(200);
  const limit = nginx(100, 5);
  const [limited] = await simulate({ limit, requests: 300, http2: false, scheme: 'http' });
  expect(limited?.refused).toBeLessThan(60);
  expect(limited?.ms).toBeLessThan(20_000);
});

test('from a dozen requests a second on, whatever a server allows, they get through and the 429s become few', async () => {
  const some = { perSecond: fc.integer({ min: 12, max: 2_000 }), burst: fc.integer({ min: 3, max: 60 }) };
  await fc.assert(
    fc.asyncProperty(fc.record(some), async ({ perSecond, burst }) => {
      const limit = nginx(perSecond, burst);
      const [job] = await simulate({ limit, requests: 200, http2: false, jitterMs: 10 });
      expect(job?.ms).toBeLessThan(10_000 + (3 * 200 * 1000) / Math.min(perSecond, 45));
      expect(job?.refused).toBeLessThan(30);
    }),
    { numRuns: 15 },
  );
});

test('a wait ends with the signal, and who comes later is not held up by it', async () => {
  const clock = createJumpingClock();
  const pacer = createPacer({ clock });
  const stop = new AbortController();
  pacer.hold(60_000);
  const stopped = pacer.enter('tokens', stop.signal);
  stop.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow('stopped');
  (await pacer.enter('tokens'))();
});

test.each([
  ['/v2/a/b/manifests/v1', 'manifests'],
  ['/v2/a/blobs/uploads/', 'blobs'],
  ['/v2/a/tags/list', 'tags'],
  ['/v2/auth', 'tokens'],
  ['/token', 'tokens'],
])('%s is counted as %s', (path, kind) => {
  expect(kindOf(new URL(path, 'https://quay.io'))).toBe(kind);
});
