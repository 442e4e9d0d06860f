import { expect, test } from 'vitest';
import { referrerlessRegistry } from '../../../test/support/registry/referrerless-registry.js';
import { sampleObject } from '../../../test/support/samples/sample-object.js';
import { type Bundle, buildBundle } from '../../bundle/build-bundle.js';
import { loadBundle } from '../../bundle/load-bundle.js';
import { createMemoryStore } from '../../content/memory-store.js';
import { readContent } from '../../content/read-content.js';
import { writeImage } from '../../content/write-image.js';
import { mediaTypes } from '../../oci/media-types.js';
import { pushImage } from '../../registry/push-image.js';
import { contentOf } from '../attach-artifact.js';
import { type Attached, listAttached } from '../list-attached.js';
import { attachSbom } from './attach-sbom.js';
import { createSbom } from './sbom.js';

const name = { registry: '127.0.0.1:1', repository: 'acme/hello' };
const bundle: Bundle = buildBundle([sampleObject()]);

test('attachSbom() attaches a document once, without a referrers API too, and leaves those of others', async () => {
  await using registry = referrerlessRegistry();
  const repository = registry.client().repository(name);
  await pushImage(repository, bundle.image, 'v1');
  const loaded = await loadBundle(repository, 'v1');
  const subject = loaded.image.manifest.descriptor;
  const attach = (format: 'spdx' | 'cyclonedx') =>
    attachSbom(repository, {
      subject,
      content: createSbom(loaded, { format, repository: name }),
      fileName: `hello.${format}`,
    });
  const first = await attach('spdx');
  const other = await attach('cyclonedx');
  expect([first.action, other.action]).toEqual(['attached', 'attached']);
  registry.seen.length = 0;
  expect([await attach('spdx'), await attach('cyclonedx')]).toEqual([
    { ...first, action: 'unchanged' },
    { ...other, action: 'unchanged' },
  ]);
  expect(registry.seen.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
  const attached = await listAttached(repository, subject.digest);
  const sbom = { kind: 'sbom', predicateType: null, tag: null } as const;
  expect(attached).toEqual([
    { ...sbom, digest: first.digest, artifactType: 'application/spdx+json' },
    { ...sbom, digest: other.digest, artifactType: 'application/vnd.cyclonedx+json' },
  ]);
  // A reader finds the very bytes, and a file name for them.
  const [entry] = await repository.referrers(subject.digest);
  const manifest = JSON.parse(new TextDecoder().decode(await readContent(repository, entry!)));
  expect(manifest.layers).toEqual([
    {
      ...createSbom(loaded, { format: 'spdx', repository: name }).descriptor,
      annotations: { 'org.opencontainers.image.title': 'hello.spdx' },
    },
  ]);
});

test('listAttached() distinguishes signatures, attestations, bills of materials and other things', async () => {
  const store = createMemoryStore();
  await writeImage(store, bundle.image, { tag: 'v1' });
  const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const empty = contentOf('{}', mediaTypes.ociEmpty);
  const put = async (artifactType: string, annotations: Record<string, string> = {}, tag?: string) => {
    const { mediaType, size, digest } = bundle.image.manifest.descriptor;
    const manifest = contentOf(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        artifactType,
        config: empty.descriptor,
        layers: [{ ...empty.descriptor, mediaType: artifactType }],
        ...(tag === undefined ? { subject: { mediaType, size, digest } } : {}),
        annotations,
      }),
      mediaTypes.ociManifest,
    );
    await store.write(empty.descriptor, empty.bytes);
    await store.write(manifest.descriptor, manifest.bytes);
    if (tag !== undefined) await store.tag(manifest.descriptor, tag);
    return { ...manifest.descriptor, artifactType, annotations };
  };
  const predicate = 'dev.sigstore.bundle.predicateType';
  const referrers = [
    await put(bundleType, { [predicate]: 'https://slsa.dev/provenance/v1' }),
    await put('text/spdx'),
    await put('application/x-else'),
    await put(bundleType),
  ];
  await put('application/x', {}, `${bundle.digest.replace(':', '-')}.att`);
  const found = await listAttached({ ...store, referrers: async () => referrers }, bundle.digest);
  const shown = ({ kind, predicateType, tag }: Attached) => [kind, predicateType, tag?.slice(-4) ?? null];
  expect(found.map(shown)).toEqual([
    ['attestation', 'https://slsa.dev/provenance/v1', null],
    ['sbom', null, null],
    ['other', null, null],
    // A bundle that cannot be read is reported by the list, and has no signature.
    ['other', null, null],
    ['attestation', null, '.att'],
  ]);
});
