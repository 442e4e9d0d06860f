import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { argumentVariables, argumentWords, secretWords } from '../engine/build-inputs.js';
import { readSecrets, requireSecrets } from './image-secrets.js';

test('secrets come from files and variables, and their values from nowhere in the words of a command', async () => {
  await using directory = tempDir();
  writeFileSync(join(directory.path, 'file'), 'of a file\n');
  const resolve = (path: string) => join(directory.path, path);
  const environment = { NPM_TOKEN: 'of a variable' };
  const secrets = await readSecrets(['id=npm,env=NPM_TOKEN', 'id=netrc,src=file'], { environment, resolve });
  const given = requireSecrets({ secrets }, { name: 'svc', secrets: ['netrc', 'npm'] });
  expect(given.map(({ value }) => Buffer.from(value).toString())).toEqual(['of a file\n', 'of a variable']);
  expect(secretWords(given)).toEqual([
    ...['--secret', `id=netrc,src=${join(directory.path, 'file')}`],
    ...['--secret', 'id=npm,env=NPM_TOKEN'],
  ]);
  expect(() => requireSecrets({ secrets }, { name: 'svc', secrets: ['other'] })).toThrow(
    expect.objectContaining({ code: 'USAGE', details: { image: 'svc', secret: 'other' } }),
  );
});

test.each([
  ['no source', ['id=a'], 'USAGE'],
  ['a value in place of a source', ['a=b'], 'USAGE'],
  ['a variable that is not set', ['id=a,env=NOT_SET'], 'USAGE'],
  ['a variable that is empty', ['id=a,env=EMPTY'], 'USAGE'],
  ['an id twice', ['id=a,env=SET', 'id=a,env=SET'], 'USAGE'],
  ['a file that is missing', ['id=a,src=missing'], 'SOURCE_NOT_FOUND'],
  ['more options behind it', ['id=a,env=SET,required=true'], 'USAGE'],
])('--secret with %s is refused', async (_, words, code) => {
  const reading = readSecrets(words, {
    environment: { SET: 'x', EMPTY: '' },
    resolve: (path) => `/nowhere/${path}`,
  });
  await expect(reading).rejects.toMatchObject({ code });
});

test('values of build arguments go through the environment, but for names that engines read', () => {
  const args = {
    GO_VERSION: '1.24',
    NODE_VERSION: '20',
    PATH: '/x',
    https_proxy: 'p',
    DOCKER_HOST: 'd',
    NODE_OPTIONS: 'o',
  };
  expect(argumentVariables(args)).toEqual({ GO_VERSION: '1.24', NODE_VERSION: '20' });
  const words = argumentWords(args);
  expect(words).toHaveLength(12);
  expect(words).toEqual(
    expect.arrayContaining([
      'GO_VERSION',
      'NODE_VERSION',
      'PATH=/x',
      'https_proxy=p',
      'DOCKER_HOST=d',
      'NODE_OPTIONS=o',
    ]),
  );
});
