import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { expectQuick } from '../../../test/support/expect-quick.js';
import { formatReference } from '../../oci/reference.js';
import { parseProject } from '../parse-project-text.js';
import type { Project } from '../project.js';
import { readProject } from '../read-project.js';
import { matchPart, type PathPattern, parsePattern } from './pattern.js';

async function place(files: readonly string[], text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'discover-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), `# ${file}\n`);
  }
  await writeFile(join(directory, 'bundles.yaml'), text);
  return join(directory, 'bundles.yaml');
}

const summaryOf = ({ bundles }: Project) =>
  bundles.map(({ name, files, reference }) => `${name} ${files.join(' ')} ${formatReference(reference)}`);

const problemsOf = async (
  file: string,
): Promise<readonly { path: string; message: string; hint: string | null }[]> =>
  readProject(file).then(
    () => [],
    (error) => {
      expect(error.code).toBe('CONFIG_INVALID');
      return error.details.problems;
    },
  );

const tree = [
  'task/git-clone/0.1/git-clone.yaml',
  'task/git-clone/0.1/README.md',
  'task/init/0.2/init.yaml',
  'task/init/0.2/other.yaml',
  'task/.hidden/0.1/.hidden.yaml',
  'task/node_modules/0.1/node_modules.yaml',
  'task/README.md',
];
const discover = `discover:\n  - {files: "task/{name}/{version}/{name}.yaml", repository: "quay.io/acme/task-{name}", tag: "{version}"}\n`;

test('a bundle for each path, with what its placeholders say', async () => {
  const file = await place(tree, `version: 1\n${discover}`);
  expect(summaryOf(await readProject(file))).toEqual([
    'git-clone task/git-clone/0.1/git-clone.yaml quay.io/acme/task-git-clone:0.1',
    'init task/init/0.2/init.yaml quay.io/acme/task-init:0.2',
  ]);
});

test('what the project and its bundles say adds to what is discovered', async () => {
  const file = await place(
    [...tree, 'pipelines/p.yaml'],
    `version: 1
repository: quay.io/acme/bundles
tag: v1.0.0
discover:
  - files: "task/{name}/*/{name}.yaml"
    annotations: {org.opencontainers.image.title: "Task {name}", a: b}
    labels: {path: "{name}"}
bundles:
  init: {tag: v9, annotations: {a: c}}
  git-clone: {reference: "quay.io/other/clone:v2", pin: true}
  pipe: {files: [pipelines/p.yaml]}
`,
  );
  const project = await readProject(file);
  expect(summaryOf(project)).toEqual([
    'git-clone task/git-clone/0.1/git-clone.yaml quay.io/other/clone:v2',
    'init task/init/0.2/init.yaml quay.io/acme/bundles/init:v9',
    'pipe pipelines/p.yaml quay.io/acme/bundles/pipe:v1.0.0',
  ]);
  const [clone, init, pipe] = project.bundles;
  expect(init?.annotations).toEqual({ a: 'c', 'org.opencontainers.image.title': 'Task init' });
  expect([init?.labels, clone?.pin, pipe?.discovered]).toEqual([{ path: 'init' }, true, undefined]);
  expect(init?.discovered).toEqual({ rule: 0, path: 'task/init/0.2/init.yaml', values: { name: 'init' } });
  const elsewhere = await readProject(file, { repository: 'localhost:5000/ci', tag: 'pr-7' });
  expect(summaryOf(elsewhere).map((line) => line.split(' ')[2])).toEqual([
    'localhost:5000/ci/git-clone:pr-7',
    'localhost:5000/ci/init:pr-7',
    'localhost:5000/ci/pipe:pr-7',
  ]);
});

test('a name of more placeholders keeps several versions apart, and directories are bundles, too', async () => {
  const file = await place(
    ['task/a/0.1/a.yaml', 'task/a/0.2/a.yaml', 'task/b/0.1/one.yaml', 'task/b/0.1/two.yaml', 'task/c'],
    `version: 1\nrepository: quay.io/x\ndiscover:\n  - {files: "task/{name}/{version}/", name: "{name}-{version}", tag: "v{version}"}\n`,
  );
  expect(summaryOf(await readProject(file))).toEqual([
    'a-0.1 task/a/0.1 quay.io/x/a-0.1:v0.1',
    'a-0.2 task/a/0.2 quay.io/x/a-0.2:v0.2',
    'b-0.1 task/b/0.1 quay.io/x/b-0.1:v0.1',
  ]);
});

const head = 'version: 1\nrepository: quay.io/x/y\ntag: v1\n';
const only = (entry: string, more = '') => `${head}discover:\n  - ${entry}\n${more}`;

test.each<[string, string, string, RegExp, RegExp | undefined]>([
  [
    'an unknown placeholder',
    only('{files: "task/{name}/{version}/{name}.yaml", tag: "{verson}"}'),
    'discover[0].tag',
    /\{verson\}.*\{name\}, \{version\}/,
    /\{version\}/,
  ],
  [
    'no name',
    only('{files: "task/{task}/0.1/{task}.yaml"}'),
    'discover[0].files',
    /no placeholder \{name\}/,
    /name:/,
  ],
  [
    'nothing found',
    only('{files: "tasks/{name}/{version}/{name}.yaml"}'),
    'discover[0].files',
    /no file at "tasks/,
    /relative to/,
  ],
  [
    'no directory found',
    only('{files: "task/{name}.yaml/"}'),
    'discover[0].files',
    /no directory at/,
    undefined,
  ],
  [
    'two versions of one name',
    only('{files: "task/{name}/{version}/{any}.yaml"}'),
    'discover[0].files',
    /"task\/init\/0.2\/init.yaml" and "task\/init\/0.2\/other.yaml" both give the bundle "init"/,
    /\{name\}-\{version\}-\{any\}/,
  ],
  [
    'two entries of one name',
    only('{files: "task/{name}/0.2/init.yaml"}', '  - {files: "task/{name}/0.2/other.yaml"}\n'),
    'discover[1].files',
    /both give the bundle "init"/,
    /narrow/,
  ],
  [
    'an override of nothing',
    only('{files: "task/{name}/0.2/{name}.yaml"}', 'bundles: {int: {tag: v2}}\n'),
    'bundles.int',
    /no path of discover gives this bundle/,
    /Did you mean "init"/,
  ],
  [
    'a name that no bundle can have',
    only('{files: "task/{name}"}'),
    'discover[0].files',
    /"task\/README.md" gives the bundle name "README.md"/,
    undefined,
  ],
  [
    'a tag that is none',
    only('{files: "task/{name}/{version}/{name}.yaml", tag: "+{version}"}'),
    'discover[0].tag',
    /"task\/git-clone\/0.1\/git-clone.yaml": found "\+0.1", wanted a tag/,
    undefined,
  ],
  [
    'a repository that is none',
    only('{files: "task/{name}/{version}/{name}.yaml", repository: "acme/{name}"}'),
    'discover[0].repository',
    /found "acme\/git-clone", wanted a registry/,
    undefined,
  ],
  ['a way out', only('{files: "../{name}.yaml"}'), 'discover[0].files', /leads out/, undefined],
  ['an absolute path', only('{files: "/etc/{name}.yaml"}'), 'discover[0].files', /absolute/, undefined],
  ['any depth', only('{files: "**/{name}.yaml"}'), 'discover[0].files', /found \*\*/, undefined],
  [
    'placeholders side by side',
    only('{files: "{name}{version}.yaml"}'),
    'discover[0].files',
    /nothing between/,
    undefined,
  ],
  [
    'a placeholder twice in one part',
    only('{files: "{name}-{name}.yaml"}'),
    'discover[0].files',
    /twice in one part/,
    undefined,
  ],
  [
    'a lone brace',
    only('{files: "task/{name}/{version.yaml"}'),
    'discover[0].files',
    /found \{ alone/,
    undefined,
  ],
  [
    'an odd placeholder',
    only('{files: "task/{name}/{the version}"}'),
    'discover[0].files',
    /"\{the version\}"/,
    undefined,
  ],
  [
    'a list of paths',
    only('{files: ["task/{name}/0.1/{name}.yaml"]}'),
    'discover[0].files',
    /found a list/,
    /entry of its own/,
  ],
  ['an unknown key', only('{fles: "task/{name}"}'), 'discover[0].fles', /unknown key/, /files/],
  ['an empty list', `${head}discover: []\n`, 'discover', /empty list/, undefined],
  ['a mapping', `${head}discover: {files: "task/{name}"}\n`, 'discover', /wanted a list/, undefined],
  [
    'a tag twice',
    only('{files: "task/{name}/{version}/{name}.yaml", repository: quay.io/one}'),
    'discover[0]',
    /both declare the reference/,
    undefined,
  ],
])('%s is refused at its place', async (_, text, path, message, hint) => {
  const [first] = await problemsOf(await place(tree, text));
  expect(first).toMatchObject({ path, message: expect.stringMatching(message) });
  if (hint) expect(first?.hint).toMatch(hint);
});

test('a wrong tag of an entry is not called missing, too', async () => {
  const entry =
    '{files: "task/{name}/{version}/{name}.yaml", repository: "quay.io/{name}/{name}", tag: "{verson}"}';
  const file = await place(tree, `version: 1\ndiscover:\n  - ${entry}\n`);
  expect((await problemsOf(file)).map(({ path }) => path)).toEqual(['discover[0].tag']);
});

test('a wrong entry of discover is one mistake, not one for each bundle that it would find', async () => {
  const text = only(
    '{files: "task/{nme}/{version}/{name}.yaml", tag: "{versoin}"}',
    'bundles: {init: {tag: v2}, git-clone: {tag: v3}}\n',
  );
  expect((await problemsOf(await place(tree, text))).map(({ path }) => path)).toEqual(['discover[0].tag']);
});

test('links inside count as what they name, circles end, and one that leads out is refused', async () => {
  const file = await place(
    tree,
    only('{files: "task/{name}/{version}/{name}.yaml", name: "{name}-{version}"}'),
  );
  const directory = dirname(file);
  await symlink('0.1', join(directory, 'task/git-clone/latest'));
  await symlink('.', join(directory, 'task/circle'));
  await symlink('nowhere', join(directory, 'task/broken'));
  expect((await readProject(file)).bundles.map(({ name }) => name)).toEqual([
    'git-clone-0.1',
    'git-clone-latest',
    'init-0.2',
  ]);
  await symlink(tmpdir(), join(directory, 'task/out'));
  await expect(readProject(file)).rejects.toMatchObject({ code: 'NOT_READABLE' });
});

test('bundles.yaml is not a bundle, and an aborted run looks at nothing', async () => {
  const file = await place(['a.yaml'], only('{files: "{name}.yaml"}'));
  expect((await readProject(file)).bundles.map(({ name }) => name)).toEqual(['a']);
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(readProject(file, {}, { signal })).rejects.toThrow('stop');
});

test('a part is matched as a regular expression would match it, the earlier placeholder as long as it can be', () => {
  const letters = fc.array(fc.constantFrom('{a}', '{b}', '*', '?', 'x', 'y', '-', '.'), {
    minLength: 1,
    maxLength: 7,
  });
  const names = fc.string({ unit: fc.constantFrom(...'xy-.'), minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(letters, names, (pieces, name) => {
      const pattern = parsePattern(pieces.join(''), false);
      if ('wrong' in pattern) return;
      const source = pieces
        .join('')
        .replaceAll('.', '\\.')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')
        .replace(/\{(.)\}/g, '(?<$1>.+)');
      const hidden = name.startsWith('.') && !pieces.join('').startsWith('.');
      const wanted = hidden ? null : new RegExp(`^${source}$`).exec(name);
      expect(matchPart(pattern.parts[0]!, name, {})).toEqual(
        wanted === null ? undefined : { ...wanted.groups },
      );
    }),
    { numRuns: 3_000, seed: 24 },
  );
});

test('a hostile pattern costs no time', () => {
  const pattern = parsePattern(
    `${Array.from({ length: 40 }, (_, at) => `{p${at}}a`).join('')}b`,
    false,
  ) as PathPattern;
  expectQuick(() => expect(matchPart(pattern.parts[0]!, 'a'.repeat(250), {})).toBeUndefined(), 500);
});

test('ten thousand matches are read without looking at each pair of them', () => {
  const text = `version: 1\n${discover}`;
  const matches = Array.from({ length: 10_000 }, (_, at) => ({
    rule: 0,
    path: `task/t${at}/1.0/t${at}.yaml`,
    values: { name: `t${at}`, version: '1.0' },
  }));
  expectQuick(() => parseProject(text, 'bundles.yaml', {}, matches), 5_000);
});
