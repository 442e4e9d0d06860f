import { createServer } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../test/support/network/certificates.js';
import { createFetchTransport } from '../../../test/support/network/fetch-transport.js';
import { listen } from '../../../test/support/network/listen.js';
import type { NodeTransportOptions } from './node-transport.js';

/** A server with a self-signed certificate for a name or address. */
async function start(name: string, { days = 2 } = {}) {
  const pair = selfSigned({ names: [name], days });
  let connections = 0;
  const server = createServer(pair, (_request, response) => void response.end('ok'));
  server.on('secureConnection', () => connections++);
  return {
    url: `https://127.0.0.1:${await listen(server)}/`,
    ca: pair.cert,
    connections: () => connections,
  };
}

function transport(options?: NodeTransportOptions) {
  const made = createFetchTransport(options);
  onTestFinished(() => made.close());
  return made;
}

test('a certificate of an unknown authority is recognized, and a named authority makes it valid', async () => {
  const { url, ca, connections } = await start('127.0.0.1');
  await expect(transport()(new Request(url))).rejects.toMatchObject({
    reason: 'tls-unknown-ca',
    retryable: false,
  });
  const fetch = transport({ tls: { ca } });
  for (let index = 0; index < 3; index++) expect(await (await fetch(new Request(url))).text()).toBe('ok');
  expect(connections()).toBe(1);
});

test('a certificate for another host is recognized', async () => {
  const { url, ca } = await start('other.example');
  await expect(transport({ tls: { ca } })(new Request(url))).rejects.toMatchObject({
    reason: 'tls-wrong-host',
  });
});

test('a certificate that has expired is recognized', async () => {
  const { url, ca } = await start('127.0.0.1', { days: -1 });
  await expect(transport({ tls: { ca } })(new Request(url))).rejects.toMatchObject({
    reason: 'tls-expired',
    retryable: false,
  });
});
