import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { pathWithProgram } from '../support/program/npx-of-build.js';
import { run, runCli } from '../support/program/run-cli.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '../..');

interface Input {
  readonly default?: unknown;
  readonly options?: readonly string[];
  readonly type?: string;
  readonly regex?: string;
}

interface Job {
  readonly stage: string;
  readonly rules: readonly object[];
  readonly id_tokens: Readonly<Record<string, { readonly aud: string }>>;
  readonly script: readonly string[];
  readonly artifacts: { readonly when: string; readonly reports: Readonly<Record<string, string>> };
}

/** A component as GitLab reads it: what is given is checked by the header, and put where the rest names it. */
function included(file: string, given: Readonly<Record<string, unknown>>): Readonly<Record<string, Job>> {
  const [header = '', body = ''] = readFileSync(join(root, file), 'utf8').split(/^---\n/m);
  const { inputs } = (load(header) as { spec: { inputs: Readonly<Record<string, Input>> } }).spec;
  for (const name of Object.keys(given)) expect(Object.keys(inputs)).toContain(name);
  const used = new Set<string>();
  const text = body.replace(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => {
    const { default: usual, options, type = 'string', regex } = inputs[name] ?? {};
    const value = given[name] ?? usual;
    used.add(name);
    expect(value, `the input ${name}`).toBeDefined();
    if (options) expect(options).toContain(value);
    if (regex) expect(value).toMatch(new RegExp(regex));
    expect(type === 'array' ? Array.isArray(value) : typeof value === type).toBe(true);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  expect([...used].sort()).toEqual(Object.keys(inputs).sort());
  expect(text).not.toContain('$[[');
  return load(text) as Readonly<Record<string, Job>>;
}

async function runJob({ script }: Job, cwd: string, path: string) {
  const text = ['set -e', ...script].join('\n');
  return run('/bin/sh', ['-c', text], {
    cwd,
    env: { PATH: path, CI: 'true', GITLAB_CI: 'true', CI_PROJECT_DIR: cwd },
  });
}

test('the GitLab component: a job that reports findings, and leaves variables for later ones', async () => {
  await using bin = tempDir();
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const path = pathWithProgram(bin.path);
  const jobs = included('templates/ensure.yml', { profile: 'pull-request', args: '--state-dir state' });
  const { bundles } = jobs;
  expect(Object.keys(jobs)).toEqual(['bundles']);
  expect(bundles).toMatchObject({
    stage: 'test',
    rules: [{ when: 'on_success' }],
    id_tokens: { SIGSTORE_ID_TOKEN: { aud: 'sigstore' } },
    artifacts: { when: 'always', reports: { codequality: 'bundles-quality.json', dotenv: 'bundles.env' } },
  });
  const ran = await runJob(bundles!, project.directory, path);
  expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('error[')]);
  const file = (name: string) => readFileSync(join(project.directory, name), 'utf8');
  expect(JSON.parse(file('bundles-quality.json'))).toEqual(expect.any(Array));
  expect(file('bundles.env')).toMatch(/^BUNDLES_RESULT_FALLBACK=true$/m);
  expect(file('bundles.env')).toMatch(
    /^BUNDLES_PINNED_ALPHA=registry\.invalid\/acme\/alpha:v1\.0\.0@sha256:/m,
  );
  expect(existsSync(join(project.directory, 'state/ensure.json'))).toBe(true);

  project.write('pipelines/alpha.yaml', samplePipeline('alpha').replace('echo alpha', '$(params.NOTHING)'));
  const renamed = included('templates/ensure.yml', {
    ...{
      profile: 'release',
      job: 'bundles-release',
      rules: [{ if: '$CI_COMMIT_TAG' }],
      'id-token-audience': 'own',
    },
  })['bundles-release'];
  expect(renamed).toMatchObject({
    rules: [{ if: '$CI_COMMIT_TAG' }],
    id_tokens: { SIGSTORE_ID_TOKEN: { aud: 'own' } },
  });
  const failed = await runJob(renamed!, project.directory, path);
  expect(failed.code).toBe(7);
  const issues = JSON.parse(file('bundles-release-quality.json')) as { location: { path: string } }[];
  expect(issues.map(({ location }) => location.path)).toContain('pipelines/alpha.yaml');
});

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly pass_filenames: boolean;
}

test('the hooks of pre-commit: nothing wrong passes, and what each is there for fails', async () => {
  const [hooks] = loadAll(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as Hook[][];
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: object };
  expect(hooks!.map(({ id }) => id)).toEqual(['bundles-lint', 'bundles-lock']);
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const hook = async (id: string) => {
    const { entry, language, pass_filenames } = hooks!.find((one) => one.id === id)!;
    const [program = '', ...words] = entry.split(' ');
    expect([Object.keys(bin).includes(program), language, pass_filenames]).toEqual([true, 'node', false]);
    return (await runCli(words, { cwd: project.directory })).code;
  };
  expect((await runCli(['ensure', '--offline'], { cwd: project.directory })).code).toBe(0);
  expect([await hook('bundles-lint'), await hook('bundles-lock')]).toEqual([0, 0]);
  for (const { files } of hooks!)
    for (const path of ['bundles.yaml', 'sub/bundles.yaml', 'pipelines/alpha.yaml'])
      expect(path).toMatch(new RegExp(files));
  project.write('pipelines/alpha.yaml', samplePipeline('changed'));
  expect([await hook('bundles-lint'), await hook('bundles-lock')]).toEqual([0, 4]);
  project.write('pipelines/alpha.yaml', samplePipeline('alpha').replace('echo alpha', '$(params.NOTHING)'));
  expect(await hook('bundles-lint')).toBe(7);
});
