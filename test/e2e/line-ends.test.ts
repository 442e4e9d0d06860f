import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sourcesDigest } from '../../src/project/sources/sources-digest.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const task = (name: string) =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n  name: ${name}\nspec:\n  steps:\n    - name: run\n      image: docker.io/library/busybox:1.36\n      script: |\n        echo one\n        echo two\n`;

/** A bundle of several files, whose layers are ordered by the hashes of the files. */
function project(host: string): SampleProject {
  const made = sampleProject({ repository: `${host}/acme` });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) made.write(`pipelines/${name}.yaml`, task(name));
  made.write(
    'bundles.yaml',
    readFileSync(made.config, 'utf8').replace('[pipelines/alpha.yaml]', '[pipelines]'),
  );
  return made;
}

/** Every committed file, as a checkout with `core.autocrlf` has it. */
function convert({ directory }: SampleProject, change: (text: string) => string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(yaml|lock)$/.test(name) || name.startsWith('.bundles')) continue;
    const file = join(directory, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }
}
const toCrlf = (text: string) => text.replaceAll('\n', '\r\n');
const textOf = ({ directory }: SampleProject, path: string) => readFileSync(join(directory, path), 'utf8');
const schema = 'schemas/alpha-workflow-schema.yaml';

test('a checkout with CRLF is in order: frozen, verified, and no file changes', async () => {
  await using registry = await startGuardedRegistry();
  await using given = project(registry.host);
  const first = await runJson(['ensure', '--config', given.config]);
  convert(given, toCrlf);
  const before = [textOf(given, 'bundles.lock'), textOf(given, schema)];
  const frozen = await runJson(['ensure', '--frozen', '--config', given.config]);
  expect([frozen.code, frozen.bundle.verdict, frozen.bundle.error]).toEqual([0, 'present', null]);
  expect(frozen.bundle).toMatchObject({ built: first.bundle.digest, changes: [] });
  const verified = await runInProcess(['verify', '--frozen', '--config', given.config]);
  expect(verified.code).toBe(0);
  const usual = await runJson(['ensure', '--config', given.config]);
  expect([usual.code, usual.bundle.changes]).toEqual([0, []]);
  expect([textOf(given, 'bundles.lock'), textOf(given, schema)]).toEqual(before);
});

test('a schema that has to change keeps its own line ends, and its hash is that of the text', async () => {
  await using registry = await startGuardedRegistry();
  await using given = project(registry.host);
  await runJson(['ensure', '--config', given.config]);
  const change = (text: string) => text.replace('description: A test', 'description: Another test');
  const withLf = change(textOf(given, 'bundles.yaml'));
  given.write('bundles.yaml', toCrlf(withLf));
  given.write(schema, toCrlf(textOf(given, schema)));
  const { code, bundle } = await runJson(['ensure', '--config', given.config]);
  expect([code, bundle.changes]).toEqual([0, ['lock', 'schema']]);
  const text = textOf(given, schema);
  expect(text).toContain('Another test');
  expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  given.write('bundles.yaml', withLf);
  given.write(schema, text.replaceAll('\r\n', '\n'));
  const again = await runJson(['ensure', '--frozen', '--config', given.config]);
  expect([again.code, again.bundle.schema]).toEqual([0, bundle.schema]);
});

test('a lock whose sources were hashed with their CRLF stays valid', async () => {
  await using registry = await startGuardedRegistry();
  await using given = sampleProject({ repository: `${registry.host}/acme` });
  const crlf = toCrlf(samplePipeline('alpha'));
  given.write('pipelines/alpha.yaml', crlf);
  await runJson(['ensure', '--config', given.config]);
  const file = { relativePath: 'pipelines/alpha.yaml', bytes: Buffer.from(crlf) };
  const none = { annotations: {}, labels: {} };
  const exact = sourcesDigest([file], { ...none, exactLineEnds: true });
  const lock = textOf(given, 'bundles.lock').replace(sourcesDigest([file], none), exact);
  expect(lock).toContain(exact);
  given.write('bundles.lock', lock);
  const { code, bundle } = await runJson(['ensure', '--frozen', '--config', given.config]);
  expect([code, bundle.changes]).toEqual([0, []]);
});

test('a carriage return of its own is content', () => {
  const digest = (text: string) =>
    sourcesDigest([{ relativePath: 'a.yaml', bytes: Buffer.from(text) }], { annotations: {}, labels: {} });
  expect(digest('a\r\nb\r\n')).toBe(digest('a\nb\n'));
  expect(digest('a\rb\n')).not.toBe(digest('a\nb\n'));
});
