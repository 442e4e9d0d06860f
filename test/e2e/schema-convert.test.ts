import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { sampleSchema } from '../support/samples/sample-schema.js';
import { tempDir } from '../support/temp-dir.js';

const supplied = ['--action-type', 'RestartPod', '--when-to-use', 'It hangs'];

good(
  'schema convert',
  'the result on standard output, what is lost on standard error',
  async ({ spawned }) => {
    await using directory = tempDir();
    writeFileSync(join(directory.path, 'flat.yaml'), sampleSchema);
    const ran = await spawned(['flat.yaml', '--to', 'remediation-workflow', ...supplied], {
      cwd: directory.path,
    });
    expect(load(ran.stdout)).toMatchObject({
      kind: 'RemediationWorkflow',
      spec: { actionType: 'RestartPod', labels: { severity: ['info'], component: ['apps/v1/Deployment'] } },
    });
    expect(ran.stderr.split('\n')).toEqual([
      'flat.yaml:8:3: changed label-changed: signal_type becomes a custom label',
      'flat.yaml:9:3: changed severity-changed: low becomes info',
      'flat.yaml:10:3: changed component-changed: deployment becomes apps/v1/Deployment',
      'flat.yaml:13:3: changed label-changed: risk_tolerance becomes a custom label',
      '',
    ]);
    const back = await spawned(['-', '--to', 'workflow-schema', '-o', 'json'], { input: ran.stdout });
    const result = JSON.parse(back.stdout) as { document: string; notes: { effect: string; path: string }[] };
    expect(load(result.document)).toEqual(load(sampleSchema));
    expect(result.notes.filter(({ effect }) => effect === 'lost').map(({ path }) => path)).toEqual([
      'spec.description.whenToUse',
      'spec.actionType',
    ]);
  },
);

good('schema convert', 'labels of the command line go before those of the file', async ({ inProcess }) => {
  await using directory = tempDir();
  const file = join(directory.path, 'flat.yaml');
  writeFileSync(file, sampleSchema.replace('deployment', 'widget'));
  const labels = [
    '--label',
    'component=x.io/v1/Widget',
    '--label',
    'component=v1/Pod',
    '--label',
    'team=blue',
  ];
  const ran = await inProcess([file, '--to', 'remediation-workflow', ...supplied, ...labels, '-q']);
  expect(load(ran.stdout)).toMatchObject({
    spec: { labels: { component: ['x.io/v1/Widget', 'v1/Pod'] }, customLabels: { team: 'blue' } },
  });
  expect(ran.stderr).toBe('');
});

bad('schema convert', 'what the format needs and nothing gives', async ({ inProcess }) => {
  await using directory = tempDir();
  const file = join(directory.path, 'flat.yaml');
  writeFileSync(file, sampleSchema);
  const ran = await inProcess([file, '--to', 'remediation-workflow']);
  expect([ran.code, ran.stdout]).toEqual([7, '']);
  expect(ran.stderr).toContain('hint: Add --when-to-use TEXT --action-type NAME');
});

bad('schema convert', 'losses under --strict, and prints nothing', async ({ inProcess }) => {
  await using directory = tempDir();
  const file = join(directory.path, 'flat.yaml');
  writeFileSync(file, `# mine\n${sampleSchema}`);
  const ran = await inProcess([file, '--to', 'workflow-schema', '--strict']);
  expect([ran.code, ran.stdout]).toEqual([7, '']);
  expect(ran.stderr).toContain('without loss: comments are left out');
  const json = await inProcess([file, '--to', 'workflow-schema', '--strict', '-o', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, error: { code: 'SCHEMA_INVALID' } });
});

bad(
  'schema convert',
  'no file, no format, a wrong one, and documents of other kinds',
  async ({ inProcess }) => {
    await using directory = tempDir();
    const file = join(directory.path, 'other.yaml');
    writeFileSync(file, 'kind: ConfigMap\napiVersion: v1\n');
    const cases: [string[], number, string][] = [
      [['--to', 'workflow-schema'], 2, 'file'],
      [[file], 2, '--to'],
      [[file, '--to', 'crd'], 2, 'workflow-schema, remediation-workflow'],
      [[file, '--to', 'workflow-schema', '--label', 'x'], 2, 'KEY=VALUE'],
      [[join(directory.path, 'nope.yaml'), '--to', 'workflow-schema'], 7, 'nope.yaml'],
      [[file, '--to', 'workflow-schema'], 7, 'wanted a WorkflowSchema or a RemediationWorkflow'],
    ];
    for (const [words, code, said] of cases) {
      const ran = await inProcess(words);
      expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(said)]);
    }
  },
);
