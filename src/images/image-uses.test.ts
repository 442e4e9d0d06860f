import { readdirSync } from 'node:fs';
import { chmod, chown, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { noteImageUse, readImageUses } from './image-uses.js';

const asRoot = test.skipIf(process.getuid?.() !== 0);
const stranger = 12_345;

test('a use counts while the file of its project is there', async () => {
  await using directory = tempDir();
  const file = join(directory.path, 'bundles.yaml');
  await writeFile(file, '');
  const use = { file, image: 'svc', reference: 'localhost/svc:key-1' };
  await noteImageUse(directory.path, use);
  await noteImageUse(directory.path, { ...use, reference: 'localhost/svc:key-2' });
  expect(await readImageUses(directory.path)).toEqual([{ ...use, reference: 'localhost/svc:key-2' }]);
  await rm(file);
  expect(await readImageUses(directory.path)).toEqual([]);
});

test('files without sense are ignored and do not stop the run', async () => {
  await using directory = tempDir();
  const name = (digit: string) => join(directory.path, `use-${digit.repeat(24)}.json`);
  await writeFile(name('1'), '{');
  await writeFile(name('2'), '{"file": 1}');
  await writeFile(name('3'), JSON.stringify({ file: 'a\0b', image: 'x', reference: 'y' }));
  await symlink('/etc/passwd', name('4'));
  await mkdir(name('5'));
  expect(await readImageUses(directory.path)).toEqual([]);
});

asRoot(
  'a file of another user under our name is left alone, and our use is noted once beside it',
  async () => {
    await using directory = tempDir();
    await chmod(directory.path, 0o1777);
    const file = join(directory.path, 'bundles.yaml');
    await writeFile(file, '');
    const use = { file, image: 'svc', reference: 'localhost/svc:key-1' };
    await noteImageUse(directory.path, use);
    const [taken = ''] = readdirSync(directory.path).filter((name) => name.startsWith('use-'));
    await writeFile(join(directory.path, taken), 'theirs');
    await chown(join(directory.path, taken), stranger, stranger);
    for (let times = 0; times < 3; times++) await noteImageUse(directory.path, use);
    const names = readdirSync(directory.path).filter((name) => name.startsWith('use-'));
    expect(names).toHaveLength(2);
    expect(await readImageUses(directory.path)).toEqual([use]);
  },
);
