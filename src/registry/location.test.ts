import fc from 'fast-check';
import { expect, test } from 'vitest';
import { followLocation, withQuery } from './location.js';

const url = new URL('https://registry.example:8443/v2/a/blobs/uploads/');

test.each([
  ['/next?_state=a~b%20c', 'https://registry.example:8443/next?_state=a~b%20c'],
  ['next', 'https://registry.example:8443/v2/a/blobs/uploads/next'],
  ['https://cdn.example/x', 'https://cdn.example/x'],
  ['http://registry.example/x', 'https://registry.example:8443/x'],
  ['https://registry.example:8443/x#fragment', 'https://registry.example:8443/x'],
])('%s is followed to %s', (location, wanted) => {
  expect(followLocation(location, { url, use: 'upload' }).href).toBe(wanted);
});

test.each([
  'http://other.example/x',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://0.0.0.0/',
  'javascript:1',
  'https://u@x/',
  null,
])('%s is refused', (location) => {
  expect(() => followLocation(location, { url, use: 'upload' })).toThrow(
    expect.objectContaining({ code: 'REGISTRY_UNREACHABLE', reason: 'redirect-refused' }),
  );
});

test('whatever a Location holds, it is refused or stays on https without a user', () => {
  const part = fc.oneof(
    fc.webUrl({ withQueryParameters: true }),
    fc.string(),
    fc.webPath(),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(part, fc.constantFrom('read', 'upload'), (location, use) => {
      try {
        const next = followLocation(location, { url, use });
        expect([next.protocol, next.username, next.password, next.hash]).toEqual(['https:', '', '', '']);
      } catch (error) {
        expect(error).toMatchObject({ reason: 'redirect-refused' });
      }
    }),
    { numRuns: 2000 },
  );
});

test('a query parameter is added behind whatever the query holds', () => {
  expect(withQuery(new URL('https://a/b'), 'digest=1').href).toBe('https://a/b?digest=1');
  expect(withQuery(new URL('https://a/b?_state=x~y%20z+w'), 'digest=1').href).toBe(
    'https://a/b?_state=x~y%20z+w&digest=1',
  );
});
