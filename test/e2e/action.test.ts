import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLoopbackGitHub } from '../support/github/loopback-github.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { credentials } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '../..');
const runner = tempDir();
/** Where a runner puts the repository of an action: nothing is installed there or above. */
const action = join(runner.path, '_actions/acme/bundles/v1');

const build = (target: string) => mustRun(process.execPath, [join(root, 'scripts/build-action.mjs'), target]);

beforeAll(async () => {
  mkdirSync(join(action, 'action'), { recursive: true });
  for (const path of ['package.json', 'schemas'])
    cpSync(join(root, path), join(action, path), { recursive: true });
  await build(join(action, 'action/dist'));
});
afterAll(() => runner[Symbol.asyncDispose]());

interface StepEvent {
  readonly name: string;
  readonly ref: string;
  readonly payload: object;
}

const repository = { full_name: 'acme/workflows', fork: false };
const pullRequest = (name: string, head: object | null): StepEvent => ({
  name,
  ref: 'refs/pull/7/merge',
  payload: { number: 7, repository, pull_request: { head: { repo: head }, base: { repo: repository } } },
});
const push: StepEvent = {
  name: 'push',
  ref: 'refs/heads/main',
  payload: { ref: 'refs/heads/main', repository },
};
const tag: StepEvent = {
  name: 'push',
  ref: 'refs/tags/v1.0.0',
  payload: { ref: 'refs/tags/v1.0.0', repository },
};
const fork = pullRequest('pull_request', { full_name: 'stranger/workflows', fork: true });

const guard = {
  anonymous: 'pull',
  users: { robot: { password: 'pa55word-of-robot', may: 'push' } },
} as const;

let steps = 0;

/** Runs the action as the runner does: its environment, its files, its working directory, and no more. */
async function step(
  project: SampleProject,
  inputs: Readonly<Record<string, string>>,
  event: StepEvent,
  env: Readonly<Record<string, string>> = {},
) {
  const directory = join(runner.path, `step-${++steps}`);
  mkdirSync(directory);
  const file = (name: string, text = '') => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const [output, summary] = [file('output'), file('summary')];
  const ran = await run(process.execPath, [join(action, 'action/dist/index.js')], {
    cwd: project.directory,
    env: {
      ...{
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: project.directory,
        GITHUB_EVENT_NAME: event.name,
      },
      ...{ GITHUB_REF: event.ref, GITHUB_EVENT_PATH: file('event.json', JSON.stringify(event.payload)) },
      ...{ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, GITHUB_REPOSITORY: 'acme/workflows' },
      ...{ INPUT_COMMAND: 'ensure', INPUT_CONFIG: '', INPUT_ARGS: '', 'INPUT_WORKING-DIRECTORY': '' },
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      ...env,
    },
  });
  return {
    ...ran,
    outputs: outputsOf(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
    annotations: ran.stderr.split('\n').filter((line) => line.startsWith('::')),
  };
}

/** As the runner reads them: `name=value`, or `name<<DELIMITER`, lines and the delimiter. */
function outputsOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, name = '', delimiter] = /^(\w+)<<(\S+)$/.exec(lines[at] ?? '') ?? [];
    if (delimiter === undefined) {
      const [, key, value] = /^(\w+)=(.*)$/.exec(lines[at] ?? '') ?? [];
      if (key !== undefined) found[key] = value ?? '';
      continue;
    }
    const end = lines.indexOf(delimiter, at);
    found[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return found;
}

test('a build in another place has the same bytes, one file to run, and the licences of what is in it', async () => {
  await using other = tempDir();
  await build(join(other.path, 'deeper/there'));
  const hashes = (directory: string) =>
    readdirSync(directory).map((name) => {
      const bytes = readFileSync(join(directory, name));
      return `${createHash('sha256').update(bytes).digest('hex')}  ${name}`;
    });
  const built = hashes(join(action, 'action/dist'));
  expect(hashes(join(other.path, 'deeper/there'))).toEqual(built);
  expect(built.map((line) => line.slice(66))).toEqual(['build-supervisor.js', 'index.js', 'licenses.txt']);
  const text = readFileSync(join(action, 'action/dist/index.js'), 'utf8');
  expect(text).not.toContain(root);
  expect(statSync(join(action, 'action/dist/index.js')).size).toBeLessThan(6 * 1024 * 1024);
  expect(readFileSync(join(action, 'action/dist/licenses.txt'), 'utf8')).toMatch(/^js-yaml \d/m);
});

test('a tag publishes by the profile release: digests, subjects, nothing committed changes', async () => {
  await using registry = await startGuardedRegistry(guard);
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
  const login = credentials(registry.host, 'robot', 'pa55word-of-robot');
  const prepared = await step(project, { profile: 'local' }, push, login);
  expect([prepared.code, prepared.outputs.changed, prepared.outputs.fallback]).toEqual([0, 'true', 'true']);
  expect(prepared.outputs.subjects).toBe('');
  const ran = await step(project, { profile: 'release' }, tag, login);
  expect([ran.code, ran.annotations]).toEqual([0, []]);
  expect(Object.keys(ran.outputs)).toEqual([
    'report',
    'changed',
    'fallback',
    'pinned',
    'digests',
    'subjects',
  ]);
  const digests = JSON.parse(ran.outputs.digests ?? '') as Record<string, string>;
  expect(Object.keys(digests)).toEqual(['alpha', 'beta']);
  expect(ran.outputs.subjects?.split('\n')).toEqual(
    Object.entries(digests).map(([name, digest]) => `${digest.slice(7)}  ${registry.host}/acme/${name}`),
  );
  expect(ran.summary).toMatch(/^### bundles ensure: 2 bundles .*: 2 published$/m);
  expect(JSON.parse(readFileSync(join(project.directory, ran.outputs.report ?? ''), 'utf8'))).toMatchObject({
    summary: { published: 2 },
  });
  // A push to the branch finds what the tag has published.
  const again = await step(project, { profile: 'release', command: 'check' }, push, login);
  expect([again.code, again.outputs.changed, again.outputs.digests]).toEqual([
    0,
    'false',
    ran.outputs.digests,
  ]);
});

test('a pull request of a fork, without secrets: nothing is published, a release is refused', async () => {
  await using registry = await startGuardedRegistry(guard);
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const ran = await step(project, { profile: 'pull-request', token: 'ghs_token-of-the-job' }, fork);
  expect([ran.code, ran.outputs.fallback]).toEqual([0, 'true']);
  expect(ran.annotations.map((line) => line.split('::')[1])).toEqual([
    'warning title=bundle alpha fell back',
  ]);
  expect(ran.stdout + ran.stderr + ran.summary).not.toContain('ghs_token-of-the-job');
  expect(registry.seen.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  registry.seen.length = 0;
  for (const event of [
    fork,
    pullRequest('pull_request', null),
    pullRequest('pull_request_target', repository),
  ]) {
    const refused = await step(project, { profile: 'release' }, event);
    expect([refused.code, refused.annotations[0]?.split('::')[1]]).toEqual([2, 'error title=USAGE']);
  }
  expect(registry.seen).toEqual([]);
  const own = await step(project, { profile: 'release' }, pullRequest('pull_request', repository));
  expect(own.code).not.toBe(2);
});

test('inputs: a directory, several files, arguments in quotes; missing ones are reported', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write('sub dir/bundles.yaml', readFileSync(project.config, 'utf8'));
  project.write(
    'sub dir/pipelines/alpha.yaml',
    readFileSync(join(project.directory, 'pipelines/alpha.yaml'), 'utf8'),
  );
  const inputs = {
    profile: 'local',
    'working-directory': 'sub dir',
    args: '--offline --state-dir "my state"',
  };
  const ran = await step(project, inputs, push);
  expect([ran.code, ran.outputs.report]).toEqual([0, 'sub dir/my state/ensure.json']);
  expect(existsSync(join(project.directory, 'sub dir/bundles.lock'))).toBe(true);
  const files = { profile: 'local', config: 'bundles.yaml\nnowhere.yaml', args: '--offline' };
  const missing = await step(project, files, push);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('error[CONFIG_NOT_FOUND]')]);
  for (const profile of ['', 'fast']) expect((await step(project, { profile }, push)).code).toBe(2);
});

test('other commands run too, and one that needs a package of its own reports how to get it', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const locked = await step(project, { profile: 'local', args: '--offline' }, push);
  expect(locked.code).toBe(0);
  const schema = readFileSync(join(project.directory, 'schemas/alpha-workflow-schema.yaml'), 'utf8');
  // Patterns that JavaScript judges the other way round: an implementation of RE2 decides.
  for (const [pattern, code] of [
    ['(?i)^\\\\pL+$', 0],
    ['(?<=a)b', 7],
  ] as const) {
    project.write(
      'one.yaml',
      schema.replace('    type: string\n', `    type: string\n    pattern: "${pattern}"\n`),
    );
    const ran = await step(project, { profile: 'local', command: 'schema validate', args: 'one.yaml' }, push);
    expect([ran.code, ran.stdout], pattern).toEqual([code, expect.stringContaining(code ? 'pattern' : '✓')]);
  }
  project.write('pipelines/alpha.yaml', 'kind: [');
  const invalid = await step(project, { profile: 'pull-request', command: 'lint' }, push);
  expect([invalid.code, invalid.annotations[0]]).toEqual([
    7,
    expect.stringMatching(/^::error file=pipelines\/alpha\.yaml,line=\d/),
  ]);
  for (const [command, env, name] of [
    ['registry deploy', { KUBECONFIG: join(project.directory, 'none') }, '@kubernetes/client-node@1'],
    ['catalog serve', {}, '@electric-sql/pglite@0.5'],
  ] as const) {
    const ran = await step(project, { profile: 'local', command }, push, env);
    expect([ran.code, ran.annotations[0]?.split('::')[1]]).toEqual([9, 'error title=PACKAGE_MISSING']);
    expect(ran.stderr).toContain(`npm install ${name}`);
  }
});

test('a tag gets its release by the token of the job', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  await using github = await startLoopbackGitHub();
  github.refs.set('tags/v1.0.0', github.refs.get('heads/main')!);
  expect((await step(project, { profile: 'local', args: '--offline' }, push)).code).toBe(0);
  const inputs = { profile: 'release', command: 'release', args: 'v1.0.0 --dry-run', token: github.token };
  const env = { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: github.repository };
  const dry = await step(project, inputs, tag, env);
  expect([dry.code, dry.stdout]).toEqual([3, expect.stringContaining('release v1.0.0: planned, 4 files')]);
  const { token: _, ...without } = inputs;
  expect((await step(project, without, tag, env)).annotations[0]).toContain('::error title=USAGE::');
});
