import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnose.js';
import type { Fault } from '../../src/testing/fault.js';
import { type StartFaultyRegistryOptions, startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import { createQuay, type QuayOptions } from '../../src/testing/quay.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const users = {
  'acme+robot': { password: 's3cret', may: 'push' },
  reader: { password: 's3cret', may: 'pull' },
  stranger: { password: 's3cret', may: 'nothing' },
} as const;

interface Seen {
  readonly method: string;
  readonly path: string;
  /** Scopes that were asked for, of a token. */
  readonly scopes: readonly string[];
  readonly bytes: number;
  readonly status: number;
}

/** A Quay on sockets, and what it saw and answered. */
async function start(quay: QuayOptions = {}, options: StartFaultyRegistryOptions = {}) {
  const seen: Seen[] = [];
  const spy: Fault = async (request, next) => {
    const { pathname, searchParams } = new URL(request.url);
    const { method } = request;
    const bytes = Number(request.headers.get('content-length') ?? 0);
    const answer = await next(request);
    seen.push({ method, path: pathname, scopes: searchParams.getAll('scope'), bytes, status: answer.status });
    return answer;
  };
  const { faults = [], ...more } = options;
  const profile = createQuay(quay);
  const registry = await startFaultyRegistry({ profile, users, faults: [spy, ...faults], ...more });
  const as = (user: string, password = 's3cret') => ({
    environment: credentials(registry.host, user, password),
  });
  return {
    host: registry.host,
    seen,
    robot: as('acme+robot'),
    as,
    tokens: () => seen.filter(({ path }) => path === '/v2/auth'),
    [Symbol.asyncDispose]: registry.stop,
  };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `bundle-${index}`);
const ensure = (config: string) => ['ensure', '--config', config, '--no-fallback'];

test('login takes the right password of a robot and of a user, and no other', async () => {
  await using quay = await start();
  for (const user of ['acme+robot', 'reader']) {
    await using home = tempDir();
    const words = ['login', quay.host, '-u', user, '--password-stdin'];
    const login = (input: string) => runInProcess(words, { home: home.path, input });
    expect((await login('wrong')).code).toBe(5);
    expect(await login('s3cret')).toMatchObject({ code: 0, stderr: '' });
  }
});

test('doctor distinguishes a credential that works from one that does not', async () => {
  await using quay = await start({}, { repositories: ['acme/alpha'] });
  await using project = sampleProject({ repository: `${quay.host}/acme` });
  const states = async (password: string) => {
    const words = ['doctor', '--config', project.config, '-o', 'json'];
    const ran = await runInProcess(words, quay.as('acme+robot', password));
    const { links } = JSON.parse(ran.stdout) as Diagnosis;
    return links.filter(({ link }) => link === 'credentials').map(({ state }) => state);
  };
  expect(await states('s3cret')).toEqual(['ok']);
  expect(await states('wrong')).toEqual(['broken']);
});

test('a published bundle costs one token to push, which names one repository', async () => {
  await using quay = await start();
  await using project = sampleProject({
    repository: `${quay.host}/acme`,
    bundles: names(3),
    workflow: false,
  });
  expect((await runJson(ensure(project.config), quay.robot)).code).toBe(0);
  const pushes = quay.tokens().filter(({ scopes }) => scopes.some((scope) => scope.includes('push')));
  expect(pushes.map(({ scopes }) => scopes.length)).toEqual([1, 1, 1]);
});

test('50 private bundles cost a HEAD each, two tokens to read and one refusal; a cold run one more token for each', async () => {
  await using quay = await start();
  await using project = sampleProject({
    repository: `${quay.host}/acme`,
    bundles: names(50),
    workflow: false,
  });
  const tokens = () => quay.tokens().map(({ scopes }) => scopes.length);
  const cold = await runJson(ensure(project.config), quay.robot);
  expect([cold.code, tokens().sort()]).toEqual([0, [...Array(50).fill(1), 25, 25]]);
  quay.seen.length = 0;
  const warm = await runJson(ensure(project.config), quay.robot);
  expect([warm.code, warm.result.summary?.requests, tokens()]).toEqual([0, 53, [25, 25]]);
});

test('a read-only registry has one outcome, whether the repository is there or not', async () => {
  for (const repositories of [[], ['acme/alpha']]) {
    await using quay = await start({ readOnly: true }, { repositories });
    await using project = sampleProject({ repository: `${quay.host}/acme` });
    for (const flags of [['--no-fallback'], []]) {
      const words = ['ensure', '--config', project.config, ...flags];
      const { code, bundle } = await runJson(words, quay.robot);
      expect([code, bundle.outcome, bundle.reason]).toEqual([5, 'failed', 'read-only']);
      expect(bundle.error?.message).toMatch(/System is currently read-only/);
    }
  }
});

test('no body of a blob is sent to a 401', async () => {
  await using quay = await start({}, { repositories: ['acme/alpha'] });
  await using project = sampleProject({ repository: `${quay.host}/acme` });
  const { bundle } = await runJson(ensure(project.config), quay.robot);
  expect([bundle.verdict, bundle.outcome]).toEqual(['absent', 'published']);
  expect(quay.seen.filter(({ status, bytes }) => status === 401 && bytes > 0)).toEqual([]);
});

test('a token that grants nothing is a refusal: no second one, and no second upload', async () => {
  await using quay = await start({}, { repositories: ['acme/alpha'] });
  await using project = sampleProject({ repository: `${quay.host}/acme` });
  const { code, bundle } = await runJson(ensure(project.config), quay.as('reader'));
  expect([code, bundle.outcome, bundle.reason]).toEqual([5, 'failed', 'write-denied']);
  const pushes = quay.tokens().filter(({ scopes }) => scopes.some((scope) => scope.includes('push')));
  expect(pushes).toHaveLength(1);
  expect(quay.seen.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(1);
});

test('a quota that is used up is named', async () => {
  await using quay = await start({ quotaExceeded: true }, { repositories: ['acme/alpha'] });
  await using project = sampleProject({ repository: `${quay.host}/acme` });
  const { code, bundle } = await runJson(ensure(project.config), quay.robot);
  expect([code, bundle.outcome]).toEqual([5, 'failed']);
  expect(bundle.error?.message).toContain('Quota has been exceeded on namespace');
  expect(bundle.error?.hint).toMatch(/quota/i);
});

test('a tag that has expired or was deleted is absent, and is published again', async () => {
  await using quay = await start();
  await using project = sampleProject({ repository: `${quay.host}/acme` });
  const first = await runJson(ensure(project.config), quay.robot);
  const { token } = (await (
    await fetch(`http://${quay.host}/v2/auth?scope=repository:acme/alpha:pull,push`, {
      headers: { authorization: `Basic ${Buffer.from('acme+robot:s3cret').toString('base64')}` },
    })
  ).json()) as { token: string };
  const manifest = `http://${quay.host}/v2/acme/alpha/manifests/${first.bundle.digest}`;
  const gone = await fetch(manifest, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  expect(gone.status).toBe(202);
  const again = await runJson(ensure(project.config), quay.robot);
  expect([again.code, again.bundle.verdict, again.bundle.outcome]).toEqual([0, 'absent', 'published']);
});

test('overwriting reports that the old digest is gone where it is', async () => {
  await using quay = await start();
  await using project = sampleProject({ repository: `${quay.host}/acme` });
  await runJson(ensure(project.config), quay.robot);
  project.write('pipelines/alpha.yaml', samplePipeline('changed'));
  const push = [
    'push',
    `${quay.host}/acme/alpha:v1.0.0`,
    '-f',
    join(project.directory, 'pipelines/alpha.yaml'),
  ];
  const pushed = await runInProcess(push, quay.robot);
  expect([pushed.code, pushed.stderr]).toEqual([0, expect.stringMatching(/sha256:[a-f0-9]{12}/)]);
});
