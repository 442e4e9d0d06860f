import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import { gate } from '../../../test/support/network/gate.js';
import { isNetworkError } from '../network-error.js';
import type { Fetch } from './handler-transport.js';
import { type ServeOptions, serve } from './serve.js';

async function start(handler: Fetch, options?: ServeOptions) {
  const server = await serve(handler, { closeWithinMs: 100, ...options });
  const fetch = createFetchTransport();
  onTestFinished(async () => {
    await fetch.close();
    await server.close();
  });
  return { ...server, fetch };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const mebibyte = 1 << 20;

function stream(chunks: number): ReadableStream<Uint8Array> {
  let left = chunks;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(mebibyte).fill(left));
      else controller.close();
    },
  });
}

test('a HEAD answer keeps its content-length and type through server and transport', async () => {
  const headers = {
    'content-length': '1234',
    'content-type': 'application/x',
    'docker-content-digest': 'sha256:0',
  };
  const { url, fetch } = await start(async () => new Response(null, { headers }));
  const answer = await fetch(new Request(`${url}/v2/a/manifests/x`, { method: 'HEAD' }));
  expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
  expect(answer.headers.has('transfer-encoding')).toBe(false);
  expect(answer.body).toBeNull();
});

test('an answer of bytes has its length, and the handler sees method, address, headers and body', async () => {
  const { url, fetch } = await start(async (request) =>
    Response.json({
      method: request.method,
      url: request.url,
      type: request.headers.get('content-type'),
      body: await request.text(),
    }),
  );
  const answer = await fetch(
    new Request(`${url}/v2/x?digest=sha256:1`, {
      method: 'PUT',
      headers: { 'content-type': 'a/b' },
      body: new TextEncoder().encode('hello'),
    }),
  );
  expect(answer.headers.get('content-length')).not.toBeNull();
  expect(await answer.json()).toEqual({
    method: 'PUT',
    url: `${url}/v2/x?digest=sha256:1`,
    type: 'a/b',
    body: 'hello',
  });
});

test('bodies of 64 MiB stream both ways', async () => {
  const { url, fetch } = await start(async (request) => {
    if (request.method === 'GET') return new Response(stream(64));
    const hash = createHash('sha256');
    for await (const chunk of request.body!) hash.update(chunk);
    return new Response(hash.digest('hex'));
  });
  const expected = createHash('sha256');
  for await (const chunk of stream(64)) expected.update(chunk);
  const digest = expected.digest('hex');
  const sent = await fetch(
    new Request(url, { method: 'PUT', body: stream(64), duplex: 'half' } as RequestInit),
  );
  expect(await sent.text()).toBe(digest);
  const received = createHash('sha256');
  for await (const chunk of (await fetch(new Request(url))).body!) received.update(chunk);
  expect(received.digest('hex')).toBe(digest);
});

test('a client that waits for 100 Continue gets it', async () => {
  const { url } = await start(async (request) => new Response(await request.text()));
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = requestHttp(url, {
      method: 'PUT',
      headers: { expect: '100-continue', 'content-length': 5 },
    });
    sent.on('continue', () => sent.end('hello'));
    sent.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text);
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
  expect(answer).toBe('hello');
});

test('curl puts a large file and reads it back', async (context) => {
  const run = promisify(execFile);
  const found = await run('curl', ['--version']).catch(() => undefined);
  if (!found) context.skip('curl is not installed');
  const { url } = await start(
    async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  );
  const script = `head -c ${3 * mebibyte} /dev/zero | curl -sS -T - -H 'Expect: 100-continue' ${url}/x`;
  expect((await run('sh', ['-c', script])).stdout).toBe(String(3 * mebibyte));
});

test('a client that goes away aborts the signal of its request', async () => {
  const asked = gate();
  const gone = gate();
  const { url, fetch } = await start((request) => {
    request.signal.addEventListener('abort', gone.open);
    asked.open();
    return new Promise(() => undefined);
  });
  const controller = new AbortController();
  const pending = fetch(new Request(url, { signal: controller.signal }));
  await asked.opened;
  controller.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  await gone.opened;
});

test('a handler that throws gives a bare 500, and calls onError', async () => {
  const errors: unknown[] = [];
  const broken = new Error('s3cret');
  const onError = (error: unknown) => void errors.push(error);
  const { url, fetch } = await start(() => Promise.reject(broken), { onError });
  const answer = await fetch(new Request(url));
  expect([answer.status, await answer.text()]).toEqual([500, '']);
  expect(errors).toEqual([broken]);
});

test('a body that breaks off never looks whole', async () => {
  const errors: unknown[] = [];
  const broken = new Error('s3cret');
  const onError = (error: unknown) => void errors.push(error);
  const handler: Fetch = async () => {
    let sent = false;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          if (sent) {
            await pause(20);
            return controller.error(broken);
          }
          sent = true;
          controller.enqueue(new TextEncoder().encode('begin'));
        },
      }),
    );
  };
  const { url, fetch } = await start(handler, { onError });
  const error = await (await fetch(new Request(url))).text().catch((reason: unknown) => reason);
  expect(isNetworkError(error) && error.reason).toBe('reset');
  expect(errors).toEqual([broken]);
});

test('a request that makes no sense gets a 400', async () => {
  const { port } = await start(async () => new Response('ok'));
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.end('GET ftp://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
    );
    socket.once('data', (data) => resolve(String(data)));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test('an address in use has an error of its own', async () => {
  const { port } = await start(async () => new Response());
  await expect(serve(async () => new Response(), { port })).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    hint: expect.stringContaining('another port'),
    details: { port },
  });
});

test('an address that is not ours is a usage error', async () => {
  await expect(serve(async () => new Response(), { host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test('closing lets a request under way end, takes no other and frees the port', async () => {
  const asked = gate();
  const mayAnswer = gate();
  const handler: Fetch = async () => {
    asked.open();
    await mayAnswer.opened;
    return new Response('done');
  };
  const { url, port, fetch, close } = await start(handler, { closeWithinMs: 600_000 });
  const pending = fetch(new Request(url)).then((answer) => answer.text());
  await asked.opened;
  const closed = close();
  // A process that another thread forks holds the port too, until it begins to run its program: then it resets.
  const other = await fetch(new Request(url)).catch(({ reason }) => reason);
  expect(['refused', 'reset']).toContain(other);
  mayAnswer.open();
  expect(await pending).toBe('done');
  await closed;
  const taken = () =>
    serve(handler, { port }).then(
      (again) => again.close(),
      ({ code }) => code,
    );
  await expect.poll(taken).toBeUndefined();
});

test('closing cuts off what takes too long', async () => {
  const asked = gate();
  const handler: Fetch = () => {
    asked.open();
    return new Promise(() => undefined);
  };
  const { url, fetch, close } = await start(handler, { closeWithinMs: 30 });
  const pending = fetch(new Request(url)).catch((reason: unknown) => reason);
  await asked.opened;
  await close();
  expect(await pending).toMatchObject({ reason: 'reset' });
});

test('closing does not wait for a connection that never asked anything', async () => {
  const { port, close } = await start(async () => new Response('ok'), { closeWithinMs: 600_000 });
  const connection = connect(port, '127.0.0.1');
  const gone = new Promise((resolve) => connection.on('close', resolve).resume());
  await new Promise((resolve) => connection.once('connect', resolve));
  await close();
  await gone;
});

test('a signal closes the server', async () => {
  const controller = new AbortController();
  const { url, fetch } = await start(async () => new Response('ok'), { signal: controller.signal });
  expect((await fetch(new Request(url))).status).toBe(200);
  controller.abort();
  const asked = () =>
    fetch(new Request(url)).then(
      () => undefined,
      ({ reason }) => reason,
    );
  await expect.poll(asked).toBe('refused');
  await expect(serve(async () => new Response(), { signal: controller.signal })).rejects.toThrow();
});

test('the global Request and Response stay as they are', async () => {
  const { Request: before, Response: alsoBefore } = globalThis;
  await start(async () => new Response());
  expect([globalThis.Request, globalThis.Response]).toEqual([before, alsoBefore]);
});

test('Response.error() breaks the connection without an answer', async () => {
  const { url, fetch } = await start(async (request) =>
    request.url.endsWith('/broken') ? Response.error() : new Response('whole'),
  );
  await expect(fetch(new Request(`${url}/broken`))).rejects.toMatchObject({ reason: 'reset' });
  expect(await (await fetch(new Request(`${url}/`))).text()).toBe('whole');
});

/** As a browser sends it; fetch() would set the Host header itself. */
function sendAs(port: number, headers: Record<string, string>, method = 'GET', body = '') {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sent = requestHttp(
      { host: '127.0.0.1', port, method, path: '/page', headers },
      async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode, text });
      },
    );
    sent.on('error', reject).end(body);
  });
}

test('web pages of other origins and foreign names never reach the handler, unless the guard is left out', async () => {
  const seen: string[] = [];
  const handler: Fetch = async (request) => {
    seen.push(request.method);
    return new Response('ok');
  };
  const refused: unknown[] = [];
  const { port, url } = await start(handler, { onRefusal: ({ message: _, ...rest }) => refused.push(rest) });
  const rebound = await sendAs(port, { host: `evil.example:${port}` }, 'DELETE');
  expect([rebound.status, rebound.text]).toEqual([421, expect.stringContaining(`"evil.example:${port}"`)]);
  expect((await sendAs(port, { origin: 'http://evil.example' }, 'POST', 'x'.repeat(100_000))).status).toBe(
    403,
  );
  expect((await sendAs(port, { origin: url }, 'POST', 'x')).status).toBe(200);
  expect(seen).toEqual(['POST']);
  expect(refused).toEqual([
    { status: 421, method: 'DELETE', path: '/page' },
    { status: 403, method: 'POST', path: '/page' },
  ]);
  const open = await start(handler, { unguarded: true });
  expect((await sendAs(open.port, { host: 'evil.example', origin: 'null' })).status).toBe(200);
});

test('a server is known by the name it listens at, and by those it was given', async () => {
  const handler: Fetch = async () => new Response('ok');
  const { port } = await start(handler, { host: 'localhost', allowHosts: ['registry.test'] });
  for (const host of ['localhost', 'registry.test', `registry.test:${port}`])
    expect((await sendAs(port, { host })).status, host).toBe(200);
  await expect(serve(handler, { allowHosts: ['http://registry.test'] })).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test('a server on all addresses is reached by each of them', async () => {
  const { port } = await start(async () => new Response('ok'), { host: '0.0.0.0' });
  const own = Object.values(networkInterfaces()).flatMap((list = []) => list);
  for (const { address, family } of own) {
    if (family !== 'IPv4') continue;
    expect((await fetch(`http://${address}:${port}/`)).status, address).toBe(200);
  }
  expect((await sendAs(port, { host: `0.0.0.0:${port}` })).status).toBe(421);
});
