import { expect, test } from 'vitest';
import type { Clock } from '../../async/clock.js';
import { bytesInMemory } from '../../bytes/byte-source.js';
import type { HttpRequest, HttpResponse } from '../../http/message.js';
import type { Screen } from './screen.js';
import { showWaits, type Waiting } from './show-waits.js';
import { createWaits } from './waits.js';

const screen: Screen = { paint: (_, text) => text, clean: (text) => text, width: 80, unicode: true };

/** A clock whose alarms ring on request, and what was drawn. */
function world(form: 'spinner' | 'lines' = 'spinner') {
  let now = 0;
  const alarms = new Map<() => void, number>();
  const clock: Clock = {
    now: () => now,
    sleep: () => new Promise(() => undefined),
    alarm(ms, ring) {
      alarms.set(ring, now + ms);
      return () => void alarms.delete(ring);
    },
  };
  const drawn: (string | undefined)[] = [];
  const lines: string[] = [];
  const waits = createWaits({ draw: (line) => void drawn.push(line), line: (text) => void lines.push(text) });
  waits.start({ clock, form, screen });
  const pass = async (ms: number) => {
    for (const until = now + ms; ; ) {
      const [next] = [...alarms].sort(([, one], [, other]) => one - other);
      if (!next || next[1] > until) {
        now = until;
        return;
      }
      now = next[1];
      alarms.delete(next[0]);
      const before = drawn.length + lines.length;
      next[0]();
      // What is drawn is loaded the first time.
      await expect.poll(() => alarms.size > 0 || drawn.length + lines.length > before).toBe(true);
    }
  };
  return { waits, pass, drawn, lines, pending: () => alarms.size };
}

const request = (path: string, given: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL(`https://quay.io${path}`),
  headers: {},
  ...given,
});

test('what answers within 300 ms is never drawn, and nothing stays of it', async () => {
  const { waits, pass, drawn, pending } = world();
  const wait = waits.begin('building bundles');
  await pass(299);
  wait.end();
  await pass(10_000);
  expect([drawn, pending()]).toEqual([[undefined], 0]);
});

test('a request is named with its host, bundle and time until its answer is there, and removed then', async () => {
  const { waits, pass, drawn, pending } = world();
  let answer: (response: HttpResponse) => void = () => undefined;
  const send = waits.watch(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const sent = send(request('/v2/acme/alpha/manifests/v1', { method: 'HEAD' }));
  waits.head('3/10');
  await pass(350);
  expect(drawn).toEqual(['⠋ 3/10 asking quay.io for acme/alpha:v1 (0.3 s)']);
  await pass(1_000);
  expect(drawn.at(-1)).toBe('⠋ 3/10 asking quay.io for acme/alpha:v1 (1.3 s)');
  answer({ status: 200, headers: {}, body: undefined });
  await sent;
  expect([drawn.at(-1), pending()]).toEqual([undefined, 0]);
});

test('a body is waited for until its end, one that is not read until it is closed, a failure until it comes', async () => {
  const { waits, pass, drawn } = world();
  const body = () => bytesInMemory(new Uint8Array(100_000));
  const send = waits.watch(async () => ({
    status: 200,
    headers: { 'content-length': '200000' },
    body: body(),
  }));
  const read = await send(request('/v2/acme/alpha/blobs/sha256:1'));
  await read.body?.next();
  await pass(300);
  expect(drawn.at(-1)).toBe('⠋ reading acme/alpha from quay… ████████░░░░░░░░ 97.7 KiB of 195.3 KiB (0.3 s)');
  await read.body?.next();
  expect(drawn.at(-1)).toBe(undefined);
  const closed = await send(request('/v2/acme/alpha/blobs/sha256:1'));
  await closed.body?.close();
  await expect(waits.watch(() => Promise.reject(new Error('away')))(request('/'))).rejects.toThrow('away');
  const drawnSoFar = drawn.length;
  await pass(1_000);
  expect(drawn.length).toBe(drawnSoFar);
});

test('bytes that go are counted over all requests', async () => {
  const { waits, pass, drawn } = world();
  const upload = (bytes: number) =>
    request('/v2/acme/alpha/blobs/uploads/1', { method: 'PUT', body: new Uint8Array(bytes) });
  const first = waits.watch(async ({ onBodyBytes }) => {
    onBodyBytes?.(300_000);
    return { status: 201, headers: {}, body: undefined };
  });
  await first(upload(300_000));
  let more: HttpRequest['onBodyBytes'];
  void waits.watch((given) => {
    more = given.onBodyBytes;
    return new Promise(() => undefined);
  })(upload(900_000));
  more?.(300_000);
  await pass(300);
  expect(drawn.at(-1)).toBe('⠋ sending acme/alpha to quay.io ████████░░░░░░░░ 585.9 KiB of 1.1 MiB (0.3 s)');
});

test('nothing is drawn while a question is open, nor after the end', async () => {
  const { waits, pass, drawn, pending } = world();
  waits.begin('building');
  await pass(300);
  const held = waits.hold();
  const before = drawn.length;
  await pass(1_000);
  expect(drawn.slice(before - 1)).toEqual([undefined]);
  held.end();
  await pass(200);
  expect(drawn.at(-1)).toMatch(/building/);
  waits.stop();
  expect([drawn.at(-1), pending()]).toEqual([undefined, 0]);
});

test('what has come a part of its way has a bar, and in a CI job its words', async () => {
  for (const form of ['spinner', 'lines'] as const) {
    const { waits, pass, drawn, lines } = world(form);
    let done = 0;
    const wait = waits.begin('reading');
    wait.say('building svc', () => ({ done, total: 7, text: `step ${done + 1} of 7` }));
    done = 3;
    await pass(10_000);
    const shown = form === 'spinner' ? drawn.at(-1)?.slice(2) : lines.at(-1);
    const expected =
      form === 'spinner'
        ? 'building svc ██████░░░░░░░░░░ step 4 of 7 (10 s)'
        : 'waiting: building svc step 4 of 7 (10 s)';
    expect(shown).toBe(expected);
    wait.say('exporting svc', () => ({ done: 5, total: 0, text: '5 B' }));
    await pass(40_000);
    expect((form === 'spinner' ? drawn : lines).at(-1)).toMatch(/exporting svc 5 B \(/);
  }
});

test('a CI job gets a plain line after 10 s and then every 30 s', async () => {
  const { waits, pass, drawn, lines } = world('lines');
  waits.begin('building svc');
  await pass(9_999);
  expect(lines).toEqual([]);
  await pass(61_000);
  expect(lines).toEqual([
    'waiting: building svc (10 s)',
    'waiting: building svc (40 s)',
    'waiting: building svc (1 min 10 s)',
  ]);
  expect(drawn).toEqual([]);
});

test('a run that does not start it sees every request pass as it is', async () => {
  const drawn: unknown[] = [];
  const waits = createWaits({ draw: (line) => void drawn.push(line), line: (line) => void drawn.push(line) });
  const given = request('/v2/');
  const seen: HttpRequest[] = [];
  await waits.watch(async (one) => {
    seen.push(one);
    return { status: 200, headers: {}, body: undefined };
  })(given);
  expect([seen[0] === given, drawn]).toEqual([true, []]);
});

test('the line is cut to the terminal, and ASCII where it shows no more', () => {
  const waiting: Waiting = { since: 0, text: 'x'.repeat(200), sent: 0, toSend: 0, received: 0, toReceive: 0 };
  const view = { now: 0, frame: 1, head: '', past: { done: 0, total: 0 }, form: 'spinner' } as const;
  const line = showWaits([waiting], { ...view, screen: { ...screen, width: 40, unicode: false } });
  expect([line.length, line.slice(0, 3), line.slice(-8)]).toEqual([38, '/ x', 'x… (0 ms)'.slice(-8)]);
});

test('a digest is never cut: what is attached to a bundle is asked for without it', () => {
  const waiting: Waiting = {
    since: 0,
    request: request(`/v2/acme/hello/manifests/sha256-${'a'.repeat(64)}.sig`),
    sent: 0,
    toSend: 0,
    received: 0,
    toReceive: 0,
  };
  const view = {
    now: 500,
    frame: 0,
    head: '',
    past: { done: 0, total: 0 },
    form: 'spinner',
    screen,
  } as const;
  expect(showWaits([waiting], view)).toBe('⠋ asking quay.io for what is attached to acme/hello (0.5 s)');
});
