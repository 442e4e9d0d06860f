import { expect, test } from 'vitest';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { stoppedClock } from '../../../test/support/clocks/stopped-clock.js';
import {
  type Answerer,
  scriptedFetch,
  systemError,
  wireRefusal,
} from '../../../test/support/registry/scripted-fetch.js';
import { failureOf, openScripted } from '../../../test/support/registry/scripted-registry.js';
import { sendTo } from '../../http/serve/handler-transport.js';
import { createRegistryClient } from '../client.js';
import type { RegistryError } from '../registry-error.js';
import type { RegistryClientOptions } from './pipelines.js';

function askHundred(answer: Answerer, options: Partial<RegistryClientOptions> = {}) {
  const { fetch, seen } = scriptedFetch(answer);
  const clock = createJumpingClock();
  const client = createRegistryClient({
    send: sendTo(fetch),
    clock,
    random: () => 0.5,
    patience: 'brief',
    ...options,
  });
  const started = clock.now();
  const ask = async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) =>
        client.repository({ registry: 'registry.example', repository: `acme/b${index}` }).resolve('v1'),
      ),
    );
    const reasons = results.map((one) =>
      one.status === 'rejected' ? (one.reason as RegistryError).reason : 'ok',
    );
    return { reasons: new Set(reasons), ms: clock.now() - started };
  };
  return { ask, seen, client };
}

test.each([
  ['refuses', () => systemError('ECONNREFUSED'), 'refused', 2],
  ['does not resolve', () => systemError('ENOTFOUND'), 'dns', 2],
  ['hangs', () => new Promise<undefined>(() => undefined), 'timeout', 1],
  ['breaks TLS', () => systemError('CERT_HAS_EXPIRED'), 'tls-expired', 1],
])('100 bundles of a host that %s fail within 3 s, by one probe', async (_, answer, reason, requests) => {
  const { ask, seen, client } = askHundred(answer as Answerer);
  const { reasons, ms } = await ask();
  expect([...reasons]).toEqual([reason]);
  expect(ms).toBeLessThan(3000);
  expect(seen).toHaveLength(requests);
  expect(client.report().requests).toBe(requests);
});

test('a hanging request is aborted when the patience is over', async () => {
  const { ask, seen } = askHundred(() => new Promise(() => undefined));
  await ask();
  expect(seen[0]?.signal.aborted).toBe(true);
});

test('a later request to a host that was given up fails at once', async () => {
  const { ask, seen } = askHundred(() => systemError('ECONNREFUSED'));
  await ask();
  await ask();
  expect(seen).toHaveLength(2);
});

test('after the first answer the patience is the usual one', async () => {
  const { ask, seen } = askHundred((_, index) =>
    index === 1 ? systemError('ECONNRESET') : wireRefusal(404, 'MANIFEST_UNKNOWN'),
  );
  const { reasons } = await ask();
  expect([...reasons]).toEqual(['tag-missing']);
  expect(seen).toHaveLength(201);
});

test('a host that answers only errors is given up after 40 s for all its bundles', async () => {
  const { ask } = askHundred(() => new Response('oops', { status: 503 }), { random: () => 0.999 });
  const { reasons, ms } = await ask();
  expect([...reasons]).toEqual(['server-error']);
  expect(ms).toBeLessThan(45_000);
});

test('a host that falls silent after its first answer is given up after 40 s', async () => {
  const { ask } = askHundred((_, index) =>
    index === 0 ? wireRefusal(404, 'MANIFEST_UNKNOWN') : new Promise(() => undefined),
  );
  const { reasons, ms } = await ask();
  expect([...reasons]).toEqual(['timeout']);
  expect(ms).toBeLessThan(45_000);
});

test('with full patience a refusing host gets five attempts, once for all bundles', async () => {
  const { ask, seen } = askHundred(() => systemError('ECONNREFUSED'), { patience: 'full' });
  await ask();
  expect(seen).toHaveLength(5);
});

test('one aborted probe does not condemn the host', async () => {
  const { fetch, seen } = scriptedFetch((_, index) =>
    index === 0 ? new Promise(() => undefined) : wireRefusal(404, 'MANIFEST_UNKNOWN'),
  );
  const client = createRegistryClient({ send: sendTo(fetch), clock: stoppedClock });
  const open = () => client.repository({ registry: 'registry.example', repository: 'a' });
  const stop = new AbortController();
  const first = open().resolve('v1', { signal: stop.signal });
  const second = open().resolve('v1');
  setImmediate(() => stop.abort(new Error('stop')));
  await expect(first).rejects.toThrow('stop');
  await expect(second).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(seen).toHaveLength(3);
});

test('at most 32 requests are in flight, and half after a 429', async () => {
  for (const [registry, most] of [
    ['quay.io', 32],
    ['registry.example', 32],
  ] as const) {
    let inFlight = 0;
    let peak = 0;
    let limited = false;
    let peakAfter = 0;
    const { fetch } = scriptedFetch(async (_, index) => {
      inFlight++;
      peak = Math.max(peak, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      if (limited) peakAfter = Math.max(peakAfter, inFlight);
      inFlight--;
      if (index !== 195) return wireRefusal(404, 'MANIFEST_UNKNOWN');
      limited = true;
      return new Response('', { status: 429 });
    });
    const client = createRegistryClient({
      send: sendTo(fetch),
      clock: createJumpingClock(),
      random: () => 0.5,
    });
    const open = (index: number) => client.repository({ registry, repository: `b${index}` });
    await Promise.allSettled(Array.from({ length: 100 }, (_, index) => open(index).resolve('v1')));
    expect(peak).toBe(most);
    limited = true;
    inFlight = peakAfter = 0;
    await Promise.allSettled(Array.from({ length: 10 }, (_, index) => open(index).resolve('v1')));
    expect(peakAfter).toBeLessThan(most);
  }
});

test('a timeout that was given holds for one answer and for all that a host may fail', async () => {
  const { store, clock, seen } = openScripted(() => new Promise<Response>(() => undefined), {
    timeoutMs: 5_000,
  });
  const before = clock.now();
  expect(await failureOf(store.resolve('v1'))).toMatchObject({ reason: 'timeout' });
  expect(clock.now() - before).toBeLessThanOrEqual(5_000);
  expect(seen).toHaveLength(1);
  const busy = openScripted(() => new Response(null, { status: 503 }), { timeoutMs: 2_000 });
  const start = busy.clock.now();
  expect(await failureOf(busy.store.resolve('v1'))).toMatchObject({ reason: 'server-error' });
  expect(busy.clock.now() - start).toBeLessThanOrEqual(2_000);
});
