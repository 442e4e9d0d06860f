import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failureRow } from '../src/http/failure.js';
import { on } from '../src/testing/fault.js';
import { rateLimit } from '../src/testing/faults/answers.js';
import { type StartFaultyRegistryOptions, startFaultyRegistry } from '../src/testing/faulty-registry.js';
import { createQuay } from '../src/testing/quay.js';
import { createFastClock } from './support/clocks/fast-clock.js';
import { credentials, type InProcessOptions, runInProcess } from './support/program/run-in-process.js';
import { samplePipeline, sampleProject } from './support/samples/sample-project.js';

interface Shown {
  readonly code: string;
  readonly hint: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const users = {
  robot: { password: 's3cret-word', may: 'push' },
  reader: { password: 's3cret-word', may: 'pull' },
  stranger: { password: 's3cret-word', may: 'nothing' },
} as const;

/** Who asks, for what, of which registry, and the reason whose hint is to be shown. */
interface Row {
  readonly title: string;
  readonly registry: StartFaultyRegistryOptions;
  readonly as?: keyof typeof users | 'wrong';
  readonly command: 'push' | 'list';
  readonly code: string;
  readonly reason: Parameters<typeof failureRow>[0];
}

const quota = { profile: createQuay({ quotaExceeded: true }), repositories: ['acme/x'] } as const;
const readOnly = { profile: createQuay({ readOnly: true }), repositories: ['acme/x'] } as const;
const limited = { faults: [on({ path: /^\/v2\/acme/ }, rateLimit({ retryAfter: '600' }))] };
const empty = { repositories: ['acme/x'] };
const closed = { profile: 'quay', anonymous: 'nothing' } as const;

const rows: readonly Row[] = [
  {
    title: 'a full namespace',
    registry: quota,
    as: 'robot',
    command: 'push',
    code: 'REGISTRY_DENIED',
    reason: 'quota',
  },
  {
    title: 'a read-only registry',
    registry: readOnly,
    as: 'robot',
    command: 'push',
    code: 'REGISTRY_DENIED',
    reason: 'read-only',
  },
  {
    title: 'too many requests',
    registry: limited,
    command: 'list',
    code: 'RATE_LIMITED',
    reason: 'rate-limited',
  },
  {
    title: 'a reader who pushes to Quay',
    registry: { profile: 'quay', ...empty },
    as: 'reader',
    command: 'push',
    code: 'REGISTRY_DENIED',
    reason: 'write-denied',
  },
  {
    title: 'a reader who pushes to distribution',
    registry: { profile: 'distribution' },
    as: 'reader',
    command: 'push',
    code: 'REGISTRY_DENIED',
    reason: 'write-denied',
  },
  {
    title: 'a stranger to a private repository',
    registry: { ...closed, ...empty },
    as: 'stranger',
    command: 'list',
    code: 'REGISTRY_DENIED',
    reason: 'denied',
  },
  {
    title: 'nobody, of a private repository',
    registry: { ...closed, ...empty },
    command: 'list',
    code: 'REGISTRY_DENIED',
    reason: 'no-credential',
  },
  {
    title: 'a missing repository of Quay',
    registry: closed,
    as: 'robot',
    command: 'list',
    code: 'REGISTRY_DENIED',
    reason: 'denied',
  },
  {
    title: 'a missing repository of ECR',
    registry: { profile: 'ecr' },
    as: 'robot',
    command: 'list',
    code: 'NOT_FOUND',
    reason: 'repository-missing',
  },
  {
    title: 'a wrong password',
    registry: { ...closed, ...empty },
    as: 'wrong',
    command: 'list',
    code: 'REGISTRY_DENIED',
    reason: 'bad-credential',
  },
];

async function shown(words: readonly string[], options: InProcessOptions): Promise<Shown> {
  const ran = await runInProcess([...words, '-o', 'json'], options);
  return (JSON.parse(ran.stdout) as { error: Shown }).error;
}

test.each(rows)('$title: the hint is that of $reason, with the registry to paste', async (row) => {
  await using registry = await startFaultyRegistry({ users, ...row.registry });
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write('x.yaml', samplePipeline('x'));
  const { host } = registry;
  const password = row.as === 'wrong' ? 'another-word' : 's3cret-word';
  const user = row.as === 'wrong' ? 'robot' : row.as;
  const environment = user === undefined ? {} : credentials(host, user, password);
  const words = {
    push: ['push', `${host}/acme/x:v1`, '-f', join(project.directory, 'x.yaml')],
    list: ['list', `${host}/acme/x:v1`],
  }[row.command];
  const error = await shown(words, { environment });
  expect([error.code, error.details.reason]).toEqual([row.code, row.reason]);
  expect(error.hint).toBe(failureRow(row.reason, { registry: host }).hint);
  // A line that names a command can be pasted as it is, but for the user.
  const line = /npx tekton-bundles login (\S+) -u USER/.exec(error.hint);
  expect(line === null || line[1] === host).toBe(true);
});

/** A proxy that answers everything alike. */
async function startProxy(status: number) {
  const server = createServer((_, response) => response.writeHead(status).end());
  server.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test.each([
  ['HTTPS_PROXY', []],
  ['HTTP_PROXY', ['--plain-http', 'registry.invalid']],
] as const)(
  'a proxy of %s that refuses is named by its address, without its password',
  async (variable, more) => {
    await using proxy = await startProxy(407);
    const environment = { [variable]: proxy.url.replace('//', '//me:s3cret-word@') };
    const error = await shown(['list', 'registry.invalid/acme/x:v1', ...more], { environment });
    expect([error.code, error.details.reason]).toEqual(['REGISTRY_UNREACHABLE', 'proxy']);
    expect(error.message).toContain(proxy.url);
    expect(error.hint).toBe(failureRow('proxy', { proxy: proxy.url }).hint);
    expect(error.message + error.hint).not.toContain('s3cret');
  },
);

test('a proxy that is not there, and one that finds no way to the host, are named too', async () => {
  const gone = { environment: { HTTPS_PROXY: 'http://127.0.0.1:1' } };
  const words = ['list', 'registry.invalid/acme/x:v1'];
  const refused = await shown(words, gone);
  expect([refused.details.reason, refused.details.proxy]).toEqual(['proxy', 'http://127.0.0.1:1']);
  expect(refused.message).toContain('http://127.0.0.1:1');
  await using proxy = await startProxy(502);
  // Asked several times, with pauses.
  const lost = await shown(words, { environment: { HTTPS_PROXY: proxy.url }, clock: createFastClock(10) });
  expect([lost.details.reason, lost.details.proxy]).toEqual(['unreachable-host', proxy.url]);
});
