import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Fetch, sendTo } from '../http/serve/handler-transport.js';
import { findRunningRegistry } from './find-running.js';
import { createRegistryHandler } from './handler.js';
import { announceRegistry } from './serve-registry.js';

async function temporaryRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'serving-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

const refuse: Fetch = async () => {
  throw new TypeError('fetch failed');
};

test('an announced registry that answers is found until it withdraws', async () => {
  const root = await temporaryRoot();
  const serving = { url: 'http://127.0.0.1:5055', instance: 'instance-1' };
  const fetch = createRegistryHandler({ root, instance: serving.instance });
  const { withdraw } = await announceRegistry(root, serving);
  expect(await findRunningRegistry(root, { send: sendTo(fetch) })).toEqual({
    ...serving,
    host: '127.0.0.1:5055',
  });
  await withdraw();
  expect(await findRunningRegistry(root, { send: sendTo(fetch) })).toBeUndefined();
});

test('nothing is served where nothing was announced', async () => {
  expect(
    await findRunningRegistry(join(await temporaryRoot(), 'nowhere'), { send: sendTo(refuse) }),
  ).toBeUndefined();
});

test('a stranger on the port of a killed registry is not taken for it', async () => {
  const root = await temporaryRoot();
  await announceRegistry(root, { url: 'http://127.0.0.1:5055', instance: 'instance-1' });
  const stranger = createRegistryHandler({ root: await temporaryRoot(), instance: 'instance-2' });
  expect(await findRunningRegistry(root, { send: sendTo(stranger) })).toBeUndefined();
  expect(await findRunningRegistry(root, { send: sendTo(refuse) })).toBeUndefined();
});

test('a note proves nothing: who cannot read the directory is not believed, whatever it answers', async () => {
  const root = await temporaryRoot();
  await announceRegistry(root, { url: 'http://127.0.0.1:5055', instance: 'instance-1' });
  const asked: Request[] = [];
  const stranger: Fetch = async (request) => {
    asked.push(request);
    const challenge = request.headers.get('bundles-serving-challenge') ?? '';
    return Response.json(
      {},
      { headers: { 'bundles-serving-proof': challenge, 'bundles-registry-instance': 'instance-1' } },
    );
  };
  expect(await findRunningRegistry(root, { send: sendTo(stranger) })).toBeUndefined();
  expect(asked).toHaveLength(1);
  expect((await readdir(join(root, '.serving'))).filter((name) => name.endsWith('.challenge'))).toEqual([]);
});

test.each([
  'http://registry.example:5055',
  'http://192.0.2.1:5055',
  'http://localhost.example',
  'https://127.0.0.1:1',
])('a note that names %s, which is not this machine by plain http, is not even asked about', async (url) => {
  const root = await temporaryRoot();
  await announceRegistry(root, { url, instance: 'instance-1' });
  const asked: string[] = [];
  const listening: Fetch = async (request) => {
    asked.push(request.url);
    return createRegistryHandler({ root, instance: 'instance-1' })(request);
  };
  expect(await findRunningRegistry(root, { send: sendTo(listening) })).toBeUndefined();
  expect(asked).toEqual([]);
});

test('what a challenge names is a file of challenges alone', async () => {
  const root = await temporaryRoot();
  await announceRegistry(root, { url: 'http://127.0.0.1:5055', instance: 'instance-1' });
  await writeFile(join(root, '.serving', 'secret'), 'x');
  const handler = createRegistryHandler({ root, instance: 'instance-1' });
  for (const challenge of ['../.serving/secret', 'secret', `${'0'.repeat(31)}/`, '']) {
    const headers = { 'bundles-serving-challenge': challenge };
    const response = await handler(new Request('http://127.0.0.1:5055/v2/', { headers }));
    expect(response.headers.get('bundles-serving-proof')).toBeNull();
  }
});

test('a registry that hangs is given up', async () => {
  const root = await temporaryRoot();
  await announceRegistry(root, { url: 'http://127.0.0.1:5055', instance: 'instance-1' });
  const hang: Fetch = (request) =>
    new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
  expect(await findRunningRegistry(root, { send: sendTo(hang), timeoutMs: 20 })).toBeUndefined();
});

test('with two registries on one directory the one that lives is found', async () => {
  const root = await temporaryRoot();
  await announceRegistry(root, { url: 'http://127.0.0.1:1', instance: 'instance-1' });
  await announceRegistry(root, { url: 'http://127.0.0.1:2', instance: 'instance-2' });
  const handler = createRegistryHandler({ root, instance: 'instance-2' });
  const fetch: Fetch = (request) => (new URL(request.url).port === '2' ? handler(request) : refuse(request));
  expect((await findRunningRegistry(root, { send: sendTo(fetch) }))?.url).toBe('http://127.0.0.1:2');
});

test('notes that are broken, foreign or of a dead process are passed over', async () => {
  const root = await temporaryRoot();
  const { withdraw } = await announceRegistry(root, { url: 'http://127.0.0.1:5055', instance: 'instance-0' });
  const [name] = await readdir(join(root, '.serving'));
  const own = (await import('node:fs/promises')).readFile(join(root, '.serving', name ?? ''), 'utf8');
  const space = /-([a-f0-9]{12})"/.exec(await own)?.[1];
  await withdraw();
  const notes = [
    'not json',
    '[]',
    JSON.stringify({ url: 'http://user:pw@127.0.0.1:1', instance: 'instance-1' }),
    JSON.stringify({ url: 'file:///etc/passwd', instance: 'instance-1' }),
    JSON.stringify({ url: 'http://127.0.0.1:1', instance: '../x' }),
    JSON.stringify({ url: 'http://127.0.0.1:1', instance: 'instance-1', process: `4194305-7-${space}` }),
  ];
  for (const [index, note] of notes.entries()) await writeFile(join(root, '.serving', `${index}.json`), note);
  const asked: string[] = [];
  const fetch: Fetch = async (request) => {
    asked.push(request.url);
    return refuse(request);
  };
  expect(await findRunningRegistry(root, { send: sendTo(fetch) })).toBeUndefined();
  expect(asked).toEqual([]);
  expect(await readdir(join(root, '.serving'))).not.toContain('5.json');
});
