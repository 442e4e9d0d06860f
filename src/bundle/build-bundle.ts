import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { Content, Image } from '../oci/image.js';
import type { StringMap } from '../oci/json-view.js';
import { mediaTypes } from '../oci/media-types.js';
import { buildLayer } from '../tekton/layers/layer.js';
import { toCanonicalJson } from '../tekton/objects/canonical-json.js';
import type { TektonObject } from '../tekton/objects/object.js';

/** An image whose layers are Tekton objects, in memory. */
export interface Bundle {
  readonly image: Image;
  /** Digest of the manifest. */
  readonly digest: Digest;
  readonly configDigest: Digest;
  /** The exact text in the config. */
  readonly created: string;
  /** In layer order. */
  readonly objects: readonly BundleObject[];
  /** Of the manifest. */
  readonly annotations: StringMap;
  /** Of the config. */
  readonly labels: StringMap;
}

/** One object of a bundle, with the digests of its layer. */
export interface BundleObject {
  /** With its group, e.g. `tekton.dev/v1`. */
  readonly apiVersion: string;
  /** In lower case. */
  readonly kind: string;
  readonly name: string;
  /** Digest of the layer's archive before compression. */
  readonly diffId: Digest;
  /** Digest of the layer as it is stored. */
  readonly layerDigest: Digest;
  /** Bytes of that archive. */
  readonly tarSize: number;
}

/** What goes into the manifest and the config of a bundle beside its objects. */
export interface BuildBundleOptions {
  /** RFC 3339 text, taken as it is (see parseCreatedTime). Default the epoch in UTC. */
  readonly created?: string;
  readonly annotations?: StringMap;
  readonly labels?: StringMap;
}

export const EPOCH = '1970-01-01T00:00:00Z';

/**
 * Builds in memory the bundle that `tkn bundle push` would write for these objects in this order: the same bytes, hence the same
 * digest.
 *
 * `created` defaults to 1970-01-01T00:00:00Z, `annotations` (of the manifest) and `labels` (of the config) to none.
 *
 * @throws OBJECT_INVALID
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const bundle = buildBundle(objects);
 * console.log(bundle.digest); // sha256:6434f58839632d514e9ee777bbd5da5467d373f2a4e2ab92fdbd601db11af725
 * console.log(bundle.objects.map(({ kind, name }) => `${kind}/${name}`)); // [ 'pipeline/workflow' ]
 * ```
 */
export function buildBundle(
  objects: readonly TektonObject[],
  { created = EPOCH, annotations = {}, labels = {} }: BuildBundleOptions = {},
): Bundle {
  const layers = objects.map(buildLayer);
  return assemble({
    created,
    annotations,
    labels,
    layers: layers.map(({ content }) => content),
    objects: layers.map(({ object, content, diffId, tarSize }) => ({
      apiVersion: object.apiVersion,
      kind: object.kind.toLowerCase(),
      name: object.name,
      diffId,
      layerDigest: content.descriptor.digest,
      tarSize,
    })),
  });
}

/** The same bundle with another `created` text; no layer is built again. */
export function withCreated(bundle: Bundle, created: string): Bundle {
  const { objects, annotations, labels, image } = bundle;
  return assemble({ created, objects, annotations, labels, layers: image.layers });
}

type Parts = Pick<Bundle, 'created' | 'objects' | 'annotations' | 'labels'> & {
  readonly layers: readonly Content[];
};

function assemble({ layers, ...parts }: Parts): Bundle {
  const config = content(mediaTypes.dockerConfig, configJson(parts));
  const descriptors = layers.map(({ descriptor }) => descriptor);
  const manifest = content(
    mediaTypes.dockerManifest,
    manifestJson(config.descriptor, descriptors, parts.annotations),
  );
  return {
    image: { manifest, config, layers },
    digest: manifest.descriptor.digest,
    configDigest: config.descriptor.digest,
    ...parts,
  };
}

function content(mediaType: string, text: string): Content {
  const bytes = new TextEncoder().encode(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** One empty history entry per layer; without layers Go leaves the history out and writes a null list. */
function configJson({ created, objects, labels }: Omit<Parts, 'layers' | 'annotations'>): string {
  const history = objects.map(() => '{"created":"0001-01-01T00:00:00Z"}').join(',');
  const diffIds = objects.map(({ diffId }) => `"${diffId}"`).join(',');
  const some = objects.length > 0;
  return [
    '{"architecture":"",',
    `"created":${goJson(created)},`,
    some ? `"history":[${history}],` : '',
    `"os":"","rootfs":{"type":"layers","diff_ids":${some ? `[${diffIds}]` : 'null'}},`,
    `"config":${isEmpty(labels) ? '{}' : `{"Labels":${goJson(labels)}}`}}`,
  ].join('');
}

function manifestJson(config: Descriptor, layers: readonly Descriptor[], annotations: StringMap): string {
  return [
    `{"schemaVersion":2,"mediaType":"${mediaTypes.dockerManifest}",`,
    `"config":${descriptorJson(config)},`,
    `"layers":[${layers.map(descriptorJson).join(',')}]`,
    isEmpty(annotations) ? '' : `,"annotations":${goJson(annotations)}`,
    '}',
  ].join('');
}

function descriptorJson({ mediaType, size, digest, annotations }: Descriptor): string {
  const tail = annotations ? `,"annotations":${goJson(annotations)}` : '';
  return `{"mediaType":"${mediaType}","size":${size},"digest":"${digest}"${tail}}`;
}

function isEmpty(map: StringMap): boolean {
  return Object.keys(map).length === 0;
}

/** The JSON text that Go writes for a string, or for a map of strings: keys sorted by their UTF-8 bytes, HTML escaped. */
function goJson(value: string | StringMap): string {
  const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');
  const json = toCanonicalJson(
    typeof value === 'string'
      ? wellFormed(value)
      : new Map(Object.entries(value).map(([key, text]) => [wellFormed(key), wellFormed(text)])),
  );
  return new TextDecoder().decode(json);
}
