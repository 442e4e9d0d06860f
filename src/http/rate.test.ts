import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacer, kindOf, type Pacer } from './rate.js';

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

/** Sends requests one after another behind a limit, as many at once as the pacer lets go; gives the time and the 429s. */
function run(pacer: Pacer, limit: (now: number) => boolean, requests: number, http2: boolean) {
  let now = 0;
  let refused = 0;
  pacer.accepted('content', now, http2);
  for (let done = 0; done < requests; ) {
    now += pacer.wait('content', now) + 0.5;
    if (limit(now)) {
      pacer.accepted('content', now, http2);
      done++;
    } else {
      refused++;
      now += pacer.refused('content', now);
    }
  }
  return { ms: now, refused };
}

test('100 requests behind the limits of Quay take little more than these allow, with few refusals', () => {
  const http1 = run(createPacer(), nginx(50, 10), 100, false);
  expect(http1.ms).toBeLessThan(2_300);
  expect(http1.refused).toBeLessThanOrEqual(5);
  const http2 = run(createPacer(), nginx(500, 50), 1_000, true);
  expect(http2.ms).toBeLessThan(3_000);
  expect(http2.refused).toBeLessThanOrEqual(5);
});

test('quay.io itself is never sent more than it allows', () => {
  expect(run(createPacer({ fixed: true }), nginx(50, 10), 500, false).refused).toBe(0);
  expect(run(createPacer({ fixed: true }), nginx(500, 50), 5_000, true).refused).toBe(0);
});

test('a server that allows everything is soon not held back any more', () => {
  expect(run(createPacer(), () => true, 1_000, false).ms).toBeLessThan(9_000);
  expect(run(createPacer(), () => true, 10_000, true).ms).toBeLessThan(9_000);
});

test('a server without TLS is not paced before it refuses', () => {
  const pacer = createPacer();
  for (let index = 0; index < 1_000; index++) {
    expect(pacer.wait('content', index)).toBe(0);
    pacer.accepted('content', index, undefined);
  }
  expect(pacer.refused('content', 1_000)).toBeGreaterThan(0);
  const waits = Array.from({ length: 1_000 }, () => pacer.wait('content', 1_300));
  expect(Math.max(...waits)).toBeGreaterThan(500);
});

test('whatever a server allows, requests get through and the 429s become few', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 2_000 }), fc.integer({ min: 1, max: 60 }), (perSecond, burst) => {
      const { ms, refused } = run(createPacer(), nginx(perSecond, burst), 300, false);
      expect(ms).toBeLessThan(10_000 + (3 * 300 * 1000) / Math.min(perSecond, 45));
      expect(refused).toBeLessThan(30);
    }),
  );
});

test.each([
  ['/v2/a/b/manifests/v1', 'content'],
  ['/v2/a/blobs/uploads/', 'content'],
  ['/v2/a/tags/list', 'tags'],
  ['/v2/auth', 'tokens'],
  ['/token', 'tokens'],
])('%s is counted as %s', (path, kind) => {
  expect(kindOf(new URL(path, 'https://quay.io'))).toBe(kind);
});
