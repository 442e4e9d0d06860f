import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { GitHubFault } from '../../../test/support/github/github-faults.js';
import {
  type LoopbackGitHub,
  type LoopbackGitHubOptions,
  startLoopbackGitHub,
} from '../../../test/support/github/loopback-github.js';
import { listen } from '../../../test/support/network/listen.js';
import { systemClock } from '../../async/system-clock.js';
import type { BundlesError } from '../../errors.js';
import { createNodeTransport } from '../../http/connect/node-transport.js';
import { createGitHub, type GitHub, type GitHubOptions } from './github.js';

async function serve(options: LoopbackGitHubOptions = {}): Promise<LoopbackGitHub> {
  const server = await startLoopbackGitHub(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function open(server: LoopbackGitHub, options: Partial<GitHubOptions> = {}): Promise<GitHub> {
  const send = createNodeTransport();
  onTestFinished(() => send.close());
  const { url, token, repository } = server;
  return createGitHub({ send, clock: systemClock, url, token, repository, secondMs: 1, ...options });
}

const mainBranch = (github: GitHub, signal?: AbortSignal) =>
  github.ask('read main', (rest, where) => rest.git.getRef({ ...where, ref: 'heads/main' }), { signal });

const ensureDraft = (github: GitHub) =>
  github.ensure({
    doing: 'create the draft',
    look: async () =>
      (await github.list('list releases', (rest, where) => rest.repos.listReleases(where))).find(
        ({ tag_name: tag }) => tag === 'v1',
      ),
    create: (rest, where) => rest.repos.createRelease({ ...where, tag_name: 'v1', draft: true }),
  });

const failureOf = (promise: Promise<unknown>): Promise<BundlesError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: BundlesError) => error,
  );

test('createGitHub() reads an Enterprise Server below its path, every page of a list, and undefined for a 404', async () => {
  const server = await serve({ prefix: '/api/v3', pageSize: 2 });
  const github = await open(server);
  for (const tag of ['a', 'b', 'c', 'd', 'e'])
    await github.ask('create', (rest, where) => rest.repos.createRelease({ ...where, tag_name: tag }));
  const tags = await github.list('list', (rest, where) => rest.repos.listReleases(where));
  expect(tags.map((release) => release.tag_name)).toEqual(['e', 'd', 'c', 'b', 'a']);
  const find = (ref: string) => github.find('read', (rest, where) => rest.git.getRef({ ...where, ref }));
  expect(await find('heads/none')).toBeUndefined();
  expect((await find('heads/main'))?.object.sha).toBe(server.refs.get('heads/main'));
  expect(server.requests.every(({ path }) => path.startsWith('/api/v3/repos/acme/shop'))).toBe(true);
  expect(server.requests[0]?.headers['user-agent']).toContain('tekton-bundles/');
});

test.each<[GitHubFault, string, string]>([
  ['bad-gateway', 'GITHUB_UNREACHABLE', 'server-error'],
  ['reset', 'GITHUB_UNREACHABLE', 'network'],
  ['slow', 'GITHUB_UNREACHABLE', 'network'],
  ['not-json', 'GITHUB_UNREACHABLE', 'not-github'],
  ['rate-limit', 'RATE_LIMITED', 'rate-limited'],
  ['secondary-limit', 'RATE_LIMITED', 'rate-limited'],
  ['conflict', 'GITHUB_REFUSED', 'conflict'],
])('a lasting %s is %s (%s), and a passing one is not seen', async (fault, code, reason) => {
  const lasting = await serve({ faults: () => fault });
  const error = await failureOf(mainBranch(await open(lasting, { timeoutMs: 20 })));
  expect([error.code, error.details.reason, error.message.startsWith('Cannot read main: ')]).toEqual([
    code,
    reason,
    true,
  ]);
  if (fault === 'not-json' || fault === 'rate-limit') return;
  const passing = await serve({ faults: ({ index }) => (index === 0 ? fault : undefined) });
  await mainBranch(await open(passing, { timeoutMs: 200 }));
  expect(passing.requests).toHaveLength(2);
});

test('a wrong token, a missing repository and an address without an answer have codes of their own', async () => {
  const server = await serve();
  const denied = await failureOf(mainBranch(await open(server, { token: 'wrong' })));
  expect([denied.code, denied.details.reason]).toEqual(['GITHUB_DENIED', 'unauthorized']);
  const missing = await failureOf(mainBranch(await open(server, { repository: 'acme/none' })));
  expect([missing.code, missing.details.reason]).toEqual(['GITHUB_DENIED', 'not-found']);
  const dead = await failureOf(mainBranch(await open(server, { url: 'http://127.0.0.1:9' })));
  expect([dead.code, dead.details.reason]).toEqual(['GITHUB_UNREACHABLE', 'network']);
  const limited = await failureOf(mainBranch(await open(server, { answerLimit: 10 })));
  expect(limited.code).toBe('TOO_LARGE');
  expect(JSON.stringify([denied, missing, dead, limited])).not.toContain(server.token);
});

test.each<GitHubFault>([
  'bad-gateway',
  'bad-gateway-after',
  'reset-after',
  'slow-after',
  'secondary-limit',
  'conflict',
])('ensure() creates one release, whatever is lost by %s', async (fault) => {
  let broken = false;
  const faults: LoopbackGitHubOptions['faults'] = ({ method }) => {
    if (method !== 'POST' || broken) return undefined;
    broken = true;
    return fault;
  };
  const server = await serve({ faults, pageSize: 1 });
  const github = await open(server, { timeoutMs: 100 });
  expect((await ensureDraft(github)).action).toBe('created');
  expect((await ensureDraft(github)).action).toBe('found');
  expect(server.releases.map(({ tag_name: tag }) => tag)).toEqual(['v1']);
});

test('requests that write keep the pauses that GitHub asks for, and those that notify people longer ones', async () => {
  const server = await serve();
  const waits: number[] = [];
  const clock = { ...systemClock, now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  const github = await open(server, { clock, secondMs: 1000 });
  for (const tag of ['a', 'b', 'c'])
    await github.ask('create', (rest, where) => rest.repos.createRelease({ ...where, tag_name: tag }));
  await github.ask('write', (rest, where) => rest.git.createBlob({ ...where, content: 'x' }));
  await mainBranch(github);
  // By turns the pause of one that writes, and of one that creates a release.
  expect(waits).toEqual([1000, 3000, 2000, 6000, 3000]);
});

test('an abort ends a call at once with its reason', async () => {
  const controller = new AbortController();
  const server = await serve({
    faults: () => 'slow',
    meanwhile: () => controller.abort(new Error('enough')),
  });
  const github = await open(server);
  await expect(mainBranch(github, controller.signal)).rejects.toThrow('enough');
  expect(server.requests).toHaveLength(1);
});

test('the token goes to the API alone: a download elsewhere goes without it, an upload elsewhere is refused', async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = createServer(({ headers }, response) => {
    seen.push(headers.authorization);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":{"sha":"x"}}');
  });
  const other = `http://localhost:${await listen(elsewhere)}`;
  const redirecting = createServer(({ method }, response) => {
    response.writeHead(method === 'GET' ? 302 : 307, { location: `${other}/x` }).end();
  });
  const url = `http://127.0.0.1:${await listen(redirecting)}`;
  const server = await serve();
  const github = await open(server, { url });
  await mainBranch(github);
  expect(seen).toEqual([undefined]);
  const upload = (address: string) =>
    github.ask('upload', (rest, where) =>
      rest.repos.uploadReleaseAsset({ ...where, url: address, release_id: 1, name: 'a', data: 'b' }),
    );
  const refused = await failureOf(upload(`${other}/assets{?name}`));
  expect([refused.code, refused.details.reason]).toEqual(['GITHUB_REFUSED', 'foreign-origin']);
  const redirected = await failureOf(upload(`${url}/assets{?name}`));
  expect(redirected.code).toBe('GITHUB_UNREACHABLE');
  expect(seen).toHaveLength(1);
});

test.each([
  { url: 'nowhere' },
  { url: 'ftp://api.github.com' },
  { url: 'https://user:secret@api.github.com' },
  { url: 'https://api.github.com?x=1' },
  { url: 'http://github.example.com/api/v3' },
  { repository: 'shop' },
  { repository: 'acme/..' },
  { repository: 'acme/shop/x' },
  { token: '' },
  { token: 'two words' },
])('createGitHub() refuses %j before it sends anything', async (options) => {
  const server = { url: '', token: 'ghs_x', repository: 'acme/shop' } as LoopbackGitHub;
  const error = await failureOf(open(server, { url: 'https://api.github.com', ...options }));
  expect([error.code, error.message.includes('secret')]).toEqual(['USAGE', false]);
});
