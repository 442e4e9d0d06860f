import { gzipLevel1 } from '../../gzip/gzip.js';
import { type Digest, digestOf } from '../../oci/digest.js';
import type { Content } from '../../oci/image.js';
import { mediaTypes } from '../../oci/media-types.js';
import type { TektonObject } from '../objects/object.js';
import { objectAnnotations } from './annotations.js';
import { layerTar } from './layer-tar.js';

/** One object, packed as a bundle carries it. */
export interface Layer {
  readonly object: TektonObject;
  /** The compressed archive; its descriptor has the annotations of the object. */
  readonly content: Content;
  /** Digest of the archive before compression. */
  readonly diffId: Digest;
  /** Bytes of the archive before compression. */
  readonly tarSize: number;
}

/** @throws OBJECT_INVALID for a name that no archive can hold */
export function buildLayer(object: TektonObject): Layer {
  const tar = layerTar(object.name, object.json);
  const bytes = gzipLevel1(tar);
  const descriptor = {
    mediaType: mediaTypes.dockerLayerGzip,
    size: bytes.length,
    digest: digestOf(bytes),
    annotations: {
      [objectAnnotations.apiVersion]: object.apiVersion.slice(object.apiVersion.indexOf('/') + 1),
      [objectAnnotations.kind]: object.kind.toLowerCase(),
      [objectAnnotations.name]: object.name,
    },
  };
  return { object, content: { descriptor, bytes }, diffId: digestOf(tar), tarSize: tar.length };
}
