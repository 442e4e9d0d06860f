import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { preflightBundle } from '../../src/bundle/preflight-bundle.js';
import { createRegistryLedger } from '../../src/content/blob-ledger.js';
import { createNodeTransport, type Transport } from '../../src/http/connect/node-transport.js';
import type { Image } from '../../src/oci/image.js';
import { mediaTypes } from '../../src/oci/media-types.js';
import { createRegistryClient, type RegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { type CopyBundleRequest, copyBundle } from '../../src/release/copy-bundle.js';
import { gate } from '../support/network/gate.js';
import { findPeers } from '../support/peers.js';
import { mustRun, run } from '../support/program/run-cli.js';
import {
  type DockerRegistry,
  type LoggedRequest,
  startDockerRegistry,
} from '../support/registry/docker-registry.js';
import { contentOf, sampleImage } from '../support/samples/sample-image.js';
import { sampleObject } from '../support/samples/sample-object.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'resolver', 'oras', 'crane');
const interop = test.skipIf(peers === undefined);
let from: DockerRegistry;
let to: DockerRegistry;
let transport: Transport;
let client: RegistryClient;

beforeAll(async () => {
  if (peers === undefined) return;
  from = await startDockerRegistry({ program: peers['docker-registry'] });
  to = await startDockerRegistry({ program: peers['docker-registry'] });
  transport = createNodeTransport();
  client = createRegistryClient({ send: transport });
});

afterAll(async () => {
  await transport?.close();
  await from?.close();
  await to?.close();
});

const at = ({ host }: DockerRegistry, repository: string) =>
  client.repository({ registry: host, repository });
const target = (registry: DockerRegistry, repository: string) => at(registry, repository).forPush();

async function copy(
  request: Partial<CopyBundleRequest> & Pick<CopyBundleRequest, 'source' | 'target'>,
  signal?: AbortSignal,
) {
  return copyBundle({ wanted: 'v1', tags: ['v1'], ...request }, signal ? { signal } : {});
}

const bundleOf = (name: string, objects: number) =>
  buildBundle(Array.from({ length: objects }, (_, index) => sampleObject({ name: `${name}-${index}` })))
    .image;

/** How often each blob was sent, and how often each was read. */
const uploads = (log: readonly LoggedRequest[]) =>
  log.filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/uploads/'));
const mounts = (log: readonly LoggedRequest[]) => log.filter(({ path }) => path.includes('mount='));
const reads = (log: readonly LoggedRequest[]) =>
  log.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/sha256:'));
const blobsOf = ({ config, layers }: Image) =>
  new Set([config, ...layers].map(({ descriptor }) => descriptor.digest));

async function forget(): Promise<void> {
  await from.forget();
  await to.forget();
}

interop(
  'between two registries every blob is read and sent once, and not at all the second time',
  async () => {
    const image = bundleOf('across', 6);
    await pushImage(at(from, 'a/across'), image, 'v1');
    await forget();
    const first = await copy({ source: at(from, 'a/across'), target: target(to, 'b/across') });
    expect([first.copied, first.existing]).toEqual([8, 0]);
    const [asked, got] = [await from.requests(), await to.requests()];
    expect(uploads(got).map(({ status }) => status)).toEqual(Array(7).fill(201));
    expect(
      new Set(uploads(got).map(({ path }) => new URLSearchParams(path.split('?')[1]).get('digest'))).size,
    ).toBe(7);
    expect(new Set(reads(asked).map(({ path }) => path)).size).toBe(7);
    expect(reads(asked).length).toBe(7);
    await mustRun(peers!.crane, ['validate', '--insecure', '--remote', `${to.host}/b/across:v1`]);
    await forget();
    expect(await copy({ source: at(from, 'a/across'), target: target(to, 'b/across') })).toMatchObject({
      bytes: 0,
    });
    const writes = (await to.requests()).filter(({ method }) => method !== 'GET' && method !== 'HEAD');
    expect([writes, reads(await from.requests())]).toEqual([[], []]);
  },
);

interop('within a registry blobs are mounted: nothing is read and nothing is sent', async () => {
  const image = bundleOf('within', 6);
  await pushImage(at(from, 'a/within'), image, 'v1');
  await forget();
  const ledger = createRegistryLedger().of('b/within', 'a/within');
  const copied = await copy({ source: at(from, 'a/within'), target: target(from, 'b/within'), ledger });
  expect([copied.mounted, copied.copied]).toEqual([7, 1]);
  const log = await from.requests();
  expect(mounts(log).map(({ status }) => status)).toEqual(Array(7).fill(201));
  expect([uploads(log), reads(log)]).toEqual([[], []]);
  await mustRun(peers!.crane, ['validate', '--insecure', '--remote', `${from.host}/b/within:v1`]);
});

interop('images that share blobs send them once to a registry, into however many repositories', async () => {
  const shared = bundleOf('shared', 4);
  for (const name of ['one', 'two', 'three']) await pushImage(at(from, `s/${name}`), shared, 'v1');
  await forget();
  const ledger = createRegistryLedger();
  const copies = ['one', 'two', 'three'].map((name) =>
    copy({ source: at(from, `s/${name}`), target: target(to, `t/${name}`), ledger: ledger.of(`t/${name}`) }),
  );
  const done = await Promise.all(copies);
  expect(done.reduce((sum, { mounted }) => sum + mounted, 0)).toBe(10);
  const log = await to.requests();
  expect(uploads(log).length).toBe(blobsOf(shared).size);
  expect(mounts(log).every(({ status }) => status === 201)).toBe(true);
});

interop('an interrupted copy goes on: what arrived is neither read nor sent again', async () => {
  const image = bundleOf('interrupted', 15);
  await pushImage(at(from, 'a/broken'), image, 'v1');
  await forget();
  const stop = new AbortController();
  const source = at(from, 'a/broken');
  const whole = target(to, 'b/broken');
  const arrived = 8;
  const allArrived = gate();
  let [read, written] = [0, 0];
  // Interrupted while nothing is being sent: a registry does not report what it makes of a half-sent blob.
  const broken: typeof source = {
    ...source,
    async read(descriptor, options) {
      if (descriptor.mediaType !== mediaTypes.dockerManifest && ++read > arrived) {
        await allArrived.opened;
        stop.abort(new Error('interrupted'));
      }
      return source.read(descriptor, options);
    },
  };
  const counting: typeof whole = {
    ...whole,
    async write(...blob) {
      await whole.write(...blob);
      if (++written === arrived) allArrived.open();
    },
  };
  await expect(copy({ source: broken, target: counting }, stop.signal)).rejects.toThrow('interrupted');
  expect(uploads(await to.requests()).map(({ status }) => status)).toEqual(Array(arrived).fill(201));
  await forget();
  const again = await copy({ source, target: target(to, 'b/broken') });
  expect(again.existing).toBe(arrived);
  expect(uploads(await to.requests()).length).toBe(16 - arrived);
  expect(reads(await from.requests()).length).toBe(16 - arrived);
  await mustRun(peers!.crane, ['validate', '--insecure', '--remote', `${to.host}/b/broken:v1`]);
});

interop('what oras attached and cosign would tag comes along, and oras finds it', async () => {
  await using directory = tempDir();
  const image = sampleImage('attached');
  await pushImage(at(from, 'a/attached'), image, 'v1');
  writeFileSync(join(directory.path, 'sbom.json'), '{"sbom": true}');
  const reference = `${from.host}/a/attached:v1`;
  const words = [
    'attach',
    '--plain-http',
    '--artifact-type',
    'application/x-sbom',
    reference,
    'sbom.json:application/json',
  ];
  await mustRun(peers!.oras, words, { cwd: directory.path, env: { HOME: directory.path } });
  const { digest } = image.manifest.descriptor;
  const signature = `${digest.replace(':', '-')}.sig`;
  await pushImage(at(from, 'a/attached'), sampleImage('signature'), signature);
  const copied = await copy({ source: at(from, 'a/attached'), target: target(to, 'b/attached') });
  expect(copied).toMatchObject({ referrers: 1, signatures: [signature] });
  const discover = ['discover', '--plain-http', '--format', 'json', `${to.host}/b/attached:v1`];
  const found = await mustRun(peers!.oras, discover, { env: { HOME: directory.path } });
  expect(found).toContain('application/x-sbom');
  expect((await at(to, 'b/attached').resolve(signature)).size).toBeGreaterThan(0);
  const again = await copy({ source: at(from, 'a/attached'), target: target(to, 'b/attached') });
  expect(again).toMatchObject({ copied: 0, bytes: 0, referrers: 1 });
});

interface Manifest {
  layers: { annotations: Record<string, string> }[];
  [key: string]: unknown;
}

const kind = 'dev.tekton.image.kind';
/** Bundles that break a rule, each in one way; the object that is asked for is that of the first layer. */
const broken: readonly [string, string, (manifest: Manifest) => object][] = [
  ['21 layers', 'layers-at-most-20', (m) => ({ ...m, layers: Array(21).fill(m.layers[0]) })],
  ['no layers', 'bundle-not-empty', (m) => ({ ...m, layers: [] })],
  ['no apiVersion', 'layer-annotations', (m) => without(m, 0, 'dev.tekton.image.apiVersion')],
  ['no kind', 'layer-annotations', (m) => without(m, 0, kind)],
  ['no name', 'layer-annotations', (m) => without(m, 0, 'dev.tekton.image.name')],
  ['no name at another layer', 'layer-annotations', (m) => without(m, 1, 'dev.tekton.image.name')],
  [
    'an image without annotations',
    'layer-annotations',
    (m) => ({ ...m, layers: m.layers.map(({ annotations, ...layer }) => layer) }),
  ],
  ['a kind in upper case', 'kind-lower-case-singular', (m) => withKind(m, 0, 'Pipeline')],
  ['a kind in the plural', 'kind-lower-case-singular', (m) => withKind(m, 0, 'pipelines')],
  ['a plural at another layer', 'kind-lower-case-singular', (m) => withKind(m, 1, 'tasks')],
];

function without(manifest: Manifest, index: number, key: string): object {
  const layers = manifest.layers.map((layer, at) => {
    const { [key]: gone, ...annotations } = layer.annotations;
    return at === index ? { ...layer, annotations } : layer;
  });
  return { ...manifest, layers };
}

function withKind(manifest: Manifest, index: number, value: string): object {
  const layers = manifest.layers.map((layer, at) =>
    at === index ? { ...layer, annotations: { ...layer.annotations, [kind]: value } } : layer,
  );
  return { ...manifest, layers };
}

async function resolverSays(reference: string): Promise<{ data?: string; error?: string }> {
  const input = `${JSON.stringify({ bundle: reference, kind: 'pipeline', name: 'workflow' })}\n`;
  const ran = await run(peers!.resolver, [], { input, timeoutMs: 60_000 });
  return JSON.parse(ran.stdout);
}

interop("Tekton's resolver takes what the preflight passes", async () => {
  const { image } = buildBundle([sampleObject({ kind: 'Pipeline', name: 'workflow' }), sampleObject()]);
  await pushImage(at(from, 'p/good'), image, 'v1');
  expect((await preflightBundle(at(from, 'p/good'), 'v1')).problems).toEqual([]);
  expect((await resolverSays(`${from.host}/p/good:v1`)).data).toBeTruthy();
});

test.skipIf(peers === undefined).each(broken)(
  "Tekton's resolver and the preflight refuse %s",
  async (_, rule, change) => {
    const { image } = buildBundle([sampleObject({ kind: 'Pipeline', name: 'workflow' }), sampleObject()]);
    const text = JSON.stringify(change(JSON.parse(new TextDecoder().decode(image.manifest.bytes))));
    const manifest = contentOf(text, mediaTypes.dockerManifest);
    await pushImage(at(from, 'p/broken'), { ...image, manifest }, 'v1');
    const said = await resolverSays(`${from.host}/p/broken:v1`);
    expect([said.data, said.error]).toEqual([undefined, expect.any(String)]);
    const { problems } = await preflightBundle(at(from, 'p/broken'), 'v1');
    expect(problems.filter(({ severity }) => severity === 'error').map((one) => one.rule)).toContain(rule);
  },
);

interop("Tekton's resolver and the preflight refuse an index without linux/amd64", async () => {
  const { image } = buildBundle([sampleObject({ kind: 'Pipeline', name: 'workflow' })]);
  await pushImage(at(from, 'p/index'), image, 'v1');
  const entry = { ...image.manifest.descriptor, platform: { os: 'linux', architecture: 'arm64' } };
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] });
  const index = contentOf(text, mediaTypes.ociIndex);
  await at(from, 'p/index').forPush().writeTagged(index.descriptor, index.bytes, 'index');
  expect((await resolverSays(`${from.host}/p/index:index`)).error).toBeTruthy();
  expect((await preflightBundle(at(from, 'p/index'), 'index')).problems).toMatchObject([
    { rule: 'bundle-readable' },
  ]);
});
