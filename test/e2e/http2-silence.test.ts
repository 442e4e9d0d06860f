import type { TLSSocket } from 'node:tls';

import { expect, type TestContext, test } from 'vitest';
import type { NodeTransportOptions } from '../../src/http/connect/node-transport.js';
import { selfSigned } from '../support/network/certificates.js';
import { createFetchTransport } from '../support/network/fetch-transport.js';

import {
  endHeaders,
  endStream,
  type Frame,
  fields,
  frame,
  startFrameServer,
  types,
} from '../support/network/http2-frames.js';

// Silent peers, with the time limits that users have.

const pair = selfSigned();

function transport(context: TestContext, options: NodeTransportOptions = {}) {
  const made = createFetchTransport({ tls: { ca: pair.cert }, ...options });
  context.onTestFinished(() => made.close());
  return made;
}

function answerOk(stream: number, socket: TLSSocket): void {
  const head = frame(types.headers, endHeaders, stream, fields([':status', '200']));
  socket.write(Buffer.concat([head, frame(types.data, endStream, stream, Buffer.from('ok'))]));
}

test.concurrent('a peer that is gone is found out by a PING while a request waits', async (context) => {
  const fetch = transport(context);
  const server = await startFrameServer(pair, () => undefined, context);
  const started = performance.now();
  await expect(fetch(new Request(server.url))).rejects.toMatchObject({
    reason: 'timeout',
    errno: 'ETIMEDOUT',
  });
  // A head is waited for 30 s.
  expect(performance.now() - started).toBeLessThan(25_000);
  expect(server.seen.some(({ type }) => type === types.ping)).toBe(true);
});

test.concurrent('a peer that thinks for long and answers a PING is waited for', async (context) => {
  const fetch = transport(context);
  const think = ({ type, flags, stream, payload }: Frame, socket: TLSSocket) => {
    if (type === types.ping && flags === 0) socket.write(frame(types.ping, 1, 0, payload));
    if (type === types.headers) setTimeout(() => answerOk(stream, socket), 9_000);
  };
  const server = await startFrameServer(pair, think, context);
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  expect(server.seen.filter(({ type }) => type === types.ping).length).toBeLessThanOrEqual(2);
});

test.concurrent('a connection that has gone silent is not used again after a timeout', async (context) => {
  const fetch = transport(context, { headersTimeoutMs: 2_300 });
  let requests = 0;
  const second = ({ type, stream }: Frame, socket: TLSSocket) => {
    if (type === types.headers && ++requests === 2) answerOk(stream, socket);
  };
  const server = await startFrameServer(pair, second, context);
  await expect(fetch(new Request(server.url))).rejects.toMatchObject({ reason: 'timeout' });
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  expect(server.sockets.length).toBe(2);
});
