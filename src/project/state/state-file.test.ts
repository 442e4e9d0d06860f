import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../async/clock.js';
import { systemClock } from '../../async/system-clock.js';
import { mergeState, type StateEntry } from './state.js';
import { readState, type StateResult, updateState } from './state-file.js';

const clock: Clock = { ...systemClock, now: () => 1_000 };

function result(name: string, more: Partial<StateResult> = {}): StateResult {
  const reference = `quay.io/acme/${name}:v1`;
  const served = { reference, clusterReference: null, layout: '.bundles/registry', live: false };
  return {
    name,
    reference,
    verdict: 'absent',
    outcome: 'fallback',
    reason: 'no-credential',
    digest: `sha256:${'a'.repeat(64)}`,
    pinned: null,
    served,
    workflow: null,
    error: null,
    ...more,
  };
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'state-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return join(path, '.bundles');
}

test('results of later runs replace those of earlier ones by reference', async () => {
  const state = await directory();
  expect((await readState(state)).bundles.size).toBe(0);
  await updateState(state, { results: [result('a'), result('b')] }, { clock });
  const failed = result('a', { outcome: 'failed', served: null, error: { code: 'REGISTRY_DENIED' } });
  const workflow = { name: 'w', version: '1.0.0', workflowId: null, action: 'none' };
  await updateState(state, { results: [failed, result('c', { workflow })] }, { clock });
  const { bundles } = await readState(state);
  expect([...bundles.values()].map(({ name, outcome, error }) => [name, outcome, error])).toEqual([
    ['b', 'fallback', null],
    ['a', 'failed', 'REGISTRY_DENIED'],
    ['c', 'fallback', null],
  ]);
  expect(bundles.get('quay.io/acme/c:v1')).toEqual({
    ...result('c', { workflow }),
    error: null,
    at: '1970-01-01T00:00:01.000Z',
  });
  expect(await readdir(state)).toEqual(['state.json']);
});

test('separate workflows are kept by name, also by runs without one', async () => {
  const state = await directory();
  const workflow = { name: 'w', version: '1.0.0', workflowId: 'id', action: 'created', more: 'x' };
  const one = {
    ...{ name: 'w', outcome: 'recorded', reason: null, bundle: null, engine: 'job', workflow, error: null },
    ...{ reference: 'quay.io/acme/w:v1', digest: `sha256:${'a'.repeat(64)}`, pinned: null },
  };
  const failed = { ...one, name: 'v', outcome: 'failed', workflow: null, error: { code: 'SCHEMA_INVALID' } };
  await updateState(state, { results: [], workflows: [one, failed] }, { clock });
  await updateState(state, { results: [result('a')] }, { clock });
  await updateState(state, { results: [], workflows: [{ ...failed, bundle: 'b' }] }, { clock });
  const { bundles, workflows } = await readState(state);
  const { more, ...kept } = workflow;
  const at = '1970-01-01T00:00:01.000Z';
  expect([bundles.size, [...workflows.values()]]).toEqual([
    1,
    [
      { ...one, workflow: kept, at },
      { ...failed, bundle: 'b', error: 'SCHEMA_INVALID', at },
    ],
  ]);
});

test('members of a result that the state has no place for are not kept', async () => {
  const state = await directory();
  const more = { ...result('a'), differences: ['x'], secret: 'y' };
  await updateState(state, { results: [more] }, { clock });
  expect(await readFile(join(state, 'state.json'), 'utf8')).not.toMatch(/differences|secret/);
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"version":2,"bundles":[{}]}',
  '{"version":1,"bundles":{}}',
  '{"version":1,"bundles":[null,1,{"name":"a"}]}',
  '{"version":1,"workflows":[null,1,{"name":"a"}]}',
])('the damaged state %j is an empty one and is mended by the next run', async (text) => {
  const state = await directory();
  await updateState(state, { results: [result('a')] }, { clock });
  await writeFile(join(state, 'state.json'), text);
  expect((await readState(state)).bundles.size).toBe(0);
  await updateState(state, { results: [result('b')] }, { clock });
  expect([...(await readState(state)).bundles.keys()]).toEqual(['quay.io/acme/b:v1']);
});

test('whatever a state file holds, reading it gives entries that make sense', async () => {
  const state = await directory();
  await updateState(state, { results: [] }, { clock });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.anything(), { maxLength: 3 }), async (bundles) => {
      const text = JSON.stringify({ version: 1, bundles, workflows: bundles }, (_key, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      );
      await writeFile(join(state, 'state.json'), text);
      const read = await readState(state);
      for (const entry of [...read.bundles.values(), ...read.workflows.values()])
        expect(typeof entry.outcome).toBe('string');
    }),
    { numRuns: 50 },
  );
});

test('runs at the same time all leave their results', async () => {
  const state = await directory();
  const names = Array.from({ length: 6 }, (_, index) => `bundle-${index}`);
  await Promise.all(
    names.map((name) => updateState(state, { results: [result(name)] }, { clock: systemClock })),
  );
  expect((await readState(state)).bundles.size).toBe(6);
});

test('the oldest of very many entries go', () => {
  const entry = (index: number): StateEntry => ({ ...result(`b${index}`), error: null, at: '' });
  const all = Array.from({ length: 2_005 }, (_, index) => entry(index));
  const { bundles } = mergeState({ bundles: new Map(), workflows: new Map() }, all);
  expect(bundles.size).toBe(2_000);
  expect([...bundles.values()][0]!.name).toBe('b5');
});
