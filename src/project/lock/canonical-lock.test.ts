import { expect, test } from 'vitest';
import type { Digest } from '../../oci/digest.js';
import { readCanonicalLock } from './canonical-lock.js';
import { formatLock } from './format-lock.js';
import { emptyLock, type LockEntry, type LockedWorkflow } from './lock.js';
import { sameLock } from './lock-file.js';
import { parseLock, readCanonicalWorkflows } from './read-lock-text.js';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;

const entry: LockEntry = {
  reference: 'quay.io:5000/acme/test/hello:v1.0.0',
  digest: digest('a'),
  created: '1969-12-31T19:00:00.5-05:00',
  sources: digest('b'),
  objects: [
    { apiVersion: 'tekton.dev/v1', kind: 'pipeline', name: 'workflow', diffId: digest('c') },
    { apiVersion: 'tekton.dev/v1beta1', kind: 'task', name: 'say-it', diffId: digest('d') },
  ],
  schema: { path: 'schemas/hello-workflow-schema.yaml', contentHash: '12345678'.repeat(8) },
  images: new Map(),
};

const usual = formatLock({
  ...emptyLock,
  entries: new Map([
    ['alpha', entry],
    ['beta-2', { ...entry, schema: undefined }],
    ['2nd', { ...entry, reference: '127.0.0.1:5000/acme/2nd:v1' }],
  ]),
});

test('a lock as it is usually written is read back', () => {
  const lock = readCanonicalLock(usual);
  expect([...(lock?.entries ?? [])]).toEqual([
    ['2nd', { ...entry, reference: '127.0.0.1:5000/acme/2nd:v1' }],
    ['alpha', entry],
    ['beta-2', { ...entry, schema: undefined }],
  ]);
});

test.each<[string, (text: string) => string]>([
  ['another comment', (text) => text.replace('# Written', '# written')],
  ['another version', (text) => text.replace('version: 1', 'version: 2')],
  ['Windows line ends', (text) => text.replaceAll('\n', '\r\n')],
  ['a line more', (text) => `${text}\n`],
  ['no last line end', (text) => text.slice(0, -1)],
  ['the bundles in another order', (text) => text.replace('alpha', 'gamma')],
  ['a bundle twice', (text) => text.replace('beta-2', 'alpha')],
  ['a name that YAML reads as a number', (text) => text.replace('name: workflow', 'name: 0x10')],
  ['a name that YAML reads as a boolean', (text) => text.replace('name: workflow', 'name: yes')],
  ['a short digest', (text) => text.replace(digest('a'), 'sha256:aaaa')],
  ['a reference without a tag', (text) => text.replace('hello:v1.0.0', 'hello')],
  ['a path that leads out', (text) => text.replace('path: schemas/', 'path: schemas/../')],
  ['an unknown key', (text) => text.replace('    images: {}', '    more: 1\n    images: {}')],
  ['merge conflict markers', (text) => text.replace('bundles:\n', 'bundles:\n<<<<<<< HEAD\n')],
  ['nothing', () => ''],
])('%s is left to the reader of YAML', (_, damage) => {
  expect(damage(usual)).not.toBe(usual);
  expect(readCanonicalLock(damage(usual))).toBeUndefined();
});

test('locks with images are read', () => {
  const images = new Map([
    ['alpine:3', digest('e')],
    ['127.0.0.1:5000/a/b:v1.0', digest('f')],
    ['quay.io/x/y_z:latest', digest('e')],
  ]);
  const lock = { ...emptyLock, entries: new Map([['alpha', { ...entry, images }]]) };
  const read = readCanonicalLock(formatLock(lock));
  expect(read && sameLock(read, lock)).toBe(true);
});

test('locks without objects or with odd names are left to the reader of YAML', () => {
  const odd: Partial<LockEntry>[] = [
    { objects: [] },
    { objects: [{ apiVersion: 'tekton.dev/v1', kind: 'task', name: 'with space', diffId: digest('f') }] },
  ];
  for (const more of odd) {
    const text = formatLock({ ...emptyLock, entries: new Map([['alpha', { ...entry, ...more }]]) });
    expect(readCanonicalLock(text)).toBeUndefined();
  }
});

const workflow: LockedWorkflow = {
  reference: 'quay.io/acme/restart:v1',
  digest: digest('e'),
  version: '1.0.0-rc.1+build.2',
  schema: { path: 'deploy/crash-loop.yaml', contentHash: '9'.repeat(64) },
};

test('locks with workflows are read, with bundles and without', () => {
  const workflows = new Map<string, LockedWorkflow>([
    ['crash-loop', workflow],
    ['2nd', { ...workflow, schema: undefined }],
    ['playbook', { ...workflow, reference: 'git@example.com:acme/p.git', digest: '0'.repeat(40) }],
  ]);
  const lock = { entries: new Map([['alpha', entry]]), workflows };
  const text = formatLock(lock);
  const read = readCanonicalLock(text, readCanonicalWorkflows);
  expect(read && sameLock(read, lock)).toBe(true);
  expect(sameLock(parseLock(`${text}\n`, 'l'), lock)).toBe(true);
  const without = { ...lock, entries: new Map() };
  expect(sameLock(parseLock(formatLock(without), 'l'), without)).toBe(true);
  for (const [before, after] of [
    ['"0000', '"g000'],
    ['version: "1.', 'version: 1.'],
    ['  playbook:', '  crash-loop:'],
    ['git@example', 'git@@example'],
    ['workflows:\n', 'workflows:\n\n'],
  ] as const)
    expect(readCanonicalLock(text.replace(before, after), readCanonicalWorkflows), before).toBeUndefined();
  expect(() => parseLock(text.replace('"0000', '"g000'), 'l')).toThrow(
    expect.objectContaining({ code: 'LOCK_INVALID' }),
  );
});
