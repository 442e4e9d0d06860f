import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { errorCodes } from '../../src/errors.js';
import { fileTree, leftovers } from '../support/file-tree.js';
import { runEnsure } from '../support/run-ensure.js';
import { runInProcess } from '../support/run-in-process.js';
import { runMeasured } from '../support/run-measured.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const repository = 'registry.invalid/acme';
const source = 'pipelines/alpha.yaml';
const schema = 'schemas/alpha-workflow-schema.yaml';
const stranger = { uid: 12_345, gid: 12_345 };
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.warn('SKIPPED: bad inputs that only root can prepare (other users, devices, a full disk)');

interface BadInput {
  /** Makes the project bad. */
  readonly spoil: (project: SampleProject) => unknown;
  readonly code: (typeof errorCodes)[number];
  readonly exit: number;
  /** What the message names: the file, and the line where there is one. */
  readonly names: readonly string[];
  readonly hint?: RegExp;
  readonly as?: { readonly uid: number; readonly gid: number };
}

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
const replace = (path: string, make: (path: string) => void) => (project: SampleProject) => {
  const full = join(project.directory, path);
  rmSync(full, { recursive: true, force: true });
  make(full);
};
const text = (path: string, content: string) => (project: SampleProject) => project.write(path, content);
const bytes = (path: string, content: Uint8Array) => replace(path, (full) => writeFileSync(full, content));
/** 50 MiB of zeros that take no place on the disk. */
const huge = (path: string) =>
  replace(path, (full) => {
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, '');
    truncateSync(full, 50 * 1024 * 1024);
  });
const pipe = (path: string) => replace(path, (full) => execFileSync('mkfifo', [full]));
const folder = (path: string) => replace(path, (full) => mkdirSync(full, { recursive: true }));
const closed = (path: string) => (project: SampleProject) => {
  execFileSync('chown', ['-R', `${stranger.uid}:${stranger.gid}`, project.directory]);
  chmodSync(join(project.directory, path), 0);
};

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
  'a pipe as a source': { spoil: pipe(source), code: 'NOT_READABLE', exit: 9, names: [source, 'a pipe'] },
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
  'a pipe instead of bundles.yaml': {
    spoil: pipe('bundles.yaml'),
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.yaml', 'a pipe'],
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
  'a pipe instead of the lock': {
    spoil: pipe('bundles.lock'),
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.lock', 'a pipe'],
  },
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
      const elsewhere = `${directory}-elsewhere`;
      cpSync(join(directory, 'schemas'), elsewhere, { recursive: true });
      rmSync(join(directory, 'schemas'), { recursive: true });
      symlinkSync(elsewhere, join(directory, 'schemas'));
      writeFileSync(join(directory, source), samplePipeline('changed'));
    },
    code: 'NOT_WRITABLE',
    exit: 9,
    names: ['schemas', 'leads out'],
  },
};

const asStranger: Record<string, BadInput> = {
  'a source that may not be read': {
    spoil: closed(source),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: [source, 'permission denied'],
  },
  'a bundles.yaml that may not be read': {
    spoil: closed('bundles.yaml'),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.yaml', 'permission denied'],
  },
  'a lock that may not be read': {
    spoil: closed('bundles.lock'),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.lock', 'permission denied'],
  },
  'a schema that may not be read': {
    spoil: closed(schema),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: [schema, 'permission denied'],
  },
  'a directory that may not be looked into': {
    spoil: closed('pipelines'),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: ['pipelines', 'permission denied'],
  },
  'a directory that may not be written': {
    spoil: ({ directory }) => chmodSync(directory, 0o755),
    as: stranger,
    code: 'NOT_WRITABLE',
    exit: 9,
    names: ['.bundles', 'permission denied'],
    hint: /--state-dir/,
  },
  'a schemas directory that may not be written': {
    spoil: (project) => {
      closed('bundles.yaml')(project);
      chmodSync(project.config, 0o644);
      project.write(source, samplePipeline('changed'));
      const schemas = join(project.directory, 'schemas');
      chownSync(schemas, 0, 0);
      chmodSync(schemas, 0o555);
    },
    as: stranger,
    code: 'NOT_WRITABLE',
    exit: 9,
    names: [schema],
  },
  'a device as a source': {
    spoil: replace(source, (full) => execFileSync('mknod', [full, 'c', '1', '5'])),
    code: 'NOT_READABLE',
    exit: 9,
    names: [source, 'a device'],
  },
};

/** Paths that a run may change although it fails: the lock is written before the schema that cannot be. */
const recordedBefore: Record<string, readonly string[]> = {
  'a schemas directory that may not be written': ['bundles.lock'],
};

async function expectRefused(title: string, { spoil, code, exit, names, hint, as }: BadInput): Promise<void> {
  await using project = sampleProject({ repository });
  // What is committed before the input turns bad.
  expect((await runInProcess(['ensure', '--offline', '--config', project.config])).code).toBe(0);
  await using _elsewhere = { [Symbol.asyncDispose]: async () => remove(`${project.directory}-elsewhere`) };
  spoil(project);
  const leaveOut = ['.bundles', ...(recordedBefore[title] ?? [])];
  const before = fileTree(project.directory, { leaveOut });
  const ran = await runEnsure(project.directory, ['--offline'], { ...as, timeoutMs: 20_000 });
  const error = ran.result.error ?? ran.result.bundles[0]?.error;
  expect([error?.code, ran.code], ran.stdout + ran.stderr).toEqual([code, exit]);
  for (const name of names) expect(error?.message).toContain(name);
  expect(error?.hint).toMatch(hint ?? /\w/);
  expect(ran.stderr).not.toMatch(/^\s+at /m);
  expect(fileTree(project.directory, { leaveOut })).toEqual(before);
  expect(leftovers(project.directory)).toEqual([]);
  expect(ran.milliseconds).toBeLessThan(10_000);
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

const rows = (table: Record<string, BadInput>) => Object.entries(table);

test.concurrent.each(rows({ ...sources, ...projects, ...records }))(
  '%s gets its code and loses nothing',
  expectRefused,
);
test.skipIf(!isRoot).each(rows(asStranger))('%s gets its code and loses nothing', expectRefused);

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

test.skipIf(!isRoot)('a full disk is told and leaves lock and schemas unharmed', async () => {
  await using mounted = await mountSmallDisk(512);
  if (mounted === undefined) return;
  await using project = sampleProject({ repository });
  cpSync(project.directory, join(mounted.path, 'p'), { recursive: true });
  const directory = join(mounted.path, 'p');
  expect((await runEnsure(directory, ['--offline'])).code).toBe(0);
  writeFileSync(join(directory, source), samplePipeline('changed'));
  fill(join(mounted.path, 'ballast'));
  const before = fileTree(directory, { leaveOut: ['.bundles'] });
  const ran = await runEnsure(directory, ['--offline']);
  const error = ran.result.error ?? ran.bundle('alpha').error;
  expect([error?.code, ran.code], ran.stdout).toEqual(['DISK_FULL', 9]);
  expect(error?.hint).toContain('space');
  expect(fileTree(directory, { leaveOut: ['.bundles'] })).toEqual(before);
  expect(leftovers(directory)).toEqual([]);
  // The state elsewhere: now the lock itself meets the full disk.
  await using state = tempDir();
  const lockOnly = await runEnsure(directory, ['--offline', '--state-dir', state.path]);
  expect([lockOnly.result.error?.code, lockOnly.code], lockOnly.stdout).toEqual(['DISK_FULL', 9]);
  expect(fileTree(directory, { leaveOut: ['.bundles'] })).toEqual(before);
  rmSync(join(mounted.path, 'ballast'));
  const again = await runEnsure(directory, ['--offline']);
  expect([again.code, again.bundle('alpha').changes]).toEqual([0, ['lock', 'schema']]);
  expect(leftovers(directory)).toEqual([]);
});

/** A file system of its own, or undefined after a notice where mounting is not allowed, as in most containers. */
async function mountSmallDisk(kibibytes: number) {
  const directory = tempDir();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'none', directory.path], {
      stdio: 'pipe',
    });
  } catch (error) {
    console.warn(`SKIPPED: no small disk to fill: ${String(error).split('\n')[0]}`);
    await directory[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      execFileSync('umount', ['-l', directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

function fill(path: string): void {
  try {
    writeFileSync(path, new Uint8Array(64 * 1024 * 1024));
  } catch {
    // As wanted.
  }
  // What is left of the last page.
  try {
    for (let index = 0; ; index++) writeFileSync(`${path}-${index}`, 'x'.repeat(4096));
  } catch {
    expect(statSync(path).size).toBeGreaterThan(0);
  }
}
