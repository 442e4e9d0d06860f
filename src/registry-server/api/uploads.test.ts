import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Registry, sha256, talkTo } from '../../../test/support/registry/registry-requests.js';
import { systemClock } from '../../async/system-clock.js';
import { formatIdentity, ownIdentity } from '../../fs/process-identity.js';
import type { Handler } from '../../http/serve/serve.js';
import { createRegistryHandler, type RegistryHandlerOptions } from '../handler.js';
import { layoutDirectory } from '../layout-directory.js';
import { sweepUploads } from '../upload-sessions.js';

async function startRegistry(
  options: Partial<RegistryHandlerOptions> = {},
): Promise<Registry & { root: string }> {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'registry-')));
  if (!options.root) onTestFinished(() => rm(root, { recursive: true, force: true }));
  return { ...talkTo(createRegistryHandler({ ...options, root })), root };
}

async function openSession(registry: Registry, repository = 'a'): Promise<string> {
  const answer = await registry.send('POST', `/v2/${repository}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  return answer.headers.get('location') ?? '';
}

test('a blob is pushed in a single request', async () => {
  const registry = await startRegistry();
  const digest = sha256('hello');
  const post = await registry.send('POST', `/v2/a/blobs/uploads/?digest=${digest}`, { body: 'hello' });
  expect(post.status).toBe(201);
  expect(post.headers.get('location')).toBe(`/v2/a/blobs/${digest}`);
  expect(post.headers.get('docker-content-digest')).toBe(digest);
  expect((await registry.send('GET', `/v2/a/blobs/${digest}`)).text).toBe('hello');
});

test('a blob is pushed in chunks, with a look at what arrived', async () => {
  const registry = await startRegistry();
  const location = await openSession(registry);
  const first = await registry.send('PATCH', location, {
    body: 'hello ',
    headers: { 'content-range': '0-5', 'content-length': '6' },
  });
  expect(first.status).toBe(202);
  expect(first.headers.get('range')).toBe('0-5');
  const status = await registry.send('GET', first.headers.get('location') ?? '');
  expect(status.status).toBe(204);
  expect(status.headers.get('range')).toBe('0-5');
  await registry.send('PATCH', location, { body: 'big ' });
  const digest = sha256('hello big world');
  const put = await registry.send('PUT', `${location}?digest=${digest}`, {
    body: 'world',
    headers: { 'content-range': '10-14', 'content-length': '5' },
  });
  expect(put.status).toBe(201);
  expect((await registry.send('GET', `/v2/a/blobs/${digest}`)).text).toBe('hello big world');
  expect((await registry.send('GET', location)).code).toBe('BLOB_UPLOAD_UNKNOWN');
});

test('a chunk out of order is refused and the session goes on', async () => {
  const registry = await startRegistry();
  const location = await openSession(registry);
  await registry.send('PATCH', location, { body: 'abc', headers: { 'content-range': '0-2' } });
  for (const range of ['0-2', '4-6', '2-4', 'nonsense']) {
    const refused = await registry.send('PATCH', location, {
      body: 'def',
      headers: { 'content-range': range },
    });
    expect(refused.status, range).toBe(416);
    expect(refused.headers.get('range')).toBe('0-2');
    expect(refused.headers.get('location')).toBe(location);
  }
  const put = await registry.send('PUT', `${location}?digest=${sha256('abcdef')}`, { body: 'def' });
  expect(put.status).toBe(201);
});

test('an upload broken half-way is resumed where it stopped', async () => {
  const registry = await startRegistry();
  const location = await openSession(registry);
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from('half')),
    pull: (controller) => controller.error(new Error('connection reset')),
  });
  expect((await registry.send('PATCH', location, { body: broken })).code).toBe('BLOB_UPLOAD_INVALID');
  const status = await registry.send('GET', location);
  expect(status.headers.get('range')).toBe('0-3');
  const put = await registry.send('PUT', `${location}?digest=${sha256('half and half')}`, {
    body: ' and half',
    headers: { 'content-range': '4-12' },
  });
  expect(put.status).toBe(201);
});

test('another process on the directory goes on with an upload', async () => {
  const one = await startRegistry();
  const other = await startRegistry({ root: one.root });
  const location = await openSession(one);
  await one.send('PATCH', location, { body: 'abc' });
  expect((await other.send('PUT', `${location}?digest=${sha256('abcdef')}`, { body: 'def' })).status).toBe(
    201,
  );
  expect((await one.send('GET', `/v2/a/blobs/${sha256('abcdef')}`)).text).toBe('abcdef');
});

test('content that does not match its digest is refused and leaves nothing behind', async () => {
  const registry = await startRegistry();
  const wrong = sha256('other');
  const post = await registry.send('POST', `/v2/a/blobs/uploads/?digest=${wrong}`, { body: 'hello' });
  expect([post.status, post.code]).toEqual([400, 'DIGEST_INVALID']);
  const whole = await registry.send('PUT', `${await openSession(registry)}?digest=${wrong}`, {
    body: 'hello',
  });
  expect([whole.status, whole.code]).toEqual([400, 'DIGEST_INVALID']);
  const location = await openSession(registry);
  await registry.send('PATCH', location, { body: 'hel' });
  const chunked = await registry.send('PUT', `${location}?digest=${wrong}`, { body: 'lo' });
  expect([chunked.status, chunked.code]).toEqual([400, 'DIGEST_INVALID']);
  expect(await readdir(join(registry.root, '.uploads'))).toEqual([]);
  expect((await registry.send('HEAD', `/v2/a/blobs/${wrong}`)).status).toBe(404);
});

test('a digest is wanted to finish, in a form we know', async () => {
  const registry = await startRegistry();
  const location = await openSession(registry);
  for (const query of ['', '?digest=', '?digest=md5:00', '?digest=sha256:XYZ']) {
    const put = await registry.send('PUT', `${location}${query}`, { body: 'x' });
    expect([put.status, put.code], query).toEqual([400, 'DIGEST_INVALID']);
  }
  expect((await registry.send('GET', location)).status).toBe(204);
});

test('an upload is cancelled', async () => {
  const registry = await startRegistry();
  const location = await openSession(registry);
  expect((await registry.send('DELETE', location)).status).toBe(204);
  expect((await registry.send('DELETE', location)).code).toBe('BLOB_UPLOAD_UNKNOWN');
  expect((await registry.send('PATCH', location, { body: 'x' })).code).toBe('BLOB_UPLOAD_UNKNOWN');
});

test('an upload belongs to its repository', async () => {
  const registry = await startRegistry();
  const location = (await openSession(registry, 'a')).replace('/v2/a/', '/v2/b/');
  expect((await registry.send('PATCH', location, { body: 'x' })).code).toBe('BLOB_UPLOAD_UNKNOWN');
  expect((await registry.send('PATCH', '/v2/a/blobs/uploads/..%2F..%2Fx', { body: 'x' })).status).toBe(404);
});

test('a blob is mounted from another repository, as the same file', async () => {
  const registry = await startRegistry();
  const digest = await registry.pushBlob('source', 'shared');
  const mount = await registry.send('POST', `/v2/target/blobs/uploads/?mount=${digest}&from=source`);
  expect(mount.status).toBe(201);
  expect(mount.headers.get('location')).toBe(`/v2/target/blobs/${digest}`);
  expect((await registry.send('GET', `/v2/target/blobs/${digest}`)).text).toBe('shared');
  const file = join('blobs', 'sha256', digest.slice(7));
  const [source, target] = await Promise.all(
    ['source', 'target'].map((name) => stat(join(layoutDirectory(registry.root, name), file))),
  );
  expect(target?.ino).toBe(source?.ino);
  expect((await registry.send('POST', `/v2/target/blobs/uploads/?mount=${digest}&from=source`)).status).toBe(
    201,
  );
});

test('a mount that cannot be is an upload', async () => {
  const registry = await startRegistry();
  const digest = await registry.pushBlob('source', 'shared');
  for (const query of [`mount=${digest}`, `mount=${sha256('x')}&from=source`, `mount=${digest}&from=../a`]) {
    const answer = await registry.send('POST', `/v2/target/blobs/uploads/?${query}`);
    expect(answer.status, query).toBe(202);
    const put = await registry.send('PUT', `${answer.headers.get('location')}?digest=${digest}`, {
      body: 'shared',
    });
    expect(put.status).toBe(201);
  }
  expect((await registry.send('POST', '/v2/target/blobs/uploads/?mount=x&from=source')).code).toBe(
    'DIGEST_INVALID',
  );
});

test('a blob over the limit is refused, declared or not', async () => {
  const registry = await startRegistry({ limits: { blobBytes: 10 } });
  const content = 'x'.repeat(11);
  const path = `/v2/a/blobs/uploads/?digest=${sha256(content)}`;
  const declared = await registry.send('POST', path, { body: content, headers: { 'content-length': '11' } });
  expect([declared.status, declared.code]).toEqual([413, 'SIZE_INVALID']);
  const streamed = await registry.send('POST', path, { body: new Blob([content]).stream() });
  expect(streamed.status).toBe(413);
  const location = await openSession(registry);
  await registry.send('PATCH', location, { body: '123456' });
  expect((await registry.send('PATCH', location, { body: '7890x' })).status).toBe(413);
});

test('too many open uploads are refused until some are forgotten', async () => {
  let now = Date.now();
  const clock = { ...systemClock, now: () => now, sleep: async () => undefined };
  const registry = await startRegistry({ clock, limits: { uploads: 2, uploadIdleMs: 60_000 } });
  await openSession(registry);
  const second = await openSession(registry);
  const refused = await registry.send('POST', '/v2/a/blobs/uploads/');
  expect([refused.status, refused.code]).toEqual([429, 'TOOMANYREQUESTS']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await registry.send('DELETE', second);
  const third = await openSession(registry);
  now += 61_000;
  await openSession(registry);
  expect((await registry.send('GET', third)).code).toBe('BLOB_UPLOAD_UNKNOWN');
});

test('chunks sent at once to one upload do not mix', async () => {
  const registry = await startRegistry();
  const location = await openSession(registry);
  const chunks = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(70_000));
  const answers = await Promise.all(chunks.map((body) => registry.send('PATCH', location, { body })));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  expect((await registry.send('GET', location)).headers.get('range')).toBe(`0-${4 * 70_000 - 1}`);
  const order = answers
    .map((answer, index) => ({ end: Number(answer.headers.get('range')?.slice(2)), chunk: chunks[index] }))
    .sort((one, other) => one.end - other.end)
    .map(({ chunk }) => chunk)
    .join('');
  expect((await registry.send('PUT', `${location}?digest=${sha256(order)}`)).status).toBe(201);
});

test('a sha512 blob is kept under its own name', async () => {
  const registry = await startRegistry();
  const { createHash } = await import('node:crypto');
  const digest = `sha512:${createHash('sha512').update('x').digest('hex')}`;
  expect((await registry.send('POST', `/v2/a/blobs/uploads/?digest=${digest}`, { body: 'x' })).status).toBe(
    201,
  );
  expect((await registry.send('GET', `/v2/a/blobs/${digest}`)).text).toBe('x');
});

const systemIdle = { uploadIdleMs: 60_000 };

/** A handler behind a socket at which this client arrived. */
function seenFrom(address: string, handler: Handler): Handler {
  return (request) =>
    handler(request, {
      address,
      async *body() {
        if (request.body) yield* request.body;
      },
    });
}

test('one client has a quarter of all uploads, by its address, and others go on', async () => {
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const handler = createRegistryHandler({ root, limits: { ...systemIdle, uploads: 8 } });
  const one = talkTo(seenFrom('192.0.2.1', handler));
  const other = talkTo(seenFrom('192.0.2.2', handler));
  const opened = [
    await one.send('POST', '/v2/a/blobs/uploads/'),
    await one.send('POST', '/v2/b/blobs/uploads/'),
  ];
  expect(opened.map(({ status }) => status)).toEqual([202, 202]);
  const refused = await one.send('POST', '/v2/a/blobs/uploads/');
  expect([refused.status, refused.code]).toEqual([429, 'TOOMANYREQUESTS']);
  const whole = await one.send('POST', `/v2/a/blobs/uploads/?digest=${sha256('x')}`, { body: 'x' });
  expect(whole.status).toBe(429);
  expect((await other.send('POST', '/v2/a/blobs/uploads/')).status).toBe(202);
  const location = opened[0]?.headers.get('location') ?? '';
  expect((await one.send('PUT', `${location}?digest=${sha256('x')}`, { body: 'x' })).status).toBe(201);
  expect((await one.send('POST', '/v2/a/blobs/uploads/')).status).toBe(202);
});

test('uploads opened at once do not pass the limit together', async () => {
  const registry = await startRegistry({ limits: { uploads: 5 } });
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => registry.send('POST', '/v2/a/blobs/uploads/')),
  );
  expect(answers.filter(({ status }) => status === 202).length).toBeLessThanOrEqual(5);
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(25);
});

test('what a process that died was sent counts no more, and goes away', async () => {
  const registry = await startRegistry({ limits: { uploads: 1 } });
  const directory = join(registry.root, '.uploads');
  const location = await openSession(registry);
  const [own = ''] = await readdir(directory);
  const self = await ownIdentity();
  const dead = formatIdentity({ ...self, pid: 2 ** 22 + 1 });
  const left = own.replace(formatIdentity(self), dead);
  await rename(join(directory, own), join(directory, left));
  await writeFile(join(directory, `.0123456789abcdef.${dead}.0123456789ab.tmp`), 'half a blob');
  await writeFile(join(directory, `${left}.lock`), '');
  const again = await openSession(registry);
  expect((await registry.send('GET', again)).status).toBe(204);
  await sweepUploads(registry.root, { before: 0 });
  expect((await readdir(directory)).map((name) => name.split('.')[0])).toEqual([again.split('/').at(-1)]);
  expect((await registry.send('GET', location)).code).toBe('BLOB_UPLOAD_UNKNOWN');
});
