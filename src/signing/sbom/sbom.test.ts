import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import { type BuildBundleOptions, buildBundle } from '../../bundle/build-bundle.js';
import { type LoadedBundle, loadBuiltBundle } from '../../bundle/load-bundle.js';
import { fromJson } from '../../tekton/objects/from-json.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { listMaterials } from './materials.js';
import { packageUrl } from './package-url.js';
import { createSbom } from './sbom.js';
import { sbomFormats } from './sbom-types.js';

const a = `sha256:${'a'.repeat(64)}`;
const repository = { registry: 'quay.io', repository: 'acme/Hello'.toLowerCase() };

async function load(text: string, options?: BuildBundleOptions): Promise<LoadedBundle> {
  const { objects } = readSources([{ path: 'a.yaml', bytes: Buffer.from(text) }]);
  return loadBuiltBundle(buildBundle(objects, options));
}

const sample = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: workflow}
spec:
  tasks:
    - {name: x, taskRef: {resolver: bundles, params: [{name: bundle, value: "quay.io/acme/tasks:1@${a}"}, {name: kind, value: task}]}}
    - {name: other, taskSpec: {steps: [{name: z, image: busybox}]}}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build, labels: {app.kubernetes.io/version: "0.3"}}
spec:
  params: [{name: tool, default: "ghcr.io/acme/tool:2"}, {name: free}]
  stepTemplate: {image: busybox}
  steps:
    - {name: a, image: "docker.io/library/busybox:latest"}
    - {name: b, image: "quay.io/acme/pinned:1@${a}"}
    - {name: c, image: "quay.io/acme/pinned@${a}"}
    - {name: d, image: $(params.tool)}
    - {name: e, image: "x/$(params.free)"}
    - {name: f, ref: {resolver: bundles, params: [{name: bundle, value: "quay.io/acme/steps:3"}, {name: name, value: s}]}}
  sidecars: [{name: s, image: "UPPER:1"}]
`;

interface Document {
  readonly packages: {
    SPDXID: string;
    name: string;
    versionInfo?: string;
    comment?: string;
    checksums?: object[];
    externalRefs?: { referenceLocator: string }[];
  }[];
  readonly relationships: {
    spdxElementId: string;
    relationshipType: string;
    relatedSpdxElement: string;
    comment?: string;
  }[];
  readonly components: {
    'bom-ref': string;
    name: string;
    purl?: string;
    hashes?: object[];
    properties: { name: string; value: string }[];
  }[];
  readonly dependencies: { ref: string; dependsOn?: string[] }[];
  readonly metadata: { timestamp: string; component: object };
  readonly creationInfo: { created: string };
  readonly documentNamespace: string;
  readonly serialNumber: string;
}

const read = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString('ascii')) as Document;

test('a bill of materials in SPDX holds objects, images and nested bundles, and shows what is not pinned', async () => {
  const bundle = await load(sample);
  const { bytes, descriptor } = createSbom(bundle, { format: 'spdx', repository });
  const { packages, relationships, creationInfo } = read(bytes);
  expect(descriptor.mediaType).toBe('application/spdx+json');
  expect(creationInfo).toEqual({ created: '1970-01-01T00:00:00Z', creators: ['Tool: tekton-bundles'] });
  const hex = bundle.digest.slice(7);
  const shown = packages.map(({ name, versionInfo, checksums, externalRefs, comment }) => [
    name,
    versionInfo,
    checksums?.length ?? 0,
    externalRefs?.[0]?.referenceLocator,
    comment?.startsWith('Not pinned') ?? false,
  ]);
  const purl = (name: string, version: string, url: string, tag: string) =>
    `pkg:oci/${name}${version}?repository_url=${url}${tag && `&tag=${tag}`}`;
  const pinned = `@sha256%3A${'a'.repeat(64)}`;
  expect(shown).toEqual([
    [
      'quay.io/acme/hello',
      bundle.digest,
      1,
      purl('hello', `@sha256%3A${hex}`, 'quay.io%2Facme%2Fhello', ''),
      false,
    ],
    ['pipeline/workflow', undefined, 1, undefined, false],
    ['task/build', '0.3', 1, undefined, false],
    ['quay.io/acme/steps', '3', 0, purl('steps', '', 'quay.io%2Facme%2Fsteps', '3'), true],
    ['quay.io/acme/tasks', '1', 1, purl('tasks', pinned, 'quay.io%2Facme%2Ftasks', '1'), false],
    ['UPPER:1', undefined, 0, undefined, true],
    [
      'docker.io/library/busybox',
      'latest',
      0,
      purl('busybox', '', 'docker.io%2Flibrary%2Fbusybox', 'latest'),
      true,
    ],
    ['ghcr.io/acme/tool', '2', 0, purl('tool', '', 'ghcr.io%2Facme%2Ftool', '2'), true],
    ['quay.io/acme/pinned', '1', 1, purl('pinned', pinned, 'quay.io%2Facme%2Fpinned', '1'), false],
    ['quay.io/acme/pinned', a, 1, purl('pinned', pinned, 'quay.io%2Facme%2Fpinned', ''), false],
    ['x/$(params.free)', undefined, 0, undefined, true],
  ]);
  const nameOf = new Map(packages.map(({ SPDXID, name }) => [SPDXID, name]));
  const edges = relationships.map(({ spdxElementId, relationshipType, relatedSpdxElement, comment }) =>
    [
      nameOf.get(spdxElementId) ?? spdxElementId,
      relationshipType,
      nameOf.get(relatedSpdxElement),
      comment,
    ].join(' '),
  );
  expect(edges).toEqual([
    'SPDXRef-DOCUMENT DESCRIBES quay.io/acme/hello ',
    'quay.io/acme/hello CONTAINS pipeline/workflow ',
    'quay.io/acme/hello CONTAINS task/build ',
    'pipeline/workflow DEPENDS_ON docker.io/library/busybox Used by tasks.other.steps.z',
    'pipeline/workflow DEPENDS_ON quay.io/acme/tasks Used by tasks.x.taskRef',
    'task/build DEPENDS_ON docker.io/library/busybox Used by stepTemplate, steps.a',
    'task/build DEPENDS_ON quay.io/acme/pinned Used by steps.b',
    'task/build DEPENDS_ON quay.io/acme/pinned Used by steps.c',
    'task/build DEPENDS_ON ghcr.io/acme/tool Used by steps.d ($(params.tool) by default)',
    'task/build DEPENDS_ON x/$(params.free) Used by steps.e',
    'task/build DEPENDS_ON UPPER:1 Used by sidecars.s',
    'task/build DEPENDS_ON quay.io/acme/steps Used by steps.f.ref',
  ]);
});

test('a bill of materials in CycloneDX has the same content', async () => {
  const bundle = await load(sample);
  const spdx = read(createSbom(bundle, { format: 'spdx', repository }).bytes);
  const { bytes, descriptor } = createSbom(bundle, { format: 'cyclonedx', repository });
  const { components, dependencies, metadata, serialNumber } = read(bytes);
  expect(descriptor.mediaType).toBe('application/vnd.cyclonedx+json');
  expect(serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(metadata).toMatchObject({
    timestamp: '1970-01-01T00:00:00Z',
    component: { name: 'quay.io/acme/hello' },
  });
  const [, ...parts] = spdx.packages;
  expect(components.map(({ name, purl, hashes }) => [name, purl, hashes?.length ?? 0])).toEqual(
    parts.map(({ name, externalRefs, checksums }) => [
      name,
      externalRefs?.[0]?.referenceLocator,
      checksums?.length ?? 0,
    ]),
  );
  const unpinned = components.filter(({ properties }) =>
    properties.some(({ name, value }) => name.endsWith(':pinned') && value === 'false'),
  );
  expect(unpinned.map(({ name }) => name)).toEqual(
    parts.flatMap(({ name, comment }) => (comment?.startsWith('Not pinned') ? [name] : [])),
  );
  const nameOf = new Map([
    ['bundle', 'quay.io/acme/hello'],
    ...components.map((one) => [one['bom-ref'], one.name] as const),
  ]);
  const edges = dependencies.flatMap(({ ref, dependsOn = [] }) =>
    dependsOn.map((to) => `${nameOf.get(ref)} ${nameOf.get(to)}`),
  );
  const names = new Map(spdx.packages.map(({ SPDXID, name }) => [SPDXID, name]));
  expect(edges).toEqual(
    spdx.relationships
      .slice(1)
      .map((one) => `${names.get(one.spdxElementId)} ${names.get(one.relatedSpdxElement)}`),
  );
  expect(dependencies.map(({ ref }) => ref).sort()).toEqual([...nameOf.keys()].sort());
});

test('the time of a document is that of the bundle in UTC, else the one given, else the epoch', async () => {
  const times: [string, string | undefined, string][] = [
    ['2025-12-17T09:30:00.25-05:00', '2026-01-01T00:00:00Z', '2025-12-17T14:30:00Z'],
    ['yesterday', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['yesterday', undefined, '1970-01-01T00:00:00Z'],
    ['0000-01-01T00:00:00+01:00', undefined, '1970-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59-01:00', undefined, '1970-01-01T00:00:00Z'],
  ];
  for (const [created, given, wanted] of times) {
    const bundle = await load(sample, { created });
    expect(listMaterials(bundle, { created: given }).created).toBe(wanted);
  }
});

test('the version of a bundle is its annotation, and two documents never share a namespace', async () => {
  const versioned = await load(sample, { annotations: { 'org.opencontainers.image.version': '1.2' } });
  const spdx = (bundle: LoadedBundle, where?: typeof repository) =>
    read(createSbom(bundle, { format: 'spdx', repository: where }).bytes);
  const plain = await load(sample);
  const documents = [spdx(versioned), spdx(versioned, repository), spdx(plain), spdx(plain, repository)];
  expect(documents.map(({ packages }) => packages[0]?.versionInfo)).toEqual([
    '1.2',
    '1.2',
    plain.digest,
    plain.digest,
  ]);
  expect(new Set(documents.map(({ documentNamespace }) => documentNamespace)).size).toBe(4);
});

test('a layer that contains no Tekton object is listed all the same', async () => {
  const json = '{"kind":"ConfigMap"}';
  const origin = { file: 'a', document: 1, line: 1 };
  const object = {
    apiVersion: 'v1',
    kind: 'Task',
    name: 't',
    json: Buffer.from(json),
    value: fromJson(json),
    origin,
  };
  const bundle = await loadBuiltBundle(buildBundle([object]));
  expect(listMaterials(bundle).objects).toMatchObject([
    { kind: 'task', name: 't', apiVersion: undefined, uses: [] },
  ]);
  for (const format of sbomFormats) expect(createSbom(bundle, { format }).bytes.length).toBeGreaterThan(0);
});

test('whatever images an object names, each is in both documents, in ASCII, with the same bytes each time', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('busybox', 'a/b:1', `c@${a}`, '$(params.x)', '\u202e'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), word, async (images, version) => {
      const metadata = { name: 'n', labels: { 'app.kubernetes.io/version': version } };
      const spec = { steps: images.map((image) => ({ image })) };
      const text = JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata, spec });
      const [bundle, again] = [await load(text), await load(text)];
      const { dependencies, objects } = listMaterials(bundle);
      expect(objects[0]?.uses.length).toBe(images.length);
      for (const format of sbomFormats) {
        const { bytes } = createSbom(bundle, { format, repository });
        expect(createSbom(again, { format, repository }).bytes).toEqual(bytes);
        expect(bytes.every((byte) => byte === 10 || (byte >= 32 && byte < 127))).toBe(true);
        const { packages, components } = read(bytes);
        expect((packages?.slice(1) ?? components).length).toBe(1 + dependencies.length);
      }
    }),
    { numRuns: Math.ceil(numRuns / 10) },
  );
});

test.each([
  [
    { repository, name: '', digest: undefined, tag: 'v1' },
    'pkg:oci/hello?repository_url=quay.io%2Facme%2Fhello&tag=v1',
  ],
  [
    { repository: { registry: '[::1]:5000', repository: 'a' }, name: '', digest: undefined, tag: undefined },
    'pkg:oci/a?repository_url=%5B%3A%3A1%5D%3A5000%2Fa',
  ],
  [{ repository: undefined, name: "It's", digest: undefined, tag: undefined }, 'pkg:oci/it%27s'],
])('packageUrl() writes the canonical form: %j', (parts, wanted) => {
  expect(packageUrl(parts)).toBe(wanted);
});
