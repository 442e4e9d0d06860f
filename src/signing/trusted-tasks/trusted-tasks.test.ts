import { Ajv } from 'ajv';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import { createMemoryStore } from '../../content/memory-store.js';
import { writeImage } from '../../content/write-image.js';
import { digestOf } from '../../oci/digest.js';
import { parseReference } from '../../oci/reference.js';
import { readTrustedTasksImage, trustedTasksImage } from './list-image.js';
import {
  formatTrustedTaskRules,
  formatTrustedTasks,
  noTrustedTasks,
  parseTrustedTasks,
  type TrustedTasks,
  trackTasks,
  trustedTaskRules,
} from './trusted-tasks.js';

const day = 86_400_000;
const noon = Date.parse('2026-01-10T12:00:00Z');

function bundle(content: string, { name = 'a', tag = '1', kind = 'task', version = '' } = {}) {
  const annotations: Readonly<Record<string, string>> =
    version === '' ? {} : { 'org.opencontainers.image.version': version };
  return {
    spec: {
      name,
      reference: { ...parseReference(`quay.io/acme/task-${name}`), tag },
      annotations,
    },
    entry: {
      digest: digestOf(Buffer.from(content)),
      objects: [{ apiVersion: 'tekton.dev/v1', kind, name, diffId: digestOf(Buffer.from('x')) }],
    },
  };
}

/** The form of the data that Conforma's policies demand. */
const isList = new Ajv().compile({
  type: 'object',
  properties: {
    trusted_tasks: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['ref'],
          additionalProperties: false,
          properties: Object.fromEntries(
            ['ref', 'expires_on', 'effective_on'].map((key) => [key, { type: 'string' }]),
          ),
        },
      },
    },
  },
});

const key = 'oci://quay.io/acme/task-a:1';
const shown = (list: TrustedTasks) =>
  (list.tasks.get(key) ?? []).map(({ ref, expiresOn }) => [ref, expiresOn ?? null]);

test('a newer digest comes first, and the one before expires 60 days from the nearest midnight', () => {
  const [one, two] = [bundle('one'), bundle('two')];
  const first = trackTasks(noTrustedTasks, [one, bundle('p', { name: 'p', kind: 'pipeline' })], {
    now: noon,
  });
  expect([...first.tasks.keys()]).toEqual([key]);
  const second = trackTasks(first, [two], { now: noon });
  expect(shown(second)).toEqual([
    [two.entry.digest, null],
    [one.entry.digest, '2026-03-12T00:00:00Z'],
  ]);
  expect(trackTasks(second, [two], { now: noon + day })).toEqual(second);
  expect(shown(trackTasks(second, [], { now: noon + 62 * day }))).toEqual([[two.entry.digest, null]]);
  expect(shown(trackTasks(second, [], { now: noon + 62 * day, prune: false }))).toHaveLength(2);
  const early = trackTasks(first, [two], { now: noon - 1, inEffectDays: 1 });
  expect(shown(early)[1]?.[1]).toBe('2026-01-11T00:00:00Z');
});

test('whatever comes in turn: one entry without a date, equal neighbours once, and text that reads back', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.nat(50)), { maxLength: 8 });
  fc.assert(
    fc.property(steps, (changes) => {
      let now = noon;
      let list = noTrustedTasks;
      for (const [content, days] of changes) {
        now += days * day;
        list = trackTasks(list, [bundle(content), bundle(content, { name: 'b' })], { now });
        const [newest, ...older] = shown(list);
        expect(newest).toEqual([bundle(content).entry.digest, null]);
        for (const [, expires] of older) expect(Date.parse(String(expires))).toBeGreaterThan(now);
        expect(shown(list).some(([ref], index) => ref === shown(list)[index + 1]?.[0])).toBe(false);
      }
      const text = formatTrustedTasks(list);
      expect(parseTrustedTasks(text, 'list.yaml')).toEqual(list);
      expect(isList(load(text)), JSON.stringify(isList.errors)).toBe(true);
    }),
    { numRuns: Math.min(numRuns, 50) },
  );
});

test('a list of ec is read, what else it holds stays, and an image holds the same text', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const text = `task-bundles: {}
trusted_tasks:
  git+https://example.com/tasks.git//a.yaml: [{effective_on: "2023-05-14T00:00:00Z", expires_on: "2099-05-14T00:00:00Z", ref: 3672a}]
  ${key}:
  - ref: ${digest}
`;
  const list = trackTasks(parseTrustedTasks(text, 'l'), [bundle('new')], { now: noon });
  expect(list.others).toEqual({ 'task-bundles': {} });
  expect(shown(list)[1]).toEqual([digest, '2026-03-12T00:00:00Z']);
  const store = createMemoryStore();
  const image = trustedTasksImage(formatTrustedTasks(list));
  await writeImage(store, image, { tag: 'latest' });
  const stored = await readTrustedTasksImage(store, { wanted: 'latest', shown: 'l' });
  expect(stored).toEqual({ list, digest: image.manifest.descriptor.digest });
});

test.each([
  ['trusted_tasks: [1]', 1],
  ['trusted_tasks: {a: []}', 1],
  ['trusted_tasks: {a: [{}]}', 1],
  ['trusted_tasks: {a: [{ref: 5, until: x}], b: [{ref: x, expires_on: 2026-13-01T00:00:00Z}]}', 3],
  ['trusted_tasks: {a: [{ref: x, expires_on: tomorrow}]}', 1],
])('%s is refused with every problem', (text, problems) => {
  expect(() => parseTrustedTasks(text, 'l.yaml')).toThrow(
    expect.objectContaining({
      code: 'TRUSTED_TASKS_INVALID',
      details: expect.objectContaining({ problems: expect.objectContaining({ length: problems }) }),
    }),
  );
});

test('rules name each repository with Tasks once, from its lowest declared version on', () => {
  const rules = trustedTaskRules([
    bundle('a', { tag: '0.10', version: '0.10' }),
    bundle('a', { tag: '0.9', version: '0.9' }),
    bundle('b', { name: 'b' }),
    bundle('c', { name: 'c', version: '1.x' }),
    bundle('p', { name: 'p', kind: 'pipeline' }),
  ]);
  expect(rules).toEqual([
    { pattern: 'oci://quay.io/acme/task-a', versions: ['>=0.9'] },
    { pattern: 'oci://quay.io/acme/task-b' },
    { pattern: 'oci://quay.io/acme/task-c' },
  ]);
  expect(load(formatTrustedTaskRules(rules, 'acme'))).toEqual({
    trusted_task_rules: { allow: { acme: rules } },
  });
});
