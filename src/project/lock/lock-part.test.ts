import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { BundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { parseReference } from '../../oci/reference.js';
import { formatLock } from './format-lock.js';
import type { LockEntry } from './lock.js';
import { configDigest, formatLockPart, type LockPart, parseLockPart } from './lock-part.js';
import { type FoundPart, mergeParts } from './merge-parts.js';
import { formatShard, parseShard, shardOf } from './shard.js';

const schemaOf = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../schemas/json/${name}.schema.json`, import.meta.url), 'utf8'),
  ) as object;
const validate = new Ajv2020({ strictRequired: false, strictTypes: false })
  .addSchema(schemaOf('bundles-lock'))
  .compile(schemaOf('bundles-lock-part'));

const config = configDigest('version: 1\n');

function entryOf(name: string, tag = 'v1'): LockEntry {
  const digest = `sha256:${createHash('sha256').update(name).digest('hex')}` as Digest;
  return {
    reference: `quay.io/acme/${name}:${tag}`,
    digest,
    created: '1970-01-01T00:00:00Z',
    sources: digest,
    objects: [{ apiVersion: 'tekton.dev/v1', kind: 'task', name, diffId: digest }],
    schema: undefined,
    images: new Map(),
  };
}

const partOf = (names: readonly string[], more: Partial<FoundPart> = {}): FoundPart => ({
  ...{ shard: 1, of: 1, config, location: 'part.yaml' },
  entries: new Map(names.map((name) => [name, entryOf(name)])),
  ...more,
});

const projectOf = (names: readonly string[]) => ({
  file: 'bundles.yaml',
  bundles: names.map((name) => ({
    ...{ name, files: [], annotations: {}, labels: {}, pin: false },
    reference: { ...parseReference(`quay.io/acme/${name}:v1`), tag: 'v1' },
    workflow: undefined,
    discovered: undefined,
  })),
});

const arbitraryNames = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}(?:-[a-z0-9]{1,4})?$/), {
  maxLength: 24,
});

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (error instanceof BundlesError) return error.details.reason ?? error.code;
    throw error;
  }
  return 'nothing thrown';
}

test('the shard of a bundle is the remainder of the first four bytes of the SHA-256 of its name', () => {
  // sha256("hello-world") begins with afa27b44, sha256("é") with 4a99557e.
  expect([shardOf('hello-world', 16), shardOf('hello-world', 7), shardOf('é', 1000)]).toEqual([
    (0xafa27b44 % 16) + 1,
    (0xafa27b44 % 7) + 1,
    (0x4a99557e % 1000) + 1,
  ]);
  const sizes = new Map<number, number>();
  for (let index = 0; index < 2_000; index++) {
    const shard = shardOf(`bundle-${index}`, 16);
    sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
  }
  expect([...sizes.keys()].sort((left, right) => left - right)).toEqual(
    Array.from({ length: 16 }, (_, index) => index + 1),
  );
  expect(Math.min(...sizes.values())).toBeGreaterThan(90);
});

test.each(['0/4', '5/4', '1/0', '1', '/4', '1/', '01/4', '1/04', '-1/4', '1.0/4', ' 1/4', '1/10001', ''])(
  'parseShard() refuses %j',
  (text) => {
    expect(codeOf(() => parseShard(text))).toBe('USAGE');
  },
);

test('parseShard() reads the first shard and the last', () => {
  for (const text of ['1/1', '1/16', '16/16', '10000/10000'])
    expect(formatShard(parseShard(text))).toBe(text);
});

test('the text of a part is that of a lock below the lines that say which part it is', () => {
  const part = partOf(['b', 'a'], { shard: 3, of: 16 });
  const [header = '', ...lines] = formatLockPart(part).split('\n');
  expect(header).toMatch(/^# /);
  expect(lines.slice(0, 5)).toEqual(['version: 1', 'shard: 3', 'of: 16', `config: ${config}`, 'bundles:']);
  expect(lines.slice(4)).toEqual(formatLock(part).split('\n').slice(2));
});

test('a part that was written is read as the same part, whatever its layout, and its JSON Schema takes it', () => {
  const arbitraryPart = fc
    .tuple(arbitraryNames, fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 }))
    .map(([names, one, two]) => partOf(names, { shard: Math.min(one, two), of: Math.max(one, two) }));
  fc.assert(
    fc.property(arbitraryPart, ({ location: _, ...part }) => {
      const text = formatLockPart(part);
      expect(parseLockPart(text, 'part.yaml')).toEqual(part);
      // By YAML, not by its usual form.
      expect(parseLockPart(text.replaceAll('\n', '\r\n'), 'part.yaml')).toEqual(part);
      expect(parseLockPart(`${text}# a comment\n`, 'part.yaml')).toEqual(part);
      expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ['a lock', (part: LockPart) => formatLock(part)],
  ['no shard', (part: LockPart) => formatLockPart(part).replace(/shard: .*\n/, '')],
  ['a shard of 0', (part: LockPart) => formatLockPart({ ...part, shard: 0 })],
  ['a shard beyond the last', (part: LockPart) => formatLockPart({ ...part, shard: 5, of: 4 })],
  ['too many shards', (part: LockPart) => formatLockPart({ ...part, of: 10_001 })],
  ['a shard in quotes', (part: LockPart) => formatLockPart(part).replace('shard: 1', 'shard: "1"')],
  [
    'no digest of bundles.yaml',
    (part: LockPart) => formatLockPart({ ...part, config: 'sha256:1' as Digest }),
  ],
  ['another version', (part: LockPart) => formatLockPart(part).replace('version: 1', 'version: 2')],
  ['no bundles', (part: LockPart) => formatLockPart(part).split('bundles:')[0] ?? ''],
  ['an unknown key', (part: LockPart) => `${formatLockPart(part)}more: 1\n`],
  ['half a part', (part: LockPart) => formatLockPart(part).slice(0, -120)],
  ['no text', () => ''],
])('parseLockPart() refuses %s', (_, textOf) => {
  expect(codeOf(() => parseLockPart(textOf(partOf(['a'])), 'part.yaml'))).toBe('LOCK_PART_INVALID');
});

test('parts of all shards, in any order and some of them twice, give the lock of one run', () => {
  fc.assert(
    fc.property(
      arbitraryNames,
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.nat()),
      (names, of, order) => {
        const parts = Array.from({ length: of }, (_, index) =>
          partOf(
            names.filter((name) => shardOf(name, of) === index + 1),
            { shard: index + 1, of },
          ),
        );
        const shuffled = [...parts, ...parts.slice(0, 2)]
          .map((part) => ({ part, key: order.next().value as number }))
          .sort((left, right) => left.key - right.key)
          .map(({ part }) => part);
        const merged = mergeParts(shuffled, { project: projectOf(names), config });
        expect(formatLock(merged)).toBe(formatLock(partOf(names)));
      },
    ),
    { numRuns: 30 },
  );
});

/** Two shards of four bundles, whose names the shards decide. */
function twoShards(): { readonly names: string[]; readonly first: FoundPart; readonly second: FoundPart } {
  const names = Array.from({ length: 8 }, (_, index) => `bundle-${index}`);
  const of = 2;
  const [first, second] = [1, 2].map((shard) =>
    partOf(
      names.filter((name) => shardOf(name, of) === shard),
      { shard, of, location: `${shard}.yaml` },
    ),
  ) as [FoundPart, FoundPart];
  return { names, first, second };
}

const withEntries = (part: FoundPart, change: (entries: Map<string, LockEntry>) => void): FoundPart => {
  const entries = new Map(part.entries);
  change(entries);
  return { ...part, entries };
};
const nameIn = ({ entries }: FoundPart): string => [...entries.keys()][0] ?? '';

test.each([
  ['missing-shard', ({ first }) => [first]],
  [
    'missing-bundle',
    ({ first, second }) => [first, withEntries(second, (all) => all.delete(nameIn(second)))],
  ],
  [
    'contradiction',
    ({ first, second }) => [
      first,
      second,
      withEntries(second, (all) => all.set(nameIn(second), { ...entryOf(nameIn(second)), digest: config })),
    ],
  ],
  [
    'contradiction',
    ({ first, second }) => [first, second, withEntries(second, (all) => all.delete(nameIn(second)))],
  ],
  ['other-configuration', ({ first, second }) => [first, { ...second, config: configDigest('other') }]],
  ['other-count', ({ first, second }) => [first, { ...second, of: 3 }]],
  [
    'wrong-shard',
    ({ first, second }) => [
      first,
      withEntries(second, (all) => all.set(nameIn(first), entryOf(nameIn(first)))),
    ],
  ],
  [
    'other-reference',
    ({ first, second }) => [
      first,
      withEntries(second, (all) => all.set(nameIn(second), entryOf(nameIn(second), 'v2'))),
    ],
  ],
] satisfies readonly [string, (parts: ReturnType<typeof twoShards>) => FoundPart[]][])(
  'mergeParts() refuses parts that do not make one lock: %s',
  (reason, choose) => {
    const parts = twoShards();
    const project = projectOf(parts.names);
    expect(codeOf(() => mergeParts(choose(parts), { project, config }))).toBe(reason);
    expect(mergeParts([parts.second, parts.first], { project, config }).entries.size).toBe(8);
  },
);

test('mergeParts() refuses a bundle that is not declared any more', () => {
  const { names, first, second } = twoShards();
  const project = projectOf(names.filter((name) => name !== nameIn(second)));
  expect(codeOf(() => mergeParts([first, second], { project, config }))).toBe('undeclared');
});

test('a checkout with other line ends has the same configuration', () => {
  expect(configDigest('a: 1\r\nb: 2\r\n')).toBe(configDigest('a: 1\nb: 2\n'));
  expect(configDigest('a: 1\n')).not.toBe(configDigest('a: 2\n'));
});
