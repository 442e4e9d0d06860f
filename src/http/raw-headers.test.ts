import { expect, test } from 'vitest';
import { rawValue, responseWith } from './raw-headers.js';

test('a field is found whatever its case, with all its values', () => {
  const raw = ['Content-Length', '0', 'warning', 'a', 'Warning', 'b'];
  expect(rawValue(raw, 'content-length')).toBe('0');
  expect(rawValue(raw, 'warning')).toBe('a, b');
  expect(rawValue(raw, 'etag')).toBeNull();
});

test('a response has all fields of the head but those that are none', () => {
  const raw = [':status', '404', 'Warning', 'a', 'warning', 'b', 'Set-Cookie', 'c=d', 'set-cookie', 'e=f'];
  const { status, headers } = responseWith(raw, null, { status: 404 });
  expect([status, headers.get('warning'), headers.getSetCookie()]).toEqual([404, 'a, b', ['c=d', 'e=f']]);
  expect([...headers.keys()]).not.toContain(':status');
});

test('a head that no response can hold throws', () => {
  expect(() => responseWith(['a b', 'c'], null, { status: 200 })).toThrow(TypeError);
  expect(() => responseWith([], null, { status: 99 })).toThrow(RangeError);
});
