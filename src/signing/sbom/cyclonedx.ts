import type { Digest } from '../../oci/digest.js';
import { referenceName } from '../../oci/reference.js';
import { byDependency, type Dependency, type MaterialObject, type Materials } from './materials.js';
import { packageUrl } from './package-url.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The materials of a bundle as a CycloneDX 1.6 document; `uuid` makes its serial number.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function toCycloneDx(materials: Materials, uuid: string): Json {
  const { created, objects, dependencies } = materials;
  const refOf = new Map(dependencies.map((one, index) => [one, `${one.what}-${index + 1}`]));
  const objectRef = (index: number) => `object-${index + 1}`;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp: created,
      tools: { components: [{ type: 'application', name: 'tekton-bundles' }] },
      component: bundleComponent(materials),
    },
    components: [
      ...objects.map((object, index) => objectComponent(object, objectRef(index))),
      ...dependencies.map((one) => dependencyComponent(one, refOf.get(one))),
    ],
    dependencies: [
      { ref: bundleRef, dependsOn: objects.map((_, index) => objectRef(index)) },
      ...objects.map(({ uses }, index) => ({
        ref: objectRef(index),
        dependsOn: byDependency(uses).map(([dependency]) => refOf.get(dependency)),
      })),
      ...dependencies.map((one) => ({ ref: refOf.get(one) })),
    ],
  };
}

const bundleRef = 'bundle';

function bundleComponent({ name, version, digest, repository }: Materials): Json {
  return {
    type: 'container',
    'bom-ref': bundleRef,
    name,
    version: version ?? digest,
    hashes: [hash(digest)],
    purl: packageUrl({ repository, name, digest, tag: undefined }),
  };
}

function objectComponent(object: MaterialObject, ref: string): Json {
  const { kind, name, version, apiVersion, layer, diffId, uses } = object;
  return {
    type: 'file',
    'bom-ref': ref,
    name: `${kind}/${name}`,
    ...(version === undefined ? {} : { version }),
    hashes: [hash(layer)],
    properties: [
      ...(apiVersion === undefined ? [] : [property('apiVersion', apiVersion)]),
      property('diffId', diffId),
      ...byDependency(uses).flatMap(([{ what, text }, places]) =>
        places.map((place) => property(what, `${text} at ${place}`)),
      ),
    ],
  };
}

function dependencyComponent({ what, text, reference }: Dependency, ref: string | undefined): Json {
  const head = { type: 'container', 'bom-ref': ref };
  const kind = property('kind', what === 'image' ? 'step-image' : 'nested-bundle');
  if (!reference) {
    const reason = text.includes('$(') ? 'params' : 'invalid';
    return {
      ...head,
      name: text || 'no name',
      properties: [kind, property('pinned', 'false'), property('reason', reason)],
    };
  }
  const { tag, digest } = reference;
  const version = tag ?? digest;
  return {
    ...head,
    name: referenceName(reference),
    ...(version === undefined ? {} : { version }),
    ...(digest ? { hashes: [hash(digest)] } : {}),
    purl: packageUrl({ repository: reference, name: '', digest, tag }),
    properties: [kind, property('pinned', String(digest !== undefined))],
  };
}

function hash(digest: Digest): Json {
  const [algorithm = '', content] = digest.split(':');
  return { alg: algorithm === 'sha512' ? 'SHA-512' : 'SHA-256', content };
}

/** In a namespace of our own. */
function property(name: string, value: string): Json {
  return { name: `tekton-bundles:${name}`, value };
}
