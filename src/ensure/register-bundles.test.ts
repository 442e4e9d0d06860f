import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataStorageStandIn, problem, type StandInOptions } from '../../test/support/catalog/data-storage.js';
import { createJumpingClock } from '../../test/support/clocks/jumping-clock.js';
import { type SampleProject, sampleProject } from '../../test/support/samples/sample-project.js';
import { systemClock } from '../async/system-clock.js';
import type { AuditNote } from '../catalog/audit/audit-event.js';
import { createDataStorageClient } from '../catalog/data-storage/data-storage-client.js';
import { dataStorageTarget } from '../catalog/data-storage/data-storage-target.js';

import { runExitCode } from '../cli/commands/ensure/run-projects.js';

import { sendTo } from '../http/serve/handler-transport.js';
import { readProject } from '../project/read-project.js';
import { createRegistryClient } from '../registry/client.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { contentHash } from '../workflow/schema-document.js';
import { createRun, type RunSettings } from './create-run.js';
import { ensureProject } from './ensure-project.js';

const host = '127.0.0.1:5099';

async function environment(project: SampleProject, options: StandInOptions = {}) {
  const notes: AuditNote[] = [];
  const audit = { record: async (note: AuditNote) => void notes.push(note) };
  const service = dataStorageStandIn(options);
  const clock = createJumpingClock();
  const random = () => 0.5;
  const client = createDataStorageClient({
    send: sendTo(service.fetch),
    clock,
    url: 'http://catalog.test',
    random,
  });
  const catalog = dataStorageTarget({ client, clock, random });
  const root = join(project.directory, 'registry');
  const handler = createRegistryHandler({ root, clock: systemClock });
  const registry = createRegistryClient({ send: sendTo(handler), clock: systemClock, plainHttp: [host] });
  const registries = { send: sendTo(handler), registry, anonymous: registry };
  const read = await readProject(project.config);
  const run = (settings: Partial<RunSettings> & { readonly offline?: boolean } = {}) => {
    const { offline = false, ...others } = settings;
    const wired = { clock: systemClock, registries: offline ? undefined : registries, catalog, audit };
    return ensureProject(createRun(read, { mode: 'ensure', ...others }, wired));
  };
  return { service, run, read, notes };
}

const sample = (bundles = ['alpha', 'beta']) =>
  sampleProject({ repository: `${host}/acme`, bundles, settings: ['catalog: http://catalog.test'] });

test('ensure registers what it published, with the committed schema to the byte, and once', async () => {
  await using project = sample();
  const { service, run } = await environment(project);
  const first = await run();
  expect(first.bundles.map(({ outcome, workflow, changes }) => [outcome, workflow?.action, changes])).toEqual(
    [
      ['published', 'created', ['publish', 'lock', 'schema', 'catalog']],
      ['published', 'created', ['publish', 'lock', 'schema', 'catalog']],
    ],
  );
  for (const { workflow, schema, pinned, digest } of first.bundles) {
    const held = service.workflows.find(({ workflow_id }) => workflow_id === workflow?.workflowId);
    const file = readFileSync(join(project.directory, schema!.path), 'utf8');
    expect(held).toMatchObject({ content: file, content_hash: contentHash(file) });
    expect(held).toMatchObject({ container_image: pinned, container_digest: digest });
  }
  const second = await run();
  expect(second.bundles.map(({ workflow, changes }) => [workflow?.action, changes])).toEqual([
    ['unchanged', []],
    ['unchanged', []],
  ]);
  const state = JSON.parse(readFileSync(join(project.directory, '.bundles/state.json'), 'utf8')) as {
    bundles: { workflow: unknown }[];
  };
  expect(state.bundles.map(({ workflow }) => workflow)).toEqual(
    second.bundles.map(({ workflow }) => workflow),
  );
  expect([service.workflows.length, service.problems]).toEqual([2, []]);
});

test('check reports what would be registered and changes nothing', async () => {
  await using project = sample(['alpha']);
  const { service, run } = await environment(project);
  const planned = await run({ mode: 'check' });
  expect(planned.bundles[0]).toMatchObject({ outcome: 'planned', workflow: { action: 'none' } });
  expect(planned.bundles[0]?.changes).toEqual(['publish', 'lock', 'schema', 'catalog']);
  expect(service.exchanges.map(({ method }) => method)).toEqual(['GET']);
  await run();
  const after = await run({ mode: 'check' });
  expect(after.bundles[0]).toMatchObject({ changes: [], workflow: { action: 'unchanged' } });
});

test('a fallback is not registered with a remote catalog, and no request is sent offline', async () => {
  await using project = sample(['alpha']);
  const { service, run } = await environment(project);
  const fallen = await run({ push: false });
  expect(fallen.bundles[0]).toMatchObject({
    outcome: 'fallback',
    workflow: { action: 'skipped', workflowId: null },
  });
  expect((await run({ push: false, mode: 'check' })).bundles[0]?.workflow?.action).toBe('skipped');
  expect((await run({ offline: true })).bundles[0]?.workflow?.action).toBe('skipped');
  expect(service.exchanges).toEqual([]);
});

test.each([
  ['away', (): 'away' => 'away', 'CATALOG_UNREACHABLE'],
  ['refusing', () => problem(403, 'forbidden', 'not you'), 'CATALOG_REFUSED'],
] as const)('a catalog that is %s leaves bundles, lock and schemas in order', async (_, fault, code) => {
  await using project = sample();
  const { run } = await environment(project, { fault });
  const result = await run();
  expect(result.error).toBeNull();
  expect(
    result.bundles.map(({ outcome, error, workflow }) => [outcome, error?.code, workflow?.action]),
  ).toEqual([
    ['published', code, 'none'],
    ['published', code, 'none'],
  ]);
  expect(runExitCode('ensure', result)).toBe(8);
  expect(readFileSync(join(project.directory, 'bundles.lock'), 'utf8')).toContain('beta:');
  expect(readdirSync(join(project.directory, 'schemas')).length).toBe(2);
  expect(JSON.parse(readFileSync(join(project.directory, '.bundles/state.json'), 'utf8'))).toMatchObject({
    bundles: [{ error: code }, { error: code }],
  });
});

test('other content under the same version is a conflict, which check also reports', async () => {
  await using project = sample(['alpha']);
  const { run, service } = await environment(project);
  await run();
  service.workflows[0] = { ...service.workflows[0]!, content_hash: '0'.repeat(64) };
  for (const mode of ['ensure', 'check'] as const) {
    const result = await run({ mode });
    expect(result.bundles[0]).toMatchObject({ outcome: 'reused', error: { code: 'CATALOG_CONFLICT' } });
    expect(runExitCode(mode, result)).toBe(8);
  }
});

test('a frozen run whose lock would change registers nothing', async () => {
  await using project = sample(['alpha']);
  const { run, service } = await environment(project);
  const frozen = await run({ frozen: true });
  expect(frozen.bundles[0]).toMatchObject({ error: { code: 'FROZEN' }, workflow: { action: 'none' } });
  expect(service.exchanges).toEqual([]);
  await run();
  expect((await run({ frozen: true })).bundles[0]?.workflow?.action).toBe('unchanged');
});

test('the audit trail receives each outcome, and each registration once', async () => {
  await using project = sample(['alpha']);
  const { run, notes, service } = await environment(project);
  await run({ mode: 'check' });
  expect(notes).toEqual([]);
  const { bundles } = await run();
  await run();
  await run({ push: false, offline: true });
  await run({ offline: true, fallback: false });
  expect(notes.map(({ type, outcome, severity }) => [type, outcome, severity])).toEqual([
    ['bundle.published', 'success', 'info'],
    ['workflow.registered', 'success', 'info'],
    ['bundle.reused', 'success', 'info'],
    ['bundle.fallback', 'success', 'warning'],
    ['bundle.failed', 'failure', 'error'],
  ]);
  const [published, registered, , , failed] = notes;
  expect(published?.data).toMatchObject({
    bundle: 'alpha',
    pinned: bundles[0]?.pinned,
    verdict: 'absent',
    error: null,
  });
  expect(registered).toMatchObject({
    resource: { type: 'Workflow', id: service.workflows[0]?.workflow_id },
    data: { catalog: 'http://catalog.test', workflow: 'test-alpha', workflow_version: '1.0.0' },
  });
  expect(failed?.data.error).toMatchObject({ code: 'NO_FALLBACK' });
});
