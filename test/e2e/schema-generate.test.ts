import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import type { GenerateResult } from '../../src/ensure/schemas/generate-schemas.js';
import { workflowIdentity } from '../../src/workflow/workflow-id.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { remediationProject, sampleProject } from '../support/samples/sample-project.js';

const repository = 'registry.invalid/acme';
const schema = 'schemas/alpha-workflow-schema.yaml';

good('schema generate', 'ensure finds nothing left to do, and the other way round', async ({ inProcess }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  const at = (path: string) => join(project.directory, path);
  const { stdout } = await inProcess(['--config', project.config, '-o', 'json']);
  const { schemas, written } = JSON.parse(stdout) as GenerateResult;
  expect(written).toEqual([schema, 'schemas/beta-workflow-schema.yaml']);
  expect(schemas.map(({ name, error }) => [name, error])).toEqual([
    ['alpha', null],
    ['beta', null],
  ]);
  expect(readFileSync(at(schema), 'utf8')).toBe(schemas[0]!.document);
  const frozen = await runJson(['ensure', '--config', project.config, '--offline', '--frozen']);
  expect([frozen.code, frozen.bundle.changes]).toEqual([0, []]);
  expect(frozen.bundle.schema).toEqual({ path: schema, contentHash: schemas[0]!.contentHash });
  const again = JSON.parse(
    (await inProcess(['--config', project.config, '-o', 'json'])).stdout,
  ) as GenerateResult;
  expect(again.written).toEqual([]);
});

good(
  'schema generate',
  'what a person wrote stays, with the same bytes as by ensure',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository });
    const file = join(project.directory, schema);
    await inProcess(['--config', project.config]);
    const mine = readFileSync(file, 'utf8').replace('parameters:', '# what callers give\nparameters:');
    writeFileSync(file, `${mine}x-owner: blue # ours\n`);
    const unchanged = await inProcess(['--config', project.config]);
    expect(unchanged.stdout).toContain('unchanged');
    const lock = await runJson(['check', '--config', project.config, '--offline']);
    expect(lock.bundle.changes).toEqual([]);
    const config = readFileSync(project.config, 'utf8').replace(
      'description: A test',
      'description: Another test',
    );
    writeFileSync(project.config, config);
    const before = readFileSync(file, 'utf8');
    await inProcess(['--config', project.config]);
    const generated = readFileSync(file, 'utf8');
    writeFileSync(file, before);
    await runInProcess(['ensure', '--config', project.config, '--offline']);
    expect(readFileSync(file, 'utf8')).toBe(generated);
    expect(generated).toBe(before.replace('A test', 'Another test'));
    const frozen = await runJson(['ensure', '--config', project.config, '--offline', '--frozen']);
    expect([frozen.code, frozen.bundle.changes]).toEqual([0, []]);
  },
);

good(
  'schema generate',
  'a comment alone is news to the lock, and frozen runs say so',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository });
    await inProcess(['--config', project.config]);
    appendFileSync(join(project.directory, schema), '# mine\n');
    const frozen = await runJson(['ensure', '--config', project.config, '--offline', '--frozen']);
    expect([frozen.code, frozen.bundle.error?.code]).toEqual([4, 'FROZEN']);
    await inProcess(['--config', project.config]);
    const after = await runJson(['ensure', '--config', project.config, '--offline', '--frozen']);
    expect([after.code, after.bundle.changes]).toEqual([0, []]);
  },
);

good(
  'schema generate',
  'a RemediationWorkflow and its ActionType, through ensure, check and frozen',
  async ({ inProcess }) => {
    await using project = remediationProject({ repository });
    const at = (path: string) => join(project.directory, path);
    const check = await runJson(['check', '--config', project.config, '--offline']);
    expect(check.bundle.changes).toEqual(['lock', 'schema']);
    const ensured = await runJson(['ensure', '--config', project.config, '--offline']);
    expect(ensured.code).toBe(0);
    const workflow = at('schemas/alpha-remediation-workflow.yaml');
    const action = at('schemas/restart-pod-action-type.yaml');
    const document = load(readFileSync(workflow, 'utf8'));
    expect(document).toMatchObject({ kind: 'RemediationWorkflow', spec: { actionType: 'RestartPod' } });
    expect(workflowIdentity(document).workflowId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(load(readFileSync(action, 'utf8'))).toMatchObject({
      kind: 'ActionType',
      spec: { name: 'RestartPod' },
    });
    expect(readFileSync(at('bundles.lock'), 'utf8')).toContain('schemas/alpha-remediation-workflow.yaml');
    const again = await inProcess(['--config', project.config, '-o', 'json']);
    const { written, schemas } = JSON.parse(again.stdout) as GenerateResult;
    expect(written).toEqual([]);
    expect(schemas[0]).toMatchObject(workflowIdentity(document));
    rmSync(action);
    const frozen = await runJson(['ensure', '--config', project.config, '--offline', '--frozen']);
    expect([frozen.code, frozen.bundle.error?.code]).toEqual([4, 'FROZEN']);
    await inProcess(['alpha', '--config', project.config]);
    expect(existsSync(action)).toBe(true);
    const valid = await runInProcess(['schema', 'validate', '--config', project.config]);
    expect([valid.code, valid.stdout]).toEqual([0, expect.stringContaining('2 files: nothing wrong')]);
  },
);

const own = (name: string, more = '') =>
  `  ${name}: {bundle: beta, id: ${name}, description: Another, labels: {signal_type: t, severity: high, component: pod, environment: test, priority: P1, risk_tolerance: low}${more}}`;

good(
  'schema generate',
  'separate workflows, and the lock of the bundle that they run, as ensure writes them',
  async ({ inProcess }) => {
    await using project = sampleProject({
      repository,
      bundles: ['alpha', 'beta'],
      workflow: false,
      settings: ['workflows:', own('day'), own('night'), own('wrong', ', parameters: {NONE: {}}')],
    });
    const generate = async (...words: string[]) => {
      const ran = await inProcess([...words, '--config', project.config, '-o', 'json']);
      return { code: ran.code, ...(JSON.parse(ran.stdout) as GenerateResult) };
    };
    const one = await generate('night');
    expect([one.code, one.written]).toEqual([0, ['schemas/night-workflow-schema.yaml']]);
    const all = await generate();
    expect([all.code, all.schemas.map(({ name, error }) => [name, error?.code ?? null])]).toEqual([
      7,
      [
        ['day', null],
        ['night', null],
        ['wrong', 'SCHEMA_MISMATCH'],
      ],
    ]);
    expect(all.written).toEqual(['schemas/day-workflow-schema.yaml']);
    const text = readFileSync(join(project.directory, 'schemas/day-workflow-schema.yaml'), 'utf8');
    expect(text).toBe(all.schemas[0]!.document);
    const frozen = await runInProcess([
      ...['ensure', 'day', 'night', '--config', project.config, '--offline', '--frozen', '-o', 'json'],
    ]);
    expect([frozen.code, JSON.parse(frozen.stdout)]).toMatchObject([
      0,
      { workflows: [{ schema: { contentHash: all.schemas[0]!.contentHash }, changes: [] }, { changes: [] }] },
    ]);
    project.write('pipelines/beta.yaml', 'kind: [');
    const broken = await generate('--dry-run');
    expect([broken.code, broken.written, broken.schemas.map(({ error }) => error?.code)]).toEqual([
      ...[7, [], ['YAML_INVALID', 'YAML_INVALID', 'YAML_INVALID']],
    ]);
  },
);

good('schema generate', 'print and dry-run write nothing', async ({ spawned }) => {
  await using project = sampleProject({ repository });
  const printed = await spawned(['--print'], { cwd: project.directory });
  expect(load(printed.stdout)).toMatchObject({ kind: 'WorkflowSchema' });
  const dry = await spawned(['-n'], { cwd: project.directory });
  expect(dry.stdout).toContain(`✓ alpha  would be written  ${schema}`);
  expect(existsSync(join(project.directory, 'schemas'))).toBe(false);
  expect(existsSync(join(project.directory, 'bundles.lock'))).toBe(false);
});

bad(
  'schema generate',
  'unknown bundles, bundles without workflow, documents that people keep, and projects without schemas',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository });
    await using kept = sampleProject({
      repository,
      settings: ['workflows:', '  mine: {bundle: alpha, document: deploy/mine.yaml}'],
    });
    await using plain = sampleProject({ repository, workflow: false });
    await using none = sampleProject({ repository, settings: ['schemas: {format: none}'] });
    const cases = [
      [['alhpa', '--config', project.config], 'Did you mean alpha?'],
      [['alpha', '--config', plain.config], 'it is not a workflow'],
      [['mine', '--config', kept.config], 'people keep "deploy/mine.yaml"'],
      [['--config', none.config], 'schemas.format none'],
    ] as const;
    for (const [words, said] of cases) {
      const ran = await inProcess(words);
      expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(said)]);
    }
  },
);

bad(
  'schema generate',
  'a file that holds something else, while the others are written',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
    const foreign = 'kind: ConfigMap\napiVersion: v1\n';
    project.write(schema, foreign);
    const ran = await inProcess(['--config', project.config]);
    expect(ran.code).toBe(7);
    expect(ran.stdout).toContain(`error[SCHEMA_INVALID]: Cannot write "${schema}"`);
    expect(readFileSync(join(project.directory, schema), 'utf8')).toBe(foreign);
    expect(existsSync(join(project.directory, 'schemas/beta-workflow-schema.yaml'))).toBe(true);
  },
);

bad('schema generate', 'a declaration that does not fit the Pipeline', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  appendFileSync(project.config, '      parameters: {MESAGE: {enum: [a]}}\n');
  const ran = await inProcess(['--config', project.config, '-o', 'json']);
  const { schemas } = JSON.parse(ran.stdout) as GenerateResult;
  expect([ran.code, schemas[0]!.error?.code]).toEqual([7, 'SCHEMA_MISMATCH']);
});
