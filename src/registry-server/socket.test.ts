import { expect, test } from 'vitest';
import { sha256, talkTo } from '../../test/support/registry/registry-requests.js';
import { storeContract } from '../../test/support/registry/store-contract.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { createNodeTransport } from '../http/connect/node-transport.js';
import { type Handler, serve } from '../http/serve/serve.js';
import { createRegistryClient } from '../registry/client.js';
import { createRegistryHandler } from './handler.js';
import { serveRegistry } from './serve-registry.js';

storeContract('embedded registry over a socket', async () => {
  const root = tempDir();
  const server = await serveRegistry({ root: root.path });
  const transport = createNodeTransport();
  const open = () =>
    createRegistryClient({ send: transport }).repository({
      registry: new URL(server.url).host,
      repository: 'acme/hello',
    });
  return {
    store: open(),
    other: open(),
    async close() {
      transport.close();
      await server.close();
      await root[Symbol.asyncDispose]();
    },
  };
});

/** Through a socket, and by a direct call of the handler. */
const ways: readonly [string, (handler: Handler) => Handler][] = [
  ['its pieces', (handler) => handler],
  ['a web stream', (handler) => (request) => handler(request)],
];

/** The adapter hangs up on a client that is still sending half a second after its answer, as one on a busy machine may be. */
async function untilHeard<T>(send: () => Promise<T>, attempts = 5): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (attempts === 1) throw error;
    return untilHeard(send, attempts - 1);
  }
}

test.each(ways)(
  'an upload by %s, refused by its size, leaves connection and registry in order',
  async (_, way) => {
    await using root = tempDir();
    const handler = createRegistryHandler({ root: root.path, limits: { blobBytes: 1000 } });
    const server = await serve(way(handler));
    try {
      const registry = talkTo(fetch, server.url);
      for (const size of [2000, 300_000, 8_000_000]) {
        const large = Buffer.alloc(size, 1);
        const answer = await untilHeard(() =>
          registry.send('POST', `/v2/a/blobs/uploads/?digest=${sha256(large)}`, { body: large }),
        );
        expect([answer.status, answer.code]).toEqual([413, 'SIZE_INVALID']);
        const { headers } = await registry.send('POST', '/v2/a/blobs/uploads/');
        const chunk = await untilHeard(() =>
          registry.send('PATCH', headers.get('location') ?? '', { body: new Blob([large]).stream() }),
        );
        expect([chunk.status, chunk.code]).toEqual([413, 'SIZE_INVALID']);
        expect((await registry.send('GET', '/v2/')).status).toBe(200);
      }
    } finally {
      await server.close();
    }
  },
);

test.each(ways)('a client that goes away while %s come may come back for the rest', async (_, way) => {
  await using root = tempDir();
  const statuses: number[] = [];
  const handler = createRegistryHandler({ root: root.path, log: ({ status }) => statuses.push(status) });
  const server = await serve(way(handler));
  try {
    const registry = talkTo(fetch, server.url);
    const location = (await registry.send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? '';
    const leave = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('half')),
    });
    const gone = fetch(new URL(location, server.url), {
      method: 'PATCH',
      body,
      duplex: 'half',
      signal: leave.signal,
    } as never).catch((error: Error) => error.name);
    const received = async () => (await registry.send('GET', location)).headers.get('range');
    await expect.poll(received).toBe('0-3');
    leave.abort();
    expect(await gone).toBe('AbortError');
    const rest = { body: ' and half', headers: { 'content-range': '4-12' } };
    const put = await registry.send('PUT', `${location}?digest=${sha256('half and half')}`, rest);
    expect(put.status).toBe(201);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
  } finally {
    await server.close();
  }
});
