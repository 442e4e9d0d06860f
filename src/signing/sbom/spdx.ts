import type { Digest } from '../../oci/digest.js';
import { referenceName } from '../../oci/reference.js';
import { byDependency, type Dependency, type MaterialObject, type Materials } from './materials.js';
import { packageUrl } from './package-url.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The materials of a bundle as an SPDX 2.3 document; `uuid` makes its namespace unique.
 *
 * @see https://spdx.github.io/spdx-spec/v2.3/
 */
export function toSpdx(materials: Materials, uuid: string): Json {
  const { name, digest, created, objects, dependencies } = materials;
  const idOf = new Map(dependencies.map((one, index) => [one, `SPDXRef-${title(one)}-${index + 1}`]));
  const objectId = (index: number) => `SPDXRef-Object-${index + 1}`;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${name}@${digest}`,
    documentNamespace: `https://spdx.org/spdxdocs/tekton-bundle-${uuid}`,
    creationInfo: { created, creators: ['Tool: tekton-bundles'] },
    packages: [
      bundlePackage(materials),
      ...objects.map((object, index) => objectPackage(object, objectId(index))),
      ...dependencies.map((one) => dependencyPackage(one, idOf.get(one))),
    ],
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', bundleId),
      ...objects.map((_, index) => relationship(bundleId, 'CONTAINS', objectId(index))),
      ...objects.flatMap(({ uses }, index) =>
        byDependency(uses).map(([dependency, places]) =>
          relationship(objectId(index), 'DEPENDS_ON', idOf.get(dependency), `Used by ${places.join(', ')}`),
        ),
      ),
    ],
  };
}

const bundleId = 'SPDXRef-Bundle';

/** Without these, readers of SPDX 2.2 refuse a package. */
const unknown = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
};

function bundlePackage({ name, version, digest, repository }: Materials): Json {
  return {
    SPDXID: bundleId,
    name,
    versionInfo: version ?? digest,
    ...unknown,
    primaryPackagePurpose: 'CONTAINER',
    checksums: [checksum(digest)],
    externalRefs: [purl(packageUrl({ repository, name, digest, tag: undefined }))],
  };
}

function objectPackage(object: MaterialObject, SPDXID: string): Json {
  const { kind, name, version, apiVersion, layer, diffId } = object;
  return {
    SPDXID,
    name: `${kind}/${name}`,
    ...(version === undefined ? {} : { versionInfo: version }),
    ...unknown,
    primaryPackagePurpose: 'SOURCE',
    checksums: [checksum(layer)],
    comment: `${apiVersion ? `Tekton object of ${apiVersion}` : 'Not a Tekton object'}; the checksum is of its layer, ${diffId} of the layer before compression`,
  };
}

function dependencyPackage({ what, text, reference }: Dependency, SPDXID: string | undefined): Json {
  if (!reference) {
    return {
      SPDXID,
      name: text || 'no name',
      ...unknown,
      primaryPackagePurpose: 'CONTAINER',
      comment: `Not pinned: ${text.includes('$(') ? `params decide which ${what} it is` : 'this is not an image reference'}`,
    };
  }
  const { tag, digest } = reference;
  const version = tag ?? digest;
  return {
    SPDXID,
    name: referenceName(reference),
    ...(version === undefined ? {} : { versionInfo: version }),
    ...unknown,
    primaryPackagePurpose: 'CONTAINER',
    ...(digest ? { checksums: [checksum(digest)] } : {}),
    externalRefs: [purl(packageUrl({ repository: reference, name: '', digest, tag }))],
    ...(digest ? {} : { comment: `Not pinned by digest: the tag ${tag} may move` }),
  };
}

const title = ({ what }: Dependency) => (what === 'image' ? 'Image' : 'NestedBundle');

function checksum(digest: Digest): Json {
  const [algorithm = '', checksumValue] = digest.split(':');
  return { algorithm: algorithm.toUpperCase(), checksumValue };
}

function purl(referenceLocator: string): Json {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator };
}

function relationship(
  spdxElementId: string,
  relationshipType: string,
  relatedSpdxElement: string | undefined,
  comment?: string,
): Json {
  return { spdxElementId, relationshipType, relatedSpdxElement, ...(comment ? { comment } : {}) };
}
