import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectQuick } from '../../test/support/expect-quick.js';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
import { type Challenge, chooseChallenge, parseChallenges } from './challenge.js';

const plain = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each<[string, string, unknown]>([
  [
    'a bearer challenge',
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  ],
  [
    'two challenges in one line',
    'Bearer realm="https://h/t",service="s",scope="*",Basic realm="Gitea"',
    [
      ['bearer', { realm: 'https://h/t', service: 's', scope: '*' }],
      ['basic', { realm: 'Gitea' }],
    ],
  ],
  [
    'schemes without parameters and opaque values',
    'Negotiate, NTLM TlRMTVNTUAAB==, Basic realm="x"',
    [
      ['negotiate', {}],
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'odd case and white space',
    'bEARER  REALM = "r" ,\tService= s',
    [['bearer', { realm: 'r', service: 's' }]],
  ],
  ['escapes', 'Basic realm="a \\"b\\", c\\\\"', [['basic', { realm: 'a "b", c\\' }]]],
  [
    'an unquoted address',
    'Bearer realm=https://h/t?x=1,service=s',
    [['bearer', { realm: 'https://h/t?x=1', service: 's' }]],
  ],
  ['a quote that never ends', 'Basic realm="abc', [['basic', { realm: 'abc' }]]],
  ['the first of a name given twice', 'Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
  [
    'empty values and stray commas',
    ', ,Bearer realm="",, service=,',
    [['bearer', { realm: '', service: '' }]],
  ],
  ['nothing', '', []],
])('parseChallenges() reads %s', (_name, header, expected) => {
  expect(plain(header)).toEqual(expected);
});

test('Bearer goes before Basic, and only Bearer with a realm counts', () => {
  const chosen = (header: string) => chooseChallenge(parseChallenges(header))?.scheme;
  expect(chosen('Basic realm="a", Bearer realm="https://h"')).toBe('bearer');
  expect(chosen('Bearer service="a", Basic realm="b"')).toBe('basic');
  expect(chosen('Bearer service="a"')).toBeUndefined();
  expect(chosen('Digest realm="a", Negotiate')).toBeUndefined();
});

const tokenText = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/);
const challenges = fc.array(
  fc.record({
    scheme: tokenText,
    parameters: fc.dictionary(tokenText, fc.string({ maxLength: 20 }), {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    }),
  }),
  { minLength: 1, maxLength: 3 },
);

test('whatever is written in quotes is read back', patient, () => {
  fc.assert(
    fc.property(challenges, (list) => {
      const header = list
        .map(({ scheme, parameters }) => {
          const pairs = Object.entries(parameters).map(
            ([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`,
          );
          return `${scheme} ${pairs.join(', ')}`;
        })
        .join(', ');
      const expected = list.map(({ scheme, parameters }) => {
        const map = new Map<string, string>();
        for (const [key, value] of Object.entries(parameters)) {
          if (!map.has(key.toLowerCase())) map.set(key.toLowerCase(), value);
        }
        return { scheme: scheme.toLowerCase(), parameters: map };
      });
      expect(parseChallenges(header)).toEqual(expected);
    }),
    { numRuns },
  );
});

test('no text makes the parser fail or hang', () => {
  const noise = fc.string({
    unit: fc.constantFrom('"', '\\', ',', '=', ' ', 'a', 'B', '\u0000', 'é', '/', '\t'),
  });
  fc.assert(
    fc.property(noise, (text) => Array.isArray(parseChallenges(text))),
    { numRuns },
  );
  const pieces = ['"', '=', ' ', 'a ', '\\"', ',', 'a=', ' \t='];
  const long = () => {
    for (const piece of pieces) parseChallenges(piece.repeat(100_000));
  };
  expectQuick(long, 2_000);
});

test('what was read of any noise, written again in quotes, is read as the same', patient, () => {
  const pieces = fc.constantFrom(
    'Bearer',
    'basic',
    'realm',
    'scope',
    '=',
    '"',
    '\\',
    ',',
    ' ',
    '\t',
    'https://a/b',
    'a:b,c',
    'é',
    '\0',
    '==',
    'Negotiate',
    'TlRMTVNT',
  );
  const headers = fc.oneof(
    fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const write = ({ scheme, parameters }: Challenge) =>
    `${scheme} ${[...parameters].map(([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`).join(', ')}`;
  fc.assert(
    fc.property(headers, (header) => {
      const read = parseChallenges(header);
      for (const { scheme, parameters } of read) {
        expect(scheme).toMatch(/^[!#$%&'*+\-.^_`|~\da-z]+$/);
        for (const name of parameters.keys()) expect(name).toBe(name.toLowerCase());
      }
      expect(parseChallenges(read.map(write).join(', '))).toEqual(read);
      const chosen = chooseChallenge(read);
      if (chosen) expect(chosen.scheme === 'basic' || chosen.parameters.get('realm')).toBeTruthy();
    }),
    { numRuns },
  );
});
