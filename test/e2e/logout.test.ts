import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { writeProgram } from '../support/program/write-program.js';
import { tempDir } from '../support/temp-dir.js';

const entry = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });

async function home(files: Record<string, object>) {
  const directory = tempDir();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(directory.path, name, '..'), { recursive: true });
    await writeFile(join(directory.path, name), JSON.stringify(content));
  }
  return Object.assign(directory, {
    file: join(directory.path, '.docker', 'config.json'),
    auths: async () =>
      (
        JSON.parse(await readFile(join(directory.path, '.docker', 'config.json'), 'utf8')) as {
          auths: object;
        }
      ).auths,
  });
}

good('logout', 'removes what login kept and leaves the rest', async ({ inProcess }) => {
  await using given = await home({
    '.docker/config.json': { auths: { 'quay.io': entry('a:b'), 'quay.io/acme': entry('c:d'), 'x.io': {} } },
  });
  const ran = await inProcess(['quay.io'], { home: given.path });
  expect([ran.stdout, ran.stderr]).toEqual([`logged out of quay.io: removed from ${given.file}\n`, '']);
  expect(await given.auths()).toEqual({ 'quay.io/acme': entry('c:d'), 'x.io': {} });
  const again = await inProcess(['quay.io'], { home: given.path });
  expect([again.code, again.stdout]).toEqual([0, 'not logged in to quay.io\n']);
});

good('logout', 'a namespace alone, and what is still found for it', async ({ inProcess }) => {
  await using given = await home({
    '.docker/config.json': { auths: { 'quay.io': entry('a:b'), 'quay.io/acme': entry('c:d') } },
    '.config/containers/auth.json': { auths: { 'ghcr.io': entry('e:f') } },
  });
  const ran = await inProcess(['quay.io/acme', '-o', 'json'], { home: given.path });
  expect(JSON.parse(ran.stdout)).toEqual({
    version: 1,
    registry: 'quay.io',
    removed: { file: given.file, key: 'quay.io/acme' },
    trust: null,
    left: `${given.file} (quay.io)`,
    error: null,
  });
  expect(ran.stderr).toContain(`warning: a credential for quay.io/acme is still found in ${given.file}`);
  const other = await inProcess(['ghcr.io', '--quiet'], { home: given.path });
  expect([other.stdout, other.stderr]).toEqual(['not logged in to ghcr.io\n', '']);
});

good('logout', 'a helper forgets it too', async ({ inProcess }) => {
  await using given = await home({
    '.docker/config.json': { credsStore: 'vault', auths: { 'quay.io': {} } },
  });
  const bin = join(given.path, 'bin');
  writeProgram(bin, 'docker-credential-vault', [
    '[ "$1" = get ] && { echo "credentials not found in native keychain"; exit 1; }',
    'cat > "$(dirname "$0")/$1"',
  ]);
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const ran = await inProcess(['quay.io'], { home: given.path, environment });
  expect(ran.code).toBe(0);
  expect(await readFile(join(bin, 'erase'), 'utf8')).toBe('quay.io');
  expect(await given.auths()).toEqual({});
});

bad('logout', 'a name that is not a registry, no name, a file that is none', async ({ inProcess }) => {
  await using given = await home({ '.docker/config.json': [] });
  for (const words of [['quay'], ['https://quay.io/'], []]) {
    expect((await inProcess(words, { home: given.path })).code).toBe(2);
  }
  const broken = await inProcess(['quay.io'], { home: given.path });
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('error[CREDENTIALS_INVALID]')]);
});
