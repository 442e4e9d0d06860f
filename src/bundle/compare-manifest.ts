import type { ImageManifest } from '../oci/manifest.js';
import { mediaTypes } from '../oci/media-types.js';
import type { BundleDifference } from './difference.js';
import { mapDifference } from './map-difference.js';

/** Media types under which a layer is an archive of one file, whatever its compression. */
const layerTypes: readonly string[] = [
  mediaTypes.dockerLayerGzip,
  mediaTypes.ociLayerGzip,
  mediaTypes.ociLayer,
  mediaTypes.dockerLayer,
];

/** Everything a manifest says but for its layers' content and annotations. */
export function compareManifest(ours: ImageManifest, theirs: ImageManifest): BundleDifference[] {
  const differences: BundleDifference[] = mapDifference('annotations', ours.annotations, theirs.annotations);
  if (theirs.artifactType) differences.push({ what: 'type', ours: 'an image', theirs: theirs.artifactType });
  if (theirs.subject)
    differences.push({ what: 'type', ours: 'an image', theirs: `refers to ${theirs.subject.digest}` });
  const foreign = theirs.layers.find(({ mediaType }) => !layerTypes.includes(mediaType));
  if (foreign)
    differences.push({ what: 'type', ours: mediaTypes.dockerLayerGzip, theirs: foreign.mediaType });
  const dialects = [dialect(ours), dialect(theirs)] as const;
  if (!foreign && dialects[0] !== dialects[1]) {
    differences.push({ what: 'media-types', ours: dialects[0], theirs: dialects[1] });
  }
  return differences;
}

/** All media types of a manifest, each once. */
function dialect({ mediaType, config, layers }: ImageManifest): string {
  return [...new Set([mediaType, config.mediaType, ...layers.map((layer) => layer.mediaType)])].join(', ');
}
