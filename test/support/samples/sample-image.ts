import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../src/oci/digest.js';
import type { Content, Image } from '../../../src/oci/image.js';
import { mediaTypes } from '../../../src/oci/media-types.js';

/** Bytes with the descriptor that names them. */
export function contentOf(bytes: Uint8Array | string, mediaType: string = mediaTypes.octets): Content {
  const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { descriptor: { mediaType, digest: digestOf(whole), size: whole.length }, bytes: whole };
}

/** A small valid image that differs for every `seed`; its layers are not tar archives. */
export function sampleImage(seed: string, { layers = 2 }: { readonly layers?: number } = {}): Image {
  const plain = Array.from({ length: layers }, (_, index) => Buffer.from(`layer ${index} of ${seed}\n`));
  const packed = plain.map((bytes) => contentOf(gzipSync(bytes), mediaTypes.dockerLayerGzip));
  const config = contentOf(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: plain.map(digestOf) },
    }),
    mediaTypes.dockerConfig,
  );
  const manifest = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.dockerManifest,
      config: config.descriptor,
      layers: packed.map(({ descriptor }) => descriptor),
    }),
    mediaTypes.dockerManifest,
  );
  return { manifest, config, layers: packed };
}
