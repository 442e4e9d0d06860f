import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../async/system-clock.js';
import { BundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { formatLock } from './format-lock.js';
import {
  emptyLock,
  type Lock,
  type LockEntry,
  type LockedWorkflow,
  mergeLock,
  sameLockEntry,
  sameLockedWorkflow,
} from './lock.js';
import { readLock, sameLock, updateLock } from './lock-file.js';
import { parseLock } from './read-lock-text.js';

const validate = new Ajv2020({ strictRequired: false, strictTypes: false }).compile(
  JSON.parse(
    readFileSync(new URL('../../../schemas/json/bundles-lock.schema.json', import.meta.url), 'utf8'),
  ) as object,
);

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;

function entry(letter = 'a', more: Partial<LockEntry> = {}): LockEntry {
  return {
    reference: 'quay.io/acme/test/hello:v1.0.0',
    digest: digest(letter),
    created: '1970-01-01T00:00:00Z',
    sources: digest('b'),
    objects: [{ apiVersion: 'tekton.dev/v1', kind: 'pipeline', name: 'workflow', diffId: digest('c') }],
    schema: { path: 'schemas/hello-workflow-schema.yaml', contentHash: '12345678'.repeat(8) },
    images: new Map(),
    ...more,
  };
}

const lockOf = (entries: Record<string, LockEntry>): Lock => ({
  ...emptyLock,
  entries: new Map(Object.entries(entries)),
});

async function temporaryFile(): Promise<{ directory: string; path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'lock-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return { directory, path: join(directory, 'bundles.lock') };
}

test('the text is exactly this', () => {
  const images = new Map([
    ['ubi9:9.4', digest('e')],
    ['alpine:3', digest('d')],
  ]);
  const lock = lockOf({ zed: entry('f', { schema: undefined, images, objects: [] }), hello: entry() });
  expect(formatLock(lock)).toBe(`# Written by bundles ensure; commit it, do not edit it
version: 1
bundles:
  hello:
    reference: quay.io/acme/test/hello:v1.0.0
    digest: ${digest('a')}
    created: "1970-01-01T00:00:00Z"
    sources: ${digest('b')}
    objects:
      - {apiVersion: tekton.dev/v1, kind: pipeline, name: workflow, diffId: ${digest('c')}}
    schema:
      path: schemas/hello-workflow-schema.yaml
      contentHash: "${'12345678'.repeat(8)}"
    images: {}
  zed:
    reference: quay.io/acme/test/hello:v1.0.0
    digest: ${digest('f')}
    created: "1970-01-01T00:00:00Z"
    sources: ${digest('b')}
    objects: []
    images:
      alpine:3: ${digest('d')}
      ubi9:9.4: ${digest('e')}
`);
});

const arbitraryDigest = fc
  .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
  .map((hex) => `sha256:${hex}` as Digest);
const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
const arbitraryEntry: fc.Arbitrary<LockEntry> = fc.record({
  reference: fc.constantFrom('quay.io/a/b:v1', 'localhost:5000/x/y__z/w-1:1.0', '[::1]:5000/a:latest'),
  digest: arbitraryDigest,
  created: fc.constantFrom('1970-01-01T00:00:00Z', '1969-12-31T19:00:00.5-05:00'),
  sources: arbitraryDigest,
  objects: fc.array(fc.record({ apiVersion: word, kind: word, name: word, diffId: arbitraryDigest }), {
    maxLength: 4,
  }),
  schema: fc.option(
    fc.record({
      path: fc.constantFrom('a.yaml', 'schemas/x y.yaml', '1/2.yaml'),
      contentHash: arbitraryDigest.map((text) => text.slice(7)),
    }),
    { nil: undefined },
  ),
  images: fc
    .dictionary(word, arbitraryDigest, { maxKeys: 3 })
    .map((images) => new Map(Object.entries(images))),
});
const name = fc.stringMatching(/^[a-z0-9]{1,8}(?:[.-][a-z0-9]{1,5})?$/);

test('what is written is read back the same, by us and by others', () => {
  fc.assert(
    fc.property(fc.dictionary(name, arbitraryEntry, { maxKeys: 4 }), (entries) => {
      const lock = lockOf(entries);
      const text = formatLock(lock);
      const again = parseLock(text, 'bundles.lock');
      expect(sameLock(again, lock)).toBe(true);
      expect(formatLock(again)).toBe(text);
      expect(parse(text, { version: '1.1' })).toEqual(load(text));
      expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

const good = formatLock(lockOf({ hello: entry() }));

test.each([
  ['a merge conflict', good.replace('    digest', '<<<<<<< HEAD\n    digest'), 6, 'merge conflict'],
  ['a later version', good.replace('version: 1', 'version: 2'), 2, 'wanted 1'],
  ['no version', good.replace('version: 1\n', ''), 2, 'missing'],
  ['a short digest', good.replace(/digest: .*/, 'digest: sha256:abc'), 6, 'hexadecimal'],
  ['an upper-case digest', good.replace(digest('a'), digest('A')), 6, 'hexadecimal'],
  ['no digest', good.replace(/ {4}digest: .*\n/, ''), 4, 'missing'],
  ['a time that is none', good.replace('1970-01-01T00:00:00Z', 'yesterday'), 7, 'a time'],
  ['a reference with digest', good.replace('v1.0.0', `v1@${digest('a')}`), 5, 'wanted a registry'],
  ['a path outside', good.replace('schemas/', '../'), 12, 'leads out'],
  ['an unknown key', good.replace('images:', 'imges:'), 14, 'unknown key'],
  ['objects without diffId', good.replace(/, diffId: [^}]*/, ''), 10, 'missing'],
  ['a bad name', good.replace('  hello:', '  Hello:'), 4, 'name'],
  ['a list', '- a\n', 1, 'wanted a mapping'],
  ['nothing', '', 1, 'empty'],
  ['half a file', good.slice(0, good.indexOf('diffId')), 10, 'flow collection'],
])('%s is LOCK_INVALID with its line', (_name, text, line, message) => {
  expect.assertions(3);
  try {
    parseLock(text, 'bundles.lock');
  } catch (error) {
    const { code, details, message: said } = error as BundlesError;
    expect(code).toBe('LOCK_INVALID');
    expect(details.line).toBe(line);
    expect(said).toContain(message);
  }
});

test('the JSON Schema refuses what the reader refuses', () => {
  for (const text of [
    good.replace('version: 1', 'version: 2'),
    good.replace(/digest: .*/, 'digest: sha256:abc'),
    good.replace('1970-01-01T00:00:00Z', 'yesterday'),
    good.replace('schemas/', '../'),
    good.replace('images:', 'imges:'),
    good.replace(/, diffId: [^}]*/, ''),
  ])
    expect(validate(load(text))).toBe(false);
});

test('a run over some bundles keeps the others, a whole one drops what is no longer declared', () => {
  const current = lockOf({ a: entry('1'), b: entry('2'), gone: entry('3') });
  const changed = { entries: new Map([['b', entry('4')]]) };
  const digests = (lock: Lock) => [...lock.entries].map(([key, value]) => [key, value.digest.at(-1)]);
  expect(digests(mergeLock(current, changed))).toEqual([
    ['a', '1'],
    ['b', '4'],
    ['gone', '3'],
  ]);
  const declared = { bundles: new Set(['a', 'b', 'failed']), workflows: new Set<string>() };
  expect(digests(mergeLock(current, changed, { declared }))).toEqual([
    ['a', '1'],
    ['b', '4'],
  ]);
});

test('workflows are kept, dropped and compared like bundles', () => {
  const workflow: LockedWorkflow = {
    reference: 'https://git.example/acme/playbooks.git',
    digest: '0123456789'.repeat(4),
    version: '1.0.0',
    schema: { path: 'deploy/a b.yaml', contentHash: '9'.repeat(64) },
  };
  const changed = { ...workflow, version: '1.0.1' };
  const workflows = new Map(['kept', 'gone'].map((name) => [name, workflow]));
  const current: Lock = { ...lockOf({ hello: entry() }), workflows };
  const merged = mergeLock(current, { workflows: new Map([['new', changed]]) });
  expect([...merged.workflows.keys()]).toEqual(['kept', 'gone', 'new']);
  const declared = { bundles: new Set(['hello']), workflows: new Set(['kept', 'new']) };
  const next = mergeLock(merged, {}, { declared });
  expect([...next.workflows]).toEqual([
    ['kept', workflow],
    ['new', changed],
  ]);
  expect(sameLockedWorkflow(workflow, { ...workflow })).toBe(true);
  expect(sameLockedWorkflow(workflow, { ...workflow, schema: undefined })).toBe(false);
  expect(sameLock(current, { ...current, workflows: new Map([...workflows, ['gone', changed]]) })).toBe(
    false,
  );
  const text = formatLock(next);
  expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
  expect(sameLock(parseLock(text, 'bundles.lock'), next)).toBe(true);
  for (const wrong of [
    text.replace('"0123', '"123'),
    text.replace('version: "1.0.1"', 'version: 1'),
    text.replace('    reference: https', '    referenz: https'),
  ]) {
    expect(validate(load(wrong)), wrong).toBe(false);
    expect(() => parseLock(wrong, 'l')).toThrow(expect.objectContaining({ code: 'LOCK_INVALID' }));
  }
});

test('entries are compared by what they say', () => {
  const pairs = [
    ['b', digest('b')],
    ['a', digest('a')],
  ] as const;
  const images = new Map(pairs);
  const turned = new Map([...pairs].reverse());
  expect(sameLockEntry(entry('a', { images }), entry('a', { images: turned }))).toBe(true);
  expect(sameLockEntry(entry('a'), entry('b'))).toBe(false);
  expect(sameLockEntry(entry('a'), entry('a', { schema: undefined }))).toBe(false);
});

test('a missing lock is empty, an unreadable one is not', async () => {
  const { directory, path } = await temporaryFile();
  expect(await readLock(path)).toBe(emptyLock);
  await expect(readLock(directory)).rejects.toMatchObject({ code: 'NOT_READABLE' });
});

test('unchanged content is not rewritten, however it is laid out', async () => {
  const { directory, path } = await temporaryFile();
  const clock = systemClock;
  expect(await updateLock(path, (lock) => mergeLock(lock, lockOf({ hello: entry() })), { clock })).toBe(
    'written',
  );
  expect(await readFile(path, 'utf8')).toBe(good);
  await writeFile(path, `# mine\r\n${good.replaceAll('\n', '\r\n')}`);
  const before = await stat(path);
  expect(await updateLock(path, (lock) => lock, { clock })).toBe('unchanged');
  expect(await updateLock(path, (lock) => mergeLock(lock, lockOf({ hello: entry() })), { clock })).toBe(
    'unchanged',
  );
  expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
  expect(await readdir(directory)).toEqual(['bundles.lock']);
});

test('many writers at once lose nothing', async () => {
  const { directory, path } = await temporaryFile();
  const writers = Array.from({ length: 8 }, (_, index) =>
    updateLock(path, (lock) => mergeLock(lock, lockOf({ [`bundle-${index}`]: entry() })), {
      clock: systemClock,
    }),
  );
  expect(await Promise.all(writers)).toEqual(Array.from({ length: 8 }, () => 'written'));
  expect([...(await readLock(path)).entries.keys()]).toHaveLength(8);
  expect(await readdir(directory)).toEqual(['bundles.lock']);
});

test('a damaged lock is never overwritten', async () => {
  const { directory, path } = await temporaryFile();
  await mkdir(join(directory, 'x'));
  await writeFile(path, '<<<<<<< HEAD\n');
  const update = updateLock(path, () => emptyLock, { clock: systemClock });
  await expect(update).rejects.toBeInstanceOf(BundlesError);
  expect(await readFile(path, 'utf8')).toBe('<<<<<<< HEAD\n');
});
