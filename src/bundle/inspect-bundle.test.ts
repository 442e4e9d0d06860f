import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contentOf } from '../../test/support/samples/sample-image.js';
import { sampleObject } from '../../test/support/samples/sample-object.js';
import { createMemoryStore } from '../content/memory-store.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { buildBundle } from './build-bundle.js';
import { inspectBundle } from './inspect-bundle.js';

const bundle = buildBundle([sampleObject({ kind: 'Pipeline', name: 'workflow' }), sampleObject()]);

interface Manifest {
  mediaType: string;
  config: { mediaType: string };
  layers: { digest: string; size: number; mediaType: string; annotations?: Record<string, string> }[];
}

async function inspectChanged(change: (manifest: Manifest) => void, more: readonly Content[] = []) {
  const store = createMemoryStore();
  const { image } = bundle;
  for (const { descriptor, bytes } of [image.config, ...image.layers, ...more]) {
    await store.write(descriptor, bytes);
  }
  const manifest = JSON.parse(new TextDecoder().decode(image.manifest.bytes)) as Manifest;
  change(manifest);
  const { descriptor, bytes } = contentOf(JSON.stringify(manifest), manifest.mediaType);
  await store.writeTagged(descriptor, bytes, 'v1');
  return inspectBundle(store, 'v1');
}

test('what we built is ours or tkn’s, byte for byte', async () => {
  const found = await inspectChanged(() => undefined);
  expect(found.digest).toBe(bundle.digest);
  expect(found.origin).toMatchObject({ match: 'exact', builders: ['bundles', 'tkn'] });
});

test('another compression, other media types and other annotations are distinguished', async () => {
  const [pipeline] = bundle.image.layers;
  const { gunzipSync } = await import('node:zlib');
  const again = contentOf(gzipSync(gunzipSync(pipeline!.bytes), { level: 9 }), mediaTypes.dockerLayerGzip);
  const recompressed = await inspectChanged(
    ({ layers }) => Object.assign(layers[0]!, again.descriptor),
    [again],
  );
  expect(recompressed.origin).toMatchObject({
    match: 'equivalent',
    builders: [],
    summary: expect.stringContaining('compresses otherwise'),
    differences: [expect.stringContaining('compression')],
  });
  const oci = await inspectChanged((manifest) => {
    manifest.mediaType = mediaTypes.ociManifest;
    manifest.config.mediaType = mediaTypes.ociConfig;
    for (const layer of manifest.layers) layer.mediaType = mediaTypes.ociLayerGzip;
  });
  expect(oci.origin).toMatchObject({ match: 'equivalent', summary: expect.stringContaining('media types') });
  const renamed = await inspectChanged(({ layers }) => {
    layers[0]!.annotations!['dev.tekton.image.kind'] = 'Pipeline';
  });
  expect(renamed.origin).toMatchObject({ match: 'different', builders: [] });
  expect(renamed.problems).toMatchObject([{ rule: 'kind-lower-case-singular', layer: 0 }]);
});

test('a layer without annotations, and one that holds no object, are reported as they are', async () => {
  const other = contentOf(gzipSync('no object'), mediaTypes.dockerLayerGzip);
  const found = await inspectChanged(
    ({ layers }) => {
      delete layers[0]!.annotations;
      Object.assign(layers[1]!, other.descriptor);
    },
    [other],
  );
  expect(found.objects).toMatchObject([
    { kind: null, name: null, apiVersion: 'tekton.dev/v1', annotations: {}, facts: { params: [] } },
    { kind: 'task', apiVersion: null, contentSize: 9, facts: null },
  ]);
  expect(found.origin).toMatchObject({ match: 'different', builders: [] });
  expect(found.problems.map(({ rule }) => rule)).toContain('layer-annotations');
});

test('layers that unpack to more than 64 MiB in all are refused', { timeout: 60_000 }, async () => {
  const bomb = contentOf(gzipSync(Buffer.alloc(40 << 20)), mediaTypes.dockerLayerGzip);
  const inspected = inspectChanged(
    ({ layers }) => {
      for (const layer of layers) Object.assign(layer, bomb.descriptor);
    },
    [bomb],
  );
  await expect(inspected).rejects.toMatchObject({ code: 'TOO_LARGE' });
});
