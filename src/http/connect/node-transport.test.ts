import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import { gate } from '../../../test/support/network/gate.js';
import { listen } from '../../../test/support/network/listen.js';
import { failure } from '../../../test/support/network/network-failure.js';
import { sizedRequests } from '../../../test/support/registry/sized-requests.js';
import { abortUnheldRequest } from '../../../test/support/registry/unheld-request.js';
import { createNodeTransport, type NodeTransportOptions } from './node-transport.js';

async function startServer(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

function transport(options?: NodeTransportOptions) {
  const made = createFetchTransport(options);
  onTestFinished(() => made.close());
  return made;
}

const echo: RequestListener = async (request, response) => {
  let size = 0;
  for await (const chunk of request) size += chunk.length;
  response.end(JSON.stringify({ method: request.method, url: request.url, raw: request.rawHeaders, size }));
};

test('a request carries the headers given, host and connection, only', async () => {
  const url = await startServer(echo);
  const answer = await transport()(
    new Request(`${url}/a%2Fb?c=~%20d`, { headers: { accept: 'x/y, z', 'user-agent': 'me' } }),
  );
  expect(await answer.json()).toEqual({
    method: 'GET',
    url: '/a%2Fb?c=~%20d',
    raw: ['host', url.slice(7), 'accept', 'x/y, z', 'user-agent', 'me', 'Connection', 'keep-alive'],
    size: 0,
  });
});

test.each(sizedRequests(300_000))(
  '%s are sent with their length, not in chunks',
  async (_name, request, length) => {
    const url = await startServer(echo);
    const { raw, size } = (await (await transport()(request(url))).json()) as { raw: string[]; size: number };
    const names = raw.filter((_value, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names).not.toContain('transfer-encoding');
    expect(raw[raw.findIndex((name) => name.toLowerCase() === 'content-length') + 1]).toBe(length ?? raw[0]);
    expect(size).toBe(Number(length ?? 0));
  },
);

test('an answer to HEAD keeps its content-length and has no body', async () => {
  const url = await startServer((_request, response) => {
    response.writeHead(200, { 'content-length': '4321', 'docker-content-digest': 'sha256:0' }).end();
  });
  const answer = await transport()(new Request(url, { method: 'HEAD' }));
  expect(answer.status).toBe(200);
  expect(answer.body).toBeNull();
  expect(answer.headers.get('content-length')).toBe('4321');
});

test.each([204, 304])('an answer %i has no body', async (status) => {
  const url = await startServer((_request, response) => response.writeHead(status).end());
  const answer = await transport()(new Request(url));
  expect([answer.status, answer.body]).toEqual([status, null]);
});

test('a redirect is handed back and bytes stay as they came', async () => {
  const url = await startServer((_request, response) => {
    response.writeHead(307, { location: '/else', 'content-encoding': 'gzip' }).end('no gzip');
  });
  const answer = await transport()(new Request(url));
  expect(answer.headers.get('location')).toBe('/else');
  expect(await answer.text()).toBe('no gzip');
});

test('connections are reused, also when a small body is never read', async () => {
  const ports = new Set<number>();
  const url = await startServer((request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    response.end('x'.repeat(10_000));
  });
  // A connection that was not free again would be waited for until its body is given up, and be another one then.
  const fetch = transport({ maxSockets: 1 });
  for (let index = 0; index < 10; index++) await fetch(new Request(url));
  expect(ports.size).toBe(1);
});

test('a large body that is cancelled or left alone gives up its connection', async () => {
  const server = createServer((request, response) => {
    response.end(request.url === '/small' ? 'small' : Buffer.alloc(4_000_000));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const fetch = transport({ maxSockets: 1, idleBodyMs: 100 });
  await (await fetch(new Request(url))).body?.cancel();
  await fetch(new Request(url));
  expect(await (await fetch(new Request(`${url}/small`))).text()).toBe('small');
});

test('a large body arrives whole and under back pressure', async () => {
  const chunk = Buffer.alloc(1 << 20, 7);
  let written = 0;
  const url = await startServer(async (_request, response) => {
    for (let index = 0; index < 32; index++) {
      written += chunk.length;
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  });
  const answer = await transport()(new Request(url));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(written).toBeLessThan(20 << 20);
  let size = 0;
  for await (const part of answer.body!) size += part.length;
  expect(size).toBe(32 << 20);
});

test('an abort rejects with its own reason before the connection, the head and in the body', async () => {
  const url = await startServer((request, response) => {
    if (request.url === '/body') response.writeHead(200).write('begin');
  });
  const fetch = transport();
  const reason = new Error('enough');
  await expect(fetch(new Request(url, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  const waiting = new AbortController();
  const pending = fetch(new Request(`${url}/never`, { signal: waiting.signal }));
  setTimeout(() => waiting.abort(reason), 20);
  await expect(pending).rejects.toBe(reason);
  const reading = new AbortController();
  const answer = await fetch(new Request(`${url}/body`, { signal: reading.signal }));
  setTimeout(() => reading.abort(reason), 20);
  await expect(answer.text()).rejects.toBe(reason);
});

test('an abort within the body counts even if the request is no longer referenced', async () => {
  const url = await startServer((_request, response) => void response.writeHead(200).write('begin'));
  const reason = new Error('enough');
  const send = createNodeTransport();
  onTestFinished(() => send.close());
  await expect(abortUnheldRequest(send, url, reason)).rejects.toBe(reason);
});

test('an abort ends name resolution and a TLS handshake that hang', async () => {
  const silent = createTcpServer(() => undefined);
  const port = await listen(silent);
  const reason = new Error('enough');
  const fetch = transport({ lookup: () => undefined });
  const soon = () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    return controller.signal;
  };
  await expect(fetch(new Request('http://registry.invalid/', { signal: soon() }))).rejects.toBe(reason);
  await expect(transport()(new Request(`https://127.0.0.1:${port}/`, { signal: soon() }))).rejects.toBe(
    reason,
  );
});

test('a handshake that hangs and a head that never comes end as timeouts', async () => {
  const port = await listen(createTcpServer(() => undefined));
  const fetch = transport({ connectTimeoutMs: 50, headersTimeoutMs: 50 });
  const handshake = await failure(fetch(new Request(`https://127.0.0.1:${port}/`)));
  expect([handshake.reason, handshake.errno, handshake.retryable]).toEqual(['timeout', 'ETIMEDOUT', true]);
  expect((await failure(fetch(new Request(`http://127.0.0.1:${port}/`)))).reason).toBe('timeout');
});

test('a body that stalls ends as a timeout', async () => {
  const url = await startServer((_request, response) => void response.writeHead(200).write('begin'));
  const answer = await transport({ idleBodyMs: 50 })(new Request(url));
  expect((await failure(answer.text())).reason).toBe('timeout');
});

test('a refused connection is reported as refused', async () => {
  // Where no other program of this machine listens meanwhile.
  const port = 1;
  const error = await failure(transport()(new Request(`http://127.0.0.1:${port}/a?sig=s3cret`)));
  expect([error.reason, error.errno, error.retryable, error.code]).toEqual([
    'refused',
    'ECONNREFUSED',
    true,
    'REGISTRY_UNREACHABLE',
  ]);
  expect(error.url).toBe(`http://127.0.0.1:${port}/a`);
  expect(error.message).not.toContain('s3cret');
});

test.each([
  ['ENOTFOUND', false],
  ['EAI_AGAIN', true],
])('a name that does not resolve is dns: %s', async (errno, retryable) => {
  const lookup: NodeTransportOptions['lookup'] = (_host, _options, callback) =>
    callback(Object.assign(new Error(errno), { code: errno }), '');
  const error = await failure(transport({ lookup })(new Request('http://registry.invalid/')));
  expect([error.reason, error.errno, error.retryable]).toEqual(['dns', errno, retryable]);
});

test('a connection reset before the head or within the body is reset', async () => {
  const url = await startServer((request, response) => {
    if (request.url === '/head') return void request.socket.resetAndDestroy();
    response.writeHead(200, { 'content-length': '1000' });
    response.write('short', () => request.socket.destroy());
  });
  const head = await failure(transport()(new Request(`${url}/head`)));
  expect([head.reason, head.retryable, head.reusedSocket]).toEqual(['reset', true, false]);
  const answer = await transport()(new Request(`${url}/body`));
  expect((await failure(answer.text())).reason).toBe('reset');
});

test('a kept connection that the server closes instead of answering is a retryable reset', async () => {
  let count = 0;
  const url = await startServer((request, response) => {
    if (++count === 2) request.socket.destroy();
    else response.end('ok');
  });
  const fetch = transport({ maxSockets: 1 });
  await (await fetch(new Request(url))).text();
  const error = await failure(fetch(new Request(url)));
  expect([error.reason, error.reusedSocket, error.retryable]).toEqual(['reset', true, true]);
  expect(await (await fetch(new Request(url))).text()).toBe('ok');
});

test('what is not HTTP is protocol, what is not TLS is tls', async () => {
  const port = await listen(
    createTcpServer((socket) => void socket.on('error', () => undefined).end('SSH-2.0-x\r\n')),
  );
  expect((await failure(transport()(new Request(`http://127.0.0.1:${port}/`)))).reason).toBe('protocol');
  expect((await failure(transport()(new Request(`https://127.0.0.1:${port}/`)))).reason).toBe('tls');
});

test('a head too long and a status no answer can have are protocol', async () => {
  const heads = [
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
    'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n',
  ];
  const port = await listen(
    createTcpServer((socket) => void socket.on('error', () => undefined).end(heads.shift() ?? '')),
  );
  const fetch = transport();
  expect((await failure(fetch(new Request(`http://127.0.0.1:${port}/`)))).reason).toBe('protocol');
  expect((await failure(fetch(new Request(`http://127.0.0.1:${port}/`)))).reason).toBe('protocol');
});

test('closing ends requests under way and refuses new ones', async () => {
  const asked = gate();
  const url = await startServer(() => asked.open());
  const fetch = createFetchTransport();
  const pending = failure(fetch(new Request(url)));
  await asked.opened;
  await fetch.close();
  expect((await pending).reason).toBe('closed');
  expect((await failure(fetch(new Request(url)))).reason).toBe('closed');
});

test('never more connections to a host than allowed, and none is lost', async () => {
  const ports = new Set<number>();
  const url = await startServer((request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    setTimeout(() => response.writeHead(200, { 'content-length': '7' }).end(), 1);
  });
  const fetch = transport({ maxSockets: 4 });
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => fetch(new Request(url, { method: 'HEAD' }))),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(ports.size).toBeLessThanOrEqual(4);
});

test('only http and https are spoken', async () => {
  await expect(transport()(new Request('ftp://127.0.0.1/'))).rejects.toThrow(TypeError);
});
