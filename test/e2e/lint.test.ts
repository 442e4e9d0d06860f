import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lint } from '../../src/ensure/lint/lint-on-demand.js';
import { lintRules } from '../../src/tekton/lint/rules/rules.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { sampleProject } from '../support/samples/sample-project.js';

const repository = 'registry.invalid/acme';
const pinned = `busybox@sha256:${'0'.repeat(64)}`;

const task = (...lines: readonly string[]) =>
  ['apiVersion: tekton.dev/v1', 'kind: Task', 'metadata: {name: build}', 'spec:', ...lines, ''].join('\n');
const fine = task('  steps:', `    - image: ${pinned}`, '      script: echo hello');
const wrong = task(
  '  steps:',
  '    - name: say',
  `      image: ${pinned}`,
  '      script: echo $(params.who)',
);
const misread = task(
  '  params:',
  '    # as released',
  '    - name: version # kept',
  '      default: 1.10',
  '  steps:',
  `    - image: ${pinned}`,
  '      script: echo $(params.version)',
);

interface Document {
  readonly findings: readonly Readonly<Record<string, unknown>>[];
  readonly summary: Readonly<Record<string, number>>;
  readonly error: { readonly code: string } | null;
}

good('lint', 'sources that are as they should be', async ({ inProcess, spawned }) => {
  await using project = sampleProject({ repository });
  project.write('pipelines/alpha.yaml', fine);
  const ran = await inProcess(['--config', project.config]);
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, '0 errors, 0 warnings in 1 object of 1 file\n', '']);
  expect((await spawned(['pipelines/alpha.yaml'], { cwd: project.directory })).code).toBe(0);
});

test('lint() returns what the command prints, by the settings of both, and corrects files where that is wanted', async () => {
  await using project = sampleProject({ repository });
  const { config } = project;
  project.write('pipelines/alpha.yaml', `${misread}---\n${wrong.replace('name: build', 'name: other')}`);
  const printed = async (...words: readonly string[]) =>
    JSON.parse(
      (await runInProcess(['lint', '--output', 'json', '--config', config, ...words])).stdout,
    ) as Document;
  const found = await lint({ config });
  expect(found.summary).toMatchObject({ files: 1, objects: 2, fixed: 0 });
  expect(found.findings.map(({ fixable }) => fixable)).toContain(true);
  expect(found.error?.code).toBe('LINT_FAILED');
  expect(found).toEqual(await printed());

  const rules = [...new Set(found.findings.map(({ rule }) => rule))];
  const severities = Object.fromEntries(rules.map((rule) => [rule, 'warning' as const]));
  const warned = await lint({ config, names: ['alpha'], severities, maxWarnings: 0 });
  const words = rules.flatMap((rule) => ['--rule', `${rule}=warning`]);
  expect(warned).toEqual(await printed('alpha', ...words, '--max-warnings', '0'));
  expect(warned.error).toMatchObject({ code: 'LINT_FAILED', details: { errors: 0, maxWarnings: 0 } });
  expect(await lint({ config, severities })).toMatchObject({ error: null });

  const read = () => readFileSync(join(project.directory, 'pipelines/alpha.yaml'), 'utf8');
  const before = read();
  const fixed = await lint({ config, fix: true });
  expect(fixed.summary.fixed).toBeGreaterThan(0);
  expect(read()).not.toBe(before);
  expect(fixed.findings.filter(({ fixable }) => fixable)).toEqual([]);

  await expect(lint({ config, names: ['unknown'] })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(lint({ config, tektonVersion: '1.12' })).rejects.toMatchObject({ code: 'USAGE' });
  const reason = new Error('enough');
  await expect(lint({ config, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

good('lint', 'a warning with its place, which --fix sets right and keeps the rest', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const file = join(project.directory, 'pipelines/alpha.yaml');
  for (const text of [misread, misread.replaceAll('\n', '\r\n'), `\ufeff${misread}`]) {
    project.write('pipelines/alpha.yaml', text);
    const ran = await inProcess([file]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(
      [
        `${file}:8:16: warning: found 1.10 without quotes, which YAML reads as 1.1, wanted "1.10" (unquoted-value)`,
        '  6 |     # as released',
        '  7 |     - name: version # kept',
        '> 8 |       default: 1.10',
        '    |                ^^^^',
      ].join('\n'),
    );
    const fixed = await inProcess([file, '--fix']);
    expect([fixed.code, fixed.stdout]).toEqual([0, '0 errors, 0 warnings in 1 object of 1 file; 1 fixed\n']);
    expect(readFileSync(file, 'utf8')).toBe(text.replace('1.10', '"1.10"'));
  }
});

good('lint', 'directories, globs and standard input', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  project.write('pipelines/alpha.yaml', fine);
  project.write('pipelines/deep/b.yaml', fine);
  for (const [words, files] of [
    [[`${project.directory}/pipelines`], 1],
    [[`${project.directory}/pipelines/`, `${project.directory}/pipelines/alpha.yaml`], 1],
    [['-'], 1],
  ] as const) {
    const ran = await inProcess([...words, '-o', 'json'], { input: fine });
    expect([ran.code, (JSON.parse(ran.stdout) as Document).summary.files]).toEqual([0, files]);
  }
});

good('lint', 'what bundles.yaml and comments leave out', async ({ inProcess }) => {
  const settings = ['lint: {ignore: [no-undefined-param]}'];
  await using project = sampleProject({ repository, settings });
  project.write('pipelines/alpha.yaml', wrong);
  expect((await inProcess(['--config', project.config, 'alpha'])).code).toBe(0);
  const file = join(project.directory, 'pipelines/alpha.yaml');
  expect((await inProcess([file])).code).toBe(7);
  expect((await inProcess([file, '--ignore', 'no-undefined-param'])).code).toBe(0);
  for (const comment of [
    '      # bundles-lint-disable-next-line no-undefined-param -- given by the run',
    '      # bundles-lint-disable no-undefined-param, unpinned-image',
  ]) {
    project.write('pipelines/alpha.yaml', wrong.replace('      script', `${comment}\n      script`));
    expect((await inProcess([file])).code, comment).toBe(0);
  }
  project.write(
    'pipelines/alpha.yaml',
    wrong.replace('(params.who)', '(params.who) # bundles-lint-disable-line no-undefined-param'),
  );
  expect((await inProcess([file])).code).toBe(0);
});

good(
  'lint',
  'takes the cluster that bundles.yaml describes, unless flags say otherwise',
  async ({ inProcess }) => {
    const settings = ['lint: {apiFields: alpha}'];
    await using project = sampleProject({ repository, settings, workflow: false });
    project.write(
      'pipelines/alpha.yaml',
      'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n  tasks:\n    - name: nested\n      pipelineRef: {name: other}\n',
    );
    const declared = await inProcess(['--config', project.config]);
    const stable = await inProcess(['--config', project.config, '--enable-api-fields', 'stable']);
    expect([declared.code, stable.code]).toEqual([0, 7]);
  },
);

bad('lint', 'what a cluster would refuse, with its place', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  project.write('pipelines/alpha.yaml', wrong);
  const file = join(project.directory, 'pipelines/alpha.yaml');
  const ran = await inProcess(['--config', project.config]);
  expect(ran.code).toBe(7);
  expect(ran.stdout).toBe(
    [
      `${file}:8:15: error: found the param "who", which is not declared (no-undefined-param)`,
      '  6 |     - name: say',
      `  7 |       image: ${pinned}`,
      '> 8 |       script: echo $(params.who)',
      `    |               ${'^'.repeat('echo $(params.who)'.length)}`,
      '',
      '1 error, 0 warnings in 1 object of 1 file',
      '',
    ].join('\n'),
  );
  expect(ran.stderr).toBe('error[LINT_FAILED]: Cannot accept 1 file: found 1 error\n');
  const json = await inProcess(['--config', project.config, '-o', 'json']);
  expect([json.code, JSON.parse(json.stdout)]).toEqual([
    7,
    {
      version: 1,
      files: [file],
      findings: [
        {
          rule: 'no-undefined-param',
          severity: 'error',
          message: 'found the param "who", which is not declared',
          hint: null,
          file,
          line: 8,
          column: 15,
          endLine: 8,
          endColumn: 33,
          object: { kind: 'Task', name: 'build' },
          path: 'spec.steps[0].script',
          fixable: false,
        },
      ],
      summary: { files: 1, objects: 1, errors: 1, warnings: 0, fixed: 0 },
      error: {
        code: 'LINT_FAILED',
        message: 'Cannot accept 1 file: found 1 error',
        hint: null,
        details: { errors: 1, warnings: 0 },
      },
    },
  ]);
});

bad('lint', 'more warnings than are allowed', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  project.write('pipelines/alpha.yaml', misread);
  expect((await inProcess(['--config', project.config, '--max-warnings', '1'])).code).toBe(0);
  const ran = await inProcess(['--config', project.config, '--max-warnings', '0']);
  expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('error[LINT_FAILED]')]);
});

bad(
  'lint',
  'a bundle whose objects do not go together, and text that cannot be read',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository });
    const rulesOf = async () => {
      const ran = await inProcess(['--config', project.config, '-o', 'json']);
      return [
        ran.code,
        ...(JSON.parse(ran.stdout) as Document).findings.map(({ rule, line }) => `${rule} ${line}`),
      ];
    };
    project.write('pipelines/alpha.yaml', `${fine}---\n${fine}`);
    expect(await rulesOf()).toEqual([7, 'no-duplicate-resource 9']);
    project.write(
      'pipelines/alpha.yaml',
      Array.from({ length: 21 }, (_, index) => fine.replace('build', `b${index}`)).join('---\n'),
    );
    expect(await rulesOf()).toEqual([7, 'too-many-objects 161']);
    project.write('pipelines/alpha.yaml', '# nothing\n');
    expect(await rulesOf()).toEqual([7, 'empty-bundle 1']);
    project.write('pipelines/alpha.yaml', `${fine}---\na: [\n---\n${wrong.replace('build', 'other')}`);
    expect(await rulesOf()).toEqual([7, 'invalid-yaml 10', 'no-undefined-param 18']);
    project.write('pipelines/alpha.yaml', fine.replace('Task', 'ConfigMap'));
    expect(await rulesOf()).toEqual([7, 'invalid-object 2']);
  },
);

bad('lint', 'words, rules and files that do not exist', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const config = ['--config', project.config];
  for (const [words, code, told] of [
    [['--ignore', 'no-undefined-parm', ...config], 2, 'Did you mean no-undefined-param?'],
    [['--ignore', 'invalid-yaml', ...config], 2, 'nothing can be built against this rule'],
    [['alpah', ...config], 2, 'alpha'],
    [['docs', ...config], 2, '"docs" is a directory: write docs/'],
    [['--feature', 'enable-everything', ...config], 2, 'enable-param-enum'],
    [['--enable-api-fields', 'gamma', ...config], 2, 'stable, beta, alpha'],
    [['--max-warnings', '-1', ...config], 2, 'whole number'],
    [['alpha', './x.yaml', ...config], 2, 'Cannot lint bundles and files in one run'],
    [['-', '--fix'], 2, 'standard input'],
    [[`${project.directory}/none.yaml`], 7, 'there is no source at this path'],
    [['--config', `${project.directory}/none.yaml`], 2, 'none.yaml'],
  ] as const) {
    const ran = await inProcess(words, { input: fine });
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([code, expect.stringContaining(told)]);
    expect(ran.stdout).toBe('');
  }
});

good('lint', 'annotations in GitHub Actions, and SARIF for code scanning', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  project.write('pipelines/alpha.yaml', misread.replace('# as', '# ##vso[task.x] as'));
  const file = join(project.directory, 'pipelines/alpha.yaml');
  const ran = await inProcess([file], { environment: { GITHUB_ACTIONS: 'true' } });
  expect(ran.stdout).not.toContain('##vso[');
  expect(ran.stderr).toBe(
    `::warning file=${file},line=8,endLine=8,col=16,endColumn=20,title=unquoted-value::found 1.10 without quotes, which YAML reads as 1.1, wanted "1.10"\n`,
  );
  const sarif = await inProcess([file, '-o', 'sarif']);
  expect((JSON.parse(sarif.stdout) as { runs: { results: object[] }[] }).runs[0]?.results).toEqual([
    expect.objectContaining({ ruleId: 'unquoted-value', level: 'warning' }),
  ]);
});

bad('lint', 'ensure and check stop at such a bundle before they ask anybody', async ({ inProcess }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'], workflow: false });
  project.write('pipelines/beta.yaml', wrong);
  expect((await inProcess(['--config', project.config])).code).toBe(7);
  for (const command of ['check', 'ensure']) {
    const { result, code } = await runJson([command, '--config', project.config, '--no-push']);
    const [, refused] = result.bundles;
    expect(code).toBe(command === 'check' ? 6 : 7);
    expect([refused?.error?.code, refused?.requests, refused?.verdict]).toEqual(['LINT_FAILED', 0, null]);
    expect(refused?.error?.message).toContain(
      'beta.yaml:8:15: found the param "who", which is not declared (no-undefined-param)',
    );
  }
  project.write(
    'pipelines/beta.yaml',
    wrong.replace('(params.who)', '(params.who) # bundles-lint-disable-line no-undefined-param'),
  );
  const { code } = await runJson(['ensure', '--config', project.config, '--no-push']);
  expect(code).toBe(0);
});

good('lint', 'a declared version beside another tag, at its place in bundles.yaml', async ({ inProcess }) => {
  await using project = sampleProject({ repository, workflow: false });
  project.write('pipelines/alpha.yaml', fine);
  const text = readFileSync(project.config, 'utf8');
  const key = 'org.opencontainers.image.version';
  const declare = (line: string, more = '') => project.write('bundles.yaml', `${text}    ${line}\n${more}`);
  const lint = async () => {
    const ran = await inProcess(['-o', 'json', '--config', project.config]);
    const { findings } = JSON.parse(ran.stdout) as Document;
    return findings.map(({ rule, severity, line, column }) => [rule, severity, line, column]);
  };
  declare(`annotations: {${key}: 1.0.0}`);
  expect(await lint()).toEqual([]);
  declare(`annotations: {${key}: v1.0.0}`);
  expect(await lint()).toEqual([]);
  declare(`annotations: {${key}: 1.0.1}`);
  expect(await lint()).toEqual([['version-mismatch', 'warning', 7, 53]]);
  const shown = await inProcess(['--config', project.config]);
  expect([shown.code, shown.stdout.includes(`> 7 |     annotations: {${key}: 1.0.1}`)]).toEqual([0, true]);
  declare(`labels: {${key}: 1.0.1}`, 'lint: {version-mismatch: error}\n');
  expect(await lint()).toEqual([['version-mismatch', 'error', 7, 48]]);
  expect((await runJson(['ensure', '--offline', '--config', project.config])).bundle.error?.code).toBe(
    'LINT_FAILED',
  );
  declare(`labels: {${key}: 1.0.1} # bundles-lint-disable-line version-mismatch`);
  expect(await lint()).toEqual([]);
});

good('lint', 'what consumers read, where lint.for names them', async ({ inProcess }) => {
  await using project = sampleProject({ repository, workflow: false });
  const text = readFileSync(project.config, 'utf8');
  const lint = async (more: string) => {
    project.write('bundles.yaml', `${text}${more}lint: {for: [konflux]}\n`);
    const ran = await inProcess(['-o', 'json', '--config', project.config]);
    const { findings } = JSON.parse(ran.stdout) as Document;
    return findings.flatMap(({ rule, line }) => (rule === 'missing-annotation' ? [line] : []));
  };
  // A Pipeline is not a concern of Konflux' rules for Tasks.
  expect(await lint('')).toEqual([]);
  project.write('pipelines/alpha.yaml', fine);
  expect(await lint('')).toEqual([5]);
  expect(await lint('    annotations: {org.opencontainers.image.version: nightly}\n')).toEqual([7]);
  expect(await lint('    annotations: {org.opencontainers.image.version: "1.0"}\n')).toEqual([]);
});

good('lint', 'labels and signatures that Artifact Hub and clusters read', async ({ inProcess }) => {
  await using project = sampleProject({ repository, workflow: false });
  const text = readFileSync(project.config, 'utf8');
  const lint = async (more: string) => {
    project.write('bundles.yaml', `${text}${more}lint: {for: [artifacthub]}\n`);
    const { stdout } = await inProcess(['-o', 'json', '--config', project.config]);
    const { findings } = JSON.parse(stdout) as Document;
    const rules: unknown[] = ['missing-annotation', 'refused-signature'];
    return findings.flatMap(({ rule, line }) => (rules.includes(rule) ? [[rule, line]] : []));
  };
  const missing = ['missing-annotation', 5];
  expect(await lint('')).toEqual([missing, missing, missing]);
  const labels = (created: string, more = '') =>
    `    labels: {org.opencontainers.image.created: "${created}", org.opencontainers.image.description: x, io.artifacthub.package.readme-url: "https://x.example/y.md"${more}}\n`;
  expect(await lint(labels('2026-01-31T00:00:00Z'))).toEqual([]);
  expect(await lint(labels('today', ', io.artifacthub.package.deprecated: "maybe"'))).toEqual([
    ['missing-annotation', 7],
    ['missing-annotation', 7],
  ]);
  const source = readFileSync(join(project.directory, 'pipelines/alpha.yaml'), 'utf8');
  project.write(
    'pipelines/alpha.yaml',
    source.replace('metadata:', 'metadata:\n  annotations: {tekton.dev/signature: eA==}'),
  );
  expect((await lint(labels('2026-01-31T00:00:00Z'))).map(([rule]) => rule)).toEqual(['refused-signature']);
});

good('lint', '--explain every rule, offline and without a project', async ({ inProcess }) => {
  for (const [rule, { summary }] of Object.entries(lintRules)) {
    const { stdout } = await inProcess([
      '--explain',
      rule,
      '-o',
      'json',
      '--config',
      '/nowhere/bundles.yaml',
    ]);
    const document = JSON.parse(stdout) as Record<string, string>;
    expect(document).toMatchObject({ version: 1, rule, means: summary, error: null });
    const text = (await inProcess([`--explain=${rule}`])).stdout;
    expect(text).toMatch(new RegExp(`^${rule} \\(${document.severity}\\)\n`));
    expect(text).toContain('Instead:');
  }
});

bad('lint', 'a rule to explain that is none', async ({ inProcess }) => {
  const ran = await inProcess(['--explain', 'unpined-image']);
  expect(ran.stderr).toContain('Did you mean unpinned-image?');
});
