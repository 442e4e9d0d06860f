import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../support/network/certificates.js';

/** A program that asks and does not close its transport. */
const program = `
  import { createNodeTransport } from ${JSON.stringify(new URL('../../dist/registry.js', import.meta.url).href)};
  const send = createNodeTransport({ tls: { ca: process.env.CA } });
  const ask = (path) => send({ method: 'GET', url: new URL(process.env.URL_OF_SERVER + path), headers: {} });
  console.log(Buffer.from(await (await ask('/slow')).body.next()).toString());
  console.log((await ask('/large')).status);`;

test('an idle HTTP/2 connection or an answer left alone holds no process, one that is waited for does', async () => {
  const pair = selfSigned();
  let sessions = 0;
  const server = createSecureServer(pair);
  server.on('session', (session) => {
    sessions++;
    session.on('error', () => undefined);
    onTestFinished(() => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    if (headers[':path'] === '/slow') setTimeout(() => stream.end('slow'), 500);
    else stream.end(Buffer.alloc(32 << 20));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const started = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: { CA: pair.cert, URL_OF_SERVER: `https://127.0.0.1:${(server.address() as AddressInfo).port}` },
  });
  expect([stdout, sessions]).toEqual(['slow\n200\n', 1]);
  // The answer left alone would be given up after 30 s.
  expect(performance.now() - started).toBeLessThan(28_000);
});
