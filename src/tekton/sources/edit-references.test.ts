import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import { type FieldPath, valueAt } from '../objects/field-path.js';
import type { YamlValue } from '../yaml/value.js';
import { writeYaml } from '../yaml/write-yaml.js';
import { editReferences, type ReferenceEdit } from './edit-references.js';
import { placeDocuments } from './place-documents.js';

const edit = (path: FieldPath, text: string, document = 1): ReferenceEdit => ({ document, path, text });
const reasons = (text: string, ...edits: readonly ReferenceEdit[]) => {
  const edited = editReferences(text, edits);
  return { text: edited.text, refused: edited.refused.map(({ reason }) => reason) };
};

test.each<[string, string, ReferenceEdit[], string]>([
  [
    'comments, order and quotes stay',
    '# top\nb: "x" # one\na:   x\nc: \'x\'\n',
    [edit(['b'], 'w'), edit(['a'], 'w'), edit(['c'], "it's")],
    "# top\nb: \"w\" # one\na:   w\nc: 'it''s'\n",
  ],
  ['line ends of Windows stay', 'a: x\r\nb:\r\n  - x\r\n', [edit(['b', 0], 'w')], 'a: x\r\nb:\r\n  - w\r\n'],
  [
    'each document by its number',
    'a: x\n---\na: x\n---\n{"a": "x"}\n',
    [edit(['a'], 'w', 2), edit(['a'], 'z', 3)],
    'a: x\n---\na: w\n---\n{"a": "z"}\n',
  ],
  [
    'what YAML would read otherwise is quoted',
    'a: 1\nb: x\n',
    [edit(['a'], '1.10'), edit(['b'], 'yes')],
    'a: "1.10"\nb: "yes"\n',
  ],
  ['flow collections', '{a: [x, x], b: x}\n', [edit(['a', 1], 'r:5/y@z')], '{a: [x, r:5/y@z], b: x}\n'],
  [
    'JSON stays JSON',
    '{"a": 1, "b": [null]}',
    [edit(['a'], 'w'), edit(['b', 0], 'z')],
    '{"a": "w", "b": ["z"]}',
  ],
  ['an anchor and a tag stay', 'a: &a !!str x\n', [edit(['a'], 'w')], 'a: &a !!str w\n'],
  ['an alias is written out', 'a: &a x\nb: *a\n', [edit(['b'], 'w')], 'a: &a x\nb: w\n'],
  [
    'an anchor changes where all that share it do',
    'a: &a x\nb: *a\n',
    [edit(['a'], 'w'), edit(['b'], 'w')],
    'a: &a w\nb: *a\n',
  ],
  ['the later of two equal keys counts', 'a: x\na: w\n', [edit(['a'], 'z')], 'a: x\na: z\n'],
  ['a byte order mark stays', '\ufeffa: x\n', [edit(['a'], 'w')], '\ufeffa: w\n'],
  ['what is already so stays as it is', "a: 'x'\n", [edit(['a'], 'x')], "a: 'x'\n"],
])('editReferences(): %s', (_title, text, edits, wanted) => {
  expect(reasons(text, ...edits)).toEqual({ text: wanted, refused: [] });
});

test.each<[string, string, ReferenceEdit[], string, string[]]>([
  [
    'a field that does not exist',
    'a: x\n',
    [edit(['b'], 'w'), edit(['a'], 'w', 2)],
    'a: x\n',
    ['absent', 'absent'],
  ],
  ['a collection', 'a: [x]\n', [edit(['a'], 'w')], 'a: [x]\n', ['collection']],
  [
    'block text',
    'a: |-\n  x\nb: x\n',
    [edit(['a'], 'w'), edit(['b'], 'w')],
    'a: |-\n  x\nb: w\n',
    ['not-plain'],
  ],
  [
    'an anchor that others share',
    'a: &a x\nb: *a\nc: x\n',
    [edit(['a'], 'w'), edit(['c'], 'w')],
    'a: &a x\nb: *a\nc: w\n',
    ['shared'],
  ],
  [
    'a merged mapping',
    'a: &a {k: x}\nb: {<<: *a}\n',
    [edit(['b', 'k'], 'w')],
    'a: &a {k: x}\nb: {<<: *a}\n',
    ['shared'],
  ],
  [
    'two texts for one anchor',
    'a: &a x\nb: *a\n',
    [edit(['a'], 'w'), edit(['b'], 'z')],
    'a: &a x\nb: *a\n',
    ['shared', 'shared'],
  ],
])('editReferences() refuses %s, and makes the other edits', (_title, text, edits, wanted, refused) => {
  expect(reasons(text, ...edits)).toEqual({ text: wanted, refused });
});

const key = fc.stringMatching(/^[a-z]{1,6}$/);
const scalar = fc.oneof(
  fc.stringMatching(/^[a-z0-9./:@-]{0,12}$/),
  fc.constantFrom('yes', '1.10', '010', '$(params.x)', 'a: b', "it's", '# no', 'é', ''),
  fc.string({ maxLength: 8 }),
);
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('whatever is edited, the documents say what was wanted, and no other line changes', () => {
  const documents = fc.array(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), {
    minLength: 1,
    maxLength: 3,
  });
  const given = fc.record({
    documents,
    texts: fc.array(scalar, { minLength: 1, maxLength: 4 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(given, ({ documents: values, texts, lineEnd, seed }) => {
      const text = values
        .map((value) => `# c\n${writeYaml(toYaml(value))}`)
        .join('---\n')
        .replaceAll('\n', lineEnd);
      const before = placeDocuments(text, '-').map(({ value }) => value);
      const all = before.flatMap((value, index) =>
        stringsIn(value).map((path) => ({ path, document: index + 1 })),
      );
      const edits = all
        .filter((_, index) => (index + seed) % 3 === 0)
        .map((place, index) => ({ ...place, text: texts[index % texts.length] ?? '' }));
      const edited = editReferences(text, edits);
      const made = edits.filter((one) => edited.refused.every((refused) => refused.edit !== one));
      const after = placeDocuments(edited.text, '-').map(({ value }) => value);
      for (const { path, document } of all) {
        const wanted = made.find((one) => one.document === document && one.path === path)?.text;
        const old = valueAt(before[document - 1] ?? null, path);
        expect(valueAt(after[document - 1] ?? null, path)).toBe(wanted ?? old);
      }
      const lines = text.split('\n');
      const differing = edited.text.split('\n').filter((line, index) => line !== lines[index]);
      expect(edited.text.split('\n')).toHaveLength(lines.length);
      expect(differing.length).toBeLessThanOrEqual(made.length);
      // Only block text and text of several lines cannot be edited here.
      for (const { reason } of edited.refused) expect(reason).toBe('not-plain');
    }),
    { numRuns: Math.ceil(numRuns / 5) },
  );
});

function toYaml(value: unknown): YamlValue {
  if (Array.isArray(value)) return value.map(toYaml);
  if (typeof value !== 'object' || value === null) return value as YamlValue;
  return new Map(Object.entries(value).map(([name, item]) => [name, toYaml(item)]));
}

function stringsIn(value: YamlValue, path: FieldPath = []): FieldPath[] {
  if (typeof value === 'string') return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => stringsIn(item, [...path, index]));
  return value instanceof Map ? [...value].flatMap(([name, item]) => stringsIn(item, [...path, name])) : [];
}
