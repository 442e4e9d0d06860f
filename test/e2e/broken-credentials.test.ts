import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { credentials, runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const guard = {
  anonymous: 'nothing',
  users: { robot: { password: 'sesame-word', may: 'push' } },
} as const;

/** A registry that asks for a credential, with a bundle on it, and a project with the docker file of the test. */
async function fixture(broken: string) {
  const registry = await startGuardedRegistry(guard);
  const { host } = registry;
  const project = sampleProject({ repository: `${host}/acme`, settings: ['fallback: embedded'] });
  project.write('new.yaml', samplePipeline('new'));
  const good = { environment: credentials(host, 'robot', 'sesame-word') };
  const ensured = await runInProcess(['ensure', '--config', project.config], good);
  if (ensured.code !== 0) throw new Error(ensured.stderr);
  const home = join(project.directory, 'home');
  const file = join(home, '.docker', 'config.json');
  mkdirSync(join(home, '.docker'), { recursive: true });
  writeFileSync(file, broken);
  return {
    host,
    project,
    home,
    file,
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const commands: Readonly<
  Record<string, (given: { host: string; config: string; file: string }) => string[]>
> = {
  ensure: ({ config }) => ['ensure', '--config', config],
  'ensure --no-push': ({ config }) => ['ensure', '--config', config, '--no-push'],
  check: ({ config }) => ['check', '--config', config],
  push: ({ host, file }) => ['push', `${host}/acme/new:v1`, '-f', file],
  list: ({ host }) => ['list', `${host}/acme/alpha:v1.0.0`],
  inspect: ({ host }) => ['inspect', `${host}/acme/alpha:v1.0.0`],
  explain: ({ host }) => ['explain', `${host}/acme/alpha:v1.0.0`],
  export: ({ host, config }) => [
    'export',
    `${host}/acme/alpha:v1.0.0`,
    '--format',
    'oci-archive',
    '--to',
    join(config, '..', 'out'),
  ],
  diff: ({ host, file }) => ['diff', `${host}/acme/alpha:v1.0.0`, file],
  copy: ({ host }) => ['copy', `${host}/acme/alpha:v1.0.0`, `${host}/acme/copy:v1`],
  promote: ({ host, config }) => ['promote', '--config', config, '--to', `${host}/prod`],
};

test.each([
  ['no JSON', '{"auths": "s3cret'],
  ['a list', '[]'],
  ['auths of another form', '{"auths": ["s3cret"]}'],
])('a credential file that is %s ends every command with 2 and is named', async (_, broken) => {
  await using given = await fixture(broken);
  const { host, home, project, file } = given;
  for (const [name, words] of Object.entries(commands)) {
    const at = { host, config: project.config, file: join(project.directory, 'new.yaml') };
    const ran = await runInProcess(words(at), { home });
    const said = ran.stderr + ran.stdout;
    expect([name, ran.code, said.includes('CREDENTIALS_INVALID'), said.includes(file)]).toEqual([
      name,
      2,
      true,
      true,
    ]);
    expect(said).not.toContain('s3cret');
  }
});

test('an entry that is not a credential is an error for its registry alone, as its reference describes', async () => {
  await using given = await fixture('{}');
  const { host, home, file, project } = given;
  writeFileSync(file, JSON.stringify({ auths: { [host]: { auth: 's3cret!!' } } }));
  const words = ['ensure', '--config', project.config, '--output', 'json'];
  const own = await runInProcess(words, { home });
  expect(own.code).toBe(2);
  expect(JSON.parse(own.stdout).bundles[0].error).toMatchObject({
    code: 'CREDENTIALS_INVALID',
    details: { source: `${file} (${host})` },
  });
  writeFileSync(file, JSON.stringify({ auths: { 'other.example': { auth: 's3cret!!' } } }));
  const other = await runInProcess([...words, '--no-push'], { home });
  expect([other.code, JSON.parse(other.stdout).bundles[0].outcome]).toEqual([0, 'fallback']);
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/errors/usage.md'), 'utf8');
  const section = page.split('## CREDENTIALS_INVALID')[1]?.split('## ')[0] ?? '';
  expect(section.replace(/\s+/g, ' ')).toMatch(/not JSON.*not base64.*where a fallback is allowed/);
});

test('a broken file plays no part offline, on an open registry that is read, and behind a file that answers', async () => {
  await using given = await fixture('{"auths": "s3cret');
  const { host, home, project } = given;
  const offline = await runInProcess(['ensure', '--config', project.config, '--offline'], { home });
  expect([offline.code, offline.stderr.includes('CREDENTIALS')]).toEqual([0, false]);
  await using open = await startGuardedRegistry();
  const file = join(project.directory, 'new.yaml');
  await runInProcess(['push', `${open.host}/acme/new:v1`, '-f', file]);
  const listed = await runInProcess(['list', `${open.host}/acme/new:v1`], { home });
  expect([listed.code, listed.stderr]).toEqual([0, '']);
  const good = { home, ...credentials(host, 'robot', 'sesame-word') };
  const answered = await runInProcess(['list', `${host}/acme/alpha:v1.0.0`], { home, environment: good });
  expect([answered.code, answered.stderr]).toEqual([0, '']);
});

test.each(['', '\n'])('a file that holds nothing, as after a touch, is not a file: %j', async (text) => {
  await using given = await fixture(text);
  const { home, project } = given;
  const ran = await runInProcess(['ensure', '--config', project.config, '--no-push'], { home });
  expect([ran.code, ran.stderr.includes('CREDENTIALS')]).toEqual([0, false]);
  const nothing = { environment: { REGISTRY_AUTH_FILE: '/dev/null' } };
  expect((await runInProcess(['check', '--config', project.config], nothing)).code).toBe(5);
});

test('verify and doctor name a broken file in their links', async () => {
  await using given = await fixture('{"auths": "s3cret');
  const { home, project, file } = given;
  for (const command of ['verify', 'doctor']) {
    const ran = await runInProcess([command, '--config', project.config], { home });
    expect([command, ran.code === 0, ran.stdout.includes(file)]).toEqual([command, false, true]);
    expect(ran.stdout + ran.stderr).not.toContain('s3cret');
  }
});

test('login blames no file that plays no part', async () => {
  await using given = await fixture('{}');
  const { host, home } = given;
  mkdirSync(join(home, '.config', 'containers'), { recursive: true });
  const podman = join(home, '.config', 'containers', 'auth.json');
  writeFileSync(podman, '{"auths": "s3cret');
  const environment = { REGISTRY_AUTH_FILE: podman, DOCKER_AUTH_CONFIG: '{"broken' };
  const login = (words: string[], input: string) =>
    runInProcess(['login', host, '--password-stdin', ...words], { home, environment, input });
  const withoutUser = await login([], 'sesame-word');
  expect([withoutUser.code, withoutUser.stderr.includes('error[USAGE]')]).toEqual([2, true]);
  const wrong = await login(['-u', 'robot'], 'wrong-word');
  expect([wrong.code, wrong.stderr.includes('error[REGISTRY_DENIED]')]).toEqual([5, true]);
  const right = await login(['-u', 'robot'], 'sesame-word');
  expect(right.code).toBe(0);
  const again = await login([], 'sesame-word');
  expect(again.stdout).toContain('as robot');
  for (const { stderr } of [withoutUser, wrong])
    expect(stderr).not.toMatch(/auth\.json|DOCKER_AUTH_CONFIG|config\.json/);
});
