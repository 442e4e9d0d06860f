import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startCatalog } from '../../src/testing/start-catalog.js';
import { sampleRegistration } from '../support/catalog/catalog-samples.js';
import { bad, good } from '../support/program/command-cases.js';
import { runCli } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

good('report', 'the embedded catalog, without a network', async ({ spawned }) => {
  await using project = sampleProject({
    repository: 'registry.invalid/acme',
    settings: ['catalog: embedded'],
  });
  const ensured = await runCli(['ensure', '--config', project.config]);
  expect(ensured.code).toBe(0);
  const html = join(project.directory, 'report.html');
  const ran = await spawned(['--html', html, '--config', project.config, '--offline', '-o', 'json']);
  expect([ran.code, JSON.parse(ran.stdout)]).toEqual([
    0,
    {
      version: 1,
      html,
      source: `the embedded catalog in ${join(project.directory, '.bundles', 'catalog')}`,
      workflows: 1,
      versions: 1,
      events: 0,
      error: null,
    },
  ]);
  const page = readFileSync(html, 'utf8');
  expect(page).toContain('test-alpha');
  expect(page).toContain('<svg role="img"');
  expect(page).toContain('kept here');
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

good('report', 'a service by its address, with everything as text', async ({ inProcess }) => {
  await using directory = tempDir();
  await using catalog = await startCatalog({ mode: 'lenient' });
  const hostile = '<script>alert(1)</script>';
  await fetch(`${catalog.url}/api/v1/workflows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sampleRegistration({ name: hostile })),
  });
  const html = join(directory.path, 'report.html');
  writeFileSync(html, 'something else');
  const ran = await inProcess([
    '--html',
    html,
    '--catalog',
    catalog.url,
    '--offline',
    '--config',
    await emptyProject(directory.path),
  ]);
  expect([ran.code, ran.stdout]).toEqual([
    0,
    `${html}: 1 workflow, 1 version, 0 audit events of ${catalog.url}\n`,
  ]);
  const page = readFileSync(html, 'utf8');
  expect(page).not.toContain(hostile);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

bad('report', 'no file, no catalog, one that is away', async ({ inProcess }) => {
  await using directory = tempDir();
  const config = await emptyProject(directory.path);
  const html = ['--html', join(directory.path, 'report.html'), '--config', config, '--offline'];
  for (const [words, code, error] of [
    [['--offline'], 2, 'USAGE'],
    [html, 3, 'NOT_FOUND'],
    [[...html, '--catalog', 'kubernetes'], 2, ''],
    [[...html, '--catalog', 'embeded'], 2, 'CONFIG_INVALID'],
    [[...html, '--catalog', 'http://127.0.0.1:1'], 8, 'CATALOG_UNREACHABLE'],
  ] as const) {
    const ran = await inProcess(words);
    expect([words, ran.code, ran.stderr]).toEqual([words, code, expect.stringContaining(`error[${error}`)]);
  }
  await using catalog = await startCatalog();
  const nowhere = ['--html', join(directory.path, 'no', 'such', 'place.html'), '--config', config];
  const ran = await inProcess([...nowhere, '--catalog', catalog.url, '--offline']);
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[NOT_WRITABLE]')]);
});

/** One that declares no catalog. */
async function emptyProject(directory: string): Promise<string> {
  const file = join(directory, 'bundles.yaml');
  writeFileSync(
    join(directory, 'a.yaml'),
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: {steps: []}\n',
  );
  writeFileSync(
    file,
    'version: 1\nrepository: registry.invalid/acme\ntag: v1\nbundles: {a: {files: [a.yaml]}}\n',
  );
  return file;
}
