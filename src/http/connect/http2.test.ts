import {
  createSecureServer,
  type Http2Stream,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../test/support/network/certificates.js';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import { failure } from '../../../test/support/network/network-failure.js';
import { sizedRequests } from '../../../test/support/registry/sized-requests.js';
import { abortUnheldRequest } from '../../../test/support/registry/unheld-request.js';
import { createNodeTransport, type NodeTransportOptions } from './node-transport.js';

const pair = selfSigned();

type Headers2 = Readonly<Record<string, string | string[] | undefined>>;
type Listener = (stream: ServerHttp2Stream, headers: Headers2) => void;

interface Server {
  readonly url: string;
  readonly sessions: ServerHttp2Session[];
  readonly streams: Http2Stream[];
}

/** A server that speaks HTTP/2 and, to those who do not, HTTP/1.1. */
async function start(
  listener: Listener,
  options: { readonly maxStreams?: number; readonly window?: number } = {},
): Promise<Server> {
  const sessions: ServerHttp2Session[] = [];
  const streams: Http2Stream[] = [];
  const { maxStreams, window = 1 << 20 } = options;
  const server = createSecureServer({
    ...pair,
    allowHTTP1: true,
    settings: {
      initialWindowSize: window,
      ...(maxStreams === undefined ? {} : { maxConcurrentStreams: maxStreams }),
    },
  });
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    streams.push(stream);
    stream.on('error', () => undefined);
    listener(stream, headers as Headers2);
  });
  server.on('request', (request, response) => {
    if (request.httpVersionMajor === 1) response.end('by HTTP/1.1');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, sessions, streams };
}

function transport(options?: NodeTransportOptions) {
  const made = createFetchTransport({ tls: { ca: pair.cert }, ...options });
  onTestFinished(() => made.close());
  return made;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const ok: Listener = (stream) => {
  stream.respond({ ':status': 200 });
  stream.end('ok');
};

const echo: Listener = async (stream, headers) => {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  stream.respond({ ':status': 200 });
  stream.end(JSON.stringify({ headers: { ...headers }, size }));
};

test('all requests to a server that takes HTTP/2 go over one connection, the first ones too', async () => {
  const server = await start(ok);
  const fetch = transport();
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => fetch(new Request(server.url, { method: 'HEAD' }))),
  );
  expect(answers.every(({ status, body }) => status === 200 && body === null)).toBe(true);
  expect(await (await fetch(new Request(server.url))).text()).toBe('ok');
  expect([server.sessions.length, server.streams.length]).toEqual([1, 61]);
});

test('a request carries the headers given and the body’s length, only', async () => {
  const { url } = await start(echo);
  const headers = {
    accept: 'x/y, z',
    connection: 'keep-alive',
    'content-length': '7',
    'transfer-encoding': 'x',
  };
  const answer = await transport()(new Request(`${url}/a%2Fb?c=~%20d`, { headers }));
  expect(await answer.json()).toEqual({
    headers: {
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': url.slice(8),
      ':path': '/a%2Fb?c=~%20d',
      accept: 'x/y, z',
    },
    size: 0,
  });
});

test.each(sizedRequests(200_000))(
  'by HTTP/2 %s are sent with their length',
  async (_name, request, length) => {
    const { url } = await start(echo);
    const { headers, size } = (await (await transport()(request(url))).json()) as {
      headers: Record<string, string>;
      size: number;
    };
    expect([headers['content-length'], size]).toEqual([length, Number(length ?? 0)]);
  },
);

test('by HTTP/2 status, repeated headers, redirects and encoded bytes are handed back as they came', async () => {
  const { url } = await start((stream) => {
    stream.respond({
      ':status': 307,
      location: '/else',
      'content-encoding': 'gzip',
      'set-cookie': ['a=1', 'b=2'],
    });
    stream.end('no gzip');
  });
  const answer = await transport()(new Request(url));
  expect(answer.status).toBe(307);
  expect(answer.headers.get('location')).toBe('/else');
  expect(answer.headers.get('set-cookie')).toBe('a=1, b=2');
  expect(await answer.text()).toBe('no gzip');
});

test('by HTTP/2 an answer to HEAD keeps its content-length, and 204 and 304 have no body', async () => {
  const { url } = await start((stream, headers) => {
    const status = Number(String(headers[':path']).slice(1));
    stream.respond(
      { ':status': status, ...(status === 200 ? { 'content-length': '4321' } : {}) },
      { endStream: true },
    );
  });
  const fetch = transport();
  const head = await fetch(new Request(`${url}/200`, { method: 'HEAD' }));
  expect([head.status, head.body, head.headers.get('content-length')]).toEqual([200, null, '4321']);
  for (const status of [204, 304]) {
    const answer = await fetch(new Request(`${url}/${status}`));
    expect([answer.status, answer.body]).toEqual([status, null]);
  }
});

test('by HTTP/2 bodies of 64 MiB go both ways', async () => {
  const size = 64 << 20;
  const { url } = await start(
    async (stream, headers) => {
      if (headers[':method'] === 'PUT') return echo(stream, headers);
      stream.respond({ ':status': 200, 'content-length': String(size) });
      for (let sent = 0; sent < size; sent += 1 << 20) {
        if (!stream.write(Buffer.alloc(1 << 20, 7)))
          await new Promise((resolve) => stream.once('drain', resolve));
      }
      stream.end();
    },
    { window: 16 << 20 },
  );
  const fetch = transport();
  // The server's window is known after its first answer.
  await (await fetch(new Request(url, { method: 'HEAD' }))).text();
  const sent = await fetch(new Request(url, { method: 'PUT', body: new Uint8Array(size) }));
  expect(await sent.json()).toMatchObject({ size });
  let received = 0;
  for await (const part of (await fetch(new Request(url))).body!) received += part.length;
  expect(received).toBe(size);
});

test('a body that would fill the server’s window again and again goes by HTTP/1.1', async () => {
  const server = await start(echo, { window: 100_000 });
  const fetch = transport();
  const put = (size: number) => fetch(new Request(server.url, { method: 'PUT', body: new Uint8Array(size) }));
  await (await fetch(new Request(server.url))).text();
  expect(await (await put(400_000)).json()).toMatchObject({ size: 400_000 });
  expect(await (await put(400_001)).text()).toBe('by HTTP/1.1');
  expect(await (await fetch(new Request(server.url))).json()).toMatchObject({ size: 0 });
});

test('by HTTP/2 a slow reader holds back the server and no other reader', async () => {
  const chunk = Buffer.alloc(1 << 20, 7);
  let written = 0;
  const { url } = await start(async (stream, headers) => {
    if (headers[':path'] === '/small') return ok(stream, headers);
    stream.respond({ ':status': 200 });
    for (let index = 0; index < 64 && !stream.destroyed; index++) {
      written += chunk.length;
      if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stream.end();
  });
  const fetch = transport();
  const answers = await Promise.all([1, 2, 3].map(() => fetch(new Request(url))));
  await pause(300);
  // The window of each, and what lies in buffers on the way.
  expect(written).toBeLessThan(3 * (12 << 20));
  expect(await (await fetch(new Request(`${url}/small`))).text()).toBe('ok');
  await Promise.all(answers.slice(1).map(({ body }) => body?.cancel()));
  let size = 0;
  for await (const part of answers[0]!.body!) size += part.length;
  expect(size).toBe(64 << 20);
});

test('by HTTP/2 an abort rejects with its own reason and ends only its own request', async () => {
  const server = await start((stream, headers) => {
    if (headers[':path'] === '/ok') return ok(stream, headers);
    if (headers[':path'] === '/body') {
      stream.respond({ ':status': 200 });
      stream.write('begin');
    }
  });
  const { url } = server;
  const fetch = transport();
  const reason = new Error('enough');
  const other = await fetch(new Request(`${url}/body`));
  await expect(fetch(new Request(url, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  const waiting = new AbortController();
  const pending = fetch(new Request(`${url}/never`, { signal: waiting.signal }));
  setTimeout(() => waiting.abort(reason), 20);
  await expect(pending).rejects.toBe(reason);
  const reading = new AbortController();
  const answer = await fetch(new Request(`${url}/body`, { signal: reading.signal }));
  setTimeout(() => reading.abort(reason), 20);
  await expect(answer.text()).rejects.toBe(reason);
  expect(await (await fetch(new Request(`${url}/ok`))).text()).toBe('ok');
  const [first, never, body] = server.streams;
  expect([first?.closed, never?.rstCode, body?.rstCode, server.sessions.length]).toEqual([false, 8, 8, 1]);
  await other.body?.cancel();
});

test('by HTTP/2 an abort within the body counts even if the request is no longer referenced', async () => {
  const { url } = await start((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('begin');
  });
  const reason = new Error('enough');
  const send = createNodeTransport({ tls: { ca: pair.cert } });
  onTestFinished(() => send.close());
  await expect(abortUnheldRequest(send, url, reason)).rejects.toBe(reason);
});

test('a head that never comes and a body that stalls end as timeouts, by HTTP/2 too', async () => {
  const { url } = await start((stream, headers) => {
    if (headers[':path'] === '/body') {
      stream.respond({ ':status': 200 });
      stream.write('begin');
    }
  });
  const never = transport({ headersTimeoutMs: 100 })(new Request(`${url}/never`));
  expect((await failure(never)).reason).toBe('timeout');
  const answer = await transport({ idleBodyMs: 50 })(new Request(`${url}/body`));
  expect((await failure(answer.text())).reason).toBe('timeout');
});

test('an upload for which the server makes no room ends as a timeout', async () => {
  const { url } = await start((stream) => void stream.pause(), { window: 60_000 });
  const request = new Request(url, { method: 'PUT', body: new Uint8Array(200_000) });
  const error = await failure(transport({ idleBodyMs: 50 })(request));
  expect([error.reason, error.errno]).toEqual(['timeout', 'ETIMEDOUT']);
});

test('an answer before the end of an upload is an answer, and the rest is taken back', async () => {
  const server = await start(
    (stream) => {
      stream.respond({ ':status': 401 });
      stream.end('who are you');
    },
    { window: 60_000 },
  );
  const fetch = transport();
  const put = new Request(server.url, { method: 'PUT', body: new Uint8Array(200_000) });
  const answer = await fetch(put);
  expect([answer.status, await answer.text()]).toEqual([401, 'who are you']);
  await expect.poll(() => server.streams[0]?.destroyed).toBe(true);
  expect((await fetch(new Request(server.url))).status).toBe(401);
  expect(server.sessions.length).toBe(1);
});

test('what a server has finished before it closes is read to its end, however slowly', async () => {
  const server = await start((stream) => {
    stream.respond({ ':status': 200, 'content-length': String(3 << 20) });
    stream.end(Buffer.alloc(3 << 20));
  });
  const answer = await transport()(new Request(server.url));
  await pause(200);
  server.sessions[0]?.destroy();
  await pause(50);
  expect((await answer.arrayBuffer()).byteLength).toBe(3 << 20);
});

test('no more requests at once than the server or the transport allows, and none is lost', async () => {
  for (const [maxStreams, maxSockets, most] of [
    [3, 64, 3],
    [100, 5, 5],
  ] as const) {
    let active = 0;
    let peak = 0;
    const { url } = await start(
      async (stream) => {
        peak = Math.max(peak, ++active);
        await pause(2);
        active--;
        ok(stream, {});
      },
      { maxStreams },
    );
    const fetch = transport({ maxSockets });
    await (await fetch(new Request(url))).text();
    const all = await Promise.all(
      Array.from({ length: 40 }, async () => (await fetch(new Request(url))).text()),
    );
    expect([all.every((text) => text === 'ok'), peak]).toEqual([true, most]);
  }
});

test('a burst of requests to a server that allows few is answered as a whole', async () => {
  const server = await start(ok, { maxStreams: 2 });
  const fetch = transport();
  const all = await Promise.all(
    Array.from({ length: 40 }, async () => (await fetch(new Request(server.url))).text()),
  );
  expect([new Set(all), server.sessions.length]).toEqual([new Set(['ok']), 1]);
});

test('closing ends requests under way and refuses new ones, by HTTP/2 too', async () => {
  const server = await start(() => undefined);
  const fetch = createFetchTransport({ tls: { ca: pair.cert }, maxSockets: 1 });
  const pending = [failure(fetch(new Request(server.url))), failure(fetch(new Request(server.url)))];
  while (server.streams.length === 0) await pause(5);
  await fetch.close();
  expect((await Promise.all(pending)).map(({ reason }) => reason)).toEqual(['closed', 'closed']);
  expect((await failure(fetch(new Request(server.url)))).reason).toBe('closed');
  while (!server.sessions[0]?.destroyed) await pause(5);
});

test('a host for which HTTP/2 is switched off gets HTTP/1.1', async () => {
  const server = await start(ok);
  const hosts = new Map([[new URL(server.url).host, { http2: false }]]);
  expect(await (await transport({ hosts })(new Request(server.url))).text()).toBe('by HTTP/1.1');
  expect(await (await transport({ http2: false })(new Request(server.url))).text()).toBe('by HTTP/1.1');
  expect(await (await transport()(new Request(server.url))).text()).toBe('ok');
});

test('HTTP_1_1_REQUIRED is obeyed: the request goes by HTTP/1.1, and so do all that follow', async () => {
  const server = await start((stream) => stream.close(0xd));
  const fetch = transport();
  const put = new Request(server.url, { method: 'PUT', body: new Uint8Array(200_000) });
  expect(await (await fetch(put)).text()).toBe('by HTTP/1.1');
  expect(await (await fetch(new Request(server.url, { method: 'POST', body: 'a' }))).text()).toBe(
    'by HTTP/1.1',
  );
  expect(server.streams.length).toBe(1);
});
