import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { isBundlesError } from '../../src/errors.js';
import { createNodeTransport } from '../../src/http/connect/node-transport.js';
import { createGitHub } from '../../src/release/github/github.js';
import { type Proposal, proposeUpdates } from '../../src/release/references/propose-updates.js';
import { type GitHubFault, githubFaults, type SeenRequest } from '../support/github/github-faults.js';
import {
  type LoopbackGitHub,
  type LoopbackGitHubOptions,
  startLoopbackGitHub,
} from '../support/github/loopback-github.js';
import { seededRandom, testSeed } from '../support/random/seeded-random.js';

const branch = 'bundles/update-refs';
const files: Readonly<Record<string, string>> = {
  'deploy/a.yaml': 'bundle: old # é\r\n',
  'b.sh': 'run old\n',
  'c.md': 'nothing here\n',
};

async function serve(options: LoopbackGitHubOptions = {}): Promise<LoopbackGitHub> {
  const server = await startLoopbackGitHub({ files, ...options });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

interface Run {
  /** What `old` and every newer word becomes. */
  readonly word?: string;
  /** The checkout, where it is not what the base branch has. */
  readonly local?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly to?: string;
}

async function propose(
  server: LoopbackGitHub,
  { word = 'new1', local = files, timeoutMs, to = branch }: Run = {},
): Promise<Proposal> {
  const send = createNodeTransport();
  try {
    const { url, token, repository } = server;
    const github = await createGitHub({
      send,
      clock: systemClock,
      url,
      token,
      repository,
      secondMs: 1,
      timeoutMs,
    });
    return await proposeUpdates(github, {
      files: new Map(Object.entries(local).map(([path, text]) => [path, Buffer.from(text)])),
      update: (_, bytes) => {
        const text = Buffer.from(bytes)
          .toString('latin1')
          .replace(/old|new\d/g, word);
        return { bytes: Buffer.from(text, 'latin1'), bundles: [`alpha: ${word}`] };
      },
      branch: to,
    });
  } finally {
    await send.close();
  }
}

const writes = ({ requests }: LoopbackGitHub, from = 0) =>
  requests
    .slice(from)
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.slice(16)}`);
const openPulls = ({ pulls }: LoopbackGitHub) => pulls.filter(({ state }) => state === 'open');

/** Every file of the branch is that of main, but for the references. */
function expectProposed(server: LoopbackGitHub, word: string, note = ''): void {
  const treeOf = (name: string) =>
    server.objects.flatten(server.objects.commits.get(server.refs.get(`heads/${name}`) ?? '')?.tree ?? '');
  const main = treeOf('main');
  const now = treeOf(branch);
  expect([...now.keys()], note).toEqual([...main.keys()]);
  for (const [path, { mode }] of main) {
    const text = server
      .read('main', path)
      ?.toString()
      .replace(/old|new\d/g, word);
    expect([server.read(branch, path)?.toString(), now.get(path)?.mode], `${note} ${path}`).toEqual([
      text,
      mode,
    ]);
  }
}

test('the first run makes one commit and one pull request, and the next one nothing', async () => {
  const server = await serve();
  const first = await propose(server);
  expect(first).toMatchObject({
    action: 'created',
    number: 1,
    base: 'main',
    files: ['b.sh', 'deploy/a.yaml'],
  });
  expect(writes(server)).toEqual(['POST /git/trees', 'POST /git/commits', 'POST /git/refs', 'POST /pulls']);
  expectProposed(server, 'new1');
  const from = server.requests.length;
  expect(await propose(server)).toEqual({ ...first, action: 'unchanged' });
  expect(writes(server, from)).toEqual([]);
});

test('a later lock adds a commit to the open pull request, a moved base alone does not', async () => {
  const server = await serve({ pageSize: 1 });
  await propose(server);
  server.push('main', { 'other.txt': 'by hand\n' });
  expect((await propose(server)).action).toBe('unchanged');
  expect(await propose(server, { word: 'new2' })).toMatchObject({ action: 'updated', number: 1 });
  expectProposed(server, 'new2');
  server.push('main', { 'deploy/a.yaml': 'bundle: old\nmore: x\n' });
  expect((await propose(server, { word: 'new2' })).action).toBe('updated');
  expectProposed(server, 'new2');
  expect(server.pulls).toHaveLength(1);
  expect(server.pulls[0]?.body).toContain('alpha: new2');
});

test('files are edited as the base branch has them: another checkout, a file that it lacks, a very large repository', async () => {
  const server = await serve();
  server.treeLimit = 1;
  const local = {
    ...files,
    'deploy/a.yaml': 'bundle: old # é\n',
    'untracked.yaml': 'old\n',
    'b.sh': 'run new1\n',
  };
  expect(await propose(server, { local })).toMatchObject({
    action: 'created',
    files: ['b.sh', 'deploy/a.yaml'],
  });
  expectProposed(server, 'new1');
  server.push('main', { 'latin1.txt': Buffer.from('\xe9 old', 'latin1') });
  await propose(server, { local: { ...local, 'latin1.txt': '' } });
  expect(server.read(branch, 'latin1.txt')).toEqual(Buffer.from('\xe9 new1', 'latin1'));
});

test('a commit by anybody else, and a pull request that somebody closed, are left alone', async () => {
  const server = await serve();
  await propose(server);
  const person = server.push(branch, { 'deploy/a.yaml': 'bundle: mine\n' });
  expect(await propose(server, { word: 'new2' })).toMatchObject({
    action: 'left',
    reason: 'commits',
    number: 1,
  });
  expect(server.refs.get(`heads/${branch}`)).toBe(person);

  const closed = await serve();
  await propose(closed);
  closed.pulls[0]!.state = 'closed';
  for (const missing of [false, true]) {
    if (missing) closed.refs.delete(`heads/${branch}`);
    expect(await propose(closed)).toMatchObject({ action: 'left', reason: 'closed', number: 1 });
  }
  expect(await propose(closed, { word: 'new2' })).toMatchObject({ action: 'created', number: 2 });
});

test('a commit that somebody pushes between our look and our update is kept', async () => {
  let person = '';
  const server: LoopbackGitHub = await serve({
    meanwhile({ method, path }) {
      if (method === 'PATCH' && path.includes('/git/refs/') && person === '')
        person = server.push(branch, { 'deploy/a.yaml': 'bundle: mine\n' });
    },
  });
  await propose(server);
  expect(await propose(server, { word: 'new2' })).toMatchObject({ action: 'left', reason: 'commits' });
  expect(server.refs.get(`heads/${branch}`)).toBe(person);
});

test.each(['merged', 'squashed'])(
  'after a pull request was %s the branch begins again at the base',
  async (how) => {
    const server = await serve();
    expect(await propose(server)).toMatchObject({ action: 'created' });
    const head = server.refs.get(`heads/${branch}`)!;
    if (how === 'merged') server.refs.set('heads/main', head);
    else server.push('main', { 'deploy/a.yaml': 'bundle: new1 # é\r\n', 'b.sh': 'run new1\n' });
    Object.assign(server.pulls[0]!, { state: 'closed', merged_at: '2026-01-01T00:00:00Z', closedAt: head });
    expect((await propose(server)).action).toBe('none');
    expect(await propose(server, { word: 'new2' })).toMatchObject({ action: 'created', number: 2 });
    expectProposed(server, 'new2');
    const commit = server.objects.commits.get(server.refs.get(`heads/${branch}`)!);
    expect(commit?.parents).toEqual([server.refs.get('heads/main')]);
  },
);

test('a base branch that does not exist is refused, and one that is the branch for the commit', async () => {
  const server = await serve();
  await expect(propose(server, { to: 'main' })).rejects.toMatchObject({ code: 'USAGE' });
  expect(writes(server)).toEqual([]);
  server.refs.delete('heads/main');
  await expect(propose(server)).rejects.toMatchObject({ code: 'GITHUB_REFUSED' });
});

/** One random history: a state to begin with, faults, and people who push at any moment. */
async function runSchedule(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const note = `BUNDLES_TEST_SEED=${seed}`;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const start = pick(['nothing', 'proposed', 'merged', 'squashed', 'person']);
  let chaos = false;
  const pushed: string[] = [];
  let pushesLeft = random() < 0.5 ? 1 : 0;
  const server: LoopbackGitHub = await serve({
    pageSize: pick([1, 2, 100]),
    faults: (): GitHubFault | undefined => (chaos && random() < 0.25 ? pick(githubFaults) : undefined),
    meanwhile({ method }: SeenRequest) {
      if (!chaos || random() > 0.3) return;
      if (random() < 0.3) server.push('main', { 'other.txt': `${random()}\n` });
      else if (pushesLeft > 0 && method !== 'GET' && openPulls(server).length > 0) {
        pushesLeft--;
        pushed.push(server.push(branch, { 'deploy/a.yaml': 'bundle: mine\n' }));
      }
    },
  });
  if (start !== 'nothing') await propose(server, { word: 'new0' });
  if (start === 'merged' || start === 'squashed') {
    if (start === 'merged') server.refs.set('heads/main', server.refs.get(`heads/${branch}`)!);
    else server.push('main', { 'b.sh': 'run new0\n' });
    Object.assign(server.pulls[0]!, { state: 'closed', merged_at: '2026-01-01T00:00:00Z' });
  }
  if (start === 'person') pushed.push(server.push(branch, { 'c.md': 'mine\n' }));
  const before = openPulls(server).length;
  chaos = true;
  for (let run = 0; run < 2; run++) {
    await propose(server, { timeoutMs: 60 }).catch((error: unknown) => {
      if (!isBundlesError(error)) throw error;
      expect(['GITHUB_UNREACHABLE', 'GITHUB_REFUSED', 'RATE_LIMITED'], note).toContain(error.code);
    });
  }
  chaos = false;
  const last = await propose(server);
  // Nothing doubled.
  expect([openPulls(server).length, server.pulls.length], note).toEqual([
    1,
    before + (start === 'merged' || start === 'squashed' ? 2 : 1 - before),
  ]);
  expect(last.number, note).toBe(server.pulls.at(-1)?.number);
  // Nothing lost.
  const head = server.refs.get(`heads/${branch}`)!;
  for (const sha of pushed) expect(server.objects.ancestors(head).has(sha), note).toBe(true);
  if (pushed.length > 0) expect(last, note).toMatchObject({ action: 'left', reason: 'commits' });
  else expectProposedOnItsBase(server, note);
  const from = server.requests.length;
  await propose(server);
  expect(writes(server, from), note).toEqual([]);
}

/** As expectProposed, where main may have got other files since. */
function expectProposedOnItsBase(server: LoopbackGitHub, note: string): void {
  for (const path of Object.keys(files)) {
    const text = server
      .read('main', path)
      ?.toString()
      .replace(/old|new\d/g, 'new1');
    expect(server.read(branch, path)?.toString(), `${note} ${path}`).toBe(text);
  }
}

test('60 random schedules of faults and of other people: nothing is doubled, nothing is lost', async () => {
  const seed = testSeed();
  const seeds = Array.from({ length: 60 }, (_, index) => seed + index);
  for (let at = 0; at < seeds.length; at += 20) await Promise.all(seeds.slice(at, at + 20).map(runSchedule));
});
