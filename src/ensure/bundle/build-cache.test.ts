import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runJson } from '../../../test/support/program/run-in-process.js';
import { startGuardedRegistry } from '../../../test/support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../../../test/support/samples/sample-project.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { digestOf } from '../../oci/digest.js';
import type { LintSettings } from '../../project/config/parse-lint.js';
import { openBuildCache } from './build-cache.js';
import type { BuildRecord } from './build-record.js';

const digest = digestOf(Buffer.from('x'));
const other = digestOf(Buffer.from('y'));
const lint: LintSettings = { apiFields: 'beta', features: [], ignore: [], for: [], severities: {} };
const built: BuildRecord = {
  digest,
  configDigest: other,
  created: '1970-01-01T00:00:00Z',
  objects: [{ apiVersion: 'tekton.dev/v1', kind: 'pipeline', name: 'workflow', diffId: digest }],
  images: new Map([['alpine:3', digest]]),
  schemaObjects: [
    {
      kind: 'Pipeline',
      name: 'workflow',
      json: Buffer.from('{"spec":{}}'),
      origin: { file: 'a.yaml', document: 1, line: 2 },
    },
  ],
};

test('what was built under other rules of severity error, or for another tag under them, is not taken', async () => {
  await using directory = tempDir();
  const cache = await openBuildCache(directory.path);
  const strict: LintSettings = { ...lint, severities: { 'version-mismatch': 'error' } };
  const key = { sources: digest, created: undefined, tag: 'v1' };
  cache.keep({ ...key, lint: strict }, built);
  expect(cache.get({ ...key, lint: strict })).toBeDefined();
  expect(cache.get({ ...key, lint: strict, tag: 'v2' })).toBeUndefined();
  expect(cache.get({ ...key, lint })).toBeUndefined();
  cache.keep({ ...key, lint }, built);
  expect(cache.get({ ...key, lint, tag: 'v2' })).toBeDefined();
});

test('what was kept and saved is cached by the same sources and time only', async () => {
  await using directory = tempDir();
  const cache = await openBuildCache(directory.path);
  cache.keep({ sources: digest, created: undefined, lint }, built);
  await cache.save();
  const again = await openBuildCache(directory.path);
  const cached = again.get({ sources: digest, created: undefined, lint });
  expect(cached).toEqual({ ...built, schemaObjects: cached?.schemaObjects });
  expect(Buffer.from(cached?.schemaObjects[0]?.json ?? []).toString()).toBe('{"spec":{}}');
  expect(again.get({ sources: digest, created: '1970-01-01T00:00:00Z', lint })).toEqual(cached);
  expect(again.get({ sources: digest, created: '1970-01-01T00:00:01Z', lint })).toBeUndefined();
  expect(again.get({ sources: other, created: undefined, lint })).toBeUndefined();
  const strict = { ...lint, apiFields: 'stable' as const };
  expect(again.get({ sources: digest, created: undefined, lint: strict })).toBeUndefined();
});

test.each(['', 'nonsense', '[]', '{"version":1,"program":"0.0.0","builds":{}}'])(
  'a cache that reads %j is forgotten',
  async (text) => {
    await using directory = tempDir();
    writeFileSync(join(directory.path, 'builds.json'), text);
    const cache = await openBuildCache(directory.path);
    expect(cache.get({ sources: digest, created: undefined, lint })).toBeUndefined();
  },
);

test('entries with members of another kind are forgotten', async () => {
  await using directory = tempDir();
  const cache = await openBuildCache(directory.path);
  cache.keep({ sources: digest, created: undefined, lint }, built);
  await cache.save();
  const path = join(directory.path, 'builds.json');
  const text = readFileSync(path, 'utf8');
  for (const [from, to] of [
    [digest, 'sha256:short'],
    ['"a.yaml"', '7'],
    ['"line":2', '"line":"2"'],
    ['"schemaObjects":[', '"schemaObjects":[null,'],
  ] as const) {
    writeFileSync(path, text.replaceAll(from, to));
    const damaged = await openBuildCache(directory.path);
    expect(damaged.get({ sources: digest, created: undefined, lint })).toBeUndefined();
  }
});

test('a cache that is wrong is found out before anything is published, and corrected', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const right = (await runJson(['ensure', '--config', project.config, '--offline'])).bundle.built;
  const path = join(project.directory, '.bundles/builds.json');
  expect(existsSync(path)).toBe(true);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(String(right), other));
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.outcome, bundle.built, bundle.digest]).toEqual([0, 'published', right, right]);
});

test('changed sources are built again', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const before = await runJson(['ensure', '--config', project.config, '--offline']);
  project.write('pipelines/alpha.yaml', samplePipeline('changed'));
  const after = await runJson(['ensure', '--config', project.config, '--offline']);
  expect(after.bundle.built).not.toBe(before.bundle.built);
});
