import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectQuick } from '../../test/support/expect-quick.js';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
import { BundlesError } from '../errors.js';
import { parseDigest } from './digest.js';
import { formatReference, parseReference, type Reference, referenceName } from './reference.js';
import { apiHost, canonicalRegistry } from './registry-host.js';

const hex = 'c4fc636f28d4'.padEnd(64, '0');
const sha256 = parseDigest(`sha256:${hex}`);
const sha512 = parseDigest(`sha512:${'ab'.repeat(64)}`);

const accepted: [
  text: string,
  registry: string,
  repository: string,
  tag?: string | undefined,
  digest?: string,
][] = [
  ['quay.io/acme/hello-world:v1.0.0', 'quay.io', 'acme/hello-world', 'v1.0.0'],
  ['quay.io/acme/hello-world', 'quay.io', 'acme/hello-world'],
  [`quay.io/acme/a@${sha256}`, 'quay.io', 'acme/a', undefined, sha256],
  [`quay.io/acme/a:v1@${sha256}`, 'quay.io', 'acme/a', 'v1', sha256],
  [`quay.io/acme/a@${sha512}`, 'quay.io', 'acme/a', undefined, sha512],
  ['alpine', 'docker.io', 'library/alpine'],
  ['alpine:3', 'docker.io', 'library/alpine', '3'],
  ['acme/alpine:3', 'docker.io', 'acme/alpine', '3'],
  ['docker.io/alpine', 'docker.io', 'library/alpine'],
  ['index.docker.io/alpine', 'docker.io', 'library/alpine'],
  ['registry-1.docker.io/acme/x', 'docker.io', 'acme/x'],
  ['localhost/a', 'localhost', 'a'],
  ['localhost:5000/a', 'localhost:5000', 'a'],
  ['localhost:5000/a:b', 'localhost:5000', 'a', 'b'],
  ['localhost:5000', 'docker.io', 'library/localhost', '5000'],
  ['host:1/a', 'host:1', 'a'],
  ['host:65535/a', 'host:65535', 'a'],
  ['127.0.0.1:5055/a/b/c', '127.0.0.1:5055', 'a/b/c'],
  ['[::1]:5000/a:v1', '[::1]:5000', 'a', 'v1'],
  ['[2001:DB8::1]/a', '[2001:db8::1]', 'a'],
  ['QUAY.io/acme/a', 'quay.io', 'acme/a'],
  ['Acme/a', 'Acme', 'a'],
  ['quay.io/a__b/c---d/e.f/g_h:_x', 'quay.io', 'a__b/c---d/e.f/g_h', '_x'],
  [`quay.io/a:${'t'.repeat(128)}`, 'quay.io', 'a', 't'.repeat(128)],
  [`quay.io/${'a'.repeat(255)}`, 'quay.io', 'a'.repeat(255)],
  [`quay.io/${hex}`, 'quay.io', hex],
  [`${hex.slice(1)}`, 'docker.io', `library/${hex.slice(1)}`],
];

test.each(accepted)('parseReference() reads %s', (text, registry, repository, tag, digest) => {
  const reference = parseReference(text);
  expect(reference).toEqual({ registry, repository, ...(tag && { tag }), ...(digest && { digest }) });
  expect(Object.isFrozen(reference)).toBe(true);
  expect(parseReference(formatReference(reference))).toEqual(reference);
});

const rejected: [text: string, hint: RegExp][] = [
  ['', /quay\.io/],
  ['http://quay.io/a:v1', /without http:\/\//],
  ['https://quay.io/a:v1', /without https:\/\//],
  ['docker://quay.io/a:v1', /without docker:\/\//],
  ['oci://quay.io/a:v1', /without oci:\/\//],
  ['DOCKER://quay.io/a:v1', /without DOCKER:\/\//],
  ['quay.io/Acme/a:v1', /"acme\/a"/],
  ['quay.io/acme/Hello:v1', /"acme\/hello"/],
  ['Hello', /"library\/hello"/],
  ['quay.io/a:', /A tag is/],
  ['quay.io/a:-x', /A tag is/],
  ['quay.io/a:.x', /A tag is/],
  [`quay.io/a:${'t'.repeat(129)}`, /A tag is/],
  ['quay.io/a:b:c', /between slashes/],
  ['quay.io/a@', /A digest is/],
  ['quay.io/a@sha256:abc', /A digest is/],
  [`quay.io/a@sha256:${hex.toUpperCase()}`, /A digest is/],
  [`quay.io/a@sha384:${hex}`, /A digest is/],
  [`quay.io/a@${sha256}@${sha256}`, /between slashes|A tag is/],
  [hex, /@sha256:/],
  ['quay.io/', /between slashes/],
  ['quay.io//a', /between slashes/],
  ['/a', /between slashes/],
  ['a/', /between slashes/],
  ['quay.io/a..b', /between slashes/],
  ['quay.io/../a', /between slashes/],
  ['quay.io/./a', /between slashes/],
  ['quay.io/a___b', /between slashes/],
  ['quay.io/-a', /between slashes/],
  ['quay.io/a-', /between slashes/],
  [`quay.io/${'a'.repeat(256)}`, /quay\.io/],
  ['a'.repeat(2000), /quay\.io/],
  ['host:0/a', /quay\.io/],
  ['host:65536/a', /quay\.io/],
  ['host:080/a', /quay\.io/],
  ['host:/a', /quay\.io/],
  ['-host.io/a', /quay\.io/],
  ['host-.io/a', /quay\.io/],
  ['quay.io./a', /quay\.io/],
  ['.quay.io/a', /quay\.io/],
  ['127.1/a', /quay\.io/],
  ['0x7f.0.0.1/a', /quay\.io/],
  ['1.2.3.256/a', /quay\.io/],
  ['[::1/a', /quay\.io/],
  ['[::g]/a', /quay\.io/],
  ['[]:5000/a', /quay\.io/],
  [`${'a'.repeat(64)}.io/a`, /quay\.io/],
];

test.each(rejected)('parseReference() refuses %j', (text, hint) => {
  const error = refusal(text);
  expect(error.code).toBe('REFERENCE_INVALID');
  expect(error.hint).toMatch(hint);
});

const hostile = [...' \t\r\n\0\u001b%\\?#~*\'"<>{}|^`$&;!,=()+\u0085\u202e\u200bäA\u0300'].filter(
  (c) => c !== 'A',
);

test.each(hostile)('parseReference() refuses the character %j wherever it is', (character) => {
  const text = 'quay.io/acme/hello:v1';
  for (let index = 0; index <= text.length; index++) {
    const error = refusal(text.slice(0, index) + character + text.slice(index));
    expect(error.code).toBe('REFERENCE_INVALID');
    expect(error.message).toMatch(/^[\x20-\x7e]*$/);
  }
});

test.each([
  'user:hunter2@quay.io/a',
  'https://user:hunter2@quay.io/a:v1',
  'user:hun/hunter2@quay.io/a',
  `hunter2@quay.io/a@${sha256}`,
])('parseReference() refuses %j without repeating the password', (text) => {
  const error = refusal(text);
  expect(error.hint).toMatch(/login/);
  expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hunter2');
});

test('referenceName() leaves tag and digest out', () => {
  expect(referenceName(parseReference(`quay.io/a/b:v1@${sha256}`))).toBe('quay.io/a/b');
});

test('Docker Hub has one name in references and another for its API', () => {
  for (const alias of ['docker.io', 'index.docker.io', 'Registry-1.docker.io']) {
    expect(canonicalRegistry(alias)).toBe('docker.io');
    expect(apiHost(alias)).toBe('registry-1.docker.io');
  }
  expect(apiHost('quay.io')).toBe('quay.io');
  expect(apiHost('localhost:5000')).toBe('localhost:5000');
});

const alphabet = (characters: string) => fc.constantFrom(...characters);
const word = fc.string({ unit: alphabet('abcxyz019'), minLength: 1, maxLength: 8 });
const separator = fc.constantFrom('.', '_', '__', '-', '--', '-----');
const component = fc
  .tuple(word, fc.array(fc.tuple(separator, word), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.map(([sign, next]) => sign + next).join(''));
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
const host = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('localhost', 'quay.io', 'docker.io', '[::1]', 'Acme'),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address.toLowerCase()}]`),
      fc.domain().filter((domain) => domain.length <= 253),
    ),
    port,
  )
  .map(([name, number]) => (number === undefined ? name : `${name}:${number}`))
  .map(canonicalRegistry);
const tag = fc
  .tuple(alphabet('abzABZ019_'), fc.string({ unit: alphabet('abzABZ019_.-'), maxLength: 20 }))
  .map(([first, rest]) => first + rest);
const digest = fc
  .string({ unit: alphabet('0123456789abcdef'), minLength: 64, maxLength: 64 })
  .map((text) => parseDigest(`sha256:${text}`));
const references: fc.Arbitrary<Reference> = fc
  .record({
    registry: host,
    repository: fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    tag: fc.option(tag, { nil: undefined }),
    digest: fc.option(digest, { nil: undefined }),
  })
  .map(({ registry, repository, tag, digest }) => ({
    registry,
    repository: registry === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }));

test('parseReference() is the inverse of formatReference()', patient, () => {
  fc.assert(
    fc.property(references, (reference) => {
      expect(parseReference(formatReference(reference))).toEqual(reference);
    }),
    { numRuns },
  );
});

test('whatever parseReference() accepts has one spelling and only harmless characters', patient, () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      'B',
      '0',
      '.',
      '_',
      '-',
      '/',
      ':',
      '@',
      '[',
      ']',
      '%',
      '..',
      '\\',
      ' ',
      '\n',
      '\0',
      'ü',
      '?',
      '#',
    ],
    ...['sha256:', hex, 'localhost', 'quay.io', '::1', 'http://', 'docker.io', '5000', 'library'],
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 10 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const reference = attempt(text);
      if (reference instanceof BundlesError) {
        expect(reference.code).toBe('REFERENCE_INVALID');
        expect(reference.message).toMatch(/^[\x20-\x7e…]*$/);
        return;
      }
      expect(formatReference(reference)).toMatch(/^[A-Za-z0-9._\-/:@[\]]+$/);
      expect(reference.repository).not.toMatch(/\.\.|\/\/|^\/|\/$/);
      expect(new URL(`https://${reference.registry}/`).host).toMatch(/^[a-z0-9.\-:[\]]+$/);
      expect(parseReference(formatReference(reference))).toEqual(reference);
    }),
    { numRuns },
  );
});

test('parseReference() takes no longer for texts made to slow it down', () => {
  const texts = [
    `quay.io/${'a-'.repeat(400)}`,
    `quay.io/${'a'.repeat(780)}!`,
    'a/'.repeat(390),
    '-'.repeat(780),
  ];
  const refuseAll = () => {
    for (const text of texts) refusal(text);
  };
  expectQuick(refuseAll, 500);
});

function attempt(text: string): Reference | BundlesError {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof BundlesError) return error;
    throw error;
  }
}

function refusal(text: string): BundlesError {
  const result = attempt(text);
  if (!(result instanceof BundlesError)) throw new Error(`accepted ${JSON.stringify(text)}`);
  return result;
}
