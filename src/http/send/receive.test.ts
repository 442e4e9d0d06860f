import { createServer, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { listen } from '../../../test/support/network/listen.js';
import { systemClock } from '../../async/system-clock.js';
import { createNodeTransport } from '../connect/node-transport.js';
import type { Send } from '../message.js';
import type { Call } from './call.js';
import { createHost, type HostOptions } from './host.js';
import { receive } from './receive.js';
import { withRedirects } from './redirects.js';

const url = new URL('https://registry.example/v2/');
const get: Call = { method: 'GET', url, headers: {} };

function ask(send: Send, options: Partial<HostOptions> = {}) {
  const { clock = createJumpingClock() } = options;
  const started = clock.now();
  const host = createHost('registry.example', { clock, ...options });
  const follow = () => url;
  const answer = receive(withRedirects(send, follow), host, clock);
  return { answer, elapsed: () => clock.now() - started };
}

/** A body that gives one byte each `ms` by the clock, indefinitely. */
const dripping =
  (clock: ReturnType<typeof createJumpingClock>, ms: number, status = 200): Send =>
  async () => ({
    status,
    headers: {},
    body: {
      async next() {
        await clock.sleep(ms);
        return new Uint8Array(1);
      },
      close: async () => undefined,
    },
  });

test('a body that drips is given up after a quarter of a minute, whatever its pauses', async () => {
  for (const ms of [10, 400, 14_000]) {
    const clock = createJumpingClock();
    const { answer, elapsed } = ask(dripping(clock, ms), { clock });
    await expect(answer({ ...get, limit: 1 << 22 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(elapsed()).toBeLessThanOrEqual(31_000);
  }
});

test('a timeout that was given bounds head and body together', async () => {
  const clock = createJumpingClock();
  const { answer, elapsed } = ask(dripping(clock, 400), { clock, timeoutMs: 3_000 });
  await expect(answer({ ...get, limit: 1 << 22 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(elapsed()).toBeLessThanOrEqual(3_001);
});

test('a body that comes at the least rate is read to its end', async () => {
  const clock = createJumpingClock();
  let left = 300;
  const send: Send = async () => ({
    status: 200,
    headers: {},
    body: {
      async next() {
        await clock.sleep(1_000);
        return left-- > 0 ? new Uint8Array(10_300) : undefined;
      },
      close: async () => undefined,
    },
  });
  const { answer } = ask(send, { clock });
  expect((await answer({ ...get, limit: 1 << 22 })).body.byteLength).toBe(3_090_000);
});

test('of an error body that drips or breaks off the head is the answer', async () => {
  const clock = createJumpingClock();
  const { answer, elapsed } = ask(dripping(clock, 400, 403), { clock });
  expect(await answer(get)).toMatchObject({ status: 403, complete: false });
  expect(elapsed()).toBeLessThanOrEqual(31_000);
});

test('over a real socket a body that drips ends within the time that was given', async () => {
  const drip = (_: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  const port = await listen(createServer(drip));
  const transport = createNodeTransport();
  onTestFinished(() => transport.close());
  const { answer } = ask(transport, { clock: systemClock, timeoutMs: 300 });
  const call = { ...get, url: new URL(`http://127.0.0.1:${port}/`), limit: 1 << 22 };
  await expect(answer(call)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});
