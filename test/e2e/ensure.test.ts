import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import { shardOf } from '../../src/project/lock/shard.js';
import { fileTree } from '../support/file-tree.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/commands/ensure-json.md'), 'utf8');

/** The keys that the tables of the page name, in their order: of the document, then of a bundle. */
function documentedKeys(): string[][] {
  const tables = page.split(/^## /m).slice(0, 2);
  return tables.map((table) => [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!));
}

good(
  'ensure',
  'publishes over a real socket, reports it, and finds all present the next time',
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

good(
  'ensure',
  'writes results of a Tekton Task, and fails where they cannot be written',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
    const { directory, config } = project;
    const words = ['--offline', '--shard', '1/1', '--part', join(directory, 'part.yaml'), '--config', config];
    const results = join(directory, 'results');
    mkdirSync(results);
    const ran = await inProcess([...words, '--tekton-results', results]);
    const read = (name: string) => readFileSync(join(results, name), 'utf8');
    expect([ran.code, read('part'), read('IMAGES')]).toEqual([0, join(directory, 'part.yaml'), '']);
    expect(read('summary')).toBe('reused 0, published 0, fallback 2, failed 0');
    const refused = await inProcess([...words, '--tekton-results', config]);
    expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining('error[NOT_WRITABLE]')]);
  },
);

bad('ensure', 'a shard that is none, or has nowhere to put its part', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
  const { config, directory } = project;
  const part = ['--part', join(directory, 'part.yaml')];
  const before = fileTree(directory);
  for (const [words, code = 'USAGE'] of [
    [['--shard', '0/4', ...part]],
    [['--shard', '5/4', ...part]],
    [['--shard', '1', ...part]],
    [['--shard', '1/4']],
    [part],
    [['--shard', '1/4', '--part', '']],
    [['--shard', '1/4', '--part', config]],
    [['--shard', '1/4', '--part', join(directory, 'bundles.lock')]],
    [['--shard', '1/4', '--part', join(directory, 'l'), '--lock', join(directory, 'l')]],
    [['--shard', '1/4', '--part', 'oci:quay.io/acme/parts:v1']],
    [['--shard', '1/4', '--part', 'oci:quay.io/acme/parts'], 'REFERENCE_INVALID'],
    [['--shard', '1/4', '--part', `oci:quay.io/acme/parts@sha256:${'0'.repeat(64)}`], 'REFERENCE_INVALID'],
    [['--shard', '1/4', ...part, 'alpha']],
    [['--shard', '1/4', ...part, '-c', config]],
  ] as [string[], string?][]) {
    const ran = await inProcess([...words, '--offline', '-c', config, '-o', 'json']);
    const { error } = JSON.parse(ran.stdout) as { error: { code: string } };
    expect([ran.code, error.code], words.join(' ')).toEqual([2, code]);
  }
  expect(fileTree(directory)).toEqual(before);
});

good(
  'ensure',
  'a shard reads and writes what is its own, also frozen and with --dry-run',
  async ({ inProcess }) => {
    const bundles = ['alpha', 'beta', 'delta', 'gamma'];
    await using project = sampleProject({ repository: 'registry.invalid/acme', bundles });
    const path = join(project.directory, 'part.yaml');
    const run = async (...words: string[]) => {
      const ran = await inProcess([...words, '--offline', '-c', project.config, '-o', 'json']);
      return { ...ran, result: JSON.parse(ran.stdout) as EnsureResult };
    };
    const own = bundles.filter((name) => shardOf(name, 2) === 2);
    expect(own.length).toBeLessThan(bundles.length);
    const planned = await run('--dry-run', '--shard', '2/2');
    expect([planned.result.bundles.map(({ name }) => name), planned.result.part]).toEqual([own, null]);
    const { result } = await run('--shard', '2/2', '--part', path);
    expect(result.bundles.map(({ name }) => name)).toEqual(own);
    expect(result.part).toMatchObject({ shard: 2, of: 2, location: path, entries: own.length });
    const written = own.map((name) => `schemas/${name}-workflow-schema.yaml`).sort();
    expect(Object.keys(fileTree(join(project.directory, 'schemas'))).sort()).toEqual(
      written.map((file) => file.replace('schemas/', '')),
    );
    // After a whole run a frozen run has nothing to change, and reports superfluous entries of its own shard only.
    expect((await run()).code).toBe(0);
    const part = readFileSync(path, 'utf8');
    expect((await run('--frozen', '--shard', '2/2', '--part', path)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(part);
    const gone = own[0] ?? '';
    project.write(
      'bundles.yaml',
      readFileSync(project.config, 'utf8').replace(`  ${gone}:`, `  new-${gone}:`),
    );
    const frozen = [
      await run('--frozen', '--shard', '1/2', '--part', path),
      await run('--frozen', '--shard', '2/2', '--part', path),
    ];
    const undeclared = frozen.map(({ result: { error } }) => error?.details.undeclared ?? null);
    expect(undeclared).toEqual([null, [gone]]);
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
