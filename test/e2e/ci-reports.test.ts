import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJunit } from '../support/junit-schema.js';
import { runCli } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const task = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  steps:\n';
const wrong = `${task}    - {name: a, image: busybox, script: $(params.nothing)}\n`;

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** A repository whose project lies in a directory of it. */
function repository(options: { readonly repository: string; readonly bundles?: readonly string[] }) {
  const project = sampleProject(options);
  const inside = (path: string) => join(project.directory, path);
  mkdirSync(inside('.git'));
  for (const folder of ['sub/dir/pipelines']) mkdirSync(inside(folder), { recursive: true });
  writeFileSync(inside('sub/dir/pipelines/wrong.yaml'), wrong);
  const text = readFileSync(project.config, 'utf8').replaceAll(
    /pipelines\/[\w.-]+\.yaml/g,
    'pipelines/wrong.yaml',
  );
  writeFileSync(inside('sub/dir/bundles.yaml'), text);
  return Object.assign(project, { inside });
}

const shown = 'sub/dir/pipelines/wrong.yaml';

test('annotations, SARIF and reports name files from the root of the repository', async () => {
  await using project = repository({ repository: 'registry.invalid/acme' });
  const link = `${project.directory}-link`;
  symlinkSync(realpathSync(project.directory), link);
  for (const [cwd, words, env] of [
    ['sub', ['lint', './dir//pipelines/wrong.yaml'], {}],
    ['sub/dir', ['lint'], {}],
    ['sub/dir/pipelines', ['lint', '../pipelines/'], {}],
    ['.', ['-C', 'sub/dir', 'lint', project.inside(shown)], {}],
    ['sub', ['lint', 'dir/pipelines/*.yaml'], { GITHUB_WORKSPACE: link }],
    ['sub', ['lint', 'dir/./pipelines/wrong.yaml'], { CI_PROJECT_DIR: project.directory }],
  ] as const) {
    const options = { cwd: project.inside(cwd), env: { GITHUB_ACTIONS: 'true', ...env } };
    const ran = await runCli([...words, '-o', 'sarif'], options);
    expect(ran.code).toBe(7);
    const { runs } = JSON.parse(ran.stdout);
    const uris = runs[0].results.map(
      (one: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        one.locations[0]?.physicalLocation.artifactLocation.uri,
    );
    expect(new Set(uris)).toEqual(new Set([shown]));
    const annotated = ran.stderr.split('\n').filter((line) => line.startsWith('::error file='));
    expect(annotated[0]).toContain(`::error file=${shown},line=6,`);
  }
  const junit = readJunit((await runCli(['lint', '-o', 'junit'], { cwd: project.inside('sub/dir') })).stdout);
  expect(junit.name).toBe('bundles lint');
  expect(new Set(junit.cases.map(({ subject }) => subject))).toEqual(new Set([shown]));
  const failed = junit.cases.filter(({ result }) => result === 'failure');
  expect(failed.map(({ type }) => type)).toEqual(['no-undefined-param']);
  expect(failed[0]?.text).toContain(`${shown}:6: error: `);
  expect(junit.output).toContain('(no-latest-image)');
});

test('mistakes of bundles.yaml are annotated where they are', async () => {
  await using project = repository({ repository: 'registry.invalid/acme' });
  writeFileSync(project.inside('sub/dir/bundles.yaml'), 'version: 1\nrepositry: a/b\ntagg: v1\n');
  const env = { GITHUB_ACTIONS: 'true' };
  const ran = await runCli(['check', '-o', 'junit'], { cwd: project.inside('sub/dir'), env });
  expect(ran.code).toBe(2);
  const places = ran.stderr
    .split('\n')
    .flatMap((line) => /^::error file=([^,]*),line=(\d+),/.exec(line)?.slice(1) ?? []);
  expect(places).toEqual(expect.arrayContaining(['sub/dir/bundles.yaml', '2', '3']));
  const { cases } = readJunit(ran.stdout);
  expect(cases).toMatchObject([{ name: 'check', result: 'error', type: 'CONFIG_INVALID' }]);
});

test('code quality: the fields that GitLab reads, with fingerprints that stay', async () => {
  await using project = repository({ repository: 'registry.invalid/acme' });
  const quality = async () => {
    const ran = await runCli(['lint', 'dir/pipelines/', '-o', 'codequality'], { cwd: project.inside('sub') });
    return JSON.parse(ran.stdout) as Issue[];
  };
  const issues = await quality();
  expect(issues.find(({ check_name }) => check_name === 'no-undefined-param')).toEqual({
    description: expect.stringMatching(/./),
    check_name: 'no-undefined-param',
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    severity: 'major',
    location: { path: shown, lines: { begin: 6 } },
  });
  expect(issues.find(({ check_name }) => check_name === 'no-latest-image')?.severity).toBe('minor');
  // A line above changes the place and nothing else; the same mistake again has another identity.
  writeFileSync(
    project.inside(shown),
    `# above\n${wrong}    - {name: b, image: busybox, script: $(params.nothing)}\n`,
  );
  const later = await quality();
  const prints = later.map(({ fingerprint }) => fingerprint);
  expect(new Set(prints).size).toBe(prints.length);
  expect(prints).toEqual(expect.arrayContaining(issues.map(({ fingerprint }) => fingerprint)));
});

test('check and verify: a case for each bundle and link, at its declaration', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
  const config = ['--config', project.config];
  expect((await runInProcess(['ensure', 'alpha', '--push', ...config])).code).toBe(0);
  const check = await runInProcess(['check', ...config, '-o', 'junit']);
  expect(check.code).toBe(3);
  expect(readJunit(check.stdout).cases).toMatchObject([
    { subject: 'alpha', name: 'check', result: 'passed' },
    { subject: 'beta', name: 'check', result: 'failure', type: 'absent' },
  ]);
  const verify = await runInProcess(['verify', ...config, '-o', 'junit']);
  const { cases } = readJunit(verify.stdout);
  expect(cases.filter(({ subject }) => subject === 'alpha')).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'registry', result: 'passed' })]),
  );
  expect(
    cases.filter(({ result, subject }) => result === 'failure' && subject === 'beta').length,
  ).toBeGreaterThan(0);
  const quality = await runInProcess(['check', ...config, '-o', 'codequality']);
  const lines = readFileSync(project.config, 'utf8').split('\n');
  expect(JSON.parse(quality.stdout)).toMatchObject([
    { check_name: 'absent', severity: 'major', location: { lines: { begin: lines.indexOf('  beta:') + 1 } } },
  ]);
});

test('--dotenv: variables for later jobs that this program does not read itself', async () => {
  await using project = repository({ repository: 'registry.invalid/acme', bundles: ['alpha', 'a-b', 'a.b'] });
  const cwd = project.inside('sub/dir');
  writeFileSync(project.inside('sub/dir/pipelines/wrong.yaml'), wrong.replace('$(params.nothing)', 'x'));
  writeFileSync(
    project.inside('sub/dir/bundles.yaml'),
    readFileSync(project.inside('sub/dir/bundles.yaml'), 'utf8').replaceAll(
      / {4}workflow:\n(?: {6}.*\n)*/g,
      '',
    ),
  );
  const ran = await runCli(['ensure', '--no-push', '--dotenv', 'result.env'], { cwd });
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('holds no variable for a.b')]);
  const text = readFileSync(join(cwd, 'result.env'), 'utf8');
  const variables = Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  expect(variables).toEqual({
    BUNDLES_RESULT_REPORT: 'sub/dir/.bundles/ensure.json',
    BUNDLES_RESULT_CHANGED: 'true',
    BUNDLES_RESULT_FALLBACK: 'true',
    BUNDLES_PINNED_ALPHA: expect.stringMatching(/^registry\.invalid\/acme\/alpha:v1\.0\.0@sha256:/),
    BUNDLES_PINNED_A_B: expect.stringMatching(/^registry\.invalid\/acme\/a-b:v1\.0\.0@sha256:/),
  });
  const again = await runCli(['ensure', '--no-push', '--output', 'json'], {
    cwd,
    env: variables as Record<string, string>,
  });
  expect(JSON.parse(again.stdout).summary).toMatchObject({ fallback: 3, failed: 0 });
  const unwritable = await runCli(['check', '--dotenv', 'bundles.yaml/x'], { cwd });
  expect([unwritable.code, unwritable.stderr]).toEqual([6, expect.stringContaining('error[NOT_WRITABLE]')]);
});

test('a form that the command does not have is refused in text alone', async () => {
  for (const form of ['junit', 'codequality']) {
    const ran = await runInProcess(['list', '-o', form]);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('error[USAGE]');
  }
});
