import { digestOf } from '../oci/digest.js';
import type { Content, Image } from '../oci/image.js';
import { parseImageManifest } from '../oci/manifest.js';
import { mediaTypes } from '../oci/media-types.js';

const ociTypes: Readonly<Record<string, string>> = {
  [mediaTypes.dockerManifest]: mediaTypes.ociManifest,
  [mediaTypes.dockerConfig]: mediaTypes.ociConfig,
  [mediaTypes.dockerLayerGzip]: mediaTypes.ociLayerGzip,
  [mediaTypes.dockerLayer]: mediaTypes.ociLayer,
};

/** The same image in the media types of OCI: every blob stays, the manifest and so its digest are others. */
export function toOciImage({ manifest, config, layers }: Image): Image {
  if (manifest.descriptor.mediaType === mediaTypes.ociManifest) return { manifest, config, layers };
  const { annotations } = parseImageManifest(manifest.bytes, manifest.descriptor.mediaType);
  const newConfig = retyped(config);
  const newLayers = layers.map(retyped);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: newConfig.descriptor,
    layers: newLayers.map(({ descriptor }) => descriptor),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
  return { manifest: { descriptor, bytes }, config: newConfig, layers: newLayers };
}

/** With the fields in the order of the specification. */
function retyped({ descriptor, bytes }: Content): Content {
  const { mediaType, digest, size, annotations } = descriptor;
  return {
    descriptor: {
      mediaType: ociTypes[mediaType] ?? mediaType,
      digest,
      size,
      ...(annotations ? { annotations } : {}),
    },
    bytes,
  };
}
