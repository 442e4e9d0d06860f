import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { expectQuick } from '../../../test/support/expect-quick.js';
import { globParts } from './find-files.js';
import { readSourceFiles } from './source-files.js';
import { sourcesDigest } from './sources-digest.js';

async function project(files: readonly string[]): Promise<{ directory: string; file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'sources-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), `# ${file}\n`);
  }
  return { directory, file: join(directory, 'bundles.yaml') };
}

const found = async (
  place: { directory: string; file: string },
  files: readonly string[],
): Promise<string[]> =>
  (await readSourceFiles(place, { name: 'hello', files })).map(({ relativePath }) => relativePath);

const tree = [
  ...['a.yaml', 'b.yml', 'c.json', 'd.txt', '.hidden.yaml', 'dir/e.yaml', 'dir/f.txt', 'dir/deep/g.yaml'],
  ...[
    'dir/deep/er/h.yml',
    'node_modules/x/y.yaml',
    '.git/z.yaml',
    'odd[1]/*.yaml',
    'dir/deep/.hidden/i.yaml',
  ],
];

test.each<[readonly string[], readonly string[]]>([
  [['a.yaml'], ['a.yaml']],
  [['.'], ['a.yaml', 'b.yml', 'c.json']],
  [['dir'], ['dir/e.yaml']],
  [['*.yaml'], ['a.yaml']],
  [['?.y*'], ['a.yaml', 'b.yml']],
  [['dir/**'], ['dir/deep/er/h.yml', 'dir/deep/g.yaml', 'dir/e.yaml']],
  [['dir/**/*.yaml'], ['dir/deep/g.yaml', 'dir/e.yaml']],
  [['**/*.yml'], ['b.yml', 'dir/deep/er/h.yml']],
  [['*/deep/*'], ['dir/deep/g.yaml']],
  [['**/deep/**/*.y*ml'], ['dir/deep/er/h.yml', 'dir/deep/g.yaml']],
  [['.hidden.yaml', '.*.yaml'], ['.hidden.yaml']],
  [['odd[1]/*.yaml'], ['odd[1]/*.yaml']],
  [
    ['b.yml', 'a.yaml', '*.y*ml'],
    ['a.yaml', 'b.yml'],
  ],
  [['d.txt'], ['d.txt']],
])('%j means %j', async (declared, expected) => {
  expect(await found(await project(tree), declared)).toEqual(expected);
});

test.each<[string, string]>([
  ['dir/ee.yaml', '"dir/e.yaml"'],
  ['a.yml', '"a.yaml"'],
  ['nothing/here.yaml', 'relative to the directory'],
  ['*.toml', 'relative to the directory'],
  ['node_modules', 'node_modules/**'],
])('%s is not found and the hint has %s', async (declared, hint) => {
  await expect(found(await project(tree), [declared])).rejects.toMatchObject({
    code: 'SOURCE_NOT_FOUND',
    hint: expect.stringContaining(hint),
    details: { bundle: 'hello', path: declared },
  });
});

test('symbolic links count once, loops end, and none leads out', async () => {
  const place = await project(['a.yaml', 'dir/b.yaml']);
  await symlink('..', join(place.directory, 'dir/loop'));
  await symlink('a.yaml', join(place.directory, 'link.yaml'));
  expect(await found(place, ['**/*.yaml'])).toEqual(['a.yaml', 'dir/b.yaml']);
  expect(await found(place, ['dir/loop/a.yaml', 'link.yaml'])).toEqual(['dir/loop/a.yaml']);
  await symlink('self', join(place.directory, 'self'));
  await expect(found(place, ['self'])).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  const other = await project(['secret.yaml']);
  await symlink(other.directory, join(place.directory, 'out'));
  await expect(found(place, ['out/secret.yaml'])).rejects.toMatchObject({ code: 'NOT_READABLE' });
  await expect(found(place, ['out'])).rejects.toMatchObject({ code: 'NOT_READABLE' });
});

test('a link to the project itself is not a way out', async () => {
  const place = await project(['a.yaml']);
  const other = await project([]);
  await symlink(place.directory, join(other.directory, 'alias'));
  const directory = join(other.directory, 'alias');
  expect(await found({ directory, file: join(directory, 'bundles.yaml') }, ['a.yaml'])).toEqual(['a.yaml']);
});

test('large files and many files are refused without reading', async () => {
  const place = await project(Array.from({ length: 201 }, (_, index) => `many/${index}.yaml`));
  await writeFile(join(place.directory, 'large.yaml'), Buffer.alloc(4 * 1024 * 1024 + 1));
  await expect(found(place, ['large.yaml'])).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  await expect(found(place, ['many'])).rejects.toMatchObject({ code: 'TOO_MANY_OBJECTS' });
});

test('an aborted run reads nothing', async () => {
  const place = await project(['a.yaml']);
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(readSourceFiles(place, { name: 'a', files: ['a.yaml'] }, { signal })).rejects.toThrow('stop');
});

test('a name is matched as a regular expression would match it', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'ab.*?'), minLength: 1, maxLength: 8 });
  const names = fc.string({ unit: fc.constantFrom(...'ab.'), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(letters, names, (pattern, name) => {
      const [part] = globParts(pattern);
      if (part?.kind !== 'name') return;
      const source = pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*').replaceAll('?', '.');
      const visible = !/[*?]/.test(pattern) || pattern.startsWith('.') || !name.startsWith('.');
      expect(part.matches(name)).toBe(visible && new RegExp(`^${source}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test('a hostile pattern costs no time', () => {
  const [part] = globParts(`${'*a'.repeat(50)}b`);
  const match = () => expect(part?.kind === 'name' && part.matches('a'.repeat(250))).toBe(false);
  expectQuick(match, 1_000);
});

test('the digest of sources names paths, contents and options, in whatever order they come', () => {
  const file = (relativePath: string, text: string) => ({ relativePath, bytes: Buffer.from(text) });
  const files = [file('a.yaml', 'x'), file('b.yaml', 'y')];
  const none = { annotations: {}, labels: {} };
  const digest = sourcesDigest(files, none);
  // The lines that the definition gives.
  const text = [
    'bundles sources 1',
    'file 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 "a.yaml"',
    'file a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa "b.yaml"',
  ];
  expect(digest).toBe(
    `sha256:${createHash('sha256')
      .update(`${text.join('\n')}\n`)
      .digest('hex')}`,
  );
  expect(sourcesDigest([...files].reverse(), none)).toBe(digest);
  const others = [
    sourcesDigest([file('a.yaml', 'x'), file('c.yaml', 'y')], none),
    sourcesDigest([file('a.yaml', 'x'), file('b.yaml', 'z')], none),
    sourcesDigest(files, { annotations: { k: 'v' }, labels: {} }),
    sourcesDigest(files, { annotations: {}, labels: { k: 'v' } }),
    sourcesDigest(files, { ...none, tknCompat: true }),
  ];
  expect(new Set([digest, ...others]).size).toBe(6);
  const [two, reversed] = [
    { a: '1', b: '2' },
    { b: '2', a: '1' },
  ];
  expect(sourcesDigest(files, { annotations: two, labels: reversed })).toBe(
    sourcesDigest(files, { annotations: reversed, labels: two }),
  );
});
