import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf, host, workflowRuns } from '../support/cluster/workflow-runs.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { tempDir } from '../support/temp-dir.js';

const example = join(import.meta.dirname, '..', '..', 'examples', 'workflows');

test('the example of a job and a playbook is pinned in place, valid, and written once', async () => {
  await using directory = tempDir();
  cpSync(example, directory.path, { recursive: true });
  const config = join(directory.path, 'bundles.yaml');
  const text = readFileSync(config, 'utf8').replaceAll('quay.io', host);
  writeFileSync(config, text);
  const images = new Map([['restart:v1', digestOf('1')]]);
  const { run, read } = workflowRuns({ directory: directory.path, config }, images);
  const first = await run();
  expect(first.workflows.map(({ name, engine, outcome, error }) => [name, engine, outcome, error])).toEqual([
    ['drain-node', 'ansible', 'recorded', null],
    ['restart-pod', 'job', 'recorded', null],
  ]);
  const kept = (name: string) => readFileSync(join(example, 'deploy', name), 'utf8');
  expect(read('deploy/restart-pod.yaml')).toBe(
    kept('restart-pod.yaml').replace('bundle: ""', `bundle: "${host}/acme/restart:v1@${digestOf('1')}"`),
  );
  const [, url, commit] = /url: (\S+)\n\s+commit: (\S+)/.exec(text) ?? [];
  expect(read('deploy/drain-node.yaml')).toBe(
    kept('drain-node.yaml')
      .replace('bundle: ""', `bundle: "${url}"`)
      .replace('bundleDigest: ""', `bundleDigest: "${commit}"`),
  );
  const valid = await runInProcess(['schema', 'validate', '--strict', '--config', config, '-o', 'json']);
  expect([valid.code, JSON.parse(valid.stdout).files]).toMatchObject([
    0,
    [
      { kind: 'remediation-workflow', problems: [] },
      { kind: 'remediation-workflow', problems: [] },
    ],
  ]);
  expect((await run({ offline: true, frozen: true })).workflows.map(({ changes }) => changes)).toEqual([
    [],
    [],
  ]);
  images.set('restart:v1', digestOf('2'));
  expect((await run({ update: true })).workflows[1]).toMatchObject({
    raisedFrom: '1.0.0',
    workflow: { version: '1.0.1' },
  });
});
