import { BundlesError } from '../errors.js';
import type { Descriptor } from './descriptor.js';
import {
  descriptorOf,
  invalid,
  type JsonView,
  objectAt,
  objectsAt,
  parseJsonView,
  refuseOtherSpellings,
  type StringMap,
  stringAt,
  stringMapAt,
  valueAt,
} from './json-view.js';
import { isImageManifest, isIndex } from './media-types.js';

/** What registries accept at least, and some at most. */
export const MANIFEST_BYTES = 4 * 1024 * 1024;

/** What an image manifest and an index have in common. */
export interface ManifestBase {
  readonly mediaType: string;
  readonly annotations: StringMap;
  readonly artifactType: string | undefined;
  readonly subject: Descriptor | undefined;
}

/** A view to read from; the bytes it was read from stay what is stored and hashed. */
export interface ImageManifest extends ManifestBase {
  readonly type: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex extends ManifestBase {
  readonly type: 'index';
  readonly manifests: readonly IndexEntry[];
}

export interface IndexEntry extends Descriptor {
  readonly platform?: { readonly architecture: string; readonly os: string };
}

const KNOWN = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'annotations',
  'subject',
];
const KNOWN_DESCRIPTOR = [
  'mediaType',
  'digest',
  'size',
  'annotations',
  'artifactType',
  'platform',
  'data',
  'urls',
];

/**
 * Reads an image manifest or an index, of the Docker or the OCI dialect, as its descriptor's media type states. Unknown
 * keys are passed over; a body that states another type than its descriptor, or is both kinds at once, is refused.
 *
 * @throws BUNDLE_INVALID, TOO_LARGE beyond 4 MiB, or beyond 20,000 annotations of an image
 */
export function parseManifest(bytes: Uint8Array, mediaType: string): ImageManifest | ImageIndex {
  const view = parseJsonView(bytes, { what: 'manifest', limit: MANIFEST_BYTES });
  refuseOtherSpellings(view, KNOWN);
  const version = valueAt(view, 'schemaVersion');
  if (version !== 2) throw invalid(view, { key: 'schemaVersion', found: version, wanted: '2' });
  const stated = stringAt(view, 'mediaType');
  if (stated !== undefined && stated !== '' && stated !== mediaType) {
    throw invalid(view, { key: 'mediaType', found: stated, wanted: `${mediaType} as in its descriptor` });
  }
  const base: ManifestBase = {
    mediaType,
    annotations: stringMapAt(view, 'annotations'),
    artifactType: stringAt(view, 'artifactType'),
    subject: optionalDescriptor(view, 'subject'),
  };
  if (isImageManifest(mediaType)) return withFewAnnotations({ type: 'image', ...base, ...imageParts(view) });
  if (isIndex(mediaType)) return { type: 'index', ...base, manifests: indexEntries(view) };
  throw new BundlesError(
    'BUNDLE_INVALID',
    `Cannot read the manifest: its type ${JSON.stringify(mediaType)} is unknown`,
    {
      hint: 'Supported are image manifests and indexes of Docker (schema 2) and OCI',
    },
  );
}

/**
 * The same for an image manifest alone.
 *
 * @throws BUNDLE_INVALID, TOO_LARGE beyond 4 MiB, or beyond 20,000 annotations
 */
export function parseImageManifest(bytes: Uint8Array, mediaType: string): ImageManifest {
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.type === 'image') return manifest;
  throw new BundlesError('BUNDLE_INVALID', 'Cannot read the manifest: found an index, wanted one image');
}

/** Most annotations of the manifest, its config and all layers: a bundle has three for each layer and a few others. */
const ANNOTATIONS = 20_000;

/** Whatever compares two images lists each annotation that differs. */
function withFewAnnotations(manifest: ImageManifest): ImageManifest {
  const parts = [manifest, manifest.config, ...manifest.layers];
  const count = parts.reduce((sum, { annotations = {} }) => sum + Object.keys(annotations).length, 0);
  if (count <= ANNOTATIONS) return manifest;
  throw new BundlesError(
    'TOO_LARGE',
    `Cannot read the manifest: found ${count} annotations, wanted at most ${ANNOTATIONS}`,
    { details: { found: count, wanted: ANNOTATIONS } },
  );
}

function imageParts(view: JsonView): { config: Descriptor; layers: Descriptor[] } {
  refuseKey(view, 'manifests', 'none in an image manifest');
  const config = optionalDescriptor(view, 'config');
  if (!config) throw invalid(view, { key: 'config', found: undefined, wanted: 'a descriptor' });
  const layers = objectsAt(view, 'layers');
  if (!layers) throw invalid(view, { key: 'layers', found: undefined, wanted: 'a list of descriptors' });
  return { config, layers: layers.map(strictDescriptor) };
}

function indexEntries(view: JsonView): IndexEntry[] {
  refuseKey(view, 'layers', 'none in an index');
  refuseKey(view, 'config', 'none in an index');
  const manifests = objectsAt(view, 'manifests');
  if (!manifests)
    throw invalid(view, { key: 'manifests', found: undefined, wanted: 'a list of descriptors' });
  return manifests.map((entry) => {
    const platform = objectAt(entry, 'platform');
    if (!platform) return strictDescriptor(entry);
    const { architecture, os } = {
      architecture: stringAt(platform, 'architecture'),
      os: stringAt(platform, 'os'),
    };
    return { ...strictDescriptor(entry), platform: { architecture: architecture ?? '', os: os ?? '' } };
  });
}

function refuseKey(view: JsonView, key: string, wanted: string): void {
  const found = valueAt(view, key);
  if (found !== undefined) throw invalid(view, { key, found, wanted });
}

function optionalDescriptor(view: JsonView, key: string): Descriptor | undefined {
  const part = objectAt(view, key);
  return part && strictDescriptor(part);
}

function strictDescriptor(view: JsonView): Descriptor {
  refuseOtherSpellings(view, KNOWN_DESCRIPTOR);
  return descriptorOf(view);
}
