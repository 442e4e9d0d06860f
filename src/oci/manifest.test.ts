import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBundlesError } from '../errors.js';
import { parseManifest } from './manifest.js';
import { mediaTypes } from './media-types.js';

const digest = `sha256:${'a'.repeat(64)}`;
const part = (mediaType: string) => ({ mediaType, digest, size: 3 });
const image = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: part(mediaTypes.ociConfig),
  layers: [{ ...part(mediaTypes.ociLayerGzip), annotations: { a: 'b' } }],
};
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [part(mediaTypes.ociManifest)] };

const parse = (value: unknown, mediaType: string = mediaTypes.ociManifest) =>
  parseManifest(Buffer.from(JSON.stringify(value)), mediaType);

test('an image manifest is read in both dialects', () => {
  expect(parse({ ...image, annotations: { c: 'd' }, unknown: [1] })).toEqual({
    type: 'image',
    mediaType: mediaTypes.ociManifest,
    annotations: { c: 'd' },
    artifactType: undefined,
    subject: undefined,
    config: image.config,
    layers: image.layers,
  });
  const docker = { ...image, mediaType: mediaTypes.dockerManifest };
  expect(parse(docker, mediaTypes.dockerManifest)).toMatchObject({ type: 'image', layers: image.layers });
});

test('an index is read in both dialects', () => {
  const platform = { os: 'linux', architecture: 'amd64', variant: 'v8' };
  const entries = [{ ...index.manifests[0], platform }, ...index.manifests];
  expect(parse({ ...index, manifests: entries }, mediaTypes.ociIndex)).toMatchObject({
    type: 'index',
    manifests: [{ digest, platform: { os: 'linux', architecture: 'amd64' } }, { digest }],
  });
  const docker = { ...index, mediaType: mediaTypes.dockerManifestList };
  expect(parse(docker, mediaTypes.dockerManifestList)).toMatchObject({ type: 'index' });
});

test('names like __proto__ stay plain annotations', () => {
  const text = JSON.stringify(image).replace('"a":"b"', '"__proto__":"b"');
  const manifest = parseManifest(Buffer.from(text), mediaTypes.ociManifest);
  const annotations = manifest.type === 'image' ? manifest.layers[0]!.annotations! : {};
  expect(Object.getPrototypeOf(annotations)).toBeNull();
  expect(Object.keys(annotations)).toEqual(['__proto__']);
});

test.each<[string, unknown, string]>([
  ['a list', [], ''],
  ['null', null, ''],
  ['another schema version', { ...image, schemaVersion: 1 }, 'schemaVersion'],
  ['a version as text', { ...image, schemaVersion: '2' }, 'schemaVersion'],
  ['another type than its descriptor', { ...image, mediaType: mediaTypes.dockerManifest }, 'mediaType'],
  ['an image and an index at once', { ...image, manifests: [] }, 'manifests'],
  ['no config', { ...image, config: undefined }, 'config'],
  ['no layers', { ...image, layers: undefined }, 'layers'],
  ['layers that are not a list', { ...image, layers: {} }, 'layers'],
  ['a layer that is not an object', { ...image, layers: ['x'] }, 'layers[0]'],
  [
    'a digest that is none',
    { ...image, layers: [{ ...image.layers[0], digest: 'sha256:x' }] },
    'layers[0].digest',
  ],
  ['a negative size', { ...image, config: { ...image.config, size: -1 } }, 'config.size'],
  ['a size that is not a whole number', { ...image, config: { ...image.config, size: 1.5 } }, 'config.size'],
  [
    'a media type that is none',
    { ...image, config: { ...image.config, mediaType: 'x\n' } },
    'config.mediaType',
  ],
  ['an annotation that is not a text', { ...image, annotations: { a: 1 } }, 'annotations.a'],
  ['a key that Go would take for another', { ...image, Layers: [] }, 'Layers'],
  ['such a key by way of Unicode', { ...image, 'layer\u017f': [] }, 'layer\u017f'],
  ['such a key in a descriptor', { ...image, config: { ...image.config, Digest: digest } }, 'config.Digest'],
  ['a subject that is none', { ...image, subject: {} }, 'subject.mediaType'],
])('%s is not a manifest', (_, value, path) => {
  expect(() => parse(value)).toThrow(
    expect.objectContaining({ code: 'BUNDLE_INVALID', details: expect.objectContaining({ path }) }),
  );
});

test.each(['', '{', '\ufeff{}', '{"schemaVersion":2} x'])('%j is not JSON', (text) => {
  expect(() => parseManifest(Buffer.from(text), mediaTypes.ociManifest)).toThrow(
    expect.objectContaining({ code: 'BUNDLE_INVALID' }),
  );
});

test('bytes that are not UTF-8, too many bytes and unknown types are refused', () => {
  const bytes = Buffer.from(JSON.stringify(image));
  const broken = Buffer.from(bytes);
  broken[20] = 0xff;
  expect(() => parseManifest(broken, mediaTypes.ociManifest)).toThrow(
    expect.objectContaining({ code: 'BUNDLE_INVALID' }),
  );
  expect(() => parseManifest(Buffer.alloc(4 * 1024 * 1024 + 1, ' '), mediaTypes.ociManifest)).toThrow(
    expect.objectContaining({ code: 'TOO_LARGE' }),
  );
  expect(() => parseManifest(Buffer.from('{"schemaVersion":2}'), 'text/html')).toThrow(
    expect.objectContaining({ code: 'BUNDLE_INVALID' }),
  );
});

test('20,000 annotations of manifest, config and layers together are read, and one more is refused', () => {
  const withAnnotations = (count: number) => {
    const annotations = Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, '']));
    const layers = [{ ...image.layers[0], annotations }];
    return Buffer.from(JSON.stringify({ ...image, annotations: { only: '' }, layers }));
  };
  expect(parseManifest(withAnnotations(19_999), mediaTypes.ociManifest).type).toBe('image');
  expect(() => parseManifest(withAnnotations(20_000), mediaTypes.ociManifest)).toThrow(
    expect.objectContaining({ code: 'TOO_LARGE', details: { found: 20_001, wanted: 20_000 } }),
  );
});

test('whatever comes, it is a manifest or BUNDLE_INVALID', () => {
  const keys = fc.constantFrom(
    'schemaVersion',
    'mediaType',
    'config',
    'layers',
    'annotations',
    'digest',
    'size',
    '__proto__',
  );
  const leaf = fc.oneof(fc.constantFrom(2, digest, mediaTypes.ociManifest, null), fc.jsonValue());
  const value = fc.dictionary(
    keys,
    fc.oneof(leaf, fc.dictionary(keys, leaf), fc.array(fc.dictionary(keys, leaf))),
  );
  fc.assert(
    fc.property(value, (document) => {
      try {
        parse({ ...image, ...document });
      } catch (error) {
        expect(isBundlesError(error, 'BUNDLE_INVALID')).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
