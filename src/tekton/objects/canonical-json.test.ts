import { expect, test } from 'vitest';
import type { YamlValue } from '../yaml/value.js';
import { toCanonicalJson } from './canonical-json.js';

const written = (value: YamlValue): string => Buffer.from(toCanonicalJson(value)).toString();

test('keys stand in the order of their UTF-8 bytes, at every level', () => {
  const map = new Map(['😀', '\ufffd', 'z', 'Z', '10', '9', '', 'é'].map((key) => [key, 1]));
  const order = '{"":1,"10":1,"9":1,"Z":1,"z":1,"é":1,"\ufffd":1,"😀":1}';
  expect(written(map)).toBe(order);
  expect(
    written([
      new Map([
        ['b', map],
        ['a', null],
      ]),
    ]),
  ).toBe(`[{"a":null,"b":${order}}]`);
});

test('strings are escaped as Go does for HTML', () => {
  expect(written('<>&\u2028\u2029\b\f\n\r\t\v\0"\\/\x7fé')).toBe(
    '"\\u003c\\u003e\\u0026\\u2028\\u2029\\b\\f\\n\\r\\t\\u000b\\u0000\\"\\\\/\x7fé"',
  );
  expect(written(new Map([['<', 1]]))).toBe('{"\\u003c":1}');
});

test.each([
  [-0, '-0'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1e-6, '0.000001'],
  [1e-7, '1e-7'],
  [18446744073709551615n, '18446744073709551615'],
  [true, 'true'],
  [null, 'null'],
])('writes %s as Go does', (value, text) => {
  expect(written(value)).toBe(text);
});

test('writes empty collections without spaces', () => {
  expect(
    written(
      new Map<string, YamlValue>([
        ['a', []],
        ['b', new Map()],
      ]),
    ),
  ).toBe('{"a":[],"b":{}}');
});
