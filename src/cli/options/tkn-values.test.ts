import { expect, test } from 'vitest';
import { isBundlesError } from '../../errors.js';
import { parsePairs, splitValues } from './tkn-values.js';

test.each([
  [
    ['a.yaml', 'b.yaml'],
    ['a.yaml', 'b.yaml'],
  ],
  [['a.yaml,b.yaml'], ['a.yaml', 'b.yaml']],
  [['"a,b.yaml",c'], ['a,b.yaml', 'c']],
  [['"say ""hi"""'], ['say "hi"']],
  [[''], ['']],
])('values %j are split into %j', (values, expected) => {
  expect(splitValues('-f', values)).toEqual(expected);
});

test('pairs are split at the first equals sign and trimmed, and the last of equal keys counts', () => {
  expect(parsePairs('--annotate', [' a = b=c ', 'd=1,d=2', '"e=1,2"'])).toEqual({
    a: 'b=c',
    d: '2',
    e: '1,2',
  });
});

test.each(['novalue', '=x', 'a"b=c', '"a=b'])('the pair %j is refused as usage', (value) => {
  expect(() => parsePairs('--label', [value])).toThrow(
    expect.toSatisfy((error: unknown) => isBundlesError(error, 'USAGE')),
  );
});
