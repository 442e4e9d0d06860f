import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { findProgram } from './find-program.js';

test('findProgram() gives an absolute path, since programs are run in other directories too', async () => {
  await using directory = tempDir();
  const program = join(directory.path, 'bin', 'podman');
  mkdirSync(join(directory.path, 'bin'));
  writeFileSync(program, '');
  chmodSync(program, 0o755);
  const near = relative('', program);
  expect(await findProgram(near.includes('/') ? near : `./${near}`, {})).toBe(program);
  expect(await findProgram('podman', { PATH: `relative:${join(directory.path, 'bin')}` })).toBe(program);
  expect(await findProgram(join(directory.path, 'bin'), {})).toBeUndefined();
});
