import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contentOf } from '../../../test/support/samples/sample-image.js';
import { isGzip } from '../../bytes/gunzip-capped.js';
import { createMemoryStore } from '../../content/memory-store.js';
import { mediaTypes } from '../../oci/media-types.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { type BuildBundleOptions, type Bundle, buildBundle } from '../build-bundle.js';
import { loadBuiltBundle, loadBundle } from '../load-bundle.js';
import type { DigestCause, ExplainedSide } from './digest-cause.js';
import { explainDigest } from './explain-digest.js';

const task = (name: string, image = 'busybox') =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{name: s, image: "${image}"}]}\n`;
const files = { 'a.yaml': task('a'), 'b.yaml': task('b'), 'c.yaml': task('c') };
const options = { annotations: { note: 'one' }, labels: { team: 'acme' } };

function built(
  texts: Readonly<Record<string, string>> = files,
  { tknCompat = false, ...more }: BuildBundleOptions & { readonly tknCompat?: boolean } = {},
): { bundle: Bundle; origins: readonly { file: string; document: number; line: number }[] } {
  const sources = Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  const { objects } = readSources(sources, { tknCompat });
  return {
    bundle: buildBundle(objects, { ...options, ...more }),
    origins: objects.map(({ origin }) => origin),
  };
}

interface Manifest {
  mediaType: string;
  artifactType?: string;
  config: { mediaType: string; digest: string; size: number };
  layers: { digest: string; size: number; mediaType: string; annotations: Record<string, string> }[];
}

type Json = Record<string, unknown>;
const plain = (bytes: Uint8Array) => (isGzip(bytes) ? gunzipSync(bytes) : bytes);

/** The built bundle with a changed manifest, config or first layer. */
async function changed(change: {
  manifest?: (manifest: Manifest) => void;
  config?: (config: Json) => void;
  layer?: (layer: Uint8Array) => Uint8Array;
  indent?: number;
}): Promise<ExplainedSide> {
  const store = createMemoryStore();
  const { image } = built().bundle;
  for (const { descriptor, bytes } of image.layers) await store.write(descriptor, bytes);
  const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  const manifest = parse(image.manifest.bytes) as Manifest;
  const config = parse(image.config.bytes) as Json & { rootfs: { diff_ids: string[] } };
  if (change.layer) {
    const layer = contentOf(change.layer(image.layers[0]!.bytes), mediaTypes.dockerLayerGzip);
    await store.write(layer.descriptor, layer.bytes);
    Object.assign(manifest.layers[0]!, layer.descriptor);
    config.rootfs.diff_ids[0] = contentOf(plain(layer.bytes)).descriptor.digest;
  }
  change.config?.(config);
  const configContent = contentOf(JSON.stringify(config), mediaTypes.dockerConfig);
  await store.write(configContent.descriptor, configContent.bytes);
  Object.assign(manifest.config, configContent.descriptor);
  change.manifest?.(manifest);
  const text = JSON.stringify(manifest, null, change.indent);
  const { descriptor, bytes } = contentOf(text, manifest.mediaType);
  await store.writeTagged(descriptor, bytes, 'v1');
  return { bundle: await loadBundle(store, 'v1') };
}

const load = async (there: ReturnType<typeof built>): Promise<ExplainedSide> => ({
  bundle: await loadBuiltBundle(there.bundle),
});
const header = (layer: Uint8Array, change: (tar: Buffer) => void) => {
  const tar = gunzipSync(layer);
  change(tar);
  tar.write('        ', 148, 'latin1');
  const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return gzipSync(tar);
};

type Wanted = Partial<DigestCause>;
const cases: [string, () => Promise<ExplainedSide>, Wanted][] = [
  [
    'another value in one file',
    () => load(built({ ...files, 'b.yaml': task('b', 'alpine') })),
    {
      link: 'json',
      cause: 'content-changed',
      object: 'task b',
      file: 'b.yaml',
      here: '"busybox"',
      there: '"alpine"',
    },
  ],
  [
    'a JSON source instead of YAML',
    () =>
      load(
        built({
          ...files,
          'b.yaml': `${JSON.stringify({ kind: 'Task', apiVersion: 'tekton.dev/v1', metadata: { name: 'b' }, spec: { steps: [{ name: 's', image: 'busybox' }] } }, null, 2)}`,
        }),
      ),
    { link: 'json', cause: 'content-rewritten', object: 'task b', file: 'b.yaml' },
  ],
  [
    'an object that is new here',
    () => load(built({ 'a.yaml': files['a.yaml'], 'b.yaml': files['b.yaml'] })),
    { link: 'document', cause: 'object-added', object: 'task c', file: 'c.yaml' },
  ],
  [
    'an object that is there only',
    () => load(built({ ...files, 'd.yaml': task('d') })),
    { link: 'document', cause: 'object-removed', object: 'task d' },
  ],
  [
    "tkn's duplicate of an object before a null document",
    () => load(built({ ...files, 'c.yaml': `${task('c')}---\n# end\n` }, { tknCompat: true })),
    { link: 'document', cause: 'duplicate-document', object: 'task c' },
  ],
  [
    'an annotation of the manifest',
    () => load(built(files, { annotations: { note: 'two' } })),
    { link: 'manifest', cause: 'annotation', here: 'note=one', there: 'note=two' },
  ],
  [
    'a label',
    () => load(built(files, { labels: {} })),
    { link: 'config', cause: 'label', here: 'team=acme', there: 'no team' },
  ],
  [
    'another created time',
    () => load(built(files, { created: '2024-01-01T00:00:00Z' })),
    { link: 'config', cause: 'created', there: '2024-01-01T00:00:00Z' },
  ],
  [
    'the same created time in the zone of another machine',
    () => load(built(files, { created: '1970-01-01T01:00:00+01:00' })),
    {
      link: 'config',
      cause: 'created-zone',
      message: expect.stringContaining('time zone of its machine') as unknown as string,
    },
  ],
  [
    'another compression',
    () => changed({ layer: (layer) => gzipSync(gunzipSync(layer), { level: 9 }) }),
    {
      link: 'layer',
      cause: 'compression',
      message: expect.stringContaining('another program than Go') as unknown as string,
    },
  ],
  [
    'no compression at all',
    () => changed({ layer: (layer) => gunzipSync(layer) }),
    { link: 'layer', cause: 'compression' },
  ],
  [
    'another mode and time in the archive',
    () => changed({ layer: (layer) => header(layer, (tar) => tar.write('0000644\0', 100, 'latin1')) }),
    { link: 'diffId', cause: 'archive', here: 'mode "0000600"', there: 'mode "0000644"' },
  ],
  [
    'OCI media types',
    () =>
      changed({
        manifest(manifest) {
          manifest.mediaType = mediaTypes.ociManifest;
          manifest.config.mediaType = mediaTypes.ociConfig;
          for (const layer of manifest.layers) layer.mediaType = mediaTypes.ociLayerGzip;
        },
      }),
    { link: 'manifest', cause: 'media-types' },
  ],
  [
    'an annotation of a layer',
    () =>
      changed({
        manifest({ layers }) {
          layers[0]!.annotations['dev.tekton.image.apiVersion'] = 'v1beta1';
        },
      }),
    { link: 'manifest', cause: 'layer-annotation', here: 'dev.tekton.image.apiVersion=v1' },
  ],
  [
    'a platform in the config',
    () =>
      changed({
        config(config) {
          config.os = 'linux';
        },
      }),
    { link: 'config', cause: 'platform', there: 'linux/no architecture' },
  ],
  [
    'a history with content',
    () =>
      changed({
        config(config) {
          config.history = [];
        },
      }),
    { link: 'config', cause: 'history' },
  ],
  [
    'more in the config',
    () =>
      changed({
        config(config) {
          config.config = { Labels: { team: 'acme' }, Env: ['A=1'] };
        },
      }),
    { link: 'config', cause: 'config-other', there: 'config.Env' },
  ],
  [
    'diff ids that the layers do not have',
    () =>
      changed({
        config(config) {
          config.rootfs = { type: 'layers', diff_ids: [] };
        },
      }),
    { link: 'config', cause: 'diff-ids' },
  ],
  [
    'an artifact type',
    () =>
      changed({
        manifest(manifest) {
          manifest.artifactType = 'application/x';
        },
      }),
    { link: 'manifest', cause: 'manifest-other' },
  ],
  [
    'a manifest written in another form',
    () => changed({ indent: 2 }),
    { link: 'manifest', cause: 'serialization' },
  ],
];

test.each(cases)(
  'explainDigest() names %s as the first cause, and nothing else of another kind',
  async (_, make, wanted) => {
    const here = built();
    const ours = { bundle: await loadBuiltBundle(here.bundle), origins: here.origins };
    const causes = await explainDigest(ours, await make());
    expect(causes[0]).toMatchObject(wanted);
    expect(causes.filter(({ cause }) => cause !== wanted.cause)).toEqual([]);
  },
);

test('explainDigest() names a comment that moves layers', async () => {
  // Until the hash of the file moves its object.
  for (let round = 0; round < 50; round++) {
    const moved = built({ ...files, 'a.yaml': `# ${round}\n${task('a')}` });
    if (
      moved.bundle.objects.map(({ name }) => name).join() ===
      built()
        .bundle.objects.map(({ name }) => name)
        .join()
    )
      continue;
    const here = { bundle: await loadBuiltBundle(built().bundle), origins: built().origins };
    const causes = await explainDigest(here, await load(moved));
    expect(causes).toMatchObject([
      { link: 'file', cause: 'object-order', object: expect.stringMatching(/^task /) },
    ]);
    return;
  }
  throw new Error('no comment moved the layer');
});

test('explainDigest() names an index around the same manifest, and nothing of equal bundles', async () => {
  const { bundle } = built();
  const store = createMemoryStore();
  for (const { descriptor, bytes } of [...bundle.image.layers, bundle.image.config, bundle.image.manifest])
    await store.write(descriptor, bytes);
  const index = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [bundle.image.manifest.descriptor],
    }),
    mediaTypes.ociIndex,
  );
  await store.writeTagged(index.descriptor, index.bytes, 'v1');
  const here = { bundle: await loadBuiltBundle(bundle) };
  const there = { bundle: await loadBundle(store, 'v1') };
  expect(await explainDigest(here, there)).toMatchObject([
    { link: 'index', cause: 'index', there: index.descriptor.digest },
  ]);
  expect(await explainDigest(here, here)).toEqual([]);
});

test('explainDigest() of bare files speaks of objects alone', async () => {
  const here = { bundle: await loadBuiltBundle(built().bundle) };
  const there = await load(built(files, { annotations: {}, labels: {}, created: '2024-01-01T00:00:00Z' }));
  expect(await explainDigest({ ...here, isBare: true }, there)).toEqual([]);
  const other = await load(built({ ...files, 'a.yaml': task('a', 'alpine') }));
  expect(await explainDigest({ ...here, isBare: true }, other)).toMatchObject([
    { cause: 'content-changed', file: null },
  ]);
});

test('several causes stand in the order of the chain', async () => {
  const there = await load(
    built(
      { ...files, 'a.yaml': task('a', 'alpine') },
      { annotations: {}, labels: {}, created: '2024-01-01T00:00:00Z' },
    ),
  );
  const here = { bundle: await loadBuiltBundle(built().bundle) };
  const links = (await explainDigest(here, there)).map(({ link }) => link).filter((link) => link !== 'file');
  expect(links).toEqual(['json', 'config', 'config', 'manifest']);
});
