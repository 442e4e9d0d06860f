import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/command-cases.js';
import { runCli } from '../support/run-cli.js';
import { samplePipeline } from '../support/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const task =
  'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: {steps: [{name: a, image: busybox}]}\n';
const repository = ['--repository', 'registry.invalid/acme'];

function folder(files: Readonly<Record<string, string>>) {
  const directory = tempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory.path, name)), { recursive: true });
    writeFileSync(join(directory.path, name), text);
  }
  return Object.assign(directory, {
    read: (name: string) => readFileSync(join(directory.path, name), 'utf8'),
  });
}

good('init', 'writes a bundles.yaml that ensure takes at once, and git lines', async ({ spawned }) => {
  await using given = folder({
    'pipelines/hello.yaml': samplePipeline('hello'),
    'pipelines/Build It!.yml': task,
    'pipelines/notes.txt': 'nothing',
    '.gitignore': 'node_modules/',
  });
  const ran = await spawned(repository, { cwd: given.path });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toContain('wrote bundles.yaml, .gitignore, .gitattributes for 2 Tekton files');
  expect(given.read('.gitignore')).toBe('node_modules/\n.bundles/\n');
  expect(given.read('.gitattributes')).toBe('pipelines/** eol=lf\nbundles.lock eol=lf\n');
  const ensured = await runCli(['ensure', '--offline', '--output', 'json'], { cwd: given.path });
  expect(ensured.code).toBe(0);
  expect(JSON.parse(ensured.stdout)).toMatchObject({
    bundles: [
      { name: 'build-it', outcome: 'fallback', workflow: null },
      { name: 'hello', outcome: 'fallback', workflow: { name: 'hello', version: '0.1.0' } },
    ],
  });
});

good('init', 'describes what a Pipeline leaves undescribed, so that ensure takes it', async ({ spawned }) => {
  const pipeline = (params: string) =>
    `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: workflow}\nspec:\n  params: [${params}]\n  tasks: [{name: t, taskRef: {name: t}}]\n`;
  const target = '{name: TARGET_RESOURCE, type: string}';
  await using given = folder({
    'pipelines/arrays.yaml': pipeline('{name: LIST, type: array}'),
    'pipelines/given.yaml': pipeline(target),
    'pipelines/silent.yaml': pipeline(`{name: "yes"}, {name: MODE, description: how}, ${target}`),
  });
  expect((await spawned(repository, { cwd: given.path })).code).toBe(0);
  const text = given.read('bundles.yaml');
  expect(text).toContain('"yes": {description: The parameter yes}');
  expect(text).not.toContain('MODE');
  const ensured = await runCli(['ensure', '--offline', '--output', 'json'], { cwd: given.path });
  expect(ensured.code, ensured.stdout + ensured.stderr).toBe(0);
  const { bundles } = JSON.parse(ensured.stdout) as { bundles: { workflow: unknown }[] };
  expect(bundles.map(({ workflow }) => workflow !== null)).toEqual([false, false, true]);
});

good('init', 'names what it left out, and says what it wrote as JSON', async ({ spawned }) => {
  await using given = folder({
    'tekton/a.yaml': task,
    'tekton/b.yaml': 'a: [\n',
    'tekton/c.yaml': 'kind: ConfigMap\n',
  });
  const words = ['tekton/', ...repository, '--tag', 'v2.0.0', '--output', 'json'];
  const ran = await spawned(words, { cwd: given.path });
  const result = JSON.parse(ran.stdout) as { skipped: string[] };
  expect(result).toMatchObject({
    written: ['bundles.yaml', '.gitignore', '.gitattributes'],
    files: ['tekton/a.yaml'],
  });
  expect(result.skipped.map((line) => line.split(':')[0])).toEqual(['tekton/b.yaml', 'tekton/c.yaml']);
  expect(given.read('bundles.yaml')).toContain('tag: v2.0.0');
});

good('init', 'any way to write the folder, also the one it is in', async ({ spawned }) => {
  await using given = folder({ 'my pipelines/a.yaml': task });
  const folders = ['./my pipelines/', 'my pipelines/.', join(given.path, 'my pipelines')];
  for (const name of folders) {
    const ran = await spawned([name, ...repository, '--force'], { cwd: given.path });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(given.read('bundles.yaml')).toContain('files: [my pipelines/a.yaml]');
    expect(given.read('.gitattributes')).toBe('"my pipelines/**" eol=lf\nbundles.lock eol=lf\n');
  }
  const here = join(given.path, 'my pipelines');
  for (let times = 0; times < 2; times++)
    expect(await spawned(['.', ...repository, '--force'], { cwd: here })).toMatchObject({
      code: 0,
      stderr: '',
    });
  expect(given.read('my pipelines/bundles.yaml')).toContain('files: [a.yaml]');
  expect(given.read('my pipelines/.gitattributes')).toContain('*.yaml eol=lf\n');
});

bad('init', 'to replace a bundles.yaml, unless told to', async ({ spawned }) => {
  await using given = folder({ 'pipelines/a.yaml': task, 'bundles.yaml': 'mine\n' });
  const refused = await spawned(repository, { cwd: given.path });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  expect(given.read('bundles.yaml')).toBe('mine\n');
  expect((await spawned([...repository, '--force'], { cwd: given.path })).code).toBe(0);
  expect(given.read('bundles.yaml')).toContain('registry.invalid/acme');
});

bad(
  'init',
  'a folder that is missing, empty or holds nothing of Tekton, and says what it saw',
  async ({ spawned }) => {
    await using given = folder({ 'empty/x.txt': '', 'other/map.yaml': 'kind: ConfigMap\n' });
    for (const [name, says] of [
      ['pipelines', 'missing'],
      ['empty', 'Cannot find a Tekton file'],
      ['other', 'other/map.yaml'],
    ] as const) {
      const ran = await spawned([name, ...repository], { cwd: given.path });
      expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining(says)]);
    }
    expect(() => given.read('bundles.yaml')).toThrow();
  },
);

bad('init', 'no repository, or one that is none, or sources out of reach', async ({ spawned }) => {
  await using given = folder({ 'project/pipelines/a.yaml': task, 'pipelines/a.yaml': task });
  const cwd = join(given.path, 'project');
  for (const words of [[], ['--repository', 'not a repository'], ['../pipelines', ...repository]]) {
    const ran = await spawned(words, { cwd });
    expect(ran.code, words.join(' ')).toBe(2);
  }
  expect(() => given.read('project/bundles.yaml')).toThrow();
});
