import { expect, test } from 'vitest';
import { declaredLength, fieldsOf, mediaTypeOf } from './message.js';

test('a head becomes fields in lower case, repeated ones joined, without the pseudo fields', () => {
  const fields = fieldsOf([':status', '200', 'Content-Length', '0', 'warning', 'a', 'Warning', 'b']);
  expect({ ...fields }).toEqual({ 'content-length': '0', warning: 'a, b' });
});

test('a field may have any name', () => {
  const fields = fieldsOf(['__proto__', 'a', 'constructor', 'b']);
  expect([fields.constructor, Object.keys(fields)]).toEqual(['b', ['__proto__', 'constructor']]);
  expect(fieldsOf([]).tostring).toBeUndefined();
});

test.each([
  ['12', 12],
  ['0', 0],
  ['0777', 777],
  ['', undefined],
  ['-1', undefined],
  ['5, 5', undefined],
  ['1e3', undefined],
])('a content-length of %j is %s', (text, length) => {
  expect(declaredLength({ 'content-length': text })).toBe(length);
});

test('a media type is reported without its parameters', () => {
  expect(mediaTypeOf({ 'content-type': ' Text/HTML ; charset=utf-8' })).toBe('text/html');
  expect(mediaTypeOf({})).toBe('');
});
