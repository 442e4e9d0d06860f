import { expect, test } from 'vitest';
import { resolveScalar } from './resolve-scalar.js';

const tag = (name: string): string => `tag:yaml.org,2002:${name}`;

test.each<[string, string, unknown]>([
  ...'y Y yes Yes YES true True TRUE on On ON'
    .split(' ')
    .map((word): [string, string, unknown] => [word, 'bool', true]),
  ...'n N no No NO false False FALSE off Off OFF'
    .split(' ')
    .map((word): [string, string, unknown] => [word, 'bool', false]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, string, unknown] => [word, 'null', null]),
  ...['yEs', 'tRue', 'oN', 'nULL', 'yes '].map((word): [string, string, unknown] => [word, 'str', word]),
  ['0', 'int', 0],
  ['-0', 'int', 0],
  ['+1', 'int', 1],
  ['0777', 'int', 511],
  ['-010', 'int', -8],
  ['0o17', 'int', 15],
  ['0O17', 'int', 15],
  ['0b101', 'int', 5],
  ['-0B11', 'int', -3],
  ['0b+1', 'int', 1],
  ['0x_fF', 'int', 255],
  ['1_0_', 'int', 10],
  ['9007199254740993', 'int', 9007199254740993n],
  ['9223372036854775808', 'int', 9223372036854775808n],
  ['18446744073709551615', 'int', 18446744073709551615n],
  ['-9223372036854775808', 'int', -9223372036854775808n],
  ['0xffffffffffffffff', 'int', 18446744073709551615n],
  ['18446744073709551616', 'float', 18446744073709552000],
  ['+9223372036854775808', 'float', 2 ** 63],
  ['-9223372036854775809', 'float', -(2 ** 63)],
  ['0xfffffffffffffffff', 'str', '0xfffffffffffffffff'],
  ['08', 'float', 8],
  ['018', 'float', 18],
  ['1.', 'float', 1],
  ['1.10', 'float', 1.1],
  ['1_0.5', 'float', 10.5],
  ['1.e3', 'float', 1000],
  ['-0.0', 'float', -0],
  ['.5', 'float', 0.5],
  ['-.5e1', 'float', -5],
  ['.5_5', 'float', 0.55],
  ['1e-400', 'float', 0],
  ['.inf', 'float', Number.POSITIVE_INFINITY],
  ['-.INF', 'float', Number.NEGATIVE_INFINITY],
  ['.NaN', 'float', Number.NaN],
  ...[
    ...[
      '1e400',
      '.5e400',
      '0x1p-2',
      '0o18',
      '0b2',
      '0x',
      '_1',
      '._5',
      '.5_',
      '.e3',
      '.',
      '-',
      '+',
      '1e',
      'inf',
    ],
    ...['NaN', '1:30', '1,000', '1.2.3', '2001-12-14', 'v1', '0b-', '--1', '<<', '='],
  ].map((word): [string, string, unknown] => [word, 'str', word]),
])('an unquoted %j is of type %s', (text, type, value) => {
  expect(resolveScalar(text, '')).toEqual({ type, value });
});

test.each([
  ['1', 'str', { type: 'str', value: '1' }],
  ['3', 'int', { type: 'int', value: 3 }],
  ['3', 'float', { type: 'float', value: 3 }],
  ['yes', 'bool', { type: 'bool', value: true }],
  ['', 'null', { type: 'null', value: null }],
  ['2001-2-3', 'timestamp', { type: 'timestamp', value: '2001-2-3' }],
  ['1', 'anything', { type: 'str', value: '1' }],
  ['3.5', 'int', undefined],
  ['x', 'float', undefined],
  ['18446744073709551615', 'float', undefined],
  ['1', 'bool', undefined],
  ['x', 'null', undefined],
  ['2001-02-30', 'timestamp', undefined],
])('%j with the tag !!%s', (text, name, resolved) => {
  expect(resolveScalar(text, tag(name))).toEqual(resolved);
});

test('the tag ! makes a string', () => {
  expect(resolveScalar('12', '!')).toEqual({ type: 'str', value: '12' });
});
