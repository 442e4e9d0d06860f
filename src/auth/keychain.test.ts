import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeExecutable } from '../../test/support/program/write-program.js';
import { createKeychain, type KeychainOptions } from './keychain.js';

const auth = (username: string, password = `${username}-s3cret`) => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
});

async function home(files: Record<string, unknown> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'keychain-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await mkdir(dirname(path), { recursive: true });
    if (name.startsWith('bin/')) writeExecutable(path, text);
    else await writeFile(path, text, { mode: 0o600 });
  }
  return root;
}

type Settings = Partial<KeychainOptions> & { readonly variables?: Record<string, string> };

function keychain(root: string | undefined, { variables = {}, ...settings }: Settings = {}) {
  const warnings: string[] = [];
  const chain = createKeychain({
    environment: variables,
    home: root,
    platform: 'linux',
    warn: (message) => void warnings.push(message),
    ...settings,
  });
  const user = async (registry: string, repository = 'org/repo') => {
    const found = await chain.find({ registry, repository });
    return found && 'username' in found ? found.username : undefined;
  };
  return { chain, warnings, user };
}

/** A helper that notes each call beside itself. */
const helper = (body: string) => `#!/bin/sh\nread -r key\necho "$key" >> "$(dirname "$0")/calls"\n${body}\n`;
const gives = (username: string) =>
  helper(`echo '{"ServerURL":"x","Username":"${username}","Secret":"${username}-s3cret"}'`);
const path = (root: string) => `${join(root, 'bin')}:/bin:/usr/bin`;

test('the places are asked in their order, and the first that knows the registry wins', async () => {
  const files = {
    'docker/config.json': { auths: { 'a.example': auth('docker-config') } },
    '.docker/config.json': { auths: { 'a.example': auth('home'), 'b.example': auth('home') } },
    'run/containers/auth.json': { auths: { 'b.example': auth('run'), 'c.example': auth('run') } },
    '.config/containers/auth.json': { auths: { 'c.example': auth('config'), 'd.example': auth('config') } },
    '.dockercfg': { 'd.example': auth('old'), 'e.example': auth('old') },
  };
  const root = await home(files);
  const runtimeDirectory = join(root, 'run');
  const { user } = keychain(root, { runtimeDirectory });
  const all = async (ask: typeof user) =>
    Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ask(`${name}.example`)));
  expect(await all(user)).toEqual(['home', 'home', 'run', 'config', 'old', undefined]);
  const variables = {
    DOCKER_CONFIG: join(root, 'docker'),
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'f.example': auth('variable') } }),
  };
  const named = keychain(root, { runtimeDirectory, variables });
  expect(await all(named.user)).toEqual(['docker-config', 'run', 'run', 'config', 'old', 'variable']);
  const explicit = keychain(root, { explicit: { username: 'me', password: 'x', registry: 'A.example' } });
  expect(await all(explicit.user)).toEqual(['me', 'home', 'config', 'config', 'old', undefined]);
});

test('a mounted Secret of type dockerconfigjson is read in DOCKER_CONFIG, behind config.json, and starts no helper', async () => {
  const root = await home({
    'secret/config.json': { auths: { 'a.example': auth('config') } },
    'secret/.dockerconfigjson': {
      auths: { 'a.example': auth('mounted'), 'b.example': auth('mounted') },
      credHelpers: { 'c.example': 'own' },
    },
    '.dockerconfigjson': { auths: { 'd.example': auth('home') } },
    'bin/docker-credential-own': gives('helper'),
  });
  const variables = { DOCKER_CONFIG: join(root, 'secret'), PATH: path(root) };
  const { user, warnings } = keychain(root, { variables });
  const found = await Promise.all(['a', 'b', 'c', 'd'].map((name) => user(`${name}.example`)));
  expect(found).toEqual(['config', 'mounted', undefined, undefined]);
  expect([warnings, existsSync(join(root, 'bin', 'calls'))]).toEqual([[], false]);
});

test('XDG_RUNTIME_DIR and XDG_CONFIG_HOME name podman’s places', async () => {
  const root = await home({
    'r/containers/auth.json': { auths: { 'a.example': auth('run') } },
    'c/containers/auth.json': { auths: { 'b.example': auth('config') } },
  });
  const { user } = keychain(undefined, {
    variables: { XDG_RUNTIME_DIR: join(root, 'r'), XDG_CONFIG_HOME: join(root, 'c') },
  });
  expect([await user('a.example'), await user('b.example')]).toEqual(['run', 'config']);
});

test('REGISTRY_AUTH_FILE is used alone, and must exist', async () => {
  const root = await home({
    'auth.json': { auths: { 'a.example': auth('named') } },
    '.docker/config.json': { auths: { 'b.example': auth('home') } },
  });
  const variables = { REGISTRY_AUTH_FILE: join(root, 'auth.json'), GITHUB_TOKEN: 't' };
  const { user } = keychain(root, { variables, ciCredentials: true });
  expect(await Promise.all(['a.example', 'b.example', 'ghcr.io'].map((name) => user(name)))).toEqual([
    'named',
    undefined,
    undefined,
  ]);
  const missing = keychain(root, { variables: { REGISTRY_AUTH_FILE: join(root, 'none.json') } });
  await expect(missing.user('a.example')).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test('the most specific key wins, and a key never matches a part of a name', async () => {
  const root = await home({
    '.docker/config.json': {
      auths: {
        'quay.io': auth('host'),
        'quay.io/org': auth('org'),
        'quay.io/org/repo': auth('repo'),
        'https://quay.io': auth('url'),
        'https://only.example/v2/': auth('url'),
        'old.example/v1/': auth('v1'),
        'port.example:5000': auth('port'),
      },
    },
  });
  const { user } = keychain(root);
  expect(await user('quay.io', 'org/repo')).toBe('repo');
  expect(await user('quay.io', 'org/repository')).toBe('org');
  expect(await user('quay.io', 'organisation/repo')).toBe('host');
  expect(await user('QUAY.io', 'x/y')).toBe('host');
  expect(await user('only.example')).toBe('url');
  expect(await user('old.example')).toBe('v1');
  for (const other of [
    'evilquay.io',
    'quay.io.evil.example',
    'uay.io',
    'quay.io:443',
    'port.example',
    'y.io',
  ]) {
    expect(await user(other), other).toBeUndefined();
  }
  expect(await user('port.example:5000')).toBe('port');
});

test.each([
  'https://index.docker.io/v1/',
  'index.docker.io',
  'docker.io',
  'registry-1.docker.io',
  'index.docker.io/v1/',
])('Docker Hub is found under %s', async (key) => {
  const root = await home({ '.docker/config.json': { auths: { [key]: auth('hub') } } });
  const { user } = keychain(root);
  expect(await user('docker.io', 'library/x')).toBe('hub');
});

test.each<[string, unknown, unknown]>([
  ['auth without padding', { auth: 'dTpwYXNz' }, { kind: 'basic', username: 'u', password: 'pass' }],
  [
    'colons in the password',
    { auth: Buffer.from('u:a:b').toString('base64') },
    { username: 'u', password: 'a:b' },
  ],
  ['NULs behind it', { auth: Buffer.from('u:p\0\0').toString('base64') }, { username: 'u', password: 'p' }],
  [
    'fields of their own',
    { username: '$oauthtoken', password: '$HOME' },
    { username: '$oauthtoken', password: '$HOME' },
  ],
  [
    'an identity token',
    { auth: Buffer.from('<token>:').toString('base64'), identitytoken: 'id' },
    { kind: 'identity-token', username: '<token>', token: 'id' },
  ],
  ['a registry token', { registrytoken: 'rt' }, { kind: 'registry-token', token: 'rt' }],
  ['an empty entry', {}, undefined],
  ['an empty pair', { auth: 'Og==' }, undefined],
])('an entry is read: %s', async (_name, entry, expected) => {
  const root = await home({ '.docker/config.json': { auths: { 'a.example': entry } } });
  const { chain } = keychain(root);
  const found = await chain.find({ registry: 'a.example', repository: 'x' });
  if (expected === undefined) expect(found).toBeUndefined();
  else
    expect(found).toMatchObject({ ...expected, source: `${join(root, '.docker/config.json')} (a.example)` });
});

test.each([{ auth: 's3cret!!' }, { auth: Buffer.from('s3cret').toString('base64') }, 's3cret'])(
  'an entry that cannot be right is skipped with a warning that names it: %j',
  async (entry) => {
    const root = await home({
      '.docker/config.json': { auths: { 'a.example': entry } },
      '.config/containers/auth.json': { auths: { 'a.example': auth('next') } },
    });
    const { user, warnings } = keychain(root);
    expect(await user('a.example')).toBe('next');
    await user('a.example');
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain('config.json (a.example)');
    expect(warnings[0]).not.toContain('s3cret');
  },
);

test('an entry that cannot be right is an error where there is no other credential, and plays no part elsewhere', async () => {
  const root = await home({ '.docker/config.json': { auths: { 'a.example': { auth: 's3cret!!' } } } });
  const { user, warnings } = keychain(root);
  const error = await user('a.example').catch((reason: unknown) => reason);
  const source = `${join(root, '.docker/config.json')} (a.example)`;
  expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID', details: { source } });
  expect(String(error)).not.toContain('s3cret');
  expect(await user('b.example')).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('no place is read after the one that holds the credential', async () => {
  const root = await home({
    '.docker/config.json': { auths: { 'a.example': auth('first') } },
    '.config/containers/auth.json': '{"broken',
  });
  const { user } = keychain(root);
  expect(await user('a.example')).toBe('first');
  const error = await user('b.example').catch((reason: unknown) => reason);
  expect(error).toMatchObject({ details: { source: join(root, '.config/containers/auth.json') } });
});

test.each(['{"auths": {"a.example": {"auth": "s3cret', '[]', '"s3cret"', '{"auths": ["s3cret"]}'])(
  'a file that is not a credential file is an error that quotes nothing of it: %s',
  async (content) => {
    const root = await home({ '.docker/config.json': content });
    const error = await keychain(root)
      .user('a.example')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'CREDENTIALS_INVALID',
      details: { source: join(root, '.docker/config.json') },
    });
    expect(`${error} ${JSON.stringify(error)} ${(error as Error).cause}`).not.toContain('s3cret');
  },
);

test('keys named like parts of an object are nothing special', async () => {
  const text = '{"auths": {"__proto__": {"auth": "dTpw"}, "constructor": {"auth": "dTpw"}}}';
  const root = await home({ '.docker/config.json': text });
  const { user } = keychain(root);
  expect(await user('a.example')).toBeUndefined();
  expect(await user('__proto__')).toBe('u');
  expect({}).not.toHaveProperty('auth');
});

test('without a home, or with one that cannot be read, everybody is anonymous', async () => {
  expect(await keychain(undefined, { uid: 12345 }).user('a.example')).toBeUndefined();
  expect(await keychain('/proc/1/root/nowhere', { uid: 12345 }).user('a.example')).toBeUndefined();
  const root = await home({ '.docker/config.json/x': 'a directory instead of a file' });
  const { user, warnings } = keychain(root);
  expect(await user('a.example')).toBeUndefined();
  expect(warnings.length).toBe(1);
});

test('nothing is read before the first question, and files only once', async () => {
  const root = await home();
  const { user } = keychain(root);
  await mkdir(join(root, '.docker'));
  const file = join(root, '.docker', 'config.json');
  await writeFile(file, JSON.stringify({ auths: { 'a.example': auth('first') } }));
  expect(await user('a.example')).toBe('first');
  await writeFile(file, JSON.stringify({ auths: { 'a.example': auth('second') } }));
  expect(await user('a.example')).toBe('first');
});

test('a helper is asked by the key as it is written, once in a run, and again when a fresh answer is wanted', async () => {
  const root = await home({
    'bin/docker-credential-x': gives('helped'),
    '.docker/config.json': {
      credHelpers: { 'https://index.docker.io/v1/': 'x', 'quay.io': 'x' },
      auths: { 'quay.io': auth('plain'), 'quay.io/org': auth('org') },
    },
  });
  const { user, chain } = keychain(root, { variables: { PATH: path(root) } });
  const calls = async () => (await import('node:fs/promises')).readFile(join(root, 'bin/calls'), 'utf8');
  expect(await Promise.all([user('docker.io', 'library/a'), user('docker.io', 'library/b')])).toEqual([
    'helped',
    'helped',
  ]);
  expect(await calls()).toBe('https://index.docker.io/v1/\n');
  expect(await user('quay.io', 'else/x')).toBe('helped');
  expect(await user('quay.io', 'org/x')).toBe('org');
  await chain.find({ registry: 'quay.io', repository: 'else/x' }, { fresh: true });
  expect(await calls()).toBe('https://index.docker.io/v1/\nquay.io\nquay.io\n');
  expect(chain.secrets()).toEqual([
    'helped-s3cret',
    Buffer.from('helped:helped-s3cret').toString('base64'),
    'org-s3cret',
    Buffer.from('org:org-s3cret').toString('base64'),
  ]);
});

test('the store is asked for what no helper is named for, and a marker entry does not end the search', async () => {
  const root = await home({
    'bin/docker-credential-x': gives('<token>'),
    '.docker/config.json': { credsStore: 'x', auths: { 'https://a.example': {}, 'b.example': {} } },
  });
  const { chain } = keychain(root, { variables: { PATH: path(root) } });
  expect(await chain.find({ registry: 'a.example', repository: 'x' })).toMatchObject({
    kind: 'identity-token',
    token: '<token>-s3cret',
  });
  const { readFile } = await import('node:fs/promises');
  expect(await readFile(join(root, 'bin/calls'), 'utf8')).toBe('https://a.example\n');
});

const none = helper("echo 'credentials not found in native keychain'\nexit 1");

test.each<[string, Record<string, string>, string, boolean]>([
  ['does not exist', {}, 'x', false],
  ['has a path for a name', {}, '../../bin/sh', false],
  ['fails', { 'bin/docker-credential-x': helper("echo 'no credentials server URL'\nexit 1") }, 'x', false],
  [
    'fails with a secret on stdout',
    { 'bin/docker-credential-x': helper('echo \'{"Secret":"s3cret"}\'\nexit 1') },
    'x',
    false,
  ],
  ['prints too much', { 'bin/docker-credential-x': helper('head -c 70000 /dev/zero') }, 'x', false],
  ['does not end', { 'bin/docker-credential-x': helper('exec sleep 600') }, 'x', false],
  ['prints no JSON', { 'bin/docker-credential-x': helper('echo s3cret') }, 'x', false],
  ['prints no secret', { 'bin/docker-credential-x': helper('echo \'{"Username":"s3cret"}\'') }, 'x', false],
  ['knows nothing', { 'bin/docker-credential-x': none }, 'x', true],
])(
  'a helper %s: an error from credHelpers, a warning from credsStore',
  async (ending, programs, name, quiet) => {
    const root = await home({
      ...programs,
      'named/config.json': { credHelpers: { 'a.example': name }, auths: { 'a.example': auth('plain') } },
      'store/config.json': { credsStore: name, auths: { 'a.example': auth('plain') } },
    });
    const settings = (directory: string) => ({
      variables: { PATH: path(root), DOCKER_CONFIG: join(root, directory) },
      helperTimeoutMs: ending === 'does not end' ? 300 : 60_000,
    });
    const named = keychain(undefined, settings('named'));
    if (quiet) expect(await named.user('a.example')).toBe('plain');
    else {
      const error = await named.user('a.example').catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID' });
      expect(String(error)).not.toContain('s3cret');
    }
    const store = keychain(undefined, settings('store'));
    expect(await store.user('a.example')).toBe('plain');
    expect(store.warnings.length).toBe(quiet ? 0 : 1);
    expect(store.warnings.join()).not.toContain('s3cret');
  },
);

test('an abort ends the wait for a helper', async () => {
  const root = await home({
    'bin/docker-credential-x': helper('exec sleep 600'),
    '.docker/config.json': { credHelpers: { 'a.example': 'x' } },
  });
  const { chain } = keychain(root, { variables: { PATH: path(root) } });
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error('enough');
  const pending = chain.find({ registry: 'a.example', repository: 'x' }, { signal });
  await expect.poll(() => existsSync(join(root, 'bin', 'calls')), { timeout: 30_000 }).toBe(true);
  controller.abort(reason);
  await expect(pending).rejects.toBe(reason);
});

test('DOCKER_AUTH_CONFIG starts no program', async () => {
  const root = await home({ 'bin/docker-credential-x': gives('helped') });
  const DOCKER_AUTH_CONFIG = JSON.stringify({ credsStore: 'x', credHelpers: { 'a.example': 'x' } });
  const { user } = keychain(undefined, { variables: { PATH: path(root), DOCKER_AUTH_CONFIG } });
  expect(await user('a.example')).toBeUndefined();
});

test('what CI gives is used when asked for, each for its own registry', async () => {
  const variables = {
    GITHUB_TOKEN: 'gh-s3cret',
    CI_REGISTRY: 'registry.gitlab.example',
    CI_REGISTRY_USER: 'ci',
    CI_REGISTRY_PASSWORD: 'gl-s3cret',
  };
  const users = async (settings: Settings) =>
    Promise.all(
      ['ghcr.io', 'registry.gitlab.example', 'quay.io', 'ghcr.io.evil.example'].map((registry) =>
        keychain(undefined, settings).user(registry),
      ),
    );
  expect(await users({ variables })).toEqual([undefined, undefined, undefined, undefined]);
  expect(await users({ variables, ciCredentials: true })).toEqual([
    'x-access-token',
    'ci',
    undefined,
    undefined,
  ]);
  const actor = { ...variables, GITHUB_ACTOR: 'octo' };
  expect((await users({ variables: actor, ciCredentials: true }))[0]).toBe('octo');
});

test('a file that may not be read is a warning, unless it was named', async (context) => {
  if (process.getuid?.() === 0) context.skip('root may read everything');
  const root = await home({ '.docker/config.json': { auths: {} } });
  await chmod(join(root, '.docker/config.json'), 0);
  const { user, warnings } = keychain(root);
  expect(await user('a.example')).toBeUndefined();
  expect(warnings.length).toBe(1);
  const variables = { REGISTRY_AUTH_FILE: join(root, '.docker/config.json') };
  await expect(keychain(root, { variables }).user('a.example')).rejects.toMatchObject({
    code: 'NOT_READABLE',
  });
});

test('a file without content is not a file, also where it is named', async () => {
  const root = await home({
    '.docker/config.json': '',
    '.config/containers/auth.json': { auths: { 'quay.io': auth('podman') } },
  });
  expect(await keychain(root).user('quay.io')).toBe('podman');
  for (const REGISTRY_AUTH_FILE of ['/dev/null', join(root, '.docker/config.json')]) {
    const { user, warnings } = keychain(root, { variables: { REGISTRY_AUTH_FILE } });
    expect([await user('quay.io'), warnings]).toEqual([undefined, []]);
  }
});
