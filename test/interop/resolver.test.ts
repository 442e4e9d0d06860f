import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { preflightBundle } from '../../src/bundle/preflight-bundle.js';
import { readBundle } from '../../src/bundle/read-bundle.js';
import { isBundlesError } from '../../src/errors.js';
import { createNodeTransport } from '../../src/http/connect/node-transport.js';
import { mediaTypes } from '../../src/oci/media-types.js';
import { createRegistryClient, type RegistryClient } from '../../src/registry/client.js';
import { findPeers } from '../support/peers.js';
import { runLines } from '../support/program/run-lines.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { contentOf } from '../support/samples/sample-image.js';
import { sampleObject } from '../support/samples/sample-object.js';

const peers = findPeers('docker-registry', 'resolver');
const interop = test.skipIf(peers === undefined);
const { image } = buildBundle([sampleObject(), sampleObject({ kind: 'Pipeline', name: 'workflow' })]);
const send = createNodeTransport();
let registry: DockerRegistry;
let client: RegistryClient;

beforeAll(async () => {
  if (peers === undefined) return;
  registry = await startDockerRegistry({ program: peers['docker-registry'] });
  client = createRegistryClient({ send });
});

afterAll(async () => {
  await send.close();
  await registry?.close();
});

interface Layer {
  mediaType: string;
  annotations: Record<string, string>;
}

interface Manifest {
  mediaType: string;
  config: { mediaType: string };
  layers: Layer[];
}

/** Always of the second layer: the resolver is asked for the object of the first one. */
const annotation = (change: (annotations: Record<string, string>) => void) => (manifest: Manifest) =>
  change(manifest.layers[1]!.annotations);
const key = (word: string) => `dev.tekton.image.${word}`;

const broken: [string, (manifest: Manifest) => void][] = [
  ['21 layers', (manifest) => manifest.layers.push(...Array.from({ length: 19 }, () => manifest.layers[1]!))],
  ['no apiVersion', annotation((annotations) => delete annotations[key('apiVersion')])],
  ['no kind', annotation((annotations) => delete annotations[key('kind')])],
  ['no name', annotation((annotations) => delete annotations[key('name')])],
  [
    'no annotation at all',
    (manifest) => {
      manifest.layers[1]!.annotations = {};
    },
  ],
  [
    'a kind in upper case',
    annotation((annotations) => Object.assign(annotations, { [key('kind')]: 'Pipeline' })),
  ],
  [
    'a kind in the plural',
    annotation((annotations) => Object.assign(annotations, { [key('kind')]: 'pipelines' })),
  ],
  [
    'a kind that ends with s',
    annotation((annotations) => Object.assign(annotations, { [key('kind')]: 's' })),
  ],
  [
    'an annotation in another spelling',
    annotation((annotations) => {
      annotations[key('Name')] = annotations[key('name')] ?? '';
      delete annotations[key('name')];
    }),
  ],
];

const fine: [string, (manifest: Manifest) => void][] = [
  ['nothing changed', () => undefined],
  ['20 layers', (manifest) => manifest.layers.push(...Array.from({ length: 18 }, () => manifest.layers[1]!))],
  ['an empty name', annotation((annotations) => Object.assign(annotations, { [key('name')]: '' }))],
  ['another version', annotation((annotations) => Object.assign(annotations, { [key('apiVersion')]: 'v9' }))],
  [
    'OCI media types',
    (manifest) => {
      manifest.mediaType = mediaTypes.ociManifest;
      manifest.config.mediaType = mediaTypes.ociConfig;
      for (const layer of manifest.layers) layer.mediaType = mediaTypes.ociLayerGzip;
    },
  ],
];

/** Pushes each, then asks the resolver of Tekton, our reading and our preflight whether they take it. */
async function judge(cases: readonly (readonly [string, (manifest: Manifest) => void])[]) {
  const judged: { title: string; reference: string; reads: boolean; preflight: boolean }[] = [];
  for (const [index, [title, change]] of cases.entries()) {
    const repository = client.repository({ registry: registry.host, repository: `acme/case-${index}` });
    for (const { descriptor, bytes } of [...image.layers, image.config])
      await repository.write(descriptor, bytes);
    const manifest = JSON.parse(new TextDecoder().decode(image.manifest.bytes)) as Manifest;
    change(manifest);
    const { descriptor, bytes } = contentOf(JSON.stringify(manifest), manifest.mediaType);
    await repository.writeTagged(descriptor, bytes, 'v1');
    const reads = await readBundle(repository, 'v1').then(
      () => true,
      (error: unknown) => {
        if (!isBundlesError(error, 'BUNDLE_INVALID')) throw error;
        return false;
      },
    );
    const { problems } = await preflightBundle(repository, 'v1');
    const preflight = !problems.some(({ severity }) => severity === 'error');
    judged.push({ title, reference: `${registry.host}/acme/case-${index}:v1`, reads, preflight });
  }
  const answers = await runLines<{ data?: string; error?: string }>(
    peers!.resolver,
    judged.map(({ reference }) => ({ bundle: reference, kind: 'task', name: 'sample' })),
  );
  return judged.map(({ title, reads, preflight }, index) => ({
    title,
    resolver: answers[index]?.error === undefined && answers[index]?.data !== undefined,
    reads,
    preflight,
  }));
}

interop('what the resolver of Tekton refuses, our reading and our preflight refuse', async () => {
  const judged = await judge(broken);
  expect(judged).toEqual(
    broken.map(([title]) => ({ title, resolver: false, reads: false, preflight: false })),
  );
});

interop('what the resolver of Tekton takes, our reading takes', async () => {
  const judged = await judge(fine);
  expect(judged.map(({ title, resolver, reads }) => ({ title, resolver, reads }))).toEqual(
    fine.map(([title]) => ({ title, resolver: true, reads: true })),
  );
});

interop(
  'the resolver and we find no object of another name, and none in an index without linux/amd64',
  async () => {
    const repository = client.repository({ registry: registry.host, repository: 'acme/index' });
    for (const { descriptor, bytes } of [...image.layers, image.config])
      await repository.write(descriptor, bytes);
    await repository.write(image.manifest.descriptor, image.manifest.bytes);
    for (const [tag, architecture] of [
      ['amd64', 'amd64'],
      ['arm64', 'arm64'],
    ] as const) {
      const manifests = [{ ...image.manifest.descriptor, platform: { os: 'linux', architecture } }];
      const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
      const index = contentOf(JSON.stringify(document), mediaTypes.ociIndex);
      await repository.writeTagged(index.descriptor, index.bytes, tag);
    }
    const at = (tag: string) => `${registry.host}/acme/index:${tag}`;
    const answers = await runLines<{ data?: string; error?: string }>(peers!.resolver, [
      { bundle: at('amd64'), kind: 'task', name: 'sample' },
      { bundle: at('amd64'), kind: 'task', name: 'other' },
      { bundle: at('arm64'), kind: 'task', name: 'sample' },
      { bundle: at('absent'), kind: 'task', name: 'sample' },
    ]);
    expect(answers.map(({ data }) => data !== undefined)).toEqual([true, false, false, false]);
    expect((await readBundle(repository, 'amd64')).digest).toBe(image.manifest.descriptor.digest);
    await expect(readBundle(repository, 'arm64')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(readBundle(repository, 'absent')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  },
);
