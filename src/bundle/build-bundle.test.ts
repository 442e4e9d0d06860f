import { expect, test } from 'vitest';
import { sampleObject } from '../../test/support/samples/sample-object.js';
import { digestOf } from '../oci/digest.js';
import { buildBundle, withCreated } from './build-bundle.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('the manifest and the config are written field by field as tkn writes them', () => {
  const bundle = buildBundle(
    [sampleObject({ name: 'first' }), sampleObject({ kind: 'Pipeline', name: 'second' })],
    {
      annotations: { '\u{1f600}': 'a&b', '\ufffd': '<c>', a: '1' },
      labels: { b: '2', a: '\u2028' },
    },
  );
  const [first, second] = bundle.image.layers;
  const config = text(bundle.image.config.bytes);
  expect(config).toBe(
    '{"architecture":"","created":"1970-01-01T00:00:00Z",' +
      '"history":[{"created":"0001-01-01T00:00:00Z"},{"created":"0001-01-01T00:00:00Z"}],' +
      `"os":"","rootfs":{"type":"layers","diff_ids":["${bundle.objects[0]!.diffId}","${bundle.objects[1]!.diffId}"]},` +
      '"config":{"Labels":{"a":"\\u2028","b":"2"}}}',
  );
  const layer = (kind: string, name: string, at: typeof first) =>
    `{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":${at!.bytes.length},` +
    `"digest":"${digestOf(at!.bytes)}","annotations":{"dev.tekton.image.apiVersion":"v1",` +
    `"dev.tekton.image.kind":"${kind}","dev.tekton.image.name":"${name}"}}`;
  expect(text(bundle.image.manifest.bytes)).toBe(
    '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",' +
      `"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":${config.length},` +
      `"digest":"${digestOf(bundle.image.config.bytes)}"},` +
      `"layers":[${layer('task', 'first', first)},${layer('pipeline', 'second', second)}],` +
      '"annotations":{"a":"1","\ufffd":"\\u003cc\\u003e","\u{1f600}":"a\\u0026b"}}',
  );
  expect(bundle.digest).toBe(digestOf(bundle.image.manifest.bytes));
  expect(bundle.configDigest).toBe(bundle.image.config.descriptor.digest);
});

test('annotations and labels that are empty are left out', () => {
  const bundle = buildBundle([sampleObject()]);
  expect(text(bundle.image.manifest.bytes)).not.toContain('},"annotations"');
  expect(text(bundle.image.config.bytes)).toContain('"config":{}}');
});

test('a bundle without objects is what tkn pushes without files', () => {
  const bundle = buildBundle([]);
  expect(text(bundle.image.config.bytes)).toBe(
    '{"architecture":"","created":"1970-01-01T00:00:00Z","os":"","rootfs":{"type":"layers","diff_ids":null},"config":{}}',
  );
  expect(text(bundle.image.manifest.bytes)).toContain('"layers":[]}');
});

test('the same bundle with another time shares its layers and equals one built so', () => {
  const options = { annotations: { a: 'b' }, labels: { c: 'd' } };
  const objects = [sampleObject(), sampleObject({ name: 'other' })];
  const bundle = buildBundle(objects, options);
  const later = withCreated(bundle, '2025-01-02T03:04:05.6+01:00');
  expect(later).toEqual(buildBundle(objects, { ...options, created: '2025-01-02T03:04:05.6+01:00' }));
  expect(later.image.layers).toBe(bundle.image.layers);
  expect(later.digest).not.toBe(bundle.digest);
});
