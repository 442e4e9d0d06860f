import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
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
  'https://localhost./',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:7f00:1::]/',
  'javascript:1',
  'https://u@x/',
  undefined,
])('%s is refused', (location) => {
  expect(() => followLocation(location, { url, use: 'upload' })).toThrow(
    expect.objectContaining({ code: 'REGISTRY_UNREACHABLE', reason: 'redirect-refused' }),
  );
});

const hosts = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom(
    'registry.example',
    'localhost',
    'a.localhost',
    '169.254.169.254',
    '2852039166',
    '0x7f.1',
    '[fd00:ec2::254]',
    'localhost.',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:7f00:1::]',
    '[::127.0.0.1]',
  ),
  fc.constantFrom(
    '[::ffff:169.254.169.254]',
    '[::1]',
    '[::]',
    '0',
    '127.1',
    'REGISTRY.example',
    'registry.example.',
  ),
);
const addresses = fc
  .tuple(
    fc.constantFrom('https://', 'http://', '//', 'HTTP://', 'ftp://', 'https:/', 'https:\\\\', ''),
    fc.constantFrom('', '', '', 'user@', 'user:pass@', '@'),
    hosts,
    fc.constantFrom('', ':8443', ':443', ':80', ':0', ':99999'),
    fc.oneof(fc.webPath(), fc.constantFrom('/../..', '/%2e%2e/', '/\r\nx: y', '?a=b#c', '')),
  )
  .map((parts) => parts.join(''));
const locations = fc.oneof(
  addresses,
  fc.webUrl({ withQueryParameters: true }),
  fc.webPath(),
  fc.string({ unit: 'binary' }),
);
/** Written down apart from the code: this machine, its link, and IPv6 spellings of both. */
const inward =
  /^(?:localhost\.?|.*\.localhost\.?|(?:127|0)(?:\.\d+){3}|169\.254\.\d+\.\d+|\[::1?\]|\[fe[89ab][\da-f]:.*\]|\[fd00:ec2:.*\]|\[(?:::|::ffff:|64:ff9b::)(?:7f[\da-f]{2}|a9fe):[\da-f]+\]|\[2002:(?:7f[\da-f]{2}|a9fe):.*\])$/;

test('whatever a Location holds, it is refused or stays on https, outside, without a user', patient, () => {
  fc.assert(
    fc.property(locations, fc.constantFrom('read', 'upload'), (location, use) => {
      try {
        const next = followLocation(location, { url, use });
        expect([next.protocol, next.username, next.password, next.hash]).toEqual(['https:', '', '', '']);
        expect(next.hostname).not.toMatch(inward);
      } catch (error) {
        expect(error).toMatchObject({ reason: 'redirect-refused' });
        expect(String(error)).not.toContain('pass@');
      }
    }),
    { numRuns },
  );
});

test('what the registry wrote in a query comes back to it byte by byte', patient, () => {
  const unit = fc.constantFrom(...'abcXYZ019-._~!$()*,;:@/?=&+', '%20', '%7E', '%2f', '%%');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (query) => {
      const next = followLocation(`/v2/a/blobs/uploads/s?_state=${query}`, { url, use: 'upload' });
      expect(withQuery(next, 'digest=sha256%3Aab').href).toBe(
        `https://registry.example:8443/v2/a/blobs/uploads/s?_state=${query}&digest=sha256%3Aab`,
      );
    }),
    { numRuns },
  );
});

test('a query parameter is added behind whatever the query holds', () => {
  expect(withQuery(new URL('https://a/b'), 'digest=1').href).toBe('https://a/b?digest=1');
  expect(withQuery(new URL('https://a/b?_state=x~y%20z+w'), 'digest=1').href).toBe(
    'https://a/b?_state=x~y%20z+w&digest=1',
  );
});

test('a registry on this machine may send us to another port of it, and nowhere to its link', () => {
  const local = new URL('http://localhost:5000/v2/');
  const follow = (location: string) => followLocation(location, { url: local, use: 'read' });
  expect(follow('http://127.0.0.1:5001/x').href).toBe('http://127.0.0.1:5001/x');
  for (const location of [
    'http://169.254.169.254/',
    'http://0.0.0.0/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
  ])
    expect(() => follow(location), location).toThrow(expect.objectContaining({ reason: 'redirect-refused' }));
});
