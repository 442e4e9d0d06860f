/** Container images made of a base image and one more layer, without a container engine. */

export type {
  CallOptions,
  ContentPresence,
  ContentReader,
  ReadableStore,
  ResolveOptions,
  Resolver,
} from '../content/store.js';
export type { AppendedImage, AppendLayerOptions } from '../images/append-layer.js';
export { appendLayer } from '../images/append-layer.js';
export type { Layer, LayerEntry, PackLayerOptions } from '../images/layer-archive.js';
export { packLayer } from '../images/layer-archive.js';
export type { Descriptor } from '../oci/descriptor.js';
export type { Digest } from '../oci/digest.js';
export type { Content } from '../oci/image.js';
