import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { formatLock } from '../src/project/lock/format-lock.js';
import type { LockEntry } from '../src/project/lock/lock.js';
import { parseLock } from '../src/project/lock/read-lock-text.js';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Preset {
  readonly tekton: { readonly managerFilePatterns: readonly string[] };
  readonly customManagers: readonly {
    readonly managerFilePatterns: readonly string[];
    readonly matchStrings: readonly string[];
    readonly depTypeTemplate: string;
  }[];
  readonly packageRules: readonly { readonly matchDepTypes: readonly string[]; readonly enabled: boolean }[];
}

const preset = JSON.parse(read('renovate/bundles.json')) as Preset;

/** What Renovate finds: it compiles patterns by RE2 with the flag `g`, and by JavaScript where RE2 is not there. */
function found(depType: string, text: string) {
  const { matchStrings } = preset.customManagers.find((one) => one.depTypeTemplate === depType)!;
  const [pattern = ''] = matchStrings;
  const groups = [...text.matchAll(new RegExp(pattern, 'g'))].map((match) => ({ ...match.groups }));
  const matcher = RE2JS.compile(pattern).matcher(text);
  const byRe2: object[] = [];
  while (matcher.find()) {
    byRe2.push(
      Object.fromEntries(
        ['depName', 'currentValue', 'currentDigest'].map((name) => [name, matcher.group(name)]),
      ),
    );
  }
  expect(byRe2).toEqual(groups);
  return groups;
}

const digest = (sign: string) => `sha256:${sign.repeat(64)}` as LockEntry['digest'];

function entry(reference: string, images: Readonly<Record<string, LockEntry['digest']>>): LockEntry {
  return {
    ...{ reference, digest: digest('a'), created: '1970-01-01T00:00:00Z', sources: digest('b') },
    ...{ objects: [{ apiVersion: 'tekton.dev/v1', kind: 'task', name: 'x', diffId: digest('c') }] },
    ...{ schema: undefined, images: new Map(Object.entries(images)) },
  } as LockEntry;
}

test('the Renovate preset finds every bundle and every pinned image of a lock, only', () => {
  const images = {
    'docker.io/library/busybox:1.36': digest('1'),
    'localhost:5000/tools/a_b/c:v1.0-rc_1': digest('2'),
    'registry.example:8443/x:latest': digest('3'),
  };
  const lock = formatLock({
    entries: new Map([
      ['alpha', entry('quay.io/acme/alpha:v1.0.0', images)],
      ['beta', entry('localhost:5000/acme/task-beta:0.1', {})],
      ['images', entry('quay.io/acme/images:v2', { 'alpine:3': digest('4') })],
    ]),
  });
  for (const text of [lock, lock.replaceAll('\n', '\r\n')]) {
    expect(found('bundles-locked', text)).toEqual([
      { depName: 'quay.io/acme/alpha', currentValue: 'v1.0.0', currentDigest: digest('a') },
      { depName: 'localhost:5000/acme/task-beta', currentValue: '0.1', currentDigest: digest('a') },
      { depName: 'quay.io/acme/images', currentValue: 'v2', currentDigest: digest('a') },
    ]);
    expect(found('bundles-image', text)).toEqual([
      { depName: 'docker.io/library/busybox', currentValue: '1.36', currentDigest: digest('1') },
      { depName: 'localhost:5000/tools/a_b/c', currentValue: 'v1.0-rc_1', currentDigest: digest('2') },
      { depName: 'registry.example:8443/x', currentValue: 'latest', currentDigest: digest('3') },
      { depName: 'alpine', currentValue: '3', currentDigest: digest('4') },
    ]);
  }
  const own = read('bundles.lock');
  const { entries } = parseLock(own, 'bundles.lock');
  expect(
    found('bundles-locked', own).map(({ depName, currentValue }) => `${depName}:${currentValue}`),
  ).toEqual([...entries.values()].map(({ reference }) => reference));
  // A digest that moves is a lock that is read, with that digest.
  const moved = parseLock(lock.replace(digest('1'), digest('9')), 'bundles.lock');
  expect(moved.entries.get('alpha')?.images.get('docker.io/library/busybox:1.36')).toBe(digest('9'));
});

test('the Renovate preset changes digests of pinned images and no entry of a bundle', () => {
  const patternsOf = (all: readonly string[]) => all.map((one) => RE2JS.compile(one.slice(1, -1)));
  for (const { managerFilePatterns } of preset.customManagers) {
    const [pattern] = patternsOf(managerFilePatterns);
    for (const path of ['bundles.lock', 'sub/bundles.lock'])
      expect(pattern!.matcher(path).find(), path).toBe(true);
    for (const path of ['bundles.lock.writing', 'my-bundles.lock', 'bundles.yaml'])
      expect(pattern!.matcher(path).find(), path).toBe(false);
  }
  const tekton = patternsOf(preset.tekton.managerFilePatterns);
  for (const path of ['.tekton/push.yaml', 'pipelines/a.yml', 'x/task/a/0.1/a.yaml'])
    expect(tekton.some((pattern) => pattern.matcher(path).find())).toBe(true);
  const rules = new Map(preset.packageRules.map((rule) => [rule.matchDepTypes[0], rule]));
  expect(rules.get('bundles-locked')).not.toHaveProperty('matchUpdateTypes');
  expect(rules.get('bundles-locked')?.enabled).toBe(false);
  const image = rules.get('bundles-image') as { matchUpdateTypes?: readonly string[]; enabled: boolean };
  expect([image.enabled, image.matchUpdateTypes?.includes('digest')]).toEqual([false, false]);
});

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly required: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, object>>;
  readonly runs: { readonly using: string; readonly main: string };
}

test('action.yml names the inputs that are read and the outputs that are written', () => {
  const action = load(read('action/action.yml')) as ActionFile;
  const code = read('src/cli/action/read-inputs.ts');
  const inputs = [...code.matchAll(/\binput\('([\w-]+)'\)/g)].map((match) => match[1]);
  expect(Object.keys(action.inputs).sort()).toEqual(inputs.sort());
  const required = Object.entries(action.inputs).filter(([, input]) => input.required);
  expect(required.map(([name]) => name)).toEqual(['profile']);
  expect(action.inputs.profile).not.toHaveProperty('default');
  expect(Object.keys(action.outputs)).toEqual([
    ...['report', 'changed', 'fallback', 'pinned', 'digests', 'subjects'],
  ]);
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
});
