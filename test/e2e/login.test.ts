import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runJson } from '../support/program/run-in-process.js';
import { writeProgram } from '../support/program/write-program.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const users = { 'acme+robot': { password: 'sesame-word', may: 'push' } } as const;
const guard = { anonymous: 'nothing', users } as const;
const basic = Buffer.from('acme+robot:sesame-word').toString('base64');

good('login', 'proves the password, keeps it, and ensure then uses it', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry(guard);
  await using directory = tempDir();
  const home = directory.path;
  const file = join(home, '.docker', 'config.json');
  const words = [registry.host, '-u', 'acme+robot', '--password-stdin'];
  const ran = await inProcess(words, { home, input: 'sesame-word\n' });
  expect(ran).toMatchObject({
    code: 0,
    stderr: '',
    stdout: `logged in to ${registry.host} as acme+robot; kept in ${file} (not encrypted)\n`,
  });
  expect(registry.seen.map(({ method, path, query }) => `${method} ${path}${query}`)).toEqual([
    'GET /v2/',
    'GET /token?service=guarded&client_id=tekton-bundles&account=acme%2Brobot',
    'GET /v2/',
  ]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ auths: { [registry.host]: { auth: basic } } });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const ensured = await runJson(['ensure', '--config', project.config, '--verbose'], { home });
  expect(ensured.bundle.outcome).toBe('published');
  expect(ensured.stderr).toContain(`using the credential of ${file} (${registry.host})`);
  expect(ensured.stderr + ensured.stdout).not.toContain('sesame');
});

good(
  'login',
  'leaves the permissions that it finds, and reports that others may read',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry(guard);
    await using directory = tempDir();
    const [folder, file] = [join(directory.path, '.docker'), join(directory.path, '.docker', 'config.json')];
    await mkdir(folder);
    await chmod(folder, 0o755);
    await writeFile(file, '{}\n');
    await chmod(file, 0o640);
    const words = [registry.host, '-u', 'acme+robot', '--password-stdin'];
    const ran = await inProcess(words, { home: directory.path, input: 'sesame-word\n' });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(`${folder} (mode 755)`);
    expect(ran.stderr).toContain(`${file} (mode 640)`);
    const modes = await Promise.all([folder, file].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o755, 0o640]);
  },
);

good('login', 'JSON, a namespace, and the user who is logged in already', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry(guard);
  await using directory = tempDir();
  const options = { home: directory.path, environment: { DOCKER_CONFIG: join(directory.path, 'd') } };
  const name = `${registry.host}/acme`;
  const first = await inProcess([name, '-u', 'acme+robot', '--password-stdin', '-o', 'json'], {
    ...options,
    input: 'sesame-word',
  });
  const file = join(directory.path, 'd', 'config.json');
  expect(JSON.parse(first.stdout)).toEqual({
    version: 1,
    registry: registry.host,
    key: name,
    username: 'acme+robot',
    file,
    helper: null,
    verified: true,
    error: null,
  });
  const again = await inProcess([name, '--password-stdin'], { ...options, input: 'sesame-word\r\n' });
  expect(again.stdout).toContain('as acme+robot');
});

good('login', 'nothing is asked with --no-verify, and Docker Hub has one name', async ({ inProcess }) => {
  await using directory = tempDir();
  const words = ['registry-1.docker.io', '-u', 'me', '--password-stdin', '--no-verify', '-o', 'json'];
  const ran = await inProcess(words, { home: directory.path, input: 'x' });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    registry: 'docker.io',
    key: 'https://index.docker.io/v1/',
    verified: false,
  });
});

good('login', 'what cannot be proven, or will not be read, is reported', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using directory = tempDir();
  const words = [registry.host, '-u', 'me', '--password-stdin'];
  const environment = { REGISTRY_AUTH_FILE: join(directory.path, 'auth.json') };
  const ran = await inProcess(words, { home: directory.path, environment, input: 'x-word' });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain('requires no password');
  expect(ran.stderr).toContain('REGISTRY_AUTH_FILE is set');
});

good('login', 'the built program takes a password of a pipe and a helper keeps it', async ({ spawned }) => {
  await using directory = tempDir();
  const home = directory.path;
  await mkdir(join(home, '.docker'));
  await writeFile(join(home, '.docker', 'config.json'), '{"credsStore":"vault"}');
  writeProgram(join(home, 'bin'), 'docker-credential-vault', ['cat > "$(dirname "$0")/$1"']);
  const env = { HOME: home, PATH: `${join(home, 'bin')}:${process.env.PATH}` };
  const words = ['quay.io', '-u', 'me', '--password-stdin', '--no-verify'];
  const ran = await spawned(words, { env, input: 'pass word' });
  expect(ran.stdout).toBe('logged in to quay.io as me; kept by docker-credential-vault\n');
  expect(JSON.parse(await readFile(join(home, 'bin', 'store'), 'utf8'))).toEqual({
    ServerURL: 'quay.io',
    Username: 'me',
    Secret: 'pass word',
  });
  expect(await readFile(join(home, '.docker', 'config.json'), 'utf8')).not.toContain('auth"');
});

bad('login', 'a wrong password is not kept and not shown', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry(guard);
  await using directory = tempDir();
  const words = [registry.host, '-u', 'acme+robot', '--password-stdin', '--verbose'];
  const ran = await inProcess(words, { home: directory.path, input: 'wrong-s3cret' });
  expect(ran.code).toBe(5);
  expect(ran.stderr).toContain('error[REGISTRY_DENIED]');
  expect(ran.stderr + ran.stdout).not.toContain('s3cret');
  expect(existsSync(join(directory.path, '.docker'))).toBe(false);
});

bad('login', 'a host that is not there, or is not a registry', async ({ inProcess }) => {
  await using directory = tempDir();
  const home = directory.path;
  const words = (host: string) => [host, '-u', 'me', '--password-stdin', '--timeout', '1'];
  const gone = await inProcess(words('127.0.0.1:1'), { home, input: 'x-word' });
  expect([gone.code, gone.stderr]).toEqual([6, expect.stringContaining('error[REGISTRY_UNREACHABLE]')]);
  expect(existsSync(join(home, '.docker'))).toBe(false);
});

bad('login', 'no password, an empty one, one on the command line, and no user', async ({ inProcess }) => {
  await using directory = tempDir();
  const home = directory.path;
  const cases: [string[], string][] = [
    [['quay.io', '-u', 'me'], ''],
    [['quay.io', '-u', 'me', '--password-stdin'], '\n'],
    [['quay.io', '-u', 'me', '--password', 'x'], ''],
    [['quay.io', '-u', 'me', '-p', 'x'], ''],
    [['quay.io', '--password-stdin', '--no-verify'], 'x'],
    [[], ''],
    [['quay.io', '-u', 'me', '--password-stdin', '--no-verify'], 'x'.repeat(70_000)],
  ];
  for (const [words, input] of cases) {
    const ran = await inProcess(words, { home, input });
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([2, expect.stringContaining('error[USAGE]')]);
  }
  expect(existsSync(join(home, '.docker'))).toBe(false);
});

bad('login', 'a name that is not a registry, a user with a colon, a broken file', async ({ inProcess }) => {
  await using directory = tempDir();
  const home = directory.path;
  const login = (name: string, user = 'me') =>
    inProcess([name, '-u', user, '--password-stdin', '--no-verify'], { home, input: 'x-word' });
  expect((await login('https://quay.io')).stderr).toContain('error[REFERENCE_INVALID]');
  expect((await login('quay')).code).toBe(2);
  expect((await login('quay.io', 'a:b')).stderr).toContain('error[CREDENTIALS_INVALID]');
  await mkdir(join(home, '.docker'));
  await writeFile(join(home, '.docker', 'config.json'), '{"auths": "s3cret');
  const broken = await login('quay.io');
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('error[CREDENTIALS_INVALID]')]);
  expect(broken.stderr).not.toContain('s3cret');
});
