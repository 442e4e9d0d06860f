import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
import { isAuthError } from './auth-error.js';
import { chooseChallenge, parseChallenges } from './challenge.js';
import { realmFitness, resolveRealm } from './realm.js';

const resolve = (realm: string, origin = 'https://quay.io') =>
  resolveRealm(realm, { origin, registry: 'r.example' });

test.each([
  ['https://auth.docker.io/token', 'https://registry-1.docker.io', 'https://auth.docker.io/token'],
  ['/v2/auth', 'https://quay.io', 'https://quay.io/v2/auth'],
  ['https://10.0.0.1:8443/t', 'https://10.0.0.1', 'https://10.0.0.1:8443/t'],
  ['http://127.0.0.1:5001/t', 'http://localhost:5000', 'http://127.0.0.1:5001/t'],
  ['http://auth.example/t', 'http://r.example', 'http://auth.example/t'],
  ['https://8.8.8.8/t', 'https://quay.io', 'https://8.8.8.8/t'],
  ['https://[2606:4700::1]/t', 'https://quay.io', 'https://[2606:4700::1]/t'],
])('realm %s of %s is taken', (realm, origin, expected) => {
  expect(resolve(realm, origin).href).toBe(expected);
});

test.each([
  'http://auth.example/token',
  'https://user:s3cret@auth.example/token',
  'https://auth.example/token#s3cret',
  'ftp://auth.example/token',
  'file:///etc/passwd',
  'javascript:1',
  'https://',
  'https://169.254.169.254/latest/meta-data/?s3cret',
  'https://[fd00:ec2::254]/latest?s3cret',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0.0.0.0/',
  'https://10.1.2.3/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://224.0.0.1/',
  'https://localhost/',
  'https://LOCALHOST./',
  'https://x.localhost/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:7f00:1::]/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
])('realm %s of a public registry is refused, and its secrets are not shown', (realm) => {
  let error: unknown;
  try {
    resolve(realm);
  } catch (caught) {
    error = caught;
  }
  expect(isAuthError(error) && error.reason).toBe('realm-refused');
  expect(JSON.stringify([(error as Error).message, error])).not.toContain('s3cret');
});

test('a registry in a private network names no loopback realm', () => {
  expect(() => resolve('https://127.0.0.1/', 'https://10.0.0.1')).toThrow();
});

test('whatever a realm holds, it is refused or is https, outside, without user and fragment', patient, () => {
  const hosts = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.constantFrom(
      'registry.example',
      'localhost',
      'x.localhost',
      '[::ffff:10.0.0.1]',
      '[64:ff9b::a9fe:a9fe]',
      '2852039166',
    ),
  );
  const realms = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('https://', 'http://', '//', 'HTTPS://', 'javascript:', 'https:', ''),
        fc.constantFrom('', '', 'user@', 'user:pass@'),
        hosts,
        fc.constantFrom('', ':443', ':80', ':8443'),
        fc.constantFrom('/token', '/token?a=b', '/t#f', '', '/\r\n'),
      )
      .map((parts) => parts.join('')),
    fc.webUrl(),
    fc.string({ unit: 'binary' }),
  );
  const home = 'https://registry.example';
  const v4 =
    '(?:127|10|0)(?:\\.\\d+){3}|169\\.254(?:\\.\\d+){2}|192\\.168(?:\\.\\d+){2}|172\\.(?:1[6-9]|2\\d|3[01])(?:\\.\\d+){2}';
  const v6 =
    '\\[(?:::1?|f[cd][\\da-f]{2}:.*|fe[89ab][\\da-f]:.*|::ffff:(?:7f[\\da-f]{2}|a[\\da-f]{2}|a9fe):.*)\\]';
  const forbidden = new RegExp(`^(?:(?:.*\\.)?localhost\\.?|${v4}|${v6})$`);
  fc.assert(
    fc.property(realms, (realm) => {
      try {
        const url = resolveRealm(realm, { origin: home, registry: 'registry.example' });
        expect([url.protocol, url.username, url.password, url.hash]).toEqual(['https:', '', '', '']);
        expect(url.hostname).not.toMatch(forbidden);
      } catch (error) {
        expect(error).toMatchObject({ reason: 'realm-refused', code: 'REGISTRY_UNREACHABLE' });
        expect(String(error)).not.toContain('pass@');
      }
    }),
    { numRuns },
  );
});

test.each([
  ['of the registry before one of another site', 'https://login.example/t', 'https://auth.quay.io/t'],
  ['of another site before one that must not be asked', 'http://quay.io/t', 'https://login.example/t'],
  ['of another site before one that must not be asked', 'https://10.0.0.1/t', 'https://login.example/t'],
  ['of the registry, by its path', 'https://login.example/t', '/v2/auth'],
  ['that comes first, of two alike', 'https://b.quay.io/t', 'https://a.quay.io/t'],
])('of two Bearer challenges the one %s is answered', (_, other, wanted) => {
  const header = (realms: readonly string[]) =>
    realms.map((realm) => `Bearer realm="${realm}",service="s"`).join(', ');
  const alike = other.endsWith('.quay.io/t');
  for (const realms of alike
    ? [[wanted, other]]
    : [
        [other, wanted],
        [wanted, other],
      ]) {
    const chosen = chooseChallenge(parseChallenges(header(realms)), ({ parameters }) =>
      realmFitness(parameters, { origin: 'https://quay.io' }),
    );
    expect(chosen?.parameters.get('realm')).toBe(wanted);
  }
});
