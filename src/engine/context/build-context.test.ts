import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tempDir } from '../../../test/support/temp-dir.js';
import { type ContextEntry, readBuildContext } from './build-context.js';
import { contextBytes, contextPath } from './context-path.js';
import { type ContextCover, engineRules, literalRule, parseContextRules } from './context-rules.js';
import { copyContext } from './copy-context.js';

async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

const filesOf = async (...args: Parameters<typeof readBuildContext>) =>
  (await readBuildContext(...args)).entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);

test('the ignore file of a Containerfile goes before those of the context, .dockerignore first', async () => {
  await using directory = tempDir();
  const context = join(directory.path, 'svc');
  const containerfile = join(directory.path, 'build', 'svc.Containerfile');
  await write(context, { a: '', b: '', c: '', d: '' });
  await mkdir(join(directory.path, 'build'));
  const ignoring = [
    [join(context, '.dockerignore'), 'a'],
    [join(context, '.containerignore'), 'b'],
    [`${containerfile}.containerignore`, 'c'],
    [`${containerfile}.dockerignore`, 'd'],
  ] as const;
  for (const [path, name] of ignoring) {
    await writeFile(path, `${name}\n.*\n`);
    const wanted = ['a', 'b', 'c', 'd'].filter((one) => one !== name);
    expect(await filesOf(context, { containerfile })).toEqual(wanted);
  }
});

test('file names are bytes: invalid UTF-8 stays distinct, also from the replacement character', async () => {
  const bytes = fc.array(fc.constantFrom(0x61, 0x80, 0xc3, 0xa9, 0xed, 0xb2, 0xbf, 0xf0, 0x9f, 0x98, 0xff), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(bytes, (list) => {
      const name = Buffer.from(list);
      expect(contextBytes(contextPath(name))).toEqual(name);
    }),
    { numRuns: 500 },
  );
  await using directory = tempDir();
  const place = (...name: number[]) =>
    Buffer.concat([Buffer.from(`${directory.path}/d/`), Buffer.from(name)]);
  await mkdir(join(directory.path, 'd'));
  await writeFile(join(directory.path, 'd', '\ufffd'), 'shown');
  // Some file systems take no such names.
  const possible = await writeFile(place(0xff), 'one').then(
    () => true,
    () => false,
  );
  if (possible) {
    await writeFile(place(0xfe), 'two');
    await symlink(Buffer.from([0xfd]), place(0x6c));
  }
  const { entries } = await readBuildContext(directory.path);
  expect(entries.map(({ path }) => path)).toEqual(
    possible ? ['d', 'd/l', 'd/\udcfe', 'd/\udcff', 'd/\ufffd'] : ['d', 'd/\ufffd'],
  );
});

test('a socket in the context is an error that names its path, unless it is ignored', async () => {
  await using directory = tempDir();
  // The path of a socket is short.
  const short = await mkdtemp('/tmp/s-');
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(join(short, 's'), resolve));
    await mkdir(join(directory.path, 'run'));
    await rename(join(short, 's'), join(directory.path, 'run', 'my.sock'));
    await expect(readBuildContext(directory.path)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      details: { path: 'run/my.sock', what: 'a socket' },
    });
    await writeFile(join(directory.path, '.dockerignore'), '**/*.sock\n.*\n');
    expect((await readBuildContext(directory.path)).entries.map(({ path }) => path)).toEqual(['run']);
  } finally {
    server.close();
    await rm(short, { recursive: true });
  }
});

test('an invalid pattern is reported with its file, and signs of regular expressions are literal', async () => {
  await using directory = tempDir();
  await write(directory.path, {
    'c++/a': '',
    'a+b': '',
    aab: '',
    'x(1)': '',
    '{y}': '',
    'p|q': '',
    'n^': '',
  });
  await writeFile(join(directory.path, '.dockerignore'), '\ufeffc++\r\na+b\nx(1)\n{y}\n?|q\nn^\n.*\n');
  expect(await filesOf(directory.path)).toEqual(['aab']);
  await writeFile(join(directory.path, '.dockerignore'), 'a[\n');
  await expect(readBuildContext(directory.path)).rejects.toMatchObject({
    code: 'CONTEXT_INVALID',
    details: { path: join(directory.path, '.dockerignore') },
  });
});

/** How the builder of podman and buildah reads rules: the last that matches a path, or a directory above it, counts. */
function readByEngine(rules: readonly string[], paths: readonly string[]): string[] {
  const compiled = rules.map((rule) => {
    const negative = rule.startsWith('!');
    const source = rule
      .slice(negative ? 1 : 0)
      .replace(/\\.|\[[^\]]*\]|\*\*\/?|[*?.$]/g, (part) =>
        part.startsWith('**')
          ? part === '**'
            ? '.*'
            : '(.*/)?'
          : ({ '*': '[^/]*', '?': '[^/]', '.': '\\.', $: '\\$' }[part] ?? part),
      );
    return { negative, text: rule.slice(1), expression: new RegExp(`^${source}(/.*)?$`, 'u') };
  });
  const isLeftOut = (path: string) =>
    compiled.findLast(({ expression }) => expression.test(path))?.negative === false;
  // A directory that is left out is not entered unless an exception begins with its name.
  const isEntered = (path: string) =>
    !isLeftOut(path) || compiled.some(({ negative, text }) => negative && `${text}/`.startsWith(`${path}/`));
  return paths.filter((path) => {
    const parts = path.split('/');
    return parts.slice(1).every((_, at) => isEntered(parts.slice(0, at + 1).join('/'))) && !isLeftOut(path);
  });
}

/** Of files in directories that hold nothing else. */
function coverOf(files: readonly string[], paths: readonly string[]): ContextCover {
  const isKept = new Set(paths);
  const ignored = files.filter((path) => !isKept.has(path));
  const mixed = new Set(ignored.map(dirname));
  const kept = new Set(paths.map((path) => (mixed.has(dirname(path)) ? path : dirname(path))));
  return { paths, kept, ignored };
}

test('an engine leaves out what docker does, by a rule for each pattern and not for each path', async () => {
  const name = fc.constantFrom('a', 'b', 'c.log', 'd.txt', 'e[1]', 'src', '#x', '!y', 'f+');
  const part = fc.constantFrom('*', '**', 'a', 'src', '*.log', '?', '[a-c]*', 'e*', 'c.log', 'f+');
  const pattern = fc
    .tuple(fc.constantFrom('', '', '!', '/'), fc.array(part, { minLength: 1, maxLength: 3 }))
    .map(([sign, parts]) => sign + parts.join('/'));
  let most = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(pattern, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(
        fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
        {
          minLength: 1,
          maxLength: 12,
        },
      ),
      async (patterns, tops) => {
        const rules = await parseContextRules(patterns.join('\n'), 'x');
        // Each directory holds many files of several kinds.
        const endings = ['.log', '.txt', ''];
        const files = tops.flatMap((top) =>
          Array.from({ length: 45 }, (_, index) => `${top}_/${index}${endings[index % 3]}`),
        );
        const keptFiles = files.filter((path) => !rules.ignores(path));
        const given = engineRules(rules, coverOf(files, keptFiles));
        expect(readByEngine(given ?? [], files)).toEqual(keptFiles);
        most = Math.max(most, files.length - keptFiles.length - (given?.length ?? 0));
      },
    ),
    { numRuns: 60 },
  );
  expect(most).toBeGreaterThan(200);
});

test('50,000 ignored paths beside 50,000 others take one rule', async () => {
  const kept = Array.from({ length: 50_000 }, (_, index) => `d${index % 100}/f${index}.txt`);
  const ignored = kept.map((path) => path.replace('.txt', '.log'));
  const rules = await parseContextRules('# logs\n**/*.log\n!d1/f1.log\n', '.dockerignore');
  expect(engineRules(rules, coverOf([...kept, ...ignored], [...kept, 'd1/f1.log']))).toEqual([
    '**/*.log',
    '!d1/f1.log',
  ]);
});

test('no rules are given where an engine cannot separate two names, or would need too many', async () => {
  const rules = await parseContextRules('d/\ufffd\n', '.dockerignore');
  const cover = { paths: ['d', 'd/\udcff'], kept: new Set(['d/\udcff']), ignored: ['d/\ufffd'] };
  expect(engineRules(rules, cover)).toBeUndefined();
  expect(engineRules(rules, { ...cover, paths: ['d', 'd/x'] })).toEqual(['d/\ufffd']);
  const exceptions = await parseContextRules('**\n!**/*.go\n', '.dockerignore');
  const files = (ending: string) => Array.from({ length: 1_001 }, (_, index) => `d/${index}.${ending}`);
  expect(engineRules(exceptions, coverOf([...files('go'), ...files('txt')], files('go')))).toBeUndefined();
});

test('a copy of a context holds what the build sees of it, to the last entry', async () => {
  await using directory = tempDir();
  const [context, target] = [join(directory.path, 'svc'), join(directory.path, 'copy')];
  await write(context, { 'a/b/c': '1', 'a/ignored/kept': '2', 'a/ignored/x': '3', run: '#!/bin/sh' });
  await writeFile(join(context, '.dockerignore'), 'a/ignored\n!a/ignored/kept\n.dockerignore\n');
  await chmod(join(context, 'run'), 0o755);
  await mkdir(join(context, 'empty/deep'), { recursive: true });
  await symlink('../nowhere', join(context, 'a', 'link'));
  await mkdir(target);
  const { entries, isCopied } = await readBuildContext(context);
  expect(isCopied).toBe(false);
  await copyContext(context, [...entries, { ...entries[0]!, kind: 'file', path: 'gone' } as ContextEntry], {
    target,
  });
  const copied = await readBuildContext(target);
  // A directory that is ignored itself is made for what is kept in it.
  expect(copied.entries.filter(({ path }) => path !== 'a/ignored')).toEqual(entries);
});

test('a literal rule escapes what patterns and regular expressions read otherwise', () => {
  expect(['a*b', '#c', '!d', ' e ', 'f\ng', 'h\udcff', 'c++', 'i[1]'].map(literalRule)).toEqual([
    'a\\*b',
    '[#]c',
    '[!]d',
    '[ ]e[ ]',
    'f?g',
    'h?',
    'c\\+\\+',
    'i\\[1\\]',
  ]);
});
