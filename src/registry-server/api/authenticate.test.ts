import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { talkTo } from '../../../test/support/registry/registry-requests.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { systemClock } from '../../async/system-clock.js';
import { createRegistryHandler } from '../handler.js';
import { createAuthenticator } from './authenticate.js';

/** For the password `s3cret-pass`, at the lowest cost. */
const robot = 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu';
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

async function startLocked(lines: string) {
  const directory = tempDir();
  const file = join(directory.path, 'htpasswd');
  await writeFile(file, lines);
  let now = 1_700_000_000_000;
  const clock = { ...systemClock, now: () => now };
  const authenticate = await createAuthenticator(file, { clock });
  const handler = createRegistryHandler({
    root: join(directory.path, 'root'),
    authenticate,
    instance: 'instance-1',
  });
  return {
    ...talkTo(handler),
    file,
    pass: (ms: number) => {
      now += ms;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

test('every endpoint asks for a password', async () => {
  await using registry = await startLocked(`# users\n\n${robot}\r\n`);
  for (const [method, path] of [
    ['GET', '/v2/'],
    ['HEAD', '/v2/a/manifests/v1'],
    ['POST', '/v2/a/blobs/uploads/'],
    ['GET', '/v2/a/tags/list'],
    ['GET', '/elsewhere'],
  ] as const) {
    const answer = await registry.send(method, path);
    expect([answer.status, answer.code]).toEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="bundles registry"/);
  }
});

test('the right password opens everything, again and again', async () => {
  await using registry = await startLocked(robot);
  for (let round = 0; round < 3; round++) {
    const { status } = await registry.send('GET', '/v2/', { headers: basic('robot:s3cret-pass') });
    expect(status).toBe(200);
  }
  const missing = await registry.send('GET', '/v2/a/manifests/v1', { headers: basic('robot:s3cret-pass') });
  expect([missing.status, missing.code]).toEqual([404, 'NAME_UNKNOWN']);
});

test.each([
  ['a wrong password', basic('robot:s3cret-pas')],
  ['a wrong password after a right one', basic('robot:S3cret-pass')],
  ['an unknown name', basic('stranger:s3cret-pass')],
  ['an empty name', basic(':s3cret-pass')],
  ['a name of every object', basic('__proto__:s3cret-pass')],
  ['no colon', basic('robot')],
  ['another scheme', { authorization: 'Bearer s3cret-pass' }],
  ['nonsense', { authorization: 'Basic ***' }],
])('%s is refused', async (_title, headers) => {
  await using registry = await startLocked(robot);
  expect((await registry.send('GET', '/v2/', { headers: basic('robot:s3cret-pass') })).status).toBe(200);
  const answer = await registry.send('GET', '/v2/', { headers });
  expect([answer.status, answer.code]).toEqual([401, 'UNAUTHORIZED']);
  expect(answer.text).not.toContain('s3cret');
});

test('a changed file counts, also for those who were in', async () => {
  await using registry = await startLocked(robot);
  const ask = async () =>
    (await registry.send('GET', '/v2/', { headers: basic('robot:s3cret-pass') })).status;
  expect(await ask()).toBe(200);
  await writeFile(registry.file, robot.replace('robot', 'other-robot'));
  registry.pass(3000);
  expect(await ask()).toBe(401);
  await writeFile(registry.file, 'half a li');
  registry.pass(3000);
  expect(await ask()).toBe(401);
  await writeFile(registry.file, robot);
  registry.pass(3000);
  expect(await ask()).toBe(200);
});

test('a flood of wrong passwords does not get all the time there is', async () => {
  await using registry = await startLocked(robot);
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, index) =>
      registry.send('GET', '/v2/', { headers: basic(`robot:guess ${index}`) }),
    ),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(64);
  expect(statuses.filter((status) => status === 429)).toHaveLength(16);
  expect(answers.at(-1)?.headers.get('retry-after')).toBe('5');
});

test.each([
  ['an MD5 hash', 'robot:$apr1$abcdefgh$xxxxxxxxxxxxxxxxxxxxxx'],
  ['a plain password', 'robot:s3cret-pass'],
  ['no name', `:${robot.slice(6)}`],
  ['a cost that takes minutes', robot.replace('$04$', '$20$')],
  ['nobody', '# nobody yet\n'],
])('a file with %s is refused without its content', async (_title, lines) => {
  await using directory = tempDir();
  const file = join(directory.path, 'htpasswd');
  await writeFile(file, lines);
  const failure = await createAuthenticator(file, { clock: systemClock }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'CREDENTIALS_INVALID', details: { path: file } });
  expect(String(failure)).not.toMatch(/s3cret|\$apr1|\$2y/);
});

test('a missing file is refused', async () => {
  const missing = createAuthenticator('/nonexistent/htpasswd', { clock: systemClock });
  await expect(missing).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});
