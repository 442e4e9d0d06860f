import { expect, test } from 'vitest';
import { credentials, runJson } from '../../test/support/program/run-in-process.js';
import { startGuardedRegistry } from '../../test/support/registry/guarded-registry.js';
import { sampleProject } from '../../test/support/samples/sample-project.js';
import { systemClock } from '../async/system-clock.js';
import type { Machine } from '../open/machine.js';
import { type EnsureOptions, ensure } from './ensure.js';
import type { EnsureEvent } from './events.js';
import type { EnsureResult } from './result.js';

const machine = (environment: Record<string, string> = {}): Machine => ({
  environment,
  home: undefined,
  uid: undefined,
  platform: 'linux',
  clock: systemClock,
});

const timeless = ({ summary, ...result }: EnsureResult) => ({
  ...result,
  summary: { ...summary, durationMs: 0 },
});

test('ensure() gives the document that the command prints, and does what the command does', async () => {
  const results: unknown[] = [];
  const library = (config: string) => ensure({ config, machine: machine() });
  const command = async (config: string) => (await runJson(['ensure', '--config', config])).result;
  for (const run of [library, command]) {
    await using registry = await startGuardedRegistry();
    await using project = sampleProject({
      repository: `${registry.host}/acme`,
      bundles: ['alpha', 'beta'],
      workflow: false,
    });
    for (const _ of ['cold', 'warm']) {
      const text = JSON.stringify(timeless(await run(project.config)));
      results.push(text.replaceAll(registry.host, 'HOST').replaceAll(project.directory, 'DIRECTORY'));
    }
  }
  const [cold, warm, ...commands] = results;
  expect([cold, warm]).toEqual(commands);
});

test.each<[string, string, EnsureOptions, Record<string, string>, string]>([
  ['auto', 'auto', {}, {}, 'published'],
  ['push: false', 'auto', { push: false }, {}, 'fallback'],
  ['ci elsewhere', 'ci', {}, {}, 'fallback'],
  ['ci in a CI job', 'ci', {}, { CI: 'true' }, 'published'],
  ['ci and push: true', 'ci', { push: true }, {}, 'published'],
  ['ci and a profile', 'ci', { profile: 'local' }, { CI: 'true' }, 'fallback'],
  ['never', 'never', {}, { CI: 'true' }, 'fallback'],
])('publish: %s', async (_, publish, options, environment, outcome) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({
    repository: `${registry.host}/acme`,
    settings: [`publish: ${publish}`],
  });
  const { bundles } = await ensure({ ...options, config: project.config, machine: machine(environment) });
  expect(bundles.map((bundle) => bundle.outcome)).toEqual([outcome]);
});

test('variables stand for options, options win, and credentials are those of the environment given', async () => {
  await using registry = await startGuardedRegistry({
    anonymous: 'nothing',
    users: { robot: { password: 'sesame', may: 'push' } },
  });
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const environment = {
    ...credentials(registry.host, 'robot', 'sesame'),
    BUNDLES_CONFIG: project.config,
    BUNDLES_REPOSITORY: `${registry.host}/theirs`,
    BUNDLES_TAG: 'v2.0.0',
    SOURCE_DATE_EPOCH: '86400',
  };
  const first = await ensure({ machine: machine(environment) });
  expect(first.bundles[0]).toMatchObject({
    outcome: 'published',
    reference: `${registry.host}/theirs/alpha:v2.0.0`,
    visibility: 'private',
  });
  const second = await ensure({ machine: machine(environment), tag: 'v3.0.0', ctime: '1970-01-02' });
  expect(second.bundles[0]).toMatchObject({ reference: `${registry.host}/theirs/alpha:v3.0.0` });
  expect(second.bundles[0]?.digest).toBe(first.bundles[0]?.digest);
});

test.each<[string, EnsureOptions, string]>([
  ['an overwrite of everything', { onDifferent: 'overwrite' }, 'USAGE'],
  ['push: true under publish: never', { push: true }, 'USAGE'],
  ['one lock for two projects', { config: ['a.yaml', 'b.yaml'], lock: 'bundles.lock' }, 'USAGE'],
  ['a name that is not declared', { names: ['gamma'] }, 'USAGE'],
  ['a file that is not there', { config: 'nowhere.yaml' }, 'CONFIG_NOT_FOUND'],
  ['a time that is none', { ctime: 'yesterday' }, 'USAGE'],
  ['labels on the declared tag', { label: { a: 'b' } }, 'USAGE'],
  ['a catalog that is not declared', { requireCatalog: true }, 'USAGE'],
])('%s rejects before anything is asked', async (_, options, code) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, settings: ['publish: never'] });
  await expect(ensure({ config: project.config, machine: machine(), ...options })).rejects.toMatchObject({
    code,
  });
  expect(registry.seen).toEqual([]);
});

test('offline sends nothing; events tell what happens; a signal ends it with its reason', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const events: EnsureEvent[] = [];
  const common = { config: project.config, machine: machine() };
  const { bundles } = await ensure({ ...common, offline: true, onEvent: (event) => events.push(event) });
  expect([bundles[0]?.outcome, bundles[0]?.requests, registry.seen]).toEqual(['fallback', 0, []]);
  expect(events.map(({ type }) => type)).toEqual(['started', 'built', 'finished']);
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(ensure({ ...common, signal })).rejects.toThrow('enough');
});

test('confirm is asked once with all that would be published, of all projects', async () => {
  await using registry = await startGuardedRegistry();
  await using one = sampleProject({ repository: `${registry.host}/one`, bundles: ['alpha', 'beta'] });
  await using two = sampleProject({ repository: `${registry.host}/two`, bundles: ['gamma'] });
  const asked: string[][] = [];
  const run = (answer: boolean) =>
    ensure({
      config: [one.config, two.config],
      machine: machine(),
      confirm: async (plans) => {
        asked.push(plans.map(({ bundle }) => bundle));
        return answer;
      },
    });
  expect((await run(false)).bundles.map(({ reason }) => reason)).toEqual(Array(3).fill('declined'));
  expect((await run(true)).summary.published).toBe(3);
  expect((await run(false)).summary.reused).toBe(3);
  expect(asked).toEqual([
    ['alpha', 'beta', 'gamma'],
    ['alpha', 'beta', 'gamma'],
  ]);
});
