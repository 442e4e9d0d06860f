import { chmod, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TempDir, tempDir } from '../../../test/support/temp-dir.js';
import { readBuildContext } from './build-context.js';
import { type ImageKeyParts, imageKey, keyTag } from './image-key.js';

async function sampleContext(): Promise<TempDir & { write(path: string, text: string): Promise<void> }> {
  const directory = tempDir();
  const write = async (path: string, text: string) => {
    await mkdir(join(directory.path, path, '..'), { recursive: true });
    await writeFile(join(directory.path, path), text);
  };
  await write('src/main.go', 'package main');
  await write('README.md', 'read me');
  await write('node_modules/a/b.js', '1');
  return Object.assign(directory, { write });
}

async function keyOf(path: string, more: Partial<ImageKeyParts> = {}): Promise<string> {
  const { entries } = await readBuildContext(path);
  const parts = {
    containerfile: 'FROM scratch\n',
    entries,
    args: {},
    platforms: ['linux/amd64'],
    bases: new Map(),
  };
  return imageKey({ ...parts, ...more });
}

test('the key is of content: times, owners and umask leave it alone', async () => {
  await using context = await sampleContext();
  const before = await keyOf(context.path);
  await chmod(join(context.path, 'README.md'), 0o600);
  await utimes(join(context.path, 'README.md'), 1, 1);
  expect(await keyOf(context.path)).toBe(before);
  expect(before).toMatch(/^[a-f0-9]{64}$/);
  expect(keyTag(before)).toMatch(/^key-[a-f0-9]{32}$/);
});

test('every part changes the key', async () => {
  await using context = await sampleContext();
  const keys = [await keyOf(context.path)];
  const changes: (() => Promise<unknown>)[] = [
    () => context.write('src/main.go', 'package other'),
    () => context.write('src/more.go', ''),
    () => chmod(join(context.path, 'README.md'), 0o755),
    () => mkdir(join(context.path, 'empty')),
    () => symlink('/etc/passwd', join(context.path, 'link')),
    () => rm(join(context.path, 'README.md')),
    () => context.write('.dockerignore', 'node_modules\n'),
  ];
  for (const change of changes) {
    await change();
    keys.push(await keyOf(context.path));
  }
  keys.push(await keyOf(context.path, { containerfile: 'FROM scratch\n\n' }));
  keys.push(await keyOf(context.path, { args: { A: '1' } }));
  keys.push(await keyOf(context.path, { args: { A: '1 B' } }));
  keys.push(await keyOf(context.path, { platforms: ['linux/arm64'] }));
  keys.push(await keyOf(context.path, { platforms: ['linux/arm64', 'linux/amd64'] }));
  keys.push(await keyOf(context.path, { bases: new Map([['alpine:3', 'sha256:1']]) }));
  expect(new Set(keys).size).toBe(keys.length);
});

test('ignored files are not part of the key, and may change during the computation', async () => {
  await using context = await sampleContext();
  await context.write('.containerignore', 'node_modules\n**/*.md\n.containerignore\n');
  // Not obeyed where there is a .containerignore.
  await context.write('.dockerignore', 'src\n');
  const before = await keyOf(context.path);
  await context.write('node_modules/a/b.js', '2');
  await context.write('docs/deep/x.md', 'new');
  await rm(join(context.path, 'docs'), { recursive: true });
  expect(await keyOf(context.path)).toBe(before);
  const { entries, bytes } = await readBuildContext(context.path);
  expect(entries.map(({ path }) => path)).toEqual(['.dockerignore', 'src', 'src/main.go']);
  expect(bytes).toBe('src\n'.length + 'package main'.length);
});

test('an exception lets back in what lies below an ignored directory', async () => {
  await using context = await sampleContext();
  await context.write('.dockerignore', '*\n!src/main.go\n');
  const { entries } = await readBuildContext(context.path);
  expect(entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)).toEqual(['src/main.go']);
});

test('a link is its target, never what lies there', async () => {
  await using context = await sampleContext();
  await symlink('../..', join(context.path, 'up'));
  const { entries } = await readBuildContext(context.path);
  expect(entries).toContainEqual({ kind: 'link', path: 'up', target: '../..' });
});

test('a context that is not there is SOURCE_NOT_FOUND', async () => {
  await expect(readBuildContext('/nonexistent/context')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

test('an engine gets each path that it has to leave out', async () => {
  await using context = await sampleContext();
  await context.write('.dockerignore', '*\n!src\nsrc/*.md\n!odd*\n');
  await context.write('src/a.md', '');
  await context.write('#odd [x]*', '');
  const { ignore } = await readBuildContext(context.path);
  expect(ignore.split('\n').sort()).toEqual(
    [
      '',
      '**/podman-build-secret[0-9]*',
      '[#]odd \\[x\\]\\*',
      '.dockerignore',
      'README.md',
      'node_modules',
      'src/a.md',
    ].sort(),
  );
  expect((await readBuildContext(`${context.path}/src`)).ignore).toBe('**/podman-build-secret[0-9]*\n');
});

test('what bundles writes there itself is never part of a context, whatever the ignore file lets back in', async () => {
  await using context = await sampleContext();
  const without = ['.bundles', 'out/svc.tar', 'not/there/yet', 'deep/er/est'];
  const read = () => readBuildContext(context.path, { without });
  const before = await read();
  await context.write('.bundles/images/svc.log', 'STEP 1');
  await context.write('.bundles/state.json', '{}');
  await context.write('out/svc.tar', 'archive');
  await context.write('deep/er/est/x', '1');
  expect(await read()).toEqual(before);
  await context.write('out/other.tar', 'archive');
  await context.write('.dockerignore', '*\n!.bundles\n!out\n');
  const { entries, ignore } = await read();
  expect(entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)).toEqual(['out/other.tar']);
  // An engine that walks later than we do leaves it out as well.
  expect(before.ignore).toBe('.bundles\nout\nnot\ndeep\n**/podman-build-secret[0-9]*\n');
  for (const path of ['.bundles', 'out/svc.tar', 'not']) expect(ignore.split('\n')).toContain(path);
});
