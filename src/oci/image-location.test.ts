import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
import { formatImageLocation, parseImageLocation } from './image-location.js';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['oci:layout', { kind: 'oci', path: 'layout' }],
  ['oci:./a/b:v1', { kind: 'oci', path: './a/b', image: 'v1' }],
  [`oci:/a b/c@${digest}`, { kind: 'oci', path: '/a b/c', digest }],
  [`oci:x:v1@${digest}`, { kind: 'oci', path: 'x', image: 'v1', digest }],
  ['oci:C:\\layouts\\a:v1', { kind: 'oci', path: 'C:\\layouts\\a', image: 'v1' }],
  ['oci:x:hello:8.3', { kind: 'oci', path: 'x', image: 'hello:8.3' }],
  ['oci:x:quay.io/a/b:v1', { kind: 'oci', path: 'x', image: 'quay.io/a/b:v1' }],
  ['oci:x:quay.io/a/b', { kind: 'oci', path: 'x', image: 'quay.io/a/b' }],
  ['oci:x:hello@1.0', { kind: 'oci', path: 'x', image: 'hello@1.0' }],
  ['oci:x:a+b--c', { kind: 'oci', path: 'x', image: 'a+b--c' }],
  [`oci:x:hello:8.3@${digest}`, { kind: 'oci', path: 'x', image: 'hello:8.3', digest }],
  ['oci-archive:x.tar:a+b', { kind: 'oci-archive', path: 'x.tar', image: 'a+b' }],
  ['oci:me@home/x', { kind: 'oci', path: 'me@home/x' }],
  ['oci-archive:x.tar', { kind: 'oci-archive', path: 'x.tar' }],
  ['oci-archive:x.tar.gz:v1.0.0', { kind: 'oci-archive', path: 'x.tar.gz', image: 'v1.0.0' }],
  ['oci-archive:x.tar:quay.io/a/b:v1', { kind: 'oci-archive', path: 'x.tar', image: 'quay.io/a/b:v1' }],
  ['docker-archive:/tmp/x.tar', { kind: 'docker-archive', path: '/tmp/x.tar' }],
  [
    'docker-archive:x.tar:127.0.0.1:5000/b:v1',
    { kind: 'docker-archive', path: 'x.tar', image: '127.0.0.1:5000/b:v1' },
  ],
])('parseImagePlace() reads %s', (text, place) => {
  expect(parseImageLocation(text)).toEqual(place);
  expect(formatImageLocation(parseImageLocation(text))).toBe(text);
});

test.each([
  ['quay.io/acme/x:v1', 'quay.io', 'acme/x', 'v1'],
  ['docker:24', 'docker.io', 'library/docker', '24'],
  ['localhost:5000/x:v1', 'localhost:5000', 'x', 'v1'],
  ['oci/x:v1', 'docker.io', 'oci/x', 'v1'],
])('parseImagePlace() takes %s for a reference', (text, registry, repository, tag) => {
  expect(parseImageLocation(text)).toEqual({ kind: 'registry', reference: { registry, repository, tag } });
});

test.each([
  ['oci:', /the directory after "oci:" is missing/],
  ['oci::v1', /the directory after "oci:" is missing/],
  ['oci-archive:', /the file after "oci-archive:" is missing/],
  ['oci:x:', /the tag after ":" is missing/],
  ['oci:x:-v1', /neither a tag nor a name/],
  ['oci:x:a//b', /neither a tag nor a name/],
  ['oci:x:a b', /neither a tag nor a name/],
  ['docker-archive:x.tar:quay.io/a/b', /neither a tag nor a name with a tag/],
  ['docker-archive:x.tar:a+b', /neither a tag nor a name with a tag/],
  ['oci:x@sha256:abc', /is not a digest/],
  ['oci:a\u0007b', /control character/],
  ['oci://x', /starts with oci:\/\//],
  [`oci:${'x'.repeat(6000)}`, /longer than/],
  ['docker-daemon:x:v1', /"docker-daemon:" is not a known kind of location/],
  ['containers-storage:x', /not a known kind of location/],
  ['dir:/tmp/x', /"dir:" is not a known kind of location/],
  ['oci-archiv:x.tar', /"oci-archiv:" is not a known kind of location/],
  ['docker-archve:x.tar:v1', /not a known kind of location/],
  ['docker://quay.io/a/b:v1', /starts with docker:\/\//],
  ['', /it is empty/],
])('parseImagePlace() refuses %j', (text, message) => {
  expect(() => parseImageLocation(text)).toThrow(
    expect.objectContaining({ code: 'REFERENCE_INVALID', message: expect.stringMatching(message) }),
  );
});

test('parseImagePlace() gives back what formatImageLocation() wrote, or refuses', patient, () => {
  const words = fc.constantFrom(
    'oci',
    'oci-archive',
    'docker-archive',
    'quay.io/a',
    ':',
    '@',
    '/',
    'v1',
    digest,
    '.',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      let place: ReturnType<typeof parseImageLocation>;
      try {
        place = parseImageLocation(text);
      } catch (error) {
        expect(error).toMatchObject({ code: 'REFERENCE_INVALID' });
        return;
      }
      expect(parseImageLocation(formatImageLocation(place))).toEqual(place);
    }),
    { numRuns },
  );
});
