/** Media types of manifests, configs and layers, in the Docker dialect (which tkn writes) and the OCI one. */
export const mediaTypes = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  octets: 'application/octet-stream',
} as const;

const manifests: readonly string[] = [mediaTypes.dockerManifest, mediaTypes.ociManifest];
const indexes: readonly string[] = [mediaTypes.dockerManifestList, mediaTypes.ociIndex];

/** One image's manifest. */
export function isImageManifest(mediaType: string): boolean {
  return manifests.includes(mediaType);
}

/** A list of manifests. */
export function isIndex(mediaType: string): boolean {
  return indexes.includes(mediaType);
}

/** Stored and requested as a manifest, not as a blob. */
export function isManifest(mediaType: string): boolean {
  return isImageManifest(mediaType) || isIndex(mediaType);
}
