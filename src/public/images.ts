/** The container images of a project: ensured, pruned, built in shared slots, or made of a base image and one more layer. */

export type { Clock } from '../async/clock.js';
export type {
  CallOptions,
  ContentPresence,
  ContentReader,
  ReadableStore,
  ResolveOptions,
  Resolver,
} from '../content/store.js';
export type { BuildStep } from '../engine/build-steps.js';
export type { ContextRead } from '../engine/context/build-context.js';
export type { BuildSlot, QueuePosition } from '../engine/slots/build-slot.js';
export type {
  RecordedSchema,
  RegisteredWorkflow,
  WorkflowResult,
} from '../ensure/workflows/workflow-result.js';
export type { BundlesError, BundlesErrorOptions, ErrorCode } from '../errors.js';
export type { AppendedImage, AppendLayerOptions } from '../images/append-layer.js';
export { appendLayer } from '../images/append-layer.js';
export type { ImageResult, ImagesResult } from '../images/image-result.js';
export type { ImageEvent } from '../images/image-run.js';
export type { Layer, LayerEntry, PackLayerOptions } from '../images/layer-archive.js';
export { packLayer } from '../images/layer-archive.js';
export type { EngineOptions } from '../images/open-engine.js';
export type { PruneImagesOptions, PruneImagesResult } from '../images/open-prune.js';
export type { PrunedContainer, PrunedImage } from '../images/prune-candidates.js';
export type { PruneReport } from '../images/prune-images.js';
export type { BuildSlotOptions } from '../images/shared-slot.js';
export type { Descriptor } from '../oci/descriptor.js';
export type { Digest } from '../oci/digest.js';
export type { Content } from '../oci/image.js';
export type { Machine } from '../open/machine.js';
export type { NetworkOptions } from '../open/network-options.js';
export type { ReportedError } from '../publish/reported-error.js';
export type { VerdictName } from '../publish/verdict.js';
export { ensureImages, pruneImages, withBuildSlot } from '../release/images-on-demand.js';
export type { EnsureImagesOptions, EnsureImagesResult } from '../release/project-images.js';
