import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeExecutable } from '../../test/support/program/write-program.js';
import { systemClock } from '../async/system-clock.js';
import { createKeychain } from './keychain.js';
import { logIn, logOut } from './log-in.js';
import { parseLoginName } from './login-name.js';

const secret = 'pa:ss w0rd-s3cret';
const auth = (username: string, password: string) => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
});

async function machine(config?: string | object) {
  const home = await mkdtemp(join(tmpdir(), 'login-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const file = join(home, '.docker', 'config.json');
  const text = async () => readFile(file, 'utf8');
  if (config !== undefined) {
    await mkdir(dirname(file));
    await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
  }
  const environment: Record<string, string> = { PATH: `${join(home, 'bin')}:/bin:/usr/bin` };
  const logged: string[] = [];
  const options = { environment, home, clock: systemClock, log: (line: string) => void logged.push(line) };
  const find = (registry: string, repository = 'org/repo') =>
    createKeychain({ environment, home, platform: 'linux' }).find({ registry, repository });
  const enter = (name: string, username = 'me', password = secret) =>
    logIn(parseLoginName(name), { username, password }, options);
  const leave = (name: string) => logOut(parseLoginName(name), options);
  return {
    home,
    file,
    text,
    json: async () => JSON.parse(await text()),
    environment,
    logged,
    find,
    enter,
    leave,
  };
}

/** A helper that keeps each key in a file beside itself, as real ones do in a keyring. */
const helper = `#!/bin/sh
cd "$(dirname "$0")"
echo "$@" >> arguments
case $1 in
store) cat > stored ;;
get) read -r key; grep -q "\\"$key\\"" stored 2>/dev/null && cat stored || { echo "credentials not found in native keychain"; exit 1; } ;;
erase) read -r key; grep -q "\\"$key\\"" stored 2>/dev/null && rm stored || { echo "credentials not found in native keychain"; exit 1; } ;;
esac
`;

function install(home: string, name: string, body = helper) {
  const path = join(home, 'bin', `docker-credential-${name}`);
  writeExecutable(path, body);
  return dirname(path);
}

test.each([
  ['quay.io', 'quay.io', '', 'quay.io'],
  ['QUAY.io/', 'quay.io', '', 'quay.io'],
  ['localhost:5000', 'localhost:5000', '', 'localhost:5000'],
  ['localhost', 'localhost', '', 'localhost'],
  ['quay.io/org', 'quay.io', 'org', 'quay.io/org'],
  ['quay.io/org/repo', 'quay.io', 'org/repo', 'quay.io/org/repo'],
  ['docker.io', 'docker.io', '', 'https://index.docker.io/v1/'],
  ['index.docker.io', 'docker.io', '', 'https://index.docker.io/v1/'],
  ['registry-1.docker.io', 'docker.io', '', 'https://index.docker.io/v1/'],
  ['https://index.docker.io/v1/', 'docker.io', '', 'https://index.docker.io/v1/'],
  ['docker.io/org', 'docker.io', 'org', 'docker.io/org'],
  ['[::1]:5000', '[::1]:5000', '', '[::1]:5000'],
])('%s is the registry %s, path %j, kept as %s', (text, registry, path, key) => {
  expect(parseLoginName(text)).toEqual({ registry, path, key });
});

test.each([
  '',
  'quay',
  'https://quay.io',
  'https://u:s3cret@quay.io',
  'quay.io/Org',
  'quay.io//x',
  'quay.io/a:v1',
  'a b.io',
  'quay.io?x',
  '../x.y',
  'u@quay.io',
])('%j is not a registry to log in to', (text) => {
  let error: unknown;
  try {
    parseLoginName(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'REFERENCE_INVALID' });
  expect((error as Error).message).not.toContain('s3cret');
});

test('a first login makes the file for its owner alone, and is found again', async () => {
  const { enter, find, file, home, json } = await machine();
  expect(await enter('quay.io')).toEqual({
    file,
    key: 'quay.io',
    helper: undefined,
    openToOthers: [],
  });
  expect(await json()).toEqual({ auths: { 'quay.io': auth('me', secret) } });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
  expect(await find('quay.io')).toMatchObject({ username: 'me', password: secret });
  expect(await readdir(join(home, '.docker'))).toEqual(['config.json']);
});

test('all else in the file stays, with its order and indentation, and its permissions, which are reported', async () => {
  const before = `{
    "credHelpers": {"x.example": "x"},
    "auths": {
        "b.example": {"auth": "Yjpi", "email": "b@example.com"},
        "quay.io": {"identitytoken": "old", "auth": "bzpv"}
    },
    "HttpHeaders": {"User-Agent": "Docker"},
    "detachKeys": "ctrl-e,e"
}
`;
  const { enter, leave, text, file } = await machine(before);
  await chmod(file, 0o644);
  const { openToOthers } = await enter('quay.io');
  expect(openToOthers).toContainEqual({ path: file, mode: '644' });
  const wanted = JSON.parse(before);
  wanted.auths['quay.io'] = auth('me', secret);
  expect(await text()).toBe(`${JSON.stringify(wanted, undefined, 4)}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
  await leave('quay.io');
  delete wanted.auths['quay.io'];
  expect(await text()).toBe(`${JSON.stringify(wanted, undefined, 4)}\n`);
});

test('a file on one line stays on one line, and an empty one is indented as docker does', async () => {
  const one = await machine('{"auths":{},"credsStore":""}');
  await one.enter('quay.io', 'me', 'x');
  expect(await one.text()).toBe('{"auths":{"quay.io":{"auth":"bWU6eA=="}},"credsStore":""}');
  const empty = await machine('');
  await empty.enter('quay.io', 'me', 'x');
  expect(await empty.text()).toBe(
    '{\n\t"auths": {\n\t\t"quay.io": {\n\t\t\t"auth": "bWU6eA=="\n\t\t}\n\t}\n}\n',
  );
});

test('other spellings of the same registry go away, its namespaces and its neighbours stay', async () => {
  const { enter, leave, json, find } = await machine({
    auths: {
      'https://quay.io': auth('old', 'old'),
      'QUAY.IO': auth('old', 'old'),
      'quay.io/org': auth('org', 'org'),
      'docker.io': auth('old', 'old'),
      'xquay.io': auth('x', 'x'),
    },
  });
  await enter('quay.io');
  await enter('docker.io');
  expect(Object.keys((await json()).auths).sort()).toEqual([
    'https://index.docker.io/v1/',
    'quay.io',
    'quay.io/org',
    'xquay.io',
  ]);
  expect(await find('docker.io')).toMatchObject({ username: 'me' });
  expect(await find('quay.io', 'org/a')).toMatchObject({ username: 'org' });
  await enter('quay.io/org', 'robot', 'new');
  expect(await find('quay.io', 'org/a')).toMatchObject({ username: 'robot', password: 'new' });
  await leave('quay.io');
  expect(await find('quay.io', 'org/a')).toMatchObject({ username: 'robot' });
  expect(await find('quay.io', 'other/a')).toBeUndefined();
});

test.each([
  ['credsStore', { credsStore: 'vault' }],
  ['credHelpers', { credHelpers: { 'quay.io': 'vault' }, credsStore: 'absent' }],
])('a helper named by %s keeps the password; the file holds a marker alone', async (_, config) => {
  const { enter, leave, home, json, text, find } = await machine({
    ...config,
    auths: { 'quay.io': auth('old', 'old-s3cret'), 'https://quay.io': auth('old', 'old-s3cret') },
  });
  const bin = install(home, 'vault');
  expect(await enter('quay.io')).toMatchObject({ key: 'quay.io', helper: 'vault' });
  expect((await json()).auths).toEqual({ 'quay.io': {} });
  expect(await text()).not.toContain(Buffer.from('old:old-s3cret').toString('base64'));
  expect(JSON.parse(await readFile(join(bin, 'stored'), 'utf8'))).toEqual({
    ServerURL: 'quay.io',
    Username: 'me',
    Secret: secret,
  });
  expect(await find('quay.io')).toMatchObject({ username: 'me', password: secret });
  expect(await leave('quay.io')).toMatchObject({ helper: 'vault' });
  expect(await find('quay.io')).toBeUndefined();
  expect((await json()).auths).toEqual({});
  expect(await readFile(join(bin, 'arguments'), 'utf8')).toBe('store\nget\nerase\nget\n');
});

test('Docker Hub is kept by a helper under the name that docker gives it', async () => {
  const { enter, home, find } = await machine({ credsStore: 'vault' });
  const bin = install(home, 'vault');
  await enter('docker.io');
  expect(JSON.parse(await readFile(join(bin, 'stored'), 'utf8')).ServerURL).toBe(
    'https://index.docker.io/v1/',
  );
  expect(await find('docker.io')).toMatchObject({ username: 'me' });
});

test('a namespace is kept in the file, since helpers know whole registries alone', async () => {
  const { enter, home, json } = await machine({ credsStore: 'vault' });
  install(home, 'vault');
  expect(await enter('quay.io/org')).toMatchObject({ helper: undefined });
  expect((await json()).auths).toEqual({ 'quay.io/org': auth('me', secret) });
});

test.each([
  ['fails', `#!/bin/sh\ncat >&2\necho "cannot unlock"\nexit 1\n`, 'cannot unlock'],
  ['fails and repeats what it got', '#!/bin/sh\ncat\nexit 1\n', 'ends with 1'],
  ['is missing', undefined, 'there is no such program'],
])('a helper that %s leaves the file alone, and no secret is reported', async (_, body, wanted) => {
  const { enter, home, text } = await machine({ credsStore: 'vault', auths: {} });
  const before = await text();
  if (body !== undefined) install(home, 'vault', body);
  const error = await enter('quay.io').catch((reason: unknown) => reason as Error);
  expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID' });
  expect((error as Error).message).toContain(wanted);
  expect(JSON.stringify([(error as Error).message, error])).not.toContain('s3cret');
  expect(await text()).toBe(before);
});

test('a store that is not installed does not stop a logout', async () => {
  const { leave, json, logged } = await machine({
    credsStore: 'absent',
    auths: { 'quay.io': auth('a', 'b') },
  });
  expect(await leave('quay.io')).toMatchObject({ key: 'quay.io', helper: undefined });
  expect((await json()).auths).toEqual({});
  expect(logged.join()).toContain('docker-credential-absent');
});

test('a logout of what nobody logged in to writes nothing', async () => {
  const config = '{ "auths": { "quay.io": {"auth": "YTpi"} } }';
  const { leave, text } = await machine(config);
  expect(await leave('ghcr.io')).toBeUndefined();
  expect(await leave('quay.io/org')).toBeUndefined();
  expect(await text()).toBe(config);
});

test('a symbolic link stays one, and the file behind it gets the credential', async () => {
  const { enter, home, file } = await machine();
  await mkdir(dirname(file));
  await writeFile(join(home, 'real.json'), '{}');
  await symlink(join(home, 'real.json'), file);
  await enter('quay.io');
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(JSON.parse(await readFile(join(home, 'real.json'), 'utf8')).auths).toHaveProperty('quay.io');
});

test('logins at the same time lose nothing', async () => {
  const { enter, json } = await machine();
  const names = Array.from({ length: 12 }, (_, index) => `r${index}.example`);
  await Promise.all(names.map((name) => enter(name)));
  expect(Object.keys((await json()).auths).sort()).toEqual(names.sort());
});

test('DOCKER_CONFIG moves the file', async () => {
  const { enter, environment, home } = await machine();
  environment.DOCKER_CONFIG = join(home, 'a', 'b');
  expect((await enter('quay.io')).file).toBe(join(home, 'a', 'b', 'config.json'));
});

test.each([
  ['a line break', 'me', 'pass\nword'],
  ['a NUL', 'me', 'pass\0word'],
  ['a colon in the user', 'm:e', 'password'],
  ['no user', '', 'password'],
])('a credential with %s is refused', async (_, username, password) => {
  const { enter } = await machine();
  await expect(enter('quay.io', username, password)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test.each(['[]', '{"auths": []}', '{"auths": {', 'null'])(
  'a file that holds %s is left alone',
  async (content) => {
    const { enter, text } = await machine(content);
    await expect(enter('quay.io')).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
    expect(await text()).toBe(content);
  },
);
