import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { digestOf } from '../../src/oci/digest.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const robot = {
  robot: { password: 'sesame', may: 'push' },
  reader: { password: 'open', may: 'pull' },
} as const;

const lockOf = ({ directory }: SampleProject) => readFileSync(join(directory, 'bundles.lock'), 'utf8');
const pushes = ({ seen }: GuardedRegistry) => seen.filter(({ method }) => !['GET', 'HEAD'].includes(method));

test('absent on an open registry is published, and then present by one HEAD', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const first = await runJson(['ensure', '--config', project.config]);
  expect(first.code).toBe(0);
  expect(first.bundle).toMatchObject({
    verdict: 'absent',
    firstVerdict: null,
    outcome: 'published',
    changes: ['publish', 'lock', 'schema'],
    visibility: 'public',
    reason: null,
    error: null,
    served: { live: true, layout: null },
  });
  expect(first.bundle.digest).toBe(first.bundle.built);
  expect(first.bundle.pinned).toBe(`${registry.host}/acme/alpha:v1.0.0@${first.bundle.digest}`);
  const lock = lockOf(project);
  registry.seen.length = 0;
  const second = await runJson(['ensure', '--config', project.config]);
  expect(second.bundle).toMatchObject({ verdict: 'present', outcome: 'reused', changes: [], requests: 1 });
  expect(registry.seen.map(({ method }) => method)).toEqual(['HEAD']);
  expect(lockOf(project)).toBe(lock);
});

test.each([
  ['elsewhere it falls back', [], {}, 'fallback'],
  ['with --push it publishes', ['--push'], {}, 'published'],
  ['in a CI job it publishes', [], { CI: 'true' }, 'published'],
  ['in a CI job with --no-push it falls back', ['--no-push'], { CI: 'true' }, 'fallback'],
  ['with --profile local it falls back', ['--profile', 'local'], { CI: 'true' }, 'fallback'],
  ['--push beside a profile wins', ['--profile', 'local', '--push'], {}, 'published'],
])('publish: ci: %s', async (_, flags, environment, outcome) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, settings: ['publish: ci'] });
  const { code, bundle } = await runJson(['ensure', '--config', project.config, ...flags], { environment });
  expect([code, bundle.outcome]).toEqual([0, outcome]);
  expect(pushes(registry).length > 0).toBe(outcome === 'published');
});

test('--push is refused where the project never publishes', async () => {
  await using project = sampleProject({ repository: 'localhost:1/acme', settings: ['publish: never'] });
  const { code, stdout } = await runInProcess([
    ...['ensure', '--push', '--output', 'json', '--config', project.config],
  ]);
  expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'USAGE']);
});

test('the profile pull-request serves a changed bundle from the fallback, release refuses to change the lock', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await runJson(['ensure', '--config', project.config]);
  project.write('pipelines/alpha.yaml', samplePipeline('changed'));
  const release = await runJson(['ensure', '--profile', 'release', '--config', project.config]);
  expect([release.code, release.bundle.error?.code]).toEqual([4, 'TAG_DIFFERS']);
  const review = await runJson(['ensure', '--profile', 'pull-request', '--config', project.config]);
  expect([review.code, review.bundle.outcome, review.bundle.reason]).toEqual([0, 'fallback', 'different']);
});

test('ensure --dry-run is check', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const { code, bundle } = await runJson(['ensure', '--dry-run', '--config', project.config]);
  expect([code, bundle.outcome, bundle.plan]).toEqual([3, 'planned', 'publish']);
  expect(pushes(registry)).toEqual([]);
});

test('absent with a credential that may push is published', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users: robot });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = credentials(registry.host, 'robot', 'sesame');
  const { code, bundle } = await runJson(['ensure', '--config', project.config], { environment });
  expect([code, bundle.verdict, bundle.outcome, bundle.visibility]).toEqual([
    0,
    'absent',
    'published',
    'public',
  ]);
});

test('a bundle that strangers cannot see is published with a warning', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users: robot });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = credentials(registry.host, 'robot', 'sesame');
  const { bundle } = await runJson(['ensure', '--config', project.config], { environment });
  expect(bundle).toMatchObject({ outcome: 'published', visibility: 'private' });
  expect(bundle.warnings.join()).toContain('private');
});

test('absent without a credential falls back and no request asks for a right to push', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull' });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect(code).toBe(0);
  expect(bundle).toMatchObject({ verdict: 'absent', outcome: 'fallback', reason: 'no-credential' });
  expect(bundle.served?.layout).toContain('.bundles/registry/acme/alpha');
  expect(registry.seen.some(({ query }) => query.includes('push'))).toBe(false);
});

test('absent under --no-push falls back, and without a fallback it fails with 5', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const kept = await runJson(['ensure', '--config', project.config, '--no-push']);
  expect([kept.code, kept.bundle.outcome, kept.bundle.reason]).toEqual([0, 'fallback', 'push-not-allowed']);
  const failed = await runJson(['ensure', '--config', project.config, '--no-push', '--no-fallback']);
  expect([failed.code, failed.bundle.outcome, failed.bundle.error?.code]).toEqual([
    5,
    'failed',
    'PUSH_NOT_ALLOWED',
  ]);
  expect(pushes(registry)).toEqual([]);
});

test('a repository that hides until somebody may push is denied first and published then', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users: robot, hideMissing: true });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = credentials(registry.host, 'robot', 'sesame');
  const checked = await runJson(['check', '--config', project.config], { environment });
  expect([checked.code, checked.bundle.verdict, checked.bundle.plan]).toEqual([5, 'denied', 'publish']);
  expect(registry.seen.some(({ query }) => query.includes('push'))).toBe(false);
  const { code, bundle } = await runJson(['ensure', '--config', project.config], { environment });
  expect(code).toBe(0);
  expect(bundle).toMatchObject({ verdict: 'absent', firstVerdict: 'denied', outcome: 'published' });
});

test('denied without a credential falls back, or fails with 5 where that is forbidden', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing' });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const kept = await runJson(['ensure', '--config', project.config]);
  expect([kept.code, kept.bundle.verdict, kept.bundle.outcome, kept.bundle.reason]).toEqual([
    0,
    'denied',
    'fallback',
    'no-credential',
  ]);
  const failed = await runJson(['ensure', '--config', project.config, '--no-fallback']);
  expect([failed.code, failed.bundle.error?.code]).toEqual([5, 'REGISTRY_DENIED']);
});

test.each([
  ['a wrong password', 'robot', 'wrong', 'bad-credential'],
  ['an account without any right', 'stranger', 'pass', 'denied'],
])('%s fails with 5 and never falls back', async (_, user, password, reason) => {
  const users = { ...robot, stranger: { password: 'pass', may: 'nothing' } } as const;
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users, hideMissing: true });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = credentials(registry.host, user, password);
  for (const flags of [[], ['--no-push']]) {
    const { code, bundle, stderr, stdout } = await runJson(['ensure', '--config', project.config, ...flags], {
      environment,
    });
    expect([code, bundle.verdict, bundle.outcome, bundle.reason]).toEqual([5, 'denied', 'failed', reason]);
    expect(stdout + stderr).not.toContain(password === 'pass' ? '"pass"' : password);
  }
  expect(pushes(registry)).toEqual([]);
});

test('a credential that may read but not push fails with 5', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users: robot });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = credentials(registry.host, 'reader', 'open');
  const { code, bundle } = await runJson(['ensure', '--config', project.config], { environment });
  expect([code, bundle.verdict, bundle.outcome, bundle.error?.code]).toEqual([
    5,
    'absent',
    'failed',
    'REGISTRY_DENIED',
  ]);
});

async function withOtherContent() {
  const registry = await startGuardedRegistry();
  const project = sampleProject({ repository: `${registry.host}/acme` });
  project.write('other.yaml', samplePipeline('other'));
  const pushed = await runInProcess([
    'push',
    `${registry.host}/acme/alpha:v1.0.0`,
    '-f',
    join(project.directory, 'other.yaml'),
  ]);
  expect(pushed.code).toBe(0);
  registry.seen.length = 0;
  const theirs = /@(sha256:\w+)/.exec(pushed.stdout)?.[1] ?? '';
  return {
    registry,
    project,
    theirs,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

test('different fails with 4 and names the object that differs', async () => {
  await using given = await withOtherContent();
  const { code, bundle } = await runJson(['ensure', '--config', given.project.config]);
  expect([code, bundle.verdict, bundle.outcome, bundle.error?.code]).toEqual([
    4,
    'different',
    'failed',
    'TAG_DIFFERS',
  ]);
  expect(bundle.differences.join()).toContain('pipeline workflow: changed');
  expect(pushes(given.registry)).toEqual([]);
});

test('different falls back on request and leaves the tag alone', async () => {
  await using given = await withOtherContent();
  const { code, bundle } = await runJson([
    'ensure',
    '--config',
    given.project.config,
    '--on-different',
    'fallback',
  ]);
  expect([code, bundle.outcome, bundle.reason]).toEqual([0, 'fallback', 'different']);
  expect(bundle.digest).toBe(bundle.built);
  expect(pushes(given.registry)).toEqual([]);
  const refused = await runJson([
    'ensure',
    '--config',
    given.project.config,
    '--on-different',
    'fallback',
    '--no-fallback',
  ]);
  expect([refused.code, refused.bundle.error?.code]).toEqual([4, 'TAG_DIFFERS']);
});

test('different is reused on request, pinned and described as the remote is', async () => {
  await using given = await withOtherContent();
  const { code, bundle } = await runJson([
    'ensure',
    '--config',
    given.project.config,
    '--on-different',
    'reuse',
  ]);
  expect([code, bundle.outcome, bundle.digest]).toEqual([0, 'reused', given.theirs]);
  expect(bundle.built).not.toBe(given.theirs);
  expect(readFileSync(join(given.project.directory, 'schemas/alpha-workflow-schema.yaml'), 'utf8')).toContain(
    given.theirs,
  );
  expect(lockOf(given.project)).toContain(given.theirs);
  expect(pushes(given.registry)).toEqual([]);
});

test('different is overwritten only by name', async () => {
  await using given = await withOtherContent();
  const all = await runJson(['ensure', '--config', given.project.config, '--on-different', 'overwrite']);
  expect([all.code, all.result.error?.code]).toEqual([2, 'USAGE']);
  expect(pushes(given.registry)).toEqual([]);
  const closed = await runJson([
    'ensure',
    'alpha',
    '--config',
    given.project.config,
    '--on-different',
    'overwrite',
    '--no-push',
  ]);
  expect([closed.code, closed.bundle.error?.code]).toEqual([5, 'PUSH_NOT_ALLOWED']);
  const named = await runJson([
    'ensure',
    'alpha',
    '--config',
    given.project.config,
    '--on-different',
    'overwrite',
  ]);
  expect([named.code, named.bundle.outcome]).toEqual([0, 'published']);
  expect(named.bundle.digest).toBe(named.bundle.built);
});

test('check leaves by verdict and changes nothing', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const absent = await runJson(['check', '--config', project.config]);
  expect([absent.code, absent.bundle.outcome, absent.bundle.plan]).toEqual([3, 'planned', 'publish']);
  expect(absent.bundle.changes).toEqual(['publish', 'lock', 'schema']);
  expect(() => lockOf(project)).toThrow();
  expect(pushes(registry)).toEqual([]);
  await runJson(['ensure', '--config', project.config]);
  const present = await runJson(['check', '--config', project.config]);
  expect([present.code, present.bundle.outcome, present.bundle.plan, present.bundle.changes]).toEqual([
    0,
    'reused',
    null,
    [],
  ]);
});

test('an equivalent bundle is reused, its created time recorded, and it is present from then on', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const file = join(project.directory, 'pipelines/alpha.yaml');
  const created = '1969-12-31T19:00:00-05:00';
  await runInProcess(['push', `${registry.host}/acme/alpha:v1.0.0`, '-f', file, '--ctime', created]);
  registry.seen.length = 0;
  const first = await runJson(['ensure', '--config', project.config]);
  expect(first.bundle).toMatchObject({ verdict: 'equivalent', outcome: 'reused' });
  expect(first.bundle.differences.join()).toContain('-05:00');
  expect(first.bundle.digest).not.toBe(first.bundle.built);
  expect(lockOf(project)).toContain(created);
  expect(pushes(registry)).toEqual([]);
  registry.seen.length = 0;
  const second = await runJson(['ensure', '--config', project.config]);
  expect(second.bundle).toMatchObject({ verdict: 'present', changes: [], requests: 1 });
  expect(second.bundle.digest).toBe(first.bundle.digest);
  const offline = await runJson(['ensure', '--config', project.config, '--offline']);
  expect([offline.code, offline.bundle.digest, offline.bundle.changes]).toEqual([0, first.bundle.digest, []]);
});

test('frozen refuses a lock that would change before anything is pushed', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const fresh = await runJson(['ensure', '--config', project.config, '--frozen']);
  expect([fresh.code, fresh.bundle.error?.code]).toEqual([4, 'FROZEN']);
  expect(pushes(registry)).toEqual([]);
  await runJson(['ensure', '--config', project.config, '--offline']);
  const released = await runJson(['ensure', '--config', project.config, '--frozen', '--no-fallback']);
  expect([released.code, released.bundle.outcome, released.bundle.changes]).toEqual([
    0,
    'published',
    ['publish'],
  ]);
});

test('moving tags follow the fixed one, by one HEAD each', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({
    repository: `${registry.host}/acme`,
    settings: ['moving: [v1.0, latest]'],
  });
  const first = await runJson(['ensure', '--config', project.config]);
  expect([first.code, first.bundle.outcome]).toEqual([0, 'published']);
  registry.seen.length = 0;
  const second = await runJson(['ensure', '--config', project.config]);
  expect([second.bundle.outcome, second.bundle.requests]).toEqual(['reused', 3]);
  expect(registry.seen.map(({ path }) => path.split('/').pop())).toEqual(['v1.0.0', 'v1.0', 'latest']);
});

test('a tag that somebody writes in the middle of our push is never overwritten', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  project.write('other.yaml', samplePipeline('rival'));
  let raced = false;
  registry.intercept = (request) => {
    if (request.method !== 'POST' || raced) return undefined;
    raced = true;
    return runInProcess([
      'push',
      `${registry.host}/acme/alpha:v1.0.0`,
      '-f',
      join(project.directory, 'other.yaml'),
    ]).then(() => registry.inner(request));
  };
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.verdict, bundle.firstVerdict, bundle.error?.code]).toEqual([
    4,
    'different',
    'absent',
    'TAG_DIFFERS',
  ]);
});

test('a push that breaks half-way falls back and reports it', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  registry.intercept = (request) =>
    request.method === 'PUT' && request.url.includes('/manifests/')
      ? Response.json({ errors: [{ code: 'UNSUPPORTED', message: 'no' }] }, { status: 415 })
      : undefined;
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.outcome, bundle.reason]).toEqual([0, 'fallback', 'push-incomplete']);
});

test('a fallback registry gets the bytes and the cluster gets its own name for them', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull' });
  await using local = await startGuardedRegistry();
  await using project = sampleProject({
    repository: `${registry.host}/acme`,
    settings: [`fallback: {registry: "${local.host}/kept", clusterReference: "10.0.0.7:5000/kept"}`],
  });
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.outcome]).toEqual([0, 'fallback']);
  expect(bundle.served).toEqual({
    reference: `${local.host}/kept/alpha:v1.0.0@${bundle.digest}`,
    clusterReference: `10.0.0.7:5000/kept/alpha:v1.0.0@${bundle.digest}`,
    layout: null,
    live: true,
  });
});

test('our config over foreign layers is different, whatever the config claims', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await runJson(['ensure', '--config', project.config]);
  const base = `http://${registry.host}/v2/acme/alpha`;
  const manifest = (await (await fetch(`${base}/manifests/v1.0.0`)).json()) as {
    mediaType: string;
    layers: { digest: string; size: number }[];
  };
  const foreign = gzipSync('something else entirely');
  const digest = digestOf(foreign);
  const upload = await fetch(`${base}/blobs/uploads/?digest=${digest}`, { method: 'POST', body: foreign });
  expect(upload.status).toBe(201);
  manifest.layers[0] = { ...manifest.layers[0], digest, size: foreign.length };
  const put = await fetch(`${base}/manifests/v1.0.0`, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: JSON.stringify(manifest),
  });
  expect(put.status).toBe(201);
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.verdict, bundle.error?.code]).toEqual([4, 'different', 'TAG_DIFFERS']);
  expect(bundle.differences.join()).toContain('pipeline workflow: changed');
});

test('a param without a value is refused by ensure and lint, and taken by push and build -f, as by tkn', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  project.write(
    'pipelines/alpha.yaml',
    'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n  tasks:\n    - name: t\n      taskRef: {name: other}\n      params: [{name: G}]\n',
  );
  const file = join(project.directory, 'pipelines/alpha.yaml');
  const ensured = await runJson(['ensure', '--config', project.config]);
  expect([ensured.code, ensured.bundle.error?.code]).toEqual([7, 'LINT_FAILED']);
  expect(registry.seen).toEqual([]);
  const linted = await runInProcess(['lint', file, '--output', 'json']);
  expect([linted.code, linted.stdout.includes('no-missing-param-value')]).toEqual([7, true]);
  const pushed = await runInProcess(['push', `${registry.host}/acme/by-hand:v1`, '-f', file]);
  const built = await runInProcess(['build', '-f', file, '--to', join(project.directory, 'out')]);
  expect([pushed.code, built.code]).toEqual([0, 0]);
});

test('without git uncommitted sources are not reported, and --require-clean refuses', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = { PATH: project.directory };
  const words = ['ensure', '--config', project.config];
  const refused = await runJson([...words, '--require-clean'], { environment });
  expect([refused.code, refused.bundle.error?.code, refused.bundle.error?.details.reason]).toEqual([
    4,
    'SOURCES_UNCOMMITTED',
    'no-git',
  ]);
  const published = await runJson(words, { environment });
  expect([published.code, published.bundle.outcome, published.bundle.warnings]).toEqual([0, 'published', []]);
});
