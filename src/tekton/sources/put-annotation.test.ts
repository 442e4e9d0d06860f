import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import { writeYaml } from '../yaml/write-yaml.js';
import { placeDocuments } from './place-documents.js';
import { putAnnotations } from './put-annotation.js';

const edit = (document: number) => ({ document, name: 'x.y/z', value: 'a+b=' });
const put = (text: string, document = 1) => putAnnotations(text, [edit(document)]);

test.each([
  [
    'metadata:\n  name: a # n\nspec: {}\n',
    'metadata:\n  annotations:\n    x.y/z: "a+b="\n  name: a # n\nspec: {}\n',
  ],
  [
    'metadata:\n    name: a\n    annotations:\n        # c\n        b: c\n',
    'metadata:\n    name: a\n    annotations:\n        # c\n        x.y/z: "a+b="\n        b: c\n',
  ],
  ['metadata: {name: a}\n', 'metadata: {annotations: {x.y/z: "a+b="}, name: a}\n'],
  ['metadata: {annotations: {}}\n', 'metadata: {annotations: {x.y/z: "a+b="}}\n'],
  [
    "metadata:\r\n  annotations:\r\n    x.y/z: 'old' # c\r\n",
    "metadata:\r\n  annotations:\r\n    x.y/z: 'a+b=' # c\r\n",
  ],
  ['metadata:\r\n  name: a\r\n', 'metadata:\r\n  annotations:\r\n    x.y/z: "a+b="\r\n  name: a\r\n'],
  [
    '{"metadata":{"labels":{"\u2028\u0085":"\u2029"}}}',
    '{"metadata":{"annotations": {"x.y/z": "a+b="}, "labels":{"\u2028\u0085":"\u2029"}}}',
  ],
  ['{"metadata": {"name": "a"}}', '{"metadata": {"annotations": {"x.y/z": "a+b="}, "name": "a"}}'],
])('%j becomes %j', (text, wanted) => {
  expect(put(text)).toBe(wanted);
});

test('of several documents one changes', () => {
  expect(put('metadata: {name: a}\n---\nmetadata: {name: b}\n', 2)).toBe(
    'metadata: {name: a}\n---\nmetadata: {annotations: {x.y/z: "a+b="}, name: b}\n',
  );
});

test('hundreds of documents are changed at once, those that have the annotation too', () => {
  const documents = Array.from({ length: 300 }, (_, index) =>
    index % 2 === 0 ? `metadata: {name: a${index}}\n` : `metadata: {annotations: {x.y/z: old}, name: b}\n`,
  );
  const changed = putAnnotations(
    documents.join('---\n'),
    documents.map((_, index) => edit(index + 1)),
  );
  expect(changed?.match(/x\.y\/z: ['"]?a\+b=['"]?[,}]/g)).toHaveLength(300);
});

test.each([
  ['metadata shared by an anchor', 'metadata: &m\n  name: a\nother: *m\n'],
  ['annotations that are an alias', 'b: &b {c: d}\nmetadata: {name: a, annotations: *b}\n'],
  ['annotations that say nothing', 'metadata:\n  annotations:\n  name: a\n'],
  ['no metadata', 'a: b\n'],
  ['no such document', ''],
])('%s: nothing is written', (_title, text) => {
  expect(put(text)).toBeUndefined();
});

test('whatever the object holds, only the annotation changes', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  const texts = fc.dictionary(text, text, { maxKeys: 3 });
  const object = fc.record({ labels: texts, annotations: texts, name: text }, { requiredKeys: ['name'] });
  const asMap = (value: unknown): never =>
    (typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([key, item]) => [key, asMap(item)]))
      : value) as never;
  fc.assert(
    fc.property(object, fc.boolean(), (metadata, isJson) => {
      const whole = { kind: 'Task', metadata };
      const source = isJson ? JSON.stringify(whole) : writeYaml(asMap(whole));
      const changed = put(source);
      const wanted = {
        ...whole,
        metadata: { ...metadata, annotations: { ...metadata.annotations, 'x.y/z': 'a+b=' } },
      };
      // An empty mapping in YAML's brackets has a place for it too.
      expect(changed && placeDocuments(changed, '-')[0]?.value).toEqual(asMap(wanted));
    }),
    { numRuns: Math.min(numRuns, 100) },
  );
});
