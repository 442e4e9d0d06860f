import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bad, good } from '../support/command-cases.js';
import { startGuardedRegistry } from '../support/guarded-registry.js';
import { runInProcess } from '../support/run-in-process.js';
import { sampleProject } from '../support/sample-project.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/commands.md'), 'utf8');

/** The keys that the tables of docs/commands.md name, in their order: of the document, then of a bundle. */
function documentedKeys(): string[][] {
  const [, text = ''] = page.split(/^## JSON of ensure and check$/m);
  const tables = text.split(/^## /m)[0]?.split('Each of `bundles`:') ?? [];
  return tables.map((table) => [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!));
}

good(
  'ensure',
  'publishes over a real socket, says so, and finds all present the next time',
  async ({ spawned }) => {
    await using registry = await startGuardedRegistry();
    await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
    const options = { cwd: project.directory };
    const first = await spawned([], { ...options, env: { CI: 'true' } });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^↑ alpha {2}published {2}[0-9a-f]{12} {2}\S+\/acme\/alpha:v1\.0\.0$/m);
    expect(first.stdout).toMatch(/\n2 bundles in [\d.]+ m?s, \d+ requests: 2 published\n$/);
    expect(first.stderr).toContain(`alpha: publishing to ${registry.host}/acme/alpha:v1.0.0\n`);
    expect(existsSync(join(project.directory, 'schemas/beta-workflow-schema.yaml'))).toBe(true);
    const second = await spawned(['--output', 'json'], options);
    expect(JSON.parse(second.stdout)).toMatchObject({ summary: { reused: 2, requests: 2 } });
  },
);

good('ensure', 'prints the documented keys on every exit status', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const [ofDocument, ofBundle] = documentedKeys();
  for (const words of [['--offline'], ['--offline', '--no-fallback']]) {
    const { stdout } = await inProcess([...words, '--config', project.config, '--output', 'json']);
    const result = JSON.parse(stdout) as { bundles: object[] };
    expect(Object.keys(result)).toEqual(ofDocument);
    expect(Object.keys(result.bundles[0]!)).toEqual(ofBundle);
  }
});

good(
  'ensure',
  'a fallback names the command that serves it, with its state directory',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository: 'registry.invalid/acme' });
    const state = join(project.directory, 'state');
    const { stdout } = await inProcess(['--offline', '--config', project.config, '--state-dir', state]);
    expect(stdout).toContain(
      `1 fallback kept in ${state}/registry, to be served on 127.0.0.1:5055\nrun: npx tekton-bundles registry serve --state-dir "${state}"\n`,
    );
  },
);

bad('ensure', 'a directory without a bundles.yaml', async ({ spawned }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const ran = await spawned([], { cwd: join(project.directory, 'pipelines') });
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toContain('error[CONFIG_NOT_FOUND]: Cannot read "bundles.yaml"');
  // The program as this test starts it, and the directory above.
  expect(ran.stderr).toMatch(/hint: Found \.\.\/bundles\.yaml; run: node \S.* -C \.\. ensure\n/);
  const there = await spawned(['-C', '..', '--offline'], { cwd: join(project.directory, 'pipelines') });
  expect(there.code, there.stderr).toBe(0);
  const nowhere = await spawned(['--config', 'nowhere.yaml'], { cwd: project.directory });
  expect(nowhere.stderr).toMatch(/error\[CONFIG_NOT_FOUND\].*\nhint: .* init\n/);
});

bad(
  'ensure',
  'a typo in bundles.yaml, by line and near word, and a bundle that is not declared',
  async (runner) => {
    await using project = sampleProject({ repository: 'registry.invalid/acme' });
    const unknown = await runner.inProcess(['alhpa', '--config', project.config]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean alpha?')]);
    project.write('bundles.yaml', readFileSync(project.config, 'utf8').replace('files:', 'flies:'));
    const ran = await runner.inProcess(['--config', project.config]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('error[CONFIG_INVALID]');
    expect(ran.stderr).toMatch(/bundles\.yaml:\d+:\d+.*flies/);
    expect(ran.stderr).toContain('files');
  },
);

bad('ensure', 'broken sources by 7, while the other bundles are done', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
  project.write('pipelines/beta.yaml', 'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {}\n');
  const ran = await inProcess(['--offline', '--config', project.config]);
  expect(ran.code).toBe(7);
  expect(ran.stdout).toMatch(/^✗ beta {3}failed {4}error\[OBJECT_INVALID\]/m);
  expect(ran.stdout).toContain('error[OBJECT_INVALID]');
  expect(readFileSync(join(project.directory, 'bundles.lock'), 'utf8')).toMatch(/^ {2}alpha:$/m);
});

test('a run with another repository writes a lock that the next such run reads', async () => {
  await using project = sampleProject({ repository: 'quay.invalid/acme/tests' });
  const lock = join(project.directory, 'other.lock');
  const words = [
    'ensure',
    '--config',
    project.config,
    '--repository',
    'quay.invalid/acme/pr-7',
    '--lock',
    lock,
  ];
  expect((await runInProcess([...words, '--offline'])).code).toBe(0);
  const first = readFileSync(lock, 'utf8');
  expect(first).toContain('path: ".bundles/schemas/alpha-workflow-schema.yaml"');
  expect((await runInProcess([...words, '--offline'])).code).toBe(0);
  expect(readFileSync(lock, 'utf8')).toBe(first);
});
