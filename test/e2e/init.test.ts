import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { cliPath, run, runCli } from '../support/program/run-cli.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline } from '../support/samples/sample-project.js';
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
  const ran = await spawned([...repository, '--workflows'], { cwd: given.path });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(given.read('bundles.yaml')).toMatch(
    /^# yaml-language-server: \$schema=https:[^\n]*\/bundles\.schema\.json\n/,
  );
  expect(given.read('bundles.yaml')).toContain('publish: ci');
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
  expect((await spawned([...repository, '--workflows'], { cwd: given.path })).code).toBe(0);
  const text = given.read('bundles.yaml');
  expect(text).toContain('"yes": {description: The parameter yes}');
  expect(text).not.toContain('MODE');
  const ensured = await runCli(['ensure', '--offline', '--output', 'json'], { cwd: given.path });
  expect(ensured.code, ensured.stdout + ensured.stderr).toBe(0);
  const { bundles } = JSON.parse(ensured.stdout) as { bundles: { workflow: unknown }[] };
  expect(bundles.map(({ workflow }) => workflow !== null)).toEqual([false, false, true]);
});

good('init', 'names what it left out, and reports what it wrote as JSON', async ({ spawned }) => {
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

bad('init', 'to replace a bundles.yaml, unless requested', async ({ spawned }) => {
  await using given = folder({ 'pipelines/a.yaml': task, 'bundles.yaml': 'mine\n' });
  const refused = await spawned(repository, { cwd: given.path });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  expect(given.read('bundles.yaml')).toBe('mine\n');
  expect((await spawned([...repository, '--force'], { cwd: given.path })).code).toBe(0);
  expect(given.read('bundles.yaml')).toContain('registry.invalid/acme');
});

bad(
  'init',
  'a folder that is missing, empty or holds nothing of Tekton, and reports what it saw',
  async ({ spawned }) => {
    await using given = folder({ 'empty/x.txt': '', 'other/map.yaml': 'kind: ConfigMap\n', file: '' });
    for (const [name, wanted] of [
      ['pipelines', 'there is no such file or directory'],
      ['file', 'a part of the path is not a directory'],
      ['empty', 'Cannot find a Tekton file'],
      ['other', 'other/map.yaml'],
    ] as const) {
      const ran = await spawned([name, ...repository], { cwd: given.path });
      expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining(wanted)]);
    }
    expect(() => given.read('bundles.yaml')).toThrow();
  },
);

bad('init', 'no repository, or one that is none, or sources out of reach', async ({ spawned }) => {
  await using given = folder({ 'project/pipelines/a.yaml': task, 'pipelines/a.yaml': task });
  const cwd = join(given.path, 'project');
  for (const [words, code] of [
    [[], 'USAGE'],
    [['--repository', 'not a repository'], 'REFERENCE_INVALID'],
    [['--repository', 'quay.io/acme:v1'], 'REFERENCE_INVALID'],
    [['--repository', 'https://quay.io/acme'], 'REFERENCE_INVALID'],
    [['--repository', `quay.io/acme@sha256:${'0'.repeat(64)}`], 'REFERENCE_INVALID'],
    [[...repository, '--tag', 'no tag'], 'USAGE'],
    [[...repository, '--ci', 'jenkins'], 'USAGE'],
    [['../pipelines', ...repository], 'CONFIG_INVALID'],
  ] as const) {
    const ran = await spawned(words, { cwd });
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([2, expect.stringContaining(`error[${code}]`)]);
  }
  expect(() => given.read('project/bundles.yaml')).toThrow();
});

good('init', 'no workflow unless there are documents about some, or it is requested', async ({ spawned }) => {
  await using given = folder({ 'pipelines/hello.yaml': samplePipeline('hello') });
  const workflows = async (...words: string[]) => {
    const ran = await spawned([...repository, '--force', ...words], { cwd: given.path });
    expect(ran.code).toBe(0);
    return given.read('bundles.yaml').includes('workflow:');
  };
  expect(await workflows()).toBe(false);
  const ensured = await runCli(['ensure', '--offline'], { cwd: given.path });
  expect([ensured.code, existsSync(join(given.path, 'schemas'))]).toEqual([0, false]);
  mkdirSync(join(given.path, 'schemas'));
  writeFileSync(
    join(given.path, 'schemas/a.yaml'),
    'apiVersion: kubernaut.io/v1alpha1\nkind: WorkflowSchema\n',
  );
  expect(await workflows()).toBe(true);
  expect(await workflows('--no-workflows')).toBe(false);
});

/** A RemediationWorkflow as people keep it. */
const kept = (id: string, execution: string) => `apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata:
  name: ${id}   # ours
spec:
  version: "1.0.0"
  description: {what: "Says ${id}", whenToUse: "In tests"}
  actionType: RestartPod
  labels: {severity: [info], environment: [test], component: ["*"], priority: p3}
  execution:
${execution}
  parameters:
    - {name: MESSAGE, type: string, required: false, description: what to say}
`;
const zeros = `sha256:${'0'.repeat(64)}`;
const runs = (engine: string, bundle: string) => `    engine: ${engine}\n    bundle: ${bundle}`;
const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner}\n---\n';

good(
  'init',
  'finds documents beside pipelines, several of one bundle, and ensure takes the result',
  async ({ spawned }) => {
    const hello = runs('tekton', `quay.io/acme/bundles/hello:v1@${zeros}`);
    const documents = {
      'workflows/first/workflow-schema.yaml': kept('hello-first', hello),
      'workflows/second.v1/workflow-schema.yaml': kept('hello-second', hello),
      'deploy/nested/both.yaml': `${account}${kept('hello-third', hello)}---\n${kept('hello-fourth', hello)}`,
      'workflows/restart.v2/workflow-schema.yaml': kept('restart', runs('tekton', '""')),
      'workflows/play/workflow-schema.yaml': kept(
        'play',
        `${runs('ansible', 'https://git.invalid/acme/books.git')}\n    bundleDigest: ${'a'.repeat(40)}\n    engineConfig: {playbookPath: a.yaml}`,
      ),
    };
    await using given = folder({
      ...documents,
      'pipelines/hello.yaml': samplePipeline('hello'),
      'workflows/restart.v2/pipeline.yaml': samplePipeline('restart'),
      'deploy/job.yaml': kept('job', runs('job', `quay.io/acme/job@${zeros}`)),
      'deploy/config.yaml': 'kind: ConfigMap\n',
    });
    const ran = await spawned(repository, { cwd: given.path });
    expect([ran.code, ran.stdout]).toEqual([
      0,
      expect.stringContaining('2 Tekton files: 2 bundles, 6 workflows'),
    ]);
    expect(ran.stderr).toMatch(/^skipped deploy\/job\.yaml: the workflow job: [^\n]+\n$/);
    expect(given.read('bundles.yaml')).toContain('schemas: {format: remediation-workflow}\n');
    expect(given.read('.gitattributes')).toContain('workflows/** eol=lf\n');
    const ensure = async () => {
      const ensured = await runCli(['ensure', '--offline', '-o', 'json'], { cwd: given.path });
      expect(ensured.code, ensured.stdout + ensured.stderr).toBe(0);
      return JSON.parse(ensured.stdout) as { bundles: { name: string; digest: string; pinned: string }[] };
    };
    const { bundles } = await ensure();
    expect(bundles.map(({ name }) => name)).toEqual(['hello', 'restart.v2']);
    const [first, second] = bundles;
    const written = () => Object.keys(documents).map((path) => given.read(path));
    expect(written()).toEqual(
      Object.values(documents).map((text) =>
        text
          .replaceAll(`quay.io/acme/bundles/hello:v1@${zeros}`, first!.pinned)
          .replace('bundle: ""', `bundle: "${second!.pinned}"`),
      ),
    );
    const before = written();
    await ensure();
    expect(written()).toEqual(before);
    expect((await spawned([...repository, '--force', '--no-workflows'], { cwd: given.path })).code).toBe(0);
    expect(given.read('bundles.yaml')).not.toContain('workflows:');
  },
);

good('init', 'a catalog is discovered, whatever names and versions it has', async ({ spawned }) => {
  const files = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, task]));
  for (const [given, names] of [
    [
      files('task/clone/0.1.0/clone.yaml', 'task/build/0.2/build.yaml', 'task/build/README.yaml'),
      ['build:0.2', 'clone:0.1.0'],
    ],
    [files('task/clone/0.1/clone.yaml', 'task/clone/0.2/clone.yaml'), ['clone:0.1', 'clone:0.2']],
    [
      files('task/a/1/a.yaml', 'pipelines/a/1/a.yaml', 'pipelines/b.yaml'),
      ['b:v0.1.0', 'pipelines-a:1', 'task-a:1'],
    ],
    [
      files('stepactions/x/v1/x.yaml', 'tasks/x/v1/x.yaml', 'tasks/x/v2/x.yaml'),
      ['stepactions-x:v1', 'tasks-x:v1', 'tasks-x:v2'],
    ],
  ] as const) {
    await using catalog = folder(given);
    const ran = await spawned(repository, { cwd: catalog.path });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const { stdout } = await runCli(['ensure', '--offline', '-o', 'json'], { cwd: catalog.path });
    const { bundles } = JSON.parse(stdout) as { bundles: { reference: string; outcome: string }[] };
    expect(bundles.map(({ reference }) => reference.replace('registry.invalid/acme/', '')).sort()).toEqual(
      names,
    );
    expect(new Set(bundles.map(({ outcome }) => outcome))).toEqual(new Set(['fallback']));
  }
});

good('init', 'lints what it declares, and leaves out what cannot be a bundle', async ({ spawned }) => {
  await using given = folder({
    'pipelines/a.yaml': task.replace('busybox', 'busybox, script: $(params.none)'),
    'pipelines/b.yaml': 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {}\n',
    'pipelines/c.yaml': `${task}---\n${task}`,
  });
  const ran = await spawned([...repository, '-o', 'json'], { cwd: given.path });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(/^skipped pipelines\/b\.yaml: [^\n]+\nskipped pipelines\/c\.yaml: /);
  expect(ran.stderr).toContain('(no-undefined-param)');
  expect(JSON.parse(ran.stdout)).toMatchObject({ bundles: ['a'], lint: { errors: 1 } });
});

good('init', '--ci writes jobs that run as they are', async ({ spawned }) => {
  await using registry = await startGuardedRegistry();
  for (const [service, file] of [
    ['github', '.github/workflows/bundles.yaml'],
    ['gitlab', '.gitlab-ci.yml'],
  ] as const) {
    await using given = folder({ 'pipelines/a.yaml': task });
    const cwd = given.path;
    const place = `${registry.host}/${service}`;
    const words = ['--repository', place, '--ci', service];
    expect((await spawned(words, { cwd })).code).toBe(0);
    expect((await runCli(['ensure', '--no-push'], { cwd })).code).toBe(0);
    const job = (name: string) => runJob(scriptsOf(given.read(file), name), cwd);
    const proposed = await job('pull-request');
    expect(proposed.code, proposed.stderr).toBe(0);
    const absent = await runCli(['check'], { cwd });
    expect(absent.code).toBe(3);
    const released = await job('release');
    expect(released.code, released.stderr).toBe(0);
    expect((await runCli(['check'], { cwd })).code).toBe(0);
    // Twice is refused, unless it is wanted; the other service has files of its own.
    expect((await spawned(words, { cwd })).code).toBe(2);
    if (service === 'github') continue;
    const beside = folder({ 'pipelines/a.yaml': task, '.gitlab-ci.yml': 'mine: {}\n' });
    const ran = await spawned(words, { cwd: beside.path });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('include: bundles.gitlab-ci.yml')]);
    expect(beside.read('.gitlab-ci.yml')).toBe('mine: {}\n');
    await beside[Symbol.asyncDispose]();
  }
});

/** The commands of one of the two jobs. */
function scriptsOf(text: string, name: string): string[] {
  const document = load(text) as Record<string, { script: string[] }> & {
    jobs?: Record<string, { steps: { run?: string }[] }>;
  };
  if (!document.jobs) return document[`bundles-${name}`]?.script ?? [];
  return document.jobs[name]?.steps.flatMap(({ run }) => run ?? []) ?? [];
}

/** Runs them as a runner does, with this program in place of the published one, and a registry that anybody may use. */
async function runJob(scripts: readonly string[], cwd: string) {
  expect(scripts.length).toBeGreaterThan(1);
  const program = `"${process.execPath}" "${cliPath}"`;
  const script = scripts
    .map((line) => line.replaceAll(/npx --yes tekton-bundles@\S+/g, () => program))
    .join(' && ');
  const home = join(cwd, '.home');
  mkdirSync(home, { recursive: true });
  const env = { CI: 'true', HOME: home, REGISTRY_USER: 'me', REGISTRY_PASSWORD: 'secret' };
  return run('sh', ['-c', script.replaceAll('--password-stdin', '--password-stdin --no-verify')], {
    cwd,
    env,
  });
}
