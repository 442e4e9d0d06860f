import { expect, test } from 'vitest';
import { formatPartLocation, parsePartLocation, parsePartTarget } from './part-location.js';

const digest = `sha256:${'ab'.repeat(32)}`;

test.each([
  ['parts/1.lock', 'file'],
  ['oci.lock', 'file'],
  ['oci:quay.io/acme/lock-parts:run-1', 'registry'],
  [`oci:quay.io/acme/lock-parts@${digest}`, 'registry'],
])('parsePartLocation() reads %s, and formatPartLocation() gives it again', (text, kind) => {
  const location = parsePartLocation(text);
  expect(location.kind).toBe(kind);
  expect(formatPartLocation(location)).toBe(text);
});

test.each([
  ['', 'USAGE'],
  ['oci:', 'REFERENCE_INVALID'],
  ['oci:quay.io/acme/UPPER:v1', 'REFERENCE_INVALID'],
])('parsePartLocation() refuses %j', (text, code) => {
  expect(() => parsePartLocation(text)).toThrow(expect.objectContaining({ code }));
});

test('a part on a registry has an explicit tag or digest', () => {
  expect(() => parsePartLocation('oci:quay.io/a/b')).toThrow(
    expect.objectContaining({
      code: 'REFERENCE_INVALID',
      hint: expect.stringContaining('quay.io/a/b:v1.0.0'),
      details: { reference: 'quay.io/a/b' },
    }),
  );
});

test('a part is written to a file or a tag, never to a digest', () => {
  expect(parsePartTarget('1.lock')).toEqual({ kind: 'file', path: '1.lock' });
  expect(parsePartTarget('oci:quay.io/a/b:v1').kind).toBe('registry');
  expect(() => parsePartTarget(`oci:quay.io/a/b@${digest}`)).toThrow(
    expect.objectContaining({ code: 'REFERENCE_INVALID' }),
  );
});
