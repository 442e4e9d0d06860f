import type { BlobLedger } from '../../src/content/blob-ledger.js';
import { copyImage } from '../../src/content/copy-image.js';
import { openSourceLocation, openTargetLocation } from '../../src/content/open-location.js';
import { type AppendedImage, appendLayer } from '../../src/images/append-layer.js';
import { packLayer } from '../../src/images/layer-archive.js';
import { digestOf } from '../../src/oci/digest.js';
import { type ImageLocation, parseImageLocation } from '../../src/oci/image-location.js';
import { thisMachine } from '../../src/open/machine.js';
import { openConnection } from '../../src/open/open-connection.js';
import type { RegistryRepository } from '../../src/registry/repository.js';
import {
  type Artifact,
  artifactManifest,
  attachArtifact,
  contentOf,
} from '../../src/signing/attach-artifact.js';
import { entrypoint, type ImageFiles, imageDirectory } from './image-files.js';

export interface ContainerImageRequest {
  readonly base: string;
  readonly to: string;
  readonly platforms: readonly string[];
  /** The directory of Node in the base, if it is not on its PATH. */
  readonly path: string | undefined;
  readonly plainHttp: readonly string[];
}

export interface WrittenImage {
  readonly image: string;
  readonly digest: string;
  readonly platforms: Readonly<Record<string, string>>;
  readonly layer: { readonly digest: string; readonly size: number };
  readonly sbom: string;
}

const sbomType = 'application/vnd.cyclonedx+json';

/** Writes the image with its bill of materials, which refers to the index and to the image of each platform. */
export async function writeContainerImage(
  files: ImageFiles,
  { base, to, platforms, path, plainHttp }: ContainerImageRequest,
): Promise<WrittenImage> {
  const [source, target] = [parseImageLocation(base), parseImageLocation(to)];
  const registries = [source, target].flatMap((one) =>
    one.kind === 'registry' ? [one.reference.registry] : [],
  );
  const { signal } = new AbortController();
  const stderr = { line: (text: string) => console.error(text) };
  const connection = await openConnection(
    { ...thisMachine(), signal, stderr },
    { options: { plainHttp }, patience: 'full', registries },
  );
  const repository = (reference: Parameters<typeof connection.registry.repository>[0]) =>
    connection.registry.repository(reference);
  const opened = await openTargetLocation(target, {
    repository: (reference) => repository(reference).forPush(),
  });
  try {
    const layer = await packLayer(files.entries);
    const appended = await appendLayer(await openSourceLocation(source, { repository }), layer, {
      platforms,
      createdBy: `tekton-bundles ${files.version}`,
      runtime: {
        // Numeric, since Kubernetes must see that it is not root; any other works as well.
        ...{ user: '1001:0', entrypoint, workingDirectory: '/' },
        path: [`/${imageDirectory}/bin`, ...(path === undefined ? [] : [path])],
        labels: {
          'org.opencontainers.image.title': 'tekton-bundles',
          'org.opencontainers.image.version': files.version,
          'org.opencontainers.image.licenses': 'Apache-2.0',
        },
      },
    });
    const tags = opened.tag === undefined ? [] : [opened.tag];
    const ledger = ledgerOf(source, target, appended);
    await copyImage({ source: appended.store, target: opened.store }, appended.descriptor, { tags, ledger });
    const artifact = sbomOf(files);
    const subjects = new Map(
      [appended, ...appended.images].map(({ descriptor }) => [descriptor.digest, descriptor]),
    );
    for (const subject of subjects.values()) {
      if (target.kind === 'registry')
        await attachArtifact(opened.store as RegistryRepository, subject, artifact);
      else await writeArtifact(opened.store, subject, artifact);
    }
    await opened.finish();
    const { digest, size } = layer.content.descriptor;
    return {
      image: to,
      digest: appended.descriptor.digest,
      platforms: Object.fromEntries(appended.images.map((one) => [one.platform, one.descriptor.digest])),
      layer: { digest, size },
      sbom: artifact.content.descriptor.digest,
    };
  } finally {
    await opened.close();
    await connection.close();
  }
}

function sbomOf({ sbom, version }: ImageFiles): Artifact {
  const annotations = { 'org.opencontainers.image.title': `tekton-bundles-${version}.cdx.json` };
  const descriptor = { mediaType: sbomType, digest: digestOf(sbom), size: sbom.length, annotations };
  return { artifactType: sbomType, content: { bytes: sbom, descriptor } };
}

type Writer = Pick<Awaited<ReturnType<typeof openTargetLocation>>['store'] & RegistryRepository, 'write'>;

/** Into a layout, which has no list of referrers. */
async function writeArtifact(
  store: Writer,
  subject: Parameters<typeof artifactManifest>[0],
  artifact: Artifact,
): Promise<void> {
  const empty = contentOf('{}', 'application/vnd.oci.empty.v1+json');
  for (const { descriptor, bytes } of [empty, artifact.content, artifactManifest(subject, artifact)])
    await store.write(descriptor, bytes);
}

/** Within one registry the layers of the base are mounted; what is new has no repository to be mounted from. */
function ledgerOf(
  source: ImageLocation,
  target: ImageLocation,
  { baseLayers }: AppendedImage,
): BlobLedger | undefined {
  if (source.kind !== 'registry' || target.kind !== 'registry') return undefined;
  const [base, image] = [source.reference, target.reference];
  if (base.registry !== image.registry || base.repository === image.repository) return undefined;
  return { once: (digest, move) => move(baseLayers.has(digest) ? [base.repository] : []) };
}
