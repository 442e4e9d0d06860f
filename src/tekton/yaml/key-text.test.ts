import { expect, test } from 'vitest';
import { formatFloat32, keyText } from './key-text.js';
import { resolveScalar } from './resolve-scalar.js';

test.each([
  ['010', '8'],
  ['yes', 'true'],
  ['n', 'false'],
  ['1.0', '1'],
  ['1.5', '1.5'],
  ['1e3', '1000'],
  ['1e5', '100000'],
  ['1e6', '1e+06'],
  ['1e20', '1e+20'],
  ['1e-7', '1e-07'],
  ['0.0001', '0.0001'],
  ['1234567.891', '1.2345679e+06'],
  ['313390.61638378305', '313390.62'],
  ['0.000244140625', '0.00024414063'],
  ['1.262177448353619e-29', '1.2621775e-29'],
  ['-0.0', '-0'],
  ['.inf', '.inf'],
  ['-.inf', '-.inf'],
  ['.nan', '.nan'],
  ['1e300', '.inf'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', undefined],
  ['~', undefined],
  ['2001-01-01', '2001-01-01'],
])('the key %s becomes %s', (key, text) => {
  expect(keyText(resolveScalar(key, '') ?? { type: 'null', value: null })).toBe(text);
});

test('every power of two of 32-bit floats is written so that it reads back', () => {
  for (let power = -149; power < 128; power++) {
    expect(Math.fround(Number(formatFloat32(2 ** power)))).toBe(2 ** power);
  }
});
