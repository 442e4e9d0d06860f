import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AuditEventPage, WorkflowList } from '../../src/catalog/data-storage/data-storage-api.js';
import type { EnsureResult } from '../../src/ensure/result.js';
import { startCatalog } from '../../src/testing/start-catalog.js';
import { startRegistry } from '../../src/testing/start-registry.js';
import { runCli } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';

const settings = ['catalog: embedded', 'audit: true'];

async function ensure(config: string, words: readonly string[] = ['ensure']): Promise<EnsureResult> {
  const ran = await runCli([...words, '--config', config, '-o', 'json', '--plain-http', 'registry.invalid']);
  expect([ran.code, ran.stderr]).toEqual([ran.code, expect.not.stringContaining('UNEXPECTED')]);
  return JSON.parse(ran.stdout) as EnsureResult;
}

test('ensure registers with the catalog of the state directory, each version once, fallbacks too', async () => {
  await using project = sampleProject({
    repository: 'registry.invalid/acme',
    settings,
    bundles: ['alpha', 'beta'],
  });
  const root = join(project.directory, '.bundles', 'catalog');
  const planned = await ensure(project.config, ['check']);
  expect(planned.bundles.map(({ changes }) => changes.includes('catalog'))).toEqual([true, true]);
  expect(existsSync(root)).toBe(false);

  const first = await ensure(project.config);
  expect(first.bundles.map(({ outcome, workflow }) => [outcome, workflow?.action])).toEqual([
    ['fallback', 'created'],
    ['fallback', 'created'],
  ]);
  const again = await ensure(project.config);
  expect(again.bundles.map(({ workflow }) => [workflow?.action, workflow?.workflowId])).toEqual(
    first.bundles.map(({ workflow }) => ['unchanged', workflow?.workflowId]),
  );

  // The one who serves the directory is used by a run beside it.
  await using catalog = await startCatalog({ root });
  const list = async () => (await (await fetch(`${catalog.url}/api/v1/workflows`)).json()) as WorkflowList;
  expect((await list()).workflows.map(({ workflow_name }) => workflow_name).sort()).toEqual([
    'test-alpha',
    'test-beta',
  ]);
  expect((await ensure(project.config)).bundles.map(({ workflow }) => workflow?.action)).toEqual([
    'unchanged',
    'unchanged',
  ]);
  const events = (await (
    await fetch(`${catalog.url}/api/v1/audit/events?limit=100`)
  ).json()) as AuditEventPage;
  const types = events.data.map(({ event_type }) => event_type).sort();
  expect(types.filter((type) => type === 'workflow.registered')).toHaveLength(2);
  expect(types.filter((type) => type === 'bundle.fallback').length).toBeGreaterThanOrEqual(2);
}, 300_000);

test('runs at once share one catalog and register once', async () => {
  await using registry = await startRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, settings });
  const results = await Promise.all([1, 2, 3].map(() => ensure(project.config)));
  expect(results.map(({ bundles }) => bundles[0]?.error)).toEqual([null, null, null]);
  expect(new Set(results.map(({ bundles }) => bundles[0]?.workflow?.workflowId)).size).toBe(1);
  await using catalog = await startCatalog({ root: join(project.directory, '.bundles', 'catalog') });
  const { total } = (await (await fetch(`${catalog.url}/api/v1/workflows`)).json()) as WorkflowList;
  expect(total).toBe(1);
}, 300_000);

test('what ensure registers passes the strict mode', async () => {
  await using registry = await startRegistry();
  await using catalog = await startCatalog();
  await using project = sampleProject({
    repository: `${registry.host}/acme`,
    settings: [`catalog: ${catalog.url}`, 'audit: true'],
  });
  const { bundles } = await ensure(project.config);
  expect([bundles[0]?.error, bundles[0]?.workflow?.action]).toEqual([null, 'created']);
}, 120_000);
