import { type Digest, digestOf } from '../../oci/digest.js';
import type { StringMap } from '../../oci/json-view.js';
import type { ObjectOrigin, Source } from '../../tekton/objects/object.js';
import { identityOf } from '../compare/object-diff.js';
import type { LoadedBundle } from '../load-bundle.js';

/** The links that lead from files to a digest, in order; a change at one changes all behind it. */
export const chainLinks = [
  'file',
  'document',
  'json',
  'diffId',
  'layer',
  'config',
  'manifest',
  'index',
] as const;
/** A step from sources to digest, in the order of the chain. */
export type ChainLink = (typeof chainLinks)[number];

/** Why a bundle has its digest. */
export interface DigestChain {
  /** In the order that the hashes of their bytes give, which is that of the layers; none where only the image is known. */
  readonly files: readonly ChainFile[];
  readonly objects: readonly ChainObject[];
  readonly config: {
    readonly digest: Digest;
    readonly created: string | null;
    readonly labels: StringMap;
  };
  readonly manifest: {
    readonly digest: Digest;
    readonly mediaType: string;
    readonly annotations: StringMap;
  };
  readonly index: Digest | null;
}

export interface ChainFile {
  readonly path: string;
  readonly sha256: Digest;
  readonly documents: number;
}

export interface ChainObject {
  readonly kind: string;
  readonly name: string;
  /** Null where only the image is known. */
  readonly origin: ObjectOrigin | null;
  readonly json: Digest;
  readonly diffId: Digest;
  readonly layer: Digest;
}

/** Where the objects of a bundle came from. */
export interface ChainSources {
  readonly files: readonly Source[];
  /** One for each layer. */
  readonly origins: readonly ObjectOrigin[];
}

/** Every link of a bundle's digest. */
export function digestChain(
  { image, objects, config, manifest, index }: LoadedBundle,
  sources?: ChainSources,
): DigestChain {
  return {
    files: (sources?.files ?? [])
      .map(({ path, bytes }) => ({
        path,
        sha256: digestOf(bytes),
        documents: sources?.origins.filter(({ file }) => file === path).length ?? 0,
      }))
      .sort((left, right) => (left.sha256 < right.sha256 ? -1 : 1)),
    objects: objects.map((object, place) => ({
      ...identityOf(object),
      origin: sources?.origins[place] ?? null,
      json: digestOf(object.content),
      diffId: object.diffId,
      layer: object.layer.digest,
    })),
    config: {
      digest: image.config.descriptor.digest,
      created: config.created ?? null,
      labels: config.labels,
    },
    manifest: {
      digest: image.manifest.descriptor.digest,
      mediaType: manifest.mediaType,
      annotations: manifest.annotations,
    },
    index: index ?? null,
  };
}
