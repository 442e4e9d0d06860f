import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { toCanonicalJson } from './canonical-json.js';
import { fromJson } from './from-json.js';

test('fromJson() keeps every digit of integers, and nothing else becomes one', () => {
  const text =
    '{"a":18446744073709551615,"b":[-9007199254740993,9007199254740991,1e20,12345678901234567.5],"c":"12345678901234567890","\\"18446744073709551615":0}';
  expect(fromJson(text)).toEqual(
    new Map<string, unknown>([
      ['a', 18446744073709551615n],
      ['b', [-9007199254740993n, 9007199254740991, 1e20, 12345678901234568]],
      ['c', '12345678901234567890'],
      ['"18446744073709551615', 0],
    ]),
  );
  expect(fromJson('["\ue000", 18446744073709551615]')).toEqual(['\ue000', 18446744073709551615n]);
});

test('fromJson() gives what JSON.parse gives where that is exact', patient, () => {
  // A matcher cannot compare what is below a key of this name.
  const comparable = fc.json().filter((text) => !text.includes('__proto__'));
  fc.assert(
    fc.property(comparable, (text) => {
      const bytes = new TextDecoder().decode(toCanonicalJson(fromJson(text)));
      expect(JSON.parse(bytes)).toEqual(JSON.parse(text));
    }),
    { numRuns },
  );
});

test('fromJson() takes __proto__ for a key like any other', () => {
  const text = '{"__proto__":{"a":1},"b":2}';
  expect(new TextDecoder().decode(toCanonicalJson(fromJson(text)))).toBe(text);
});
