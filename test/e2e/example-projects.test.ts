import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { expect, onTestFinished, test } from 'vitest';
import { startRegistry } from '../../src/testing/start-registry.js';
import { runCli } from '../support/program/run-cli.js';
import { judgeWorkflow } from '../support/random/judge-workflow.js';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '../..');
const examples = join(root, 'examples');
const workflows = join(examples, 'publish/.github/workflows');

function copied(): string {
  const directory = tempDir();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  cpSync(examples, directory.path, { recursive: true });
  mkdirSync(join(directory.path, 'node_modules'));
  symlinkSync(root, join(directory.path, 'node_modules/tekton-bundles'));
  return directory.path;
}

/** The steps of a workflow that run the program, in their order; each alone on its line. */
function stepsOf(name: string) {
  const { jobs } = load(readFileSync(join(workflows, name), 'utf8')) as {
    jobs: Record<string, { steps: { run?: string; env?: Record<string, string> }[] }>;
  };
  return Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run = '', env = {} }) => {
      const command = /^npx tekton-bundles (.+)$/.exec(run)?.[1];
      return command === undefined ? [] : [{ command, env }];
    }),
  );
}

test('the workflows of the example run as written: a pull request publishes nothing, a release all, and again nothing', async () => {
  const cwd = join(copied(), 'publish');
  await using registry = await startRegistry();
  // What is declared and locked, not what the Pipeline refers to: its bytes stay.
  const moved = (text: string) => text.replace(/(?<=^|reference: |repository: )quay\.io/g, registry.host);
  for (const name of ['bundles.yaml', 'bundles.lock'])
    writeFileSync(join(cwd, name), moved(readFileSync(join(cwd, name), 'utf8')));
  const results: string[] = [];
  for (const name of ['pull-request.yml', 'release.yml', 'release.yml']) {
    const steps = stepsOf(name);
    expect(steps.length).toBeGreaterThan(1);
    for (const { command, env } of steps) {
      const own = Object.entries(env).map(([variable, value]) => [variable, moved(value)]);
      const settings = { cwd, env: { CI: 'true', HOME: '/nonexistent', ...Object.fromEntries(own) } };
      const ran = await runCli(command.split(' '), settings);
      expect(ran.code, `${command}\n${ran.stdout}${ran.stderr}`).toBe(0);
      if (command.startsWith('ensure'))
        results.push(...ran.stdout.match(/\b(?:fallback|published|reused)\b(?= )/g)!);
    }
  }
  expect([...new Set(results)]).toEqual(['fallback', 'published', 'reused']);
});

test('the committed lock of the example fits its sources, and its Pipeline names the Task by the digest in the lock', () => {
  const { bundles } = load(readFileSync(join(examples, 'publish/bundles.lock'), 'utf8')) as {
    bundles: Record<string, { reference: string; digest: string }>;
  };
  const { reference, digest } = bundles.greeting!;
  expect(readFileSync(join(examples, 'publish/pipelines/greet.yaml'), 'utf8')).toContain(
    `${reference}@${digest}\n`,
  );
});

test('the workflows of the example are as safe as those of this repository, with the same actions', () => {
  const pinned = (text: string) => text.match(/uses: \S+ # \S+/g) ?? [];
  const own = readdirSync(join(root, '.github/workflows')).flatMap((name) =>
    pinned(readFileSync(join(root, '.github/workflows', name), 'utf8')),
  );
  for (const name of readdirSync(workflows)) {
    const text = readFileSync(join(workflows, name), 'utf8');
    expect(judgeWorkflow(text), name).toEqual([]);
    expect(own, name).toEqual(expect.arrayContaining(pinned(text)));
  }
});

test('the example of the library publishes once and finds everything there the second time', async () => {
  const cwd = join(copied(), 'library');
  const { stdout } = await promisify(execFile)(process.execPath, ['ensure.js'], { cwd });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/127\S+/, 'PINNED'));
  expect(lines).toEqual([
    'first: greet published PINNED',
    'first: greeting published PINNED',
    expect.stringMatching(/^first: 2 published, \d+ requests$/),
    'second: greet reused PINNED',
    'second: greeting reused PINNED',
    'second: 0 published, 2 requests',
  ]);
});

test('examples/README.md lists every example, and a test names each', () => {
  const readme = readFileSync(join(examples, 'README.md'), 'utf8');
  const tests = ['e2e/example-projects', 'e2e/example-workflows', 'interop/examples']
    .map((name) => readFileSync(join(root, 'test', `${name}.test.ts`), 'utf8'))
    .join('\n');
  const directories = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of directories.filter((entry) => !['pipelines', 'node_modules'].includes(entry.name))) {
    expect(readme).toContain(`| [${name}](${name}) |`);
    expect(tests).toMatch(new RegExp(`'(?:${name}|${name}/[^']*)'`));
  }
});
