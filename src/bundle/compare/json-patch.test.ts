import { diffArrays } from 'diff';
import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { fromJson } from '../../tekton/objects/from-json.js';
import { createJsonPatch } from './json-patch.js';

const patchOf = (left: unknown, right: unknown) =>
  createJsonPatch(fromJson(JSON.stringify(left)), fromJson(JSON.stringify(right)), (a, b) =>
    diffArrays(a, b),
  );

test.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
  [{ a: 1 }, { a: 1.0 }, []],
  [{ a: 1 }, {}, [{ op: 'remove', path: '/a' }]],
  [{}, { 'a/b~c': [] }, [{ op: 'add', path: '/a~1b~0c', value: [] }]],
  [{ a: { b: 1 } }, { a: { b: '1' } }, [{ op: 'replace', path: '/a/b', value: '1' }]],
  [[1, 2, 3], [1, 3], [{ op: 'remove', path: '/1' }]],
  [[1, 3], [1, 2, 3], [{ op: 'add', path: '/1', value: 2 }]],
  [
    [{ name: 'a', image: 'x:1' }, { name: 'b' }],
    [{ name: 'a', image: 'x:2' }, { name: 'b' }],
    [{ op: 'replace', path: '/0/image', value: 'x:2' }],
  ],
  [[{ name: 'a' }], [{ name: 'new' }, { name: 'a' }], [{ op: 'add', path: '/0', value: { name: 'new' } }]],
  [{ a: [] }, { a: null }, [{ op: 'replace', path: '/a', value: null }]],
  [1, 1, []],
])('createJsonPatch() from %j to %j', (left, right, operations) => {
  expect(patchOf(left, right)).toEqual(operations);
});

test('createJsonPatch() sees integers beyond 2^53, and gives up on lists on request', () => {
  const text = '{"a":18446744073709551615}';
  expect(createJsonPatch(fromJson(text), fromJson(text.replace('5}', '4}')), () => undefined)).toHaveLength(
    1,
  );
  expect(createJsonPatch([1, 2], [1, 3], () => undefined)).toEqual([
    { op: 'replace', path: '', value: [1, 3] },
  ]);
});

test('another program makes the right side of the left one by the patch', patient, () => {
  const json = fc
    .jsonValue({ maxDepth: 4, noUnicodeString: false })
    .filter((value) => !JSON.stringify(value).includes('__proto__'));
  // Values that have much in common are where patches can be wrong.
  const related = fc.tuple(
    fc.array(json, { maxLength: 6 }),
    fc.array(json, { maxLength: 3 }),
    fc.nat(6),
    fc.nat(3),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.tuple(json, json),
        related.map(([left, more, at, cut]) => [left, left.toSpliced(at, cut, ...more)] as const),
      ),
      ([one, other]) => {
        const [left, right] = [
          JSON.parse(JSON.stringify({ one })),
          JSON.parse(JSON.stringify({ one: other })),
        ];
        const patch = patchOf(left, right) as jsonpatch.Operation[];
        expect(jsonpatch.applyPatch(left, patch, true).newDocument).toEqual(right);
        expect(patchOf(right, right)).toEqual([]);
      },
    ),
    { numRuns },
  );
});
