import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type BadInput,
  bytes,
  expectRefused,
  folder,
  huge,
  replace,
  schema,
  source,
  text,
} from '../support/bad-input.js';
import { fileTree } from '../support/file-tree.js';
import { runEnsure } from '../support/program/run-ensure.js';
import { runMeasured } from '../support/program/run-measured.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const repository = 'registry.invalid/acme';

/** Ten levels of ten aliases: 10^13 values. */
const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
  '',
].join('\n');
const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    samplePipeline('many').replace('name: workflow', `name: w${index}`),
  ).join('---\n');

const sources: Record<string, BadInput> = {
  'a source that is not YAML': {
    spoil: text(source, 'a: [b\nc: }\n'),
    code: 'YAML_INVALID',
    exit: 7,
    names: [source, 'line 2'],
  },
  'a source of arbitrary bytes': {
    spoil: bytes(source, Uint8Array.of(0, 1, 2, 255, 254, 200, 10, 3)),
    code: 'YAML_INVALID',
    exit: 7,
    names: [source],
  },
  'a source with a merge conflict': {
    spoil: text(source, `<<<<<<< HEAD\n${samplePipeline('a')}=======\n${samplePipeline('b')}>>>>>>> other\n`),
    code: 'YAML_INVALID',
    exit: 7,
    names: [source, 'line 2'],
  },
  'an alias bomb in a source': {
    spoil: text(source, `${bomb}apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: x}\n`),
    code: 'YAML_INVALID',
    exit: 7,
    names: [source, 'aliases'],
  },
  'an empty source': { spoil: text(source, ''), code: 'OBJECT_INVALID', exit: 7, names: [source] },
  '21 objects': { spoil: text(source, many(21)), code: 'TOO_MANY_OBJECTS', exit: 7, names: [source, '21'] },
  'a ConfigMap': {
    spoil: text(source, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'),
    code: 'OBJECT_INVALID',
    exit: 7,
    names: [source, 'line 1'],
  },
  'an object without a name': {
    spoil: text(source, 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {}\n'),
    code: 'OBJECT_INVALID',
    exit: 7,
    names: [source, 'line 3', 'metadata.name'],
  },
  'two objects of one kind and name': {
    spoil: text(source, `${samplePipeline('a')}---\n${samplePipeline('b')}`),
    code: 'OBJECT_DUPLICATE',
    exit: 7,
    names: [source, 'line 1', 'document 2, line 15'],
  },
  'a source of 50 MiB': { spoil: huge(source), code: 'SOURCE_TOO_LARGE', exit: 7, names: [source] },
  'a source that is not there': {
    spoil: ({ directory, write }) => {
      rmSync(join(directory, source));
      write('pipelines/alpah.yaml', samplePipeline('alpha'));
    },
    code: 'SOURCE_NOT_FOUND',
    exit: 7,
    names: [source, 'alpha'],
    hint: /Did you mean "pipelines\/alpah\.yaml"/,
  },
  'a directory without YAML instead of a file': {
    spoil: folder(source),
    code: 'SOURCE_NOT_FOUND',
    exit: 7,
    names: [source],
  },
  'a source that a link takes from elsewhere': {
    spoil: replace(source, (full) => symlinkSync('/etc/hostname', full)),
    code: 'NOT_READABLE',
    exit: 9,
    names: [source, 'leads out'],
  },
};

const projects: Record<string, BadInput> = {
  'no bundles.yaml': {
    spoil: ({ config }) => rmSync(config),
    code: 'CONFIG_NOT_FOUND',
    exit: 2,
    names: ['bundles.yaml'],
    hint: /--config/,
  },
  'unknown keys in bundles.yaml': {
    spoil: text(
      'bundles.yaml',
      `version: 1\nrepositry: ${repository}\ntag: v1\nbundles: {alpha: {files: [${source}]}}\n`,
    ),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml:2:1', 'repositry'],
    hint: /Did you mean "repository"/,
  },
  'an alias bomb in bundles.yaml': {
    spoil: text('bundles.yaml', `${bomb}version: 1\nbundles: *a12\n`),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml:12', 'aliases'],
  },
  'a bundles.yaml of 50 MiB': {
    spoil: huge('bundles.yaml'),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml'],
  },
  'an empty bundles.yaml': {
    spoil: text('bundles.yaml', ''),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml:1:1', 'empty'],
  },
  'a list in bundles.yaml': {
    spoil: text('bundles.yaml', '- a\n- b\n'),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml:1:1', 'a list'],
  },
  'arbitrary bytes in bundles.yaml': {
    spoil: bytes('bundles.yaml', Uint8Array.of(0, 1, 2, 255, 254, 200, 10, 3)),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml'],
    hint: /UTF-8/,
  },
  'UTF-16 in bundles.yaml': {
    spoil: bytes('bundles.yaml', Buffer.from('\ufeffversion: 1\n', 'utf16le')),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml', 'UTF-16'],
  },
  'a merge conflict in bundles.yaml': {
    spoil: text('bundles.yaml', 'version: 1\n<<<<<<< HEAD\ntag: a\n=======\ntag: b\n>>>>>>> other\n'),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml:2:1', 'merge conflict'],
  },
  'a path out of the project': {
    spoil: text(
      'bundles.yaml',
      `version: 1\nrepository: ${repository}\ntag: v1\nbundles: {alpha: {files: [../x.yaml]}}\n`,
    ),
    code: 'CONFIG_INVALID',
    exit: 2,
    names: ['bundles.yaml:4', '../x.yaml'],
  },
  'a directory instead of bundles.yaml': {
    spoil: folder('bundles.yaml'),
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.yaml', 'a directory'],
  },
};

const records: Record<string, BadInput> = {
  'a merge conflict in the lock': {
    spoil: text(
      'bundles.lock',
      'version: 1\nbundles:\n<<<<<<< HEAD\n  alpha: {}\n=======\n  beta: {}\n>>>>>>> other\n',
    ),
    code: 'LOCK_INVALID',
    exit: 2,
    names: ['bundles.lock:3:1', 'merge conflict'],
    hint: /git checkout/,
  },
  'a lock of a later version': {
    spoil: text('bundles.lock', 'version: 2\nbundles: {}\n'),
    code: 'LOCK_INVALID',
    exit: 2,
    names: ['bundles.lock:1', '2'],
    hint: /later version/,
  },
  'half a lock': {
    spoil: ({ directory, write }) => {
      const whole = readFileSync(join(directory, 'bundles.lock'), 'utf8');
      write('bundles.lock', whole.slice(0, whole.length / 2));
    },
    code: 'LOCK_INVALID',
    exit: 2,
    names: ['bundles.lock'],
  },
  'an alias bomb in the lock': {
    spoil: text('bundles.lock', `${bomb}version: 1\nbundles: *a12\n`),
    code: 'LOCK_INVALID',
    exit: 2,
    names: ['bundles.lock:12'],
  },
  'a lock of 50 MiB': { spoil: huge('bundles.lock'), code: 'LOCK_INVALID', exit: 2, names: ['bundles.lock'] },
  'a directory instead of the lock': {
    spoil: folder('bundles.lock'),
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.lock', 'a directory'],
  },
  'a directory instead of a schema': {
    spoil: folder(schema),
    code: 'NOT_READABLE',
    exit: 9,
    names: [schema, 'a directory'],
  },
  'a schema of 50 MiB': { spoil: huge(schema), code: 'SCHEMA_INVALID', exit: 7, names: [schema] },
  'a file instead of the state directory': {
    spoil: replace('.bundles', (full) => writeFileSync(full, 'mine')),
    code: 'NOT_WRITABLE',
    exit: 9,
    names: ['.bundles'],
  },
  'a file instead of the fallback registry': {
    spoil: replace('.bundles/registry', (full) => writeFileSync(full, 'mine')),
    code: 'NOT_WRITABLE',
    exit: 9,
    names: ['.bundles/registry'],
  },
  'a damaged layout': {
    spoil: text('.bundles/registry/acme/alpha/index.json', '{"schemaV'),
    code: 'LAYOUT_INVALID',
    exit: 9,
    names: ['.bundles/registry/acme/alpha/index.json'],
  },
  'schemas that a link takes out of the project': {
    spoil: ({ directory }) => {
      rmSync(join(directory, 'schemas'), { recursive: true });
      symlinkSync('..', join(directory, 'schemas'));
      writeFileSync(join(directory, source), samplePipeline('changed'));
    },
    code: 'NOT_WRITABLE',
    exit: 9,
    names: ['schemas', 'leads out'],
  },
};

test.concurrent.each(Object.entries({ ...sources, ...projects, ...records }))(
  '%s gets its code and loses nothing',
  (_, input) => expectRefused(input),
);

test('one bad bundle of three is named, the others are recorded', async () => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta', 'gamma'] });
  project.write('pipelines/beta.yaml', 'kind: [\n');
  const { code, result, bundle } = await runEnsure(project.directory, ['--offline']);
  expect(code).toBe(7);
  expect(result.error).toBeNull();
  expect(result.bundles.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['alpha', 'fallback'],
    ['beta', 'failed'],
    ['gamma', 'fallback'],
  ]);
  expect(bundle('beta').error?.code).toBe('YAML_INVALID');
  const files = fileTree(project.directory, { leaveOut: ['.bundles'] });
  expect(Object.keys(files)).toContain('schemas/gamma-workflow-schema.yaml');
  expect(Object.keys(files)).not.toContain('schemas/beta-workflow-schema.yaml');
  const lock = readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
  expect(lock).toMatch(/alpha:.*gamma:/s);
  expect(lock).not.toContain('beta');
  const repaired = samplePipeline('beta');
  project.write('pipelines/beta.yaml', repaired);
  expect((await runEnsure(project.directory, ['--offline'])).code).toBe(0);
  project.write('pipelines/beta.yaml', 'kind: [\n');
  const before = fileTree(project.directory, { leaveOut: ['.bundles'] });
  expect((await runEnsure(project.directory, ['--offline'])).code).toBe(7);
  // A bundle that fails keeps the entry that it had.
  expect(fileTree(project.directory, { leaveOut: ['.bundles'] })).toEqual(before);
});

test('a byte order mark and carriage returns are read, not refused', async () => {
  await using project = sampleProject({ repository });
  const plain = readFileSync(project.config, 'utf8');
  const first = await runEnsure(project.directory, ['--offline']);
  for (const variant of [`\ufeff${plain}`, plain.replaceAll('\n', '\r\n')]) {
    project.write('bundles.yaml', variant);
    const ran = await runEnsure(project.directory, ['--offline']);
    expect([ran.code, ran.bundle('alpha').digest]).toEqual([0, first.bundle('alpha').digest]);
    expect(ran.bundle('alpha').changes).toEqual([]);
  }
});

test('files of 50 MiB and alias bombs take little memory', async () => {
  for (const spoil of [huge(source), huge('bundles.yaml'), text(source, bomb), text('bundles.yaml', bomb)]) {
    await using project = sampleProject({ repository });
    spoil(project);
    const { code, peakMebibytes } = await runMeasured(['ensure', '--offline'], { cwd: project.directory });
    expect([2, 7]).toContain(code);
    expect(peakMebibytes).toBeLessThan(120);
  }
});
