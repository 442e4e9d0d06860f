import { createServer as createHttpServer } from 'node:http';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import {
  privateAuthority,
  type SelfSignedOptions,
  selfSigned,
} from '../../../test/support/network/certificates.js';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import { listen } from '../../../test/support/network/listen.js';
import type { NodeTransportOptions } from './node-transport.js';
import { readProxySettings } from './proxy-settings.js';

/** A server that supports only HTTP/2 and reports the server name of the TLS handshake. */
async function start(options: SecureServerOptions & SelfSignedOptions = {}) {
  const { names, days, ...more } = options;
  const pair = more.cert === undefined ? selfSigned({ ...(names && { names }), ...(days && { days }) }) : {};
  let requests = 0;
  let connections = 0;
  const server = createSecureServer({ ...pair, ...more });
  server.on('secureConnection', (socket) => {
    connections++;
    onTestFinished(() => void socket.destroy());
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream) => {
    requests++;
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    const socket = stream.session?.socket as TLSSocket | undefined;
    stream.end(String(socket?.servername));
  });
  const port = await listen(server);
  return {
    port,
    url: `https://127.0.0.1:${port}/`,
    ca: (pair as { cert?: string }).cert ?? '',
    requests: () => requests,
    connections: () => connections,
  };
}

function transport(options?: NodeTransportOptions) {
  const made = createFetchTransport(options);
  onTestFinished(() => made.close());
  return made;
}

const reasonOf = (promise: Promise<Response>) =>
  promise.then(
    ({ status }) => String(status),
    (error) => error.reason as string,
  );

test('HTTP/2 or not, no request is sent to a server with a certificate of an unknown authority', async () => {
  const server = await start();
  expect(await reasonOf(transport()(new Request(server.url)))).toBe('tls-unknown-ca');
  expect(await reasonOf(transport({ tls: { ca: server.ca } })(new Request(server.url)))).toBe('200');
  expect(server.requests()).toBe(1);
});

test('HTTP/2 or not, a certificate for another host or one that has expired gets no request', async () => {
  const other = await start({ names: ['other.example'] });
  expect(await reasonOf(transport({ tls: { ca: other.ca } })(new Request(other.url)))).toBe('tls-wrong-host');
  const expired = await start({ days: -1 });
  expect(await reasonOf(transport({ tls: { ca: expired.ca } })(new Request(expired.url)))).toBe(
    'tls-expired',
  );
  expect([other.requests(), expired.requests()]).toEqual([0, 0]);
});

test('by HTTP/2 what is set for one host holds for that host alone', async () => {
  const [one, other] = [await start(), await start()];
  for (const setting of [{ rejectUnauthorized: false }, { ca: one.ca }]) {
    const fetch = transport({ hosts: new Map([[`localhost:${one.port}`, setting]]) });
    expect(await reasonOf(fetch(new Request(`https://localhost:${one.port}/`)))).toBe('200');
    expect(await reasonOf(fetch(new Request(`https://localhost:${other.port}/`)))).toBe('tls-unknown-ca');
    // The same server by another name is another host.
    expect(await reasonOf(fetch(new Request(`https://127.0.0.1:${one.port}/`)))).toBe('tls-unknown-ca');
  }
});

test('by HTTP/2 each name has a connection of its own, and TLS is asked for that name', async () => {
  const server = await start();
  const fetch = transport({ tls: { ca: server.ca } });
  const ask = async (host: string) => (await fetch(new Request(`https://${host}:${server.port}/`))).text();
  expect([await ask('localhost'), await ask('localhost'), await ask('127.0.0.1')]).toEqual([
    'localhost',
    'localhost',
    'false',
  ]);
  expect(server.connections()).toBe(2);
});

test('by HTTP/2 a client certificate is shown to the hosts it is for, and its lack is recognized', async () => {
  const { ca, key, cert } = privateAuthority();
  const server = await start({ key, cert, ca, requestCert: true, rejectUnauthorized: true });
  const named = transport({ hosts: new Map([[`localhost:${server.port}`, { ca, key, cert }]]) });
  expect(await reasonOf(named(new Request(`https://localhost:${server.port}/`)))).toBe('200');
  const bare = transport({ tls: { ca } });
  expect(await reasonOf(bare(new Request(`https://localhost:${server.port}/`)))).toBe('tls');
  expect(server.requests()).toBe(1);
});

test('a certificate is looked at again for each new connection', async () => {
  const pair = selfSigned();
  const server = await start(pair);
  const trusting = transport({ tls: { ca: pair.cert } });
  const wary = transport({ tls: { ca: selfSigned().cert } });
  expect(await reasonOf(trusting(new Request(server.url)))).toBe('200');
  expect(await reasonOf(wary(new Request(server.url)))).toBe('tls-unknown-ca');
});

test('through a tunnel HTTP/2 is spoken with the host itself, and its certificate is looked at', async () => {
  const server = await start();
  const seen: string[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (request, socket: Socket) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    const target = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [socket, target]) end.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  });
  const address = `http://me:pass@127.0.0.1:${await listen(proxy)}`;
  const settings = readProxySettings({ HTTPS_PROXY: address }, { loopback: true });
  const fetch = transport({ proxy: settings, tls: { ca: server.ca } });
  const ask = async () => (await fetch(new Request(`https://localhost:${server.port}/`))).text();
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['localhost', 'localhost', 'localhost']);
  expect(seen).toEqual([`localhost:${server.port} Basic ${Buffer.from('me:pass').toString('base64')}`]);
  const unknown = transport({ proxy: settings });
  expect(await reasonOf(unknown(new Request(`https://localhost:${server.port}/`)))).toBe('tls-unknown-ca');
});

test('the first connection to a server without HTTP/2 is used, no matter who waited for it', async () => {
  let connections = 0;
  const pair = selfSigned();
  const server = createHttpsServer(pair, (_request, response) => void response.end('ok'));
  server.on('secureConnection', (socket) => {
    connections++;
    onTestFinished(() => void socket.destroy());
  });
  const url = `https://127.0.0.1:${await listen(server)}/`;
  const fetch = transport({ tls: { ca: pair.cert }, maxSockets: 4 });
  const gone = new AbortController();
  const aborted = fetch(new Request(url, { signal: gone.signal }));
  const all = Array.from({ length: 12 }, async () => (await fetch(new Request(url))).text());
  gone.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  expect(new Set(await Promise.all(all))).toEqual(new Set(['ok']));
  expect(connections).toBe(4);
});

test('while the first connection opens, deadlines and aborts hold, and the last to go ends it', async () => {
  const sockets: Socket[] = [];
  const { createServer } = await import('node:net');
  const silent = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
    onTestFinished(() => void socket.destroy());
  });
  const url = `https://127.0.0.1:${await listen(silent)}/`;
  const slow = transport({ connectTimeoutMs: 100 });
  const late = await Promise.all([1, 2, 3].map(() => reasonOf(slow(new Request(url)))));
  expect(late).toEqual(['timeout', 'timeout', 'timeout']);
  await expect.poll(() => sockets.length).toBe(1);
  const controllers = [new AbortController(), new AbortController()];
  const patient = transport();
  const waiting = controllers.map(({ signal }) =>
    patient(new Request(url, { signal })).catch((error) => error),
  );
  while (sockets.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  controllers[0]?.abort('first');
  expect(await waiting[0]).toBe('first');
  expect(sockets[1]?.closed).toBe(false);
  controllers[1]?.abort('second');
  expect(await waiting[1]).toBe('second');
  while (!sockets[1]?.closed) await new Promise((resolve) => setTimeout(resolve, 5));
});
