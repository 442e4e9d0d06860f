import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { sampleSchema } from '../support/samples/sample-schema.js';
import { tempDir } from '../support/temp-dir.js';

const repository = 'registry.invalid/acme';
const schema = 'schemas/alpha-workflow-schema.yaml';

interface Validated {
  readonly files: readonly {
    readonly file: string;
    readonly matched: boolean;
    readonly problems: readonly { readonly rule: string; readonly line: number; readonly column: number }[];
  }[];
  readonly error: { readonly code: string } | null;
}

good('schema validate', 'declared schemas with Pipelines and lock', async ({ inProcess }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  await runInProcess(['schema', 'generate', '--config', project.config]);
  const { stdout } = await inProcess(['--config', project.config]);
  expect(stdout).toContain('workflow-schema, fits its Pipeline');
  expect(stdout).toContain('2 files: nothing wrong');
  const file = join(project.directory, schema);
  const one = await inProcess([file, '--config', project.config, '-o', 'json']);
  expect((JSON.parse(one.stdout) as Validated).files).toEqual([
    expect.objectContaining({ file, matched: true, problems: [] }),
  ]);
});

const kept = (name: string, parameter: string, engine = 'tekton') => `apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata: {name: ${name}}
spec:
  version: "1.0.0"
  description: {what: Restarts it, whenToUse: It hangs}
  actionType: RestartPod
  labels: {severity: [critical], environment: [test], component: [v1/Pod], priority: P1}
  execution: {engine: ${engine}, bundle: ""}
  parameters:
    - {name: ${parameter}, type: string, required: true, description: what to say}
`;

good(
  'schema validate',
  'each document that people keep with the Pipeline of the bundle that its entry names',
  async ({ inProcess }) => {
    await using project = sampleProject({
      repository,
      bundles: ['alpha', 'beta'],
      workflow: false,
      settings: [
        'workflows:',
        '  first: {bundle: alpha, document: deploy/both.yaml}',
        '  second: {bundle: beta, document: deploy/both.yaml}',
        '  third: {bundle: alpha, document: deploy/third.yaml}',
        '  own: {bundle: beta, id: own, description: A test, labels: {signal_type: t, severity: high, component: pod, environment: test, priority: P1, risk_tolerance: low}}',
      ],
    });
    const needsText = samplePipeline('beta').replace(
      'MESSAGE, type: string, default: hello',
      'TEXT, type: string',
    );
    project.write('pipelines/beta.yaml', needsText);
    const account = '# kept\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\n---\n';
    const both = (second: string) =>
      project.write(
        'deploy/both.yaml',
        `${account}${kept('first', 'MESSAGE')}---\n${kept('second', second)}`,
      );
    both('TEXT');
    project.write('deploy/third.yaml', kept('third', 'MESSAGE'));
    await runInProcess(['ensure', '--offline', '--config', project.config]);
    const validate = async (...words: string[]) => {
      const ran = await inProcess([...words, '--config', project.config, '-o', 'json']);
      const { files } = JSON.parse(ran.stdout) as Validated;
      const rules = files.map(({ matched, problems }) => [matched, ...problems.map(({ rule }) => rule)]);
      return { code: ran.code, rules };
    };
    expect(await validate()).toEqual({ code: 0, rules: [[true], [true], [true], [true]] });

    const written = readFileSync(join(project.directory, 'deploy/both.yaml'), 'utf8');
    project.write(
      'deploy/both.yaml',
      written.replace('TEXT', 'MESSAGE').replace(/sha256:[0-9a-f]{4}/, 'sha256:0000'),
    );
    project.write(
      'deploy/third.yaml',
      readFileSync(join(project.directory, 'deploy/third.yaml'), 'utf8').replace(
        'engine: tekton',
        'engine: job',
      ),
    );
    const wrong = await validate();
    expect([wrong.code, wrong.rules.slice(1)]).toEqual([
      7,
      [
        [true, 'bundle-as-locked'],
        [true, 'required-param-listed', 'param-in-pipeline'],
        [false, 'document-declared'],
      ],
    ]);
    project.write('deploy/third.yaml', 'a: [');
    expect((await validate(join(project.directory, 'deploy/third.yaml'))).code).toBe(7);
  },
);

good('schema validate', 'a file alone, piped, or beside its Pipeline', async ({ spawned }) => {
  await using directory = tempDir();
  const cwd = directory.path;
  writeFileSync(join(cwd, 'schema.yaml'), sampleSchema);
  writeFileSync(join(cwd, 'pipeline.yaml'), samplePipeline('x'));
  const alone = await spawned(['schema.yaml'], { cwd });
  expect([alone.code, alone.stdout]).toEqual([0, '✓ schema.yaml  workflow-schema\n1 file: nothing wrong\n']);
  const piped = await spawned(['-'], { cwd, input: sampleSchema });
  expect(piped.stdout).toContain('✓ <stdin>');
  const beside = await spawned(['schema.yaml', '--pipeline', 'pipeline.yaml'], { cwd });
  expect(beside.stdout).toContain('fits its Pipeline');
});

good('schema validate', 'warnings are not a failure unless asked for', async ({ inProcess }) => {
  await using directory = tempDir();
  const file = join(directory.path, 'schema.yaml');
  writeFileSync(file, sampleSchema.replace('MESSAGE', 'message'));
  const lenient = await inProcess([file]);
  expect([lenient.code, lenient.stdout]).toEqual([
    0,
    expect.stringContaining(`${file}:18:11: warning parameter-upper-snake-case: parameters[0].name: `),
  ]);
  expect((await inProcess([file, '--strict'])).code).toBe(7);
});

bad('schema validate', 'each problem by rule and place', async ({ inProcess }) => {
  await using directory = tempDir();
  const file = join(directory.path, 'schema.yaml');
  writeFileSync(file, sampleSchema.replace('severity: low', 'severity: hihg').replace('"1.0.0"', 'v1.0.0'));
  const ran = await inProcess([file]);
  expect(ran.code).toBe(7);
  expect(ran.stdout.split('\n').slice(0, 4)).toEqual([
    `${file}:5:12: error metadata-version-pattern: metadata.version: found "v1.0.0", wanted SemVer without a leading v, in quotes, e.g. "1.0.0"`,
    '  hint: Write "1.0.0"',
    `${file}:9:13: error labels-severity-value: labels.severity: found "hihg", wanted one of critical, high, medium, low`,
    '  hint: Did you mean "high"?',
  ]);
  // The problems stand in the result, once.
  expect(ran.stderr).toMatch(/^error\[SCHEMA_INVALID\]: [^\n]*: found 2 errors\n/);
  expect(ran.stderr).not.toContain('v1.0.0');
  const json = JSON.parse((await inProcess([file, '-o', 'json'])).stdout) as Validated;
  expect(json.error?.code).toBe('SCHEMA_INVALID');
  expect(json.files[0]!.problems.map(({ rule, line, column }) => [rule, line, column])).toEqual([
    ['metadata-version-pattern', 5, 12],
    ['labels-severity-value', 9, 13],
  ]);
});

bad('schema validate', 'a Pipeline that needs what the document does not list', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  await runInProcess(['schema', 'generate', '--config', project.config]);
  project.write(
    'pipelines/alpha.yaml',
    samplePipeline('x').replace('MESSAGE, type: string, default: hello', 'TEXT, type: string'),
  );
  const ran = await inProcess(['--config', project.config]);
  expect([ran.code, ran.stdout]).toEqual([
    7,
    expect.stringContaining('error required-param-listed: parameters: '),
  ]);
  expect(ran.stdout).toContain('note param-in-pipeline: parameters[0].name: ');
  const annotated = await inProcess(['--config', project.config], {
    environment: { GITHUB_ACTIONS: 'true' },
  });
  expect(annotated.stderr).toMatch(
    /::error file=.*alpha-workflow-schema\.yaml,line=\d+,col=\d+,title=required-param-listed::/,
  );
});

bad('schema validate', 'no schema, or another digest than the lock', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  await runInProcess(['schema', 'generate', '--config', project.config]);
  const file = join(project.directory, schema);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/sha256:\w+/, `sha256:${'0'.repeat(64)}`));
  const other = await inProcess(['--config', project.config]);
  expect([other.code, other.stdout]).toEqual([7, expect.stringContaining('bundle-as-locked')]);
  rmSync(file);
  const gone = await inProcess(['--config', project.config]);
  expect([gone.code, gone.stdout]).toEqual([
    7,
    expect.stringContaining('hint: Run: npx tekton-bundles schema generate alpha'),
  ]);
});

bad('schema validate', 'missing files, other documents, odd options', async ({ inProcess }) => {
  await using directory = tempDir();
  const at = (name: string, text: string) => {
    writeFileSync(join(directory.path, name), text);
    return join(directory.path, name);
  };
  const cases: [string[], number, string][] = [
    [[join(directory.path, 'nope.yaml')], 7, 'SOURCE_NOT_FOUND'],
    [[directory.path], 9, 'a directory'],
    [[at('empty.yaml', '')], 7, 'SCHEMA_INVALID'],
    [[at('broken.yaml', 'a: [')], 7, 'SCHEMA_INVALID'],
    [[at('map.yaml', 'apiVersion: v1\nkind: ConfigMap\n')], 7, 'RemediationWorkflow'],
    [['--pipeline', 'x.yaml'], 2, '--pipeline'],
    [
      [at('schema.yaml', sampleSchema), '--pipeline', join(directory.path, 'nope.yaml')],
      7,
      'SOURCE_NOT_FOUND',
    ],
    [['--config', join(directory.path, 'nope.yaml')], 2, 'CONFIG_NOT_FOUND'],
  ];
  for (const [words, code, said] of cases) {
    const ran = await inProcess(words);
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([code, expect.stringContaining(said)]);
  }
});
