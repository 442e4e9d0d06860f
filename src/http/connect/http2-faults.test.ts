import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../test/support/network/certificates.js';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import {
  endHeaders,
  endStream,
  type Finishing,
  type Frame,
  fields,
  frame,
  number,
  startFrameServer,
  types,
} from '../../../test/support/network/http2-frames.js';
import { failure } from '../../../test/support/network/network-failure.js';
import type { NodeTransportOptions } from './node-transport.js';

const pair = selfSigned();

function transport(options: NodeTransportOptions = {}, context: Finishing = { onTestFinished }) {
  const made = createFetchTransport({ tls: { ca: pair.cert }, ...options });
  context.onTestFinished(() => made.close());
  return made;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const head = (stream: number, flags: number, ...pairs: [string, string][]) =>
  frame(types.headers, flags | endHeaders, stream, fields([':status', '200'], ...pairs));
const data = (stream: number, flags: number, text: string) =>
  frame(types.data, flags, stream, Buffer.from(text));
const reset = (stream: number, code: number) => frame(types.rstStream, 0, stream, number(code));
const goaway = (last: number, code: number) =>
  frame(types.goaway, 0, 0, Buffer.concat([number(last), number(code)]));

type Say = (stream: number, socket: TLSSocket) => void;

/** Answers each request in order, those that follow like the last one. */
function serve(...answers: [Say, ...Say[]]) {
  return serveBeside({ onTestFinished }, ...answers);
}

/** The same for a test that runs beside others. */
function serveBeside(context: Finishing, ...answers: [Say, ...Say[]]) {
  let requests = 0;
  const hear = ({ type, stream }: Frame, socket: TLSSocket) => {
    if (type !== types.headers) return;
    const answer = answers[Math.min(requests++, answers.length - 1)]!;
    answer(stream, socket);
  };
  return startFrameServer(pair, hear, context);
}

const fine: Say = (stream, socket) =>
  void socket.write(Buffer.concat([head(stream, 0), data(stream, endStream, 'ok')]));

/** What a first request comes to; then one more must be answered, if need be on another connection. */
async function outcomeOf(context: Finishing, answer: Say) {
  const fetch = transport({}, context);
  const server = await serveBeside(context, answer, fine);
  const error = await failure(fetch(new Request(server.url)).then((answer) => answer.text()));
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  return `${error.reason} ${error.errno} ${error.retryable}`;
}

type Row = readonly [title: string, answer: Say, wanted: string];

const rows: readonly Row[] = [
  ['INTERNAL_ERROR', (stream, socket) => socket.write(reset(stream, 2)), 'reset HTTP2_INTERNAL_ERROR true'],
  [
    'PROTOCOL_ERROR',
    (stream, socket) => socket.write(reset(stream, 1)),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  ['CANCEL', (stream, socket) => socket.write(reset(stream, 8)), 'reset HTTP2_CANCEL true'],
  [
    'NO_ERROR before the head',
    (stream, socket) => socket.write(reset(stream, 0)),
    'reset HTTP2_NO_ERROR true',
  ],
  ['an unknown code', (stream, socket) => socket.write(reset(stream, 999)), 'reset HTTP2_UNKNOWN true'],
  [
    'CANCEL within a body',
    (stream, socket) =>
      socket.write(Buffer.concat([head(stream, 0), data(stream, 0, 'be'), reset(stream, 8)])),
    'reset HTTP2_CANCEL true',
  ],
  [
    'NO_ERROR within a body of known length',
    (stream, socket) =>
      socket.write(
        Buffer.concat([head(stream, 0, ['content-length', '9']), data(stream, 0, 'be'), reset(stream, 0)]),
      ),
    'reset HTTP2_NO_ERROR true',
  ],
  [
    'less data than the length states',
    (stream, socket) =>
      socket.write(Buffer.concat([head(stream, 0, ['content-length', '9']), data(stream, endStream, 'be')])),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'more data than the length states',
    (stream, socket) =>
      socket.write(Buffer.concat([head(stream, 0, ['content-length', '1']), data(stream, endStream, 'be')])),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a connection that breaks before the head',
    (_stream, socket) => void socket.destroy(),
    'reset ECONNRESET true',
  ],
  [
    'a connection that breaks within a body',
    (stream, socket) =>
      socket.write(Buffer.concat([head(stream, 0), data(stream, 0, 'be')]), () => socket.destroy()),
    'reset ECONNRESET true',
  ],
  [
    'a connection that ends within a body after GOAWAY',
    (stream, socket) =>
      socket.write(Buffer.concat([head(stream, 0), data(stream, 0, 'be'), goaway(stream, 0)]), () =>
        socket.end(),
      ),
    'reset ECONNRESET true',
  ],
  [
    'GOAWAY with an error',
    (stream, socket) => socket.write(goaway(stream, 2)),
    'reset HTTP2_INTERNAL_ERROR true',
  ],
  [
    'GOAWAY that wants calm',
    (stream, socket) => socket.write(goaway(stream, 11)),
    'reset HTTP2_ENHANCE_YOUR_CALM true',
  ],
  [
    'what is not HTTP/2',
    (_stream, socket) => socket.write('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a frame beyond the size allowed',
    (stream, socket) => socket.write(frame(types.data, 0, stream, Buffer.alloc(70_000))),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'data on a stream that was never opened',
    (_stream, socket) => socket.write(data(77, 0, 'x')),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a pushed answer, although push is disabled',
    (stream, socket) =>
      socket.write(
        frame(
          types.pushPromise,
          endHeaders,
          stream,
          Buffer.concat([
            number(2),
            fields([':method', 'GET'], [':scheme', 'https'], [':authority', 'x'], [':path', '/']),
          ]),
        ),
      ),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'head fields that HPACK cannot read',
    (stream, socket) =>
      socket.write(frame(types.headers, endHeaders, stream, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a head without a status',
    (stream, socket) => socket.write(frame(types.headers, endHeaders, stream, fields(['x', 'y']))),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a pseudo header of requests',
    (stream, socket) => socket.write(head(stream, endStream, [':path', '/'])),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a field of one connection alone',
    (stream, socket) => socket.write(head(stream, endStream, ['transfer-encoding', 'chunked'])),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'an upper-case field',
    (stream, socket) => socket.write(head(stream, endStream, ['Docker', 'x'])),
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'a status no answer can have',
    (stream, socket) =>
      socket.write(frame(types.headers, endHeaders | endStream, stream, fields([':status', '999']))),
    'protocol undefined false',
  ],
  [
    'a head without end',
    (stream, socket) => {
      socket.write(frame(types.headers, 0, stream, fields([':status', '200'])));
      for (let index = 0; index < 1_000; index++) {
        socket.write(frame(types.continuation, 0, stream, fields([`x${index}`, 'y'.repeat(100)])));
      }
    },
    'protocol HTTP2_PROTOCOL_ERROR false',
  ],
  [
    'answers without end that say one will come',
    (stream, socket) => {
      for (let index = 0; index < 1_000; index++) {
        socket.write(frame(types.headers, endHeaders, stream, fields([':status', '103'])));
      }
    },
    'protocol HTTP2_TOO_MANY_HINTS false',
  ],
];

test.concurrent.for(rows)('HTTP/2 gone wrong: %s', async ([_title, answer, wanted], context) => {
  expect(await outcomeOf(context, answer)).toBe(wanted);
});

/** Node resets such a stream with two codes, and either may come first. */
const tooMuch = ['protocol HTTP2_ENHANCE_YOUR_CALM', 'reset HTTP2_INTERNAL_ERROR'];

test('a head that is too large or of too many fields is not an answer', async () => {
  const part = (name: string) => fields([name, 'y'.repeat(14_000)]);
  const large: Say = (stream, socket) => {
    const begin = Buffer.concat([fields([':status', '200']), part('a')]);
    socket.write(frame(types.headers, endStream, stream, begin));
    socket.write(frame(types.continuation, 0, stream, part('b')));
    socket.write(frame(types.continuation, endHeaders, stream, part('c')));
  };
  const many: Say = (stream, socket) => {
    const pairs = Array.from({ length: 300 }, (_, index): [string, string] => [`x${index}`, 'y']);
    socket.write(head(stream, endStream, ...pairs));
  };
  const server = await serve(fine, large, many, fine);
  const fetch = transport();
  const ask = async () => (await fetch(new Request(server.url))).text();
  expect(await ask()).toBe('ok');
  for (let round = 0; round < 2; round++) {
    const error = await failure(ask());
    expect(tooMuch).toContain(`${error.reason} ${error.errno}`);
  }
  expect(await ask()).toBe('ok');
});

test('a head field with a control character does not reach the caller', async () => {
  const server = await serve((stream, socket) => {
    socket.write(head(stream, endStream, ['bad', 'a\r\nb: c'], ['good', 'd']));
  });
  const { headers } = await transport()(new Request(server.url));
  expect([...headers]).toEqual([['good', 'd']]);
});

test('what a server that goes away did not look at is sent once more, whatever it is', async () => {
  const server = await serve((_stream, socket) => socket.write(goaway(0, 0)), fine);
  const fetch = transport();
  const post = new Request(server.url, { method: 'POST', body: new Uint8Array(200_000) });
  expect(await (await fetch(post)).text()).toBe('ok');
  expect(server.sockets.length).toBe(2);
});

test('after GOAWAY what is being answered goes on, and new requests go elsewhere', async () => {
  let old: { readonly stream: number; readonly socket: TLSSocket } | undefined;
  const server = await serve((stream, socket) => {
    old = { stream, socket };
    socket.write(Buffer.concat([head(stream, 0), data(stream, 0, 'begin '), goaway(2 ** 31 - 1, 0)]));
  }, fine);
  const fetch = transport();
  const first = await fetch(new Request(server.url));
  // What came with the head is looked at in the same turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  old?.socket.write(data(old.stream, endStream, 'end'));
  expect(await first.text()).toBe('begin end');
  expect(server.sockets.length).toBe(2);
  while (!server.sockets[0]?.destroyed) await pause(5);
});

test('a stream that is refused is tried again a few times, then it is a retryable reset', async () => {
  const refuse: Say = (stream, socket) => void socket.write(reset(stream, 7));
  const once = await serve(refuse, fine);
  const fetch = transport();
  expect(await (await fetch(new Request(once.url, { method: 'POST', body: 'a' }))).text()).toBe('ok');
  const always = await serve(refuse);
  const error = await failure(fetch(new Request(always.url)));
  expect([error.reason, error.errno, error.retryable]).toEqual(['reset', 'HTTP2_REFUSED_STREAM', true]);
  expect(always.seen.filter(({ type }) => type === types.headers).length).toBe(5);
});

test.concurrent('an upload on a connection that has gone silent is given up with the connection', async (context) => {
  const server = await serveBeside(context, () => undefined, fine);
  const fetch = transport({ idleBodyMs: 2_500 }, context);
  const error = await failure(
    fetch(new Request(server.url, { method: 'PUT', body: new Uint8Array(200_000) })),
  );
  expect(error.reason).toBe('timeout');
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  expect(server.sockets.length).toBe(2);
});

test('an idle connection that the server ended is replaced without an error', async () => {
  const server = await serve(fine);
  const fetch = transport();
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  const [idle] = server.sockets;
  idle?.end();
  // Not before the client has heard of it and hung up too.
  await expect.poll(() => idle?.destroyed).toBe(true);
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  expect(server.sockets.length).toBe(2);
});

test('a kept connection that breaks instead of an answer is a retryable reset of a reused socket', async () => {
  const server = await serve(fine, (_stream, socket) => void socket.destroy(), fine);
  const fetch = transport();
  await (await fetch(new Request(server.url))).text();
  const error = await failure(fetch(new Request(server.url)));
  expect([error.reason, error.reusedSocket, error.retryable]).toEqual(['reset', true, true]);
});
