import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createNodeTransport } from '../http/node-transport.js';
import { createRegistryClient } from './client.js';
import type { RegistryError } from './registry-error.js';

async function askHundred(registry: string) {
  const send = createNodeTransport();
  const client = createRegistryClient({ send, patience: 'brief' });
  const started = performance.now();
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) =>
      client.repository({ registry, repository: `acme/b${index}` }).resolve('v1'),
    ),
  );
  const ms = performance.now() - started;
  await send.close();
  const reasons = answers.map((one) =>
    one.status === 'rejected' ? (one.reason as RegistryError).reason : 'ok',
  );
  return { reasons: [...new Set(reasons)], ms };
}

test('over real sockets, 100 bundles of a host that refuses or stays silent fail within 3 s', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = await askHundred(`127.0.0.1:${port}`);
  await new Promise((resolve) => server.close(resolve));
  const refusing = await askHundred(`127.0.0.1:${port}`);
  expect(silent.reasons).toEqual(['timeout']);
  expect(refusing.reasons).toEqual(['refused']);
  expect(silent.ms).toBeLessThan(3000);
  expect(refusing.ms).toBeLessThan(3000);
});
