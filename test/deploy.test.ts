import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { toTektonResults } from '../src/cli/output/ci/tekton-results.js';
import { ensure } from '../src/ensure/ensure.js';
import { profileNames } from '../src/ensure/profiles.js';
import { version } from '../src/version.js';
import { runInProcess } from './support/program/run-in-process.js';
import { tempDir } from './support/temp-dir.js';

// The Tasks and the Pipeline for clusters; test/interop/in-cluster.test.ts runs them.

const directory = join(import.meta.dirname, '..', 'deploy');
interface Named {
  readonly name: string;
}
interface Deployed {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly params: readonly (Named & { readonly default?: unknown })[];
    readonly results: readonly Named[];
    readonly tasks: readonly {
      readonly params: readonly Named[];
      readonly matrix?: { readonly params: readonly Named[] };
    }[];
  };
}
const read = (name: string) =>
  load(readFileSync(join(directory, 'tekton', `${name}.yaml`), 'utf8')) as Deployed;
const task = read('bundles-ensure-task');
const merge = read('bundles-merge-task');
const pipeline = read('bundles-ensure-pipeline');

test('the lock of deploy/ is what its sources give, and each object is of this version', async () => {
  await using state = tempDir();
  const { bundles, error } = await ensure({
    config: join(directory, 'bundles.yaml'),
    ...{ offline: true, frozen: true, stateDir: state.path },
  });
  expect([error, bundles.map(({ error }) => error)]).toEqual([null, [null]]);
  expect(bundles[0]?.reference.split(':').at(-1)).toBe(`v${version}`);
  for (const { metadata } of [task, merge, pipeline])
    expect(metadata.labels['app.kubernetes.io/version']).toBe(version);
});

test('lint finds nothing in deploy/', async () => {
  const ran = await runInProcess([
    'lint',
    '--config',
    join(directory, 'bundles.yaml'),
    '--max-warnings',
    '0',
  ]);
  expect([ran.code, ran.stdout]).toEqual([0, '0 errors, 0 warnings in 3 objects of 3 files\n']);
});

test('the Task declares the results that ensure writes, and a profile that it knows', () => {
  const summary = { planned: 0, reused: 1, published: 0, fallback: 0, failed: 0, requests: 0, durationMs: 0 };
  const written = [...toTektonResults({ part: null, summary }).keys()];
  expect(task.spec.results.map(({ name }) => name)).toEqual(written);
  for (const { spec } of [task, pipeline])
    expect(profileNames).toContain(spec.params.find(({ name }) => name === 'profile')?.default);
});

test('the Pipeline gives its Tasks every param without a default, and none that they do not declare', () => {
  const [first, second] = pipeline.spec.tasks;
  for (const [used, declared] of [
    [first, task],
    [second, merge],
  ] as const) {
    const given = [...(used?.params ?? []), ...(used?.matrix?.params ?? [])].map(({ name }) => name);
    const names = declared.spec.params.map(({ name }) => name);
    expect(given.filter((name) => !names.includes(name))).toEqual([]);
    const needed = declared.spec.params.filter((param) => param.default === undefined);
    expect(needed.filter(({ name }) => !given.includes(name))).toEqual([]);
  }
});
