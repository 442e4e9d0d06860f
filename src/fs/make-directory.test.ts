import { rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { makeDirectory } from './make-directory.js';

test('makeDirectory() does not fail where others take the directory away again and again', async () => {
  await using directory = tempDir();
  const path = join(directory.path, 'wanted');
  let making = true;
  const tidy = async () => {
    while (making) await rmdir(path).catch(() => undefined);
  };
  const make = async () => {
    for (let count = 0; count < 300; count++) await makeDirectory(path);
  };
  const tidying = [tidy(), tidy()];
  const made = await Promise.allSettled([make(), make(), make()]);
  making = false;
  await Promise.all(tidying);
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
});

test('makeDirectory() refuses a link that leads nowhere', async () => {
  await using directory = tempDir();
  const path = join(directory.path, 'link');
  await symlink(join(directory.path, 'nowhere'), path);
  await expect(makeDirectory(path)).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    details: { errno: 'EEXIST' },
  });
});
