import { createSocket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { createLookup } from './lookup.js';

/** Name servers that take every question; `answer` makes a reply of it. */
async function startNameServer(answer?: (question: Buffer) => Buffer) {
  const seen: Buffer[] = [];
  const socket = createSocket('udp4', (question, { port, address }) => {
    seen.push(question);
    if (answer) socket.send(answer(question), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { nameServers: [`127.0.0.1:${socket.address().port}`], seen };
}

/** Responds NXDOMAIN to every query. */
function noSuchName(question: Buffer): Buffer {
  const reply = Buffer.from(question);
  reply.writeUInt16BE(0x8183, 2);
  return reply;
}

function lookUp(names: ReturnType<typeof createLookup>, hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    names.lookup(hostname, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(found as LookupAddress[]);
    });
  });
}

function open(nameServers?: readonly string[]) {
  const names = createLookup(nameServers ? { nameServers } : {});
  onTestFinished(() => names.close());
  return names;
}

test('no name server is queried for an address or localhost', async () => {
  const { nameServers, seen } = await startNameServer();
  const names = open(nameServers);
  expect(await lookUp(names, '127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
  expect((await lookUp(names, 'localhost')).map(({ address }) => address)).toContain('127.0.0.1');
  expect(seen).toEqual([]);
});

test('if name servers answer, the system resolves the name in this process, once for all waiting requests', async () => {
  const { nameServers, seen } = await startNameServer(noSuchName);
  const names = open(nameServers);
  const tried = await Promise.allSettled([1, 2, 3].map(() => lookUp(names, 'registry.invalid')));
  for (const one of tried) expect(one).toMatchObject({ reason: { code: expect.stringMatching(/^E/) } });
  // One question for each family of addresses.
  expect(seen).toHaveLength(2);
});

test('if name servers are silent, another process resolves the name, and its answer counts', async () => {
  const { nameServers, seen } = await startNameServer();
  const names = open(nameServers);
  // Every system knows this name without a name server; no address and not `localhost` to us.
  const found = await lookUp(names, 'LOCALHOST');
  expect(found.map(({ address }) => address)).toContain('127.0.0.1');
  const asked = seen.length;
  expect(await lookUp(names, 'LOCALHOST')).toEqual(found);
  expect(seen.length).toBe(asked);
});
