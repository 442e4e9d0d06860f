import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { BundlesError } from '../../src/errors.js';
import { type InProcessOptions, runJson } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

// Publishing by hand: what a person at a terminal is asked, and what each answer leads to.

const question = /\[y\/N\] $/;
const writes = ({ seen }: GuardedRegistry) => seen.filter(({ method }) => !['GET', 'HEAD'].includes(method));

async function stage(settings: readonly string[] = [], bundles: readonly string[] = ['alpha', 'beta']) {
  const registry = await startGuardedRegistry();
  const project = sampleProject({ repository: `${registry.host}/acme`, bundles, settings });
  const ensure = (words: readonly string[] = [], options: InProcessOptions = {}) =>
    runJson(['ensure', '--config', project.config, ...words], { terminal: true, ...options });
  return {
    ...{ registry, project, ensure },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const asked = (stderr: string) => stderr.split('[y/N]').length - 1;

test('yes publishes what was listed, and is asked for once', async () => {
  await using at = await stage();
  const ran = await at.ensure([], { input: 'yes\n' });
  expect(ran.result.bundles.map(({ outcome }) => outcome)).toEqual(['published', 'published']);
  expect([ran.code, asked(ran.stderr)]).toEqual([0, 1]);
  for (const name of ['alpha', 'beta'])
    expect(ran.stderr).toContain(`${at.registry.host}/acme/${name}:v1.0.0`);
  expect(existsSync(join(at.project.directory, 'bundles.lock'))).toBe(true);
});

test.each([
  ['no', 'n\n'],
  ['an empty line', '\n'],
  ['the end of input, as by Ctrl-D', ''],
  ['half a word', 'ye\n'],
])('%s publishes nothing: bundles fall back, and lock and schemas are written', async (_, input) => {
  await using at = await stage();
  const ran = await at.ensure([], { input: input === '' ? Readable.from([]) : input });
  expect(ran.result.bundles.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['fallback', 'declined'],
    ['fallback', 'declined'],
  ]);
  expect([ran.code, writes(at.registry)]).toEqual([0, []]);
  expect(readFileSync(join(at.project.directory, 'bundles.lock'), 'utf8')).toContain('beta:');
});

test('without a fallback, no is a failure that names the answer', async () => {
  await using at = await stage([], ['alpha']);
  const ran = await at.ensure(['--no-fallback'], { input: 'n\n' });
  expect([ran.code, ran.bundle.error?.code, ran.bundle.error?.details.declined]).toEqual([
    5,
    'PUSH_NOT_ALLOWED',
    true,
  ]);
  expect(writes(at.registry)).toEqual([]);
});

test('Ctrl-C at the question publishes nothing and writes nothing', async () => {
  await using at = await stage();
  const interruption = new AbortController();
  const onStderr = (text: string) => {
    if (question.test(text)) interruption.abort(new BundlesError('INTERRUPTED', 'Interrupted by SIGINT'));
  };
  const ran = await at.ensure([], { input: new PassThrough(), signal: interruption.signal, onStderr });
  expect([ran.code, ran.result.error?.code]).toEqual([130, 'INTERRUPTED']);
  expect(writes(at.registry)).toEqual([]);
  expect(existsSync(join(at.project.directory, 'bundles.lock'))).toBe(false);
});

test.each([
  ['--yes', ['--yes'], {}],
  ['--push', ['--push'], {}],
  ['a CI job', [], { environment: { CI: 'true' } }],
  ['no terminal', [], { terminal: false }],
])('with %s there is no question', async (_, words, options) => {
  await using at = await stage([], ['alpha']);
  const ran = await at.ensure(words, { input: new PassThrough(), ...options });
  expect([ran.code, ran.bundle.outcome, asked(ran.stderr)]).toEqual([0, 'published', 0]);
});

test('where nothing would be published there is no question, and nothing more is requested', async () => {
  await using at = await stage(['moving: [latest]']);
  await at.ensure(['--yes']);
  at.registry.seen.length = 0;
  const warm = await at.ensure([], { input: new PassThrough() });
  expect([warm.code, asked(warm.stderr)]).toEqual([0, 0]);
  expect(at.registry.seen.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD', 'HEAD']);
  const never = await at.ensure(['--no-push', '--tag', 'v2.0.0', 'alpha'], { input: new PassThrough() });
  expect([never.code, asked(never.stderr), never.bundle.outcome]).toEqual([0, 0, 'fallback']);
});

test('a moving tag that would be moved is asked for, and a no leaves it where it is', async () => {
  await using at = await stage([], ['alpha']);
  await at.ensure(['--yes']);
  writeFileSync(
    at.project.config,
    readFileSync(at.project.config, 'utf8').replace('bundles:', 'moving: [v1]\nbundles:'),
  );
  at.registry.seen.length = 0;
  const declined = await at.ensure([], { input: 'n\n' });
  expect(declined.stderr).toContain('moving tags v1');
  expect([declined.code, declined.bundle.outcome, writes(at.registry)]).toEqual([0, 'reused', []]);
  const moved = await at.ensure([], { input: 'y\n' });
  expect([moved.bundle.changes, writes(at.registry).map(({ path }) => path)]).toEqual([
    ['publish'],
    ['/v2/acme/alpha/manifests/v1'],
  ]);
});

test('several projects are one question, and bundles of which one failed are not in it', async () => {
  await using at = await stage();
  await using other = sampleProject({ repository: `${at.registry.host}/other`, bundles: ['gamma'] });
  at.project.write('pipelines/beta.yaml', 'kind: [');
  const ran = await at.ensure(['--config', other.config], { input: 'y\n' });
  expect(ran.result.bundles.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['alpha', 'published'],
    ['beta', 'failed'],
    ['gamma', 'published'],
  ]);
  expect([ran.code, asked(ran.stderr)]).toEqual([7, 1]);
  expect(ran.stderr).toContain('About to publish 2 bundles');
});

test('a tag that changed while the question was open is not overwritten', async () => {
  await using at = await stage([], ['alpha']);
  const input = new PassThrough();
  await using rival = sampleProject({ repository: `${at.registry.host}/acme`, bundles: ['alpha'] });
  rival.write(
    'pipelines/alpha.yaml',
    readFileSync(join(rival.directory, 'pipelines/alpha.yaml'), 'utf8').replace('echo alpha', 'echo rival'),
  );
  const onStderr = (text: string) => {
    if (question.test(text))
      void runJson(['ensure', '--config', rival.config]).then(() => input.write('y\n'));
  };
  const ran = await at.ensure([], { input, onStderr });
  expect([ran.code, ran.bundle.firstVerdict, ran.bundle.verdict, ran.bundle.error?.code]).toEqual([
    4,
    'absent',
    'different',
    'TAG_DIFFERS',
  ]);
});
