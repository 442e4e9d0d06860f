import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../test/support/network/certificates.js';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import { listen } from '../../../test/support/network/listen.js';
import { failure } from '../../../test/support/network/network-failure.js';
import type { NodeTransportOptions } from './node-transport.js';
import { readProxySettings } from './proxy-settings.js';

interface Proxy {
  readonly port: number;
  /** `CONNECT host:port` or `GET http://…`, with the authorization that came along. */
  readonly seen: { readonly line: string; readonly authorization: string | undefined }[];
}

/** A proxy that takes every name for this machine; `answer` replaces what it does. */
async function startProxy({
  answer,
  tls,
}: {
  readonly answer?: (request: IncomingMessage, socket: Socket) => boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
} = {}): Promise<Proxy> {
  const seen: Proxy['seen'] = [];
  const note = (request: IncomingMessage) =>
    seen.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers['proxy-authorization'],
    });
  const forward: RequestListener = (request, response) => {
    note(request);
    if (answer?.(request, request.socket)) return;
    response.setHeader('x-host', request.headers.host ?? '');
    response.end(`forwarded ${request.url}`);
  };
  const server = tls ? createHttpsServer(tls, forward) : createHttpServer(forward);
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    if (answer?.(request, socket)) return;
    const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1]);
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
  });
  return { port: await listen(server), seen };
}

function transport(options: NodeTransportOptions) {
  const made = createFetchTransport(options);
  onTestFinished(() => made.close());
  return made;
}

const by = (address: string, more: Record<string, string> = {}) => {
  const proxy = readProxySettings({ HTTP_PROXY: address, HTTPS_PROXY: address, ...more }, { loopback: true });
  return { proxy };
};

async function startSecureServer() {
  const pair = selfSigned();
  let connections = 0;
  const server = createHttpsServer(pair, (request, response) => {
    response.end(`${request.headers.host} ${request.headers['proxy-authorization'] ?? 'clean'}`);
  });
  server.on('secureConnection', () => connections++);
  return { ...pair, port: await listen(server), connections: () => connections };
}

test('plain http goes to the proxy with its whole address and the host it is for', async () => {
  const { port, seen } = await startProxy();
  const fetch = transport(by(`http://me:s3cret@127.0.0.1:${port}`));
  const answer = await fetch(new Request('http://registry.test:5000/v2/a?b=c'));
  expect(await answer.text()).toBe('forwarded http://registry.test:5000/v2/a?b=c');
  expect(answer.headers.get('x-host')).toBe('registry.test:5000');
  const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  expect(seen).toEqual([{ line: 'GET http://registry.test:5000/v2/a?b=c', authorization }]);
});

test('a host of NO_PROXY is reached directly', async () => {
  const { port, seen } = await startProxy();
  const direct = await startProxy();
  const fetch = transport(by(`http://127.0.0.1:${port}`, { NO_PROXY: `127.0.0.1:${direct.port}` }));
  await (await fetch(new Request(`http://127.0.0.1:${direct.port}/x`))).text();
  expect([seen, direct.seen.map(({ line }) => line)]).toEqual([[], ['GET /x']]);
});

test('https goes through one tunnel, TLS is with the host itself, and the proxy’s credential stays with the proxy', async () => {
  const server = await startSecureServer();
  const { port, seen } = await startProxy();
  const fetch = transport({ ...by(`http://me:s3cret@127.0.0.1:${port}`), tls: { ca: server.cert } });
  for (let index = 0; index < 3; index++) {
    const answer = await fetch(new Request(`https://localhost:${server.port}/v2/`));
    expect(await answer.text()).toBe(`localhost:${server.port} clean`);
  }
  const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  expect(seen).toEqual([{ line: `CONNECT localhost:${server.port}`, authorization }]);
  expect(server.connections()).toBe(1);
});

test('a certificate that is wrong is found out behind a tunnel too', async () => {
  const server = await startSecureServer();
  const { port } = await startProxy();
  const unknown = transport(by(`http://127.0.0.1:${port}`));
  const url = (name: string) => new Request(`https://${name}:${server.port}/`);
  expect((await failure(unknown(url('localhost')))).reason).toBe('tls-unknown-ca');
  const known = transport({ ...by(`http://127.0.0.1:${port}`), tls: { ca: server.cert } });
  expect((await failure(known(url('registry.test')))).reason).toBe('tls-wrong-host');
  expect(await (await known(url('127.0.0.1'))).text()).toContain('127.0.0.1');
});

test('a proxy that itself speaks TLS carries both schemes', async () => {
  const server = await startSecureServer();
  const { port, seen } = await startProxy({ tls: server });
  const fetch = transport({ ...by(`https://localhost:${port}`), tls: { ca: server.cert } });
  expect(await (await fetch(new Request(`https://127.0.0.1:${server.port}/`))).text()).toContain('clean');
  expect(await (await fetch(new Request('http://registry.test/x'))).text()).toContain('forwarded');
  expect(seen.map(({ line }) => line)).toEqual([
    `CONNECT 127.0.0.1:${server.port}`,
    'GET http://registry.test/x',
  ]);
});

test('a proxy that wants a credential is recognized, and none of it is shown', async () => {
  const answer = (_: IncomingMessage, socket: Socket) => {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    return true;
  };
  const { port } = await startProxy({ answer });
  const fetch = transport(by(`http://me:s3cret-word@127.0.0.1:${port}`));
  const error = await failure(fetch(new Request('https://registry.test/v2/')));
  expect(error).toMatchObject({ reason: 'proxy', errno: 'ERR_PROXY_407', retryable: false });
  const all = [error.message, error.hint, error.stack, String(error.cause), JSON.stringify(error)].join('\n');
  expect(all).toContain(`http://127.0.0.1:${port}`);
  expect(all).not.toContain('s3cret');
  expect(all).not.toContain(Buffer.from('me:s3cret-word').toString('base64'));
  expect((await fetch(new Request('http://registry.test/v2/'))).status).toBe(407);
});

test('a proxy that finds no way to the host leaves room for another try', async () => {
  const answer = (_: IncomingMessage, socket: Socket) => {
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    return true;
  };
  const { port } = await startProxy({ answer });
  const fetch = transport(by(`http://127.0.0.1:${port}`));
  const error = await failure(fetch(new Request('https://registry.test/v2/')));
  expect(error).toMatchObject({ reason: 'unreachable-host', retryable: true });
});

test('a proxy that is not there is no fault of the host', async () => {
  const gone = transport(by('http://127.0.0.1:1'));
  for (const url of ['https://registry.test/', 'http://registry.test/']) {
    expect(await failure(gone(new Request(url)))).toMatchObject({
      reason: 'proxy',
      errno: 'ERR_PROXY_ECONNREFUSED',
    });
  }
});

test('a proxy that is silent ends as a timeout, by an abort or by closing', async () => {
  const { port } = await startProxy({ answer: () => true });
  const request = () => new Request('https://registry.test/');
  const slow = transport({ ...by(`http://127.0.0.1:${port}`), connectTimeoutMs: 60 });
  expect((await failure(slow(request()))).reason).toBe('timeout');
  const patient = transport(by(`http://127.0.0.1:${port}`));
  const controller = new AbortController();
  const aborted = patient(new Request('https://registry.test/', { signal: controller.signal }));
  setTimeout(() => controller.abort(new Error('enough')), 20);
  await expect(aborted).rejects.toThrow('enough');
  const closing = failure(patient(request()));
  setTimeout(() => void patient.close(), 20);
  expect((await closing).reason).toBe('closed');
});

test('what is set for one host holds for that host alone', async () => {
  const [one, other] = [await startSecureServer(), await startSecureServer()];
  const hosts = new Map([[`localhost:${one.port}`, { rejectUnauthorized: false }]]);
  const fetch = transport({ hosts });
  const get = (port: number) => fetch(new Request(`https://localhost:${port}/`));
  expect((await get(one.port)).status).toBe(200);
  expect((await failure(get(other.port))).reason).toBe('tls-unknown-ca');
  const trusting = transport({ hosts: new Map([[`localhost:${one.port}`, { ca: one.cert }]]) });
  expect((await trusting(new Request(`https://localhost:${one.port}/`))).status).toBe(200);
  expect((await failure(trusting(new Request(`https://localhost:${other.port}/`)))).reason).toBe(
    'tls-unknown-ca',
  );
});

test('a client certificate is shown to the hosts it is for', async () => {
  const pair = selfSigned();
  const seen: boolean[] = [];
  const server = createHttpsServer({ ...pair, requestCert: true, ca: pair.cert }, (request, response) => {
    seen.push(
      Object.keys((request.socket as never as import('node:tls').TLSSocket).getPeerCertificate()).length > 0,
    );
    response.end('ok');
  });
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  const ca = pair.cert;
  const named = transport({
    hosts: new Map([[`localhost:${port}`, { ca, cert: pair.cert, key: pair.key }]]),
  });
  expect((await named(new Request(`https://localhost:${port}/`))).status).toBe(200);
  expect(seen).toEqual([true]);
  await failure(transport({ tls: { ca } })(new Request(`https://localhost:${port}/`)));
});
