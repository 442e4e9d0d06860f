import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contentOf } from '../../test/support/samples/sample-image.js';
import { sampleObject } from '../../test/support/samples/sample-object.js';
import { createMemoryStore } from '../content/memory-store.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { buildBundle } from './build-bundle.js';
import { preflightBundle, preflightImage } from './preflight-bundle.js';

const { image } = buildBundle([sampleObject({ kind: 'Pipeline', name: 'workflow' }), sampleObject()]);

interface Manifest {
  layers: { digest: string; size: number; mediaType: string; annotations: Record<string, string> }[];
}

/** The sample bundle after its manifest was changed; `more` are further blobs. */
async function changed(change: (manifest: Manifest) => void, more: readonly Content[] = []) {
  const store = createMemoryStore();
  for (const { descriptor, bytes } of [image.config, ...image.layers, ...more]) {
    await store.write(descriptor, bytes);
  }
  const manifest = JSON.parse(new TextDecoder().decode(image.manifest.bytes)) as Manifest;
  change(manifest);
  const { descriptor, bytes } = contentOf(JSON.stringify(manifest), mediaTypes.dockerManifest);
  await store.writeTagged(descriptor, bytes, 'v1');
  return (await preflightBundle(store, 'v1')).problems.map(({ rule, severity, layer }) => ({
    rule,
    severity,
    layer,
  }));
}

const layerOf = (text: string) => contentOf(gzipSync(Buffer.from(text)), mediaTypes.dockerLayerGzip);

test('a bundle as we build it has no problem', async () => {
  expect(await preflightImage(image)).toEqual({ digest: image.manifest.descriptor.digest, problems: [] });
});

test('what the resolver refuses is an error, whichever layer it is', async () => {
  const error = (rule: string, layer: number | null) => ({ rule, severity: 'error', layer });
  expect(await changed(({ layers }) => delete layers[1]?.annotations['dev.tekton.image.name'])).toEqual([
    error('layer-annotations', 1),
  ]);
  for (const kind of ['Task', 'tasks']) {
    expect(
      await changed(({ layers }) => {
        layers[1]!.annotations['dev.tekton.image.kind'] = kind;
      }),
    ).toContainEqual(error('kind-lower-case-singular', 1));
  }
  expect(
    await changed((manifest) => {
      manifest.layers = Array.from({ length: 21 }, () => manifest.layers[0]!);
    }),
  ).toContainEqual(error('layers-at-most-20', null));
  expect(
    await changed((manifest) => {
      manifest.layers = [];
    }),
  ).toEqual([error('bundle-not-empty', null)]);
});

test('layers that cannot be read or hold no object are errors', async () => {
  const replace = (content: Content, stored = true) =>
    changed(({ layers }) => Object.assign(layers[0]!, content.descriptor), stored ? [content] : []);
  expect(await replace(layerOf('missing'), false)).toMatchObject([{ rule: 'layer-readable', layer: 0 }]);
  expect(await replace(contentOf(layerOf('cut short').bytes.slice(0, -4)))).toMatchObject([
    { rule: 'layer-readable', layer: 0 },
  ]);
  expect(await replace(layerOf('kind: ConfigMap\n'))).toMatchObject([{ rule: 'object-readable', layer: 0 }]);
});

test('a second object of one name and a wrong annotation are warnings', async () => {
  expect(
    await changed((manifest) => {
      manifest.layers.push(manifest.layers[0]!);
    }),
  ).toEqual([{ rule: 'object-unique', severity: 'warning', layer: 2 }]);
  expect(
    await changed(({ layers }) => {
      layers[1]!.annotations['dev.tekton.image.name'] = 'another';
    }),
  ).toEqual([{ rule: 'annotation-matches-object', severity: 'warning', layer: 1 }]);
});

test('an object near the limit of etcd is a warning, one beyond it an error', async () => {
  const sized = async (bytes: number) => {
    const built = buildBundle([sampleObject({ script: 'x'.repeat(bytes) })]);
    return (await preflightImage(built.image)).problems.map(({ rule, severity }) => `${rule} ${severity}`);
  };
  expect(await sized(500_000)).toEqual([]);
  expect(await sized(700_000)).toEqual(['object-size warning']);
  expect(await sized(1_200_000)).toEqual(['object-size error']);
});

test('an index without linux/amd64 and a manifest that is none cannot be read', async () => {
  const store = createMemoryStore();
  const platform = { os: 'linux', architecture: 'arm64' };
  const index = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ ...image.manifest.descriptor, platform }],
    }),
    mediaTypes.ociIndex,
  );
  await store.writeTagged(index.descriptor, index.bytes, 'index');
  const broken = contentOf('{"schemaVersion":1}', mediaTypes.dockerManifest);
  await store.writeTagged(broken.descriptor, broken.bytes, 'broken');
  for (const tag of ['index', 'broken']) {
    expect(await preflightBundle(store, tag)).toMatchObject({
      digest: null,
      problems: [{ rule: 'bundle-readable', severity: 'error', layer: null }],
    });
  }
  await expect(preflightBundle(store, 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
