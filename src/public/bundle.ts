/** Bundles: built from sources in memory, read from a store, compared and written where other tools read them. */

export type { Clock } from '../async/clock.js';
export type { BuildBundleOptions, Bundle, BundleObject } from '../bundle/build-bundle.js';
export { buildBundle } from '../bundle/build-bundle.js';
export type { BundleOrigin } from '../bundle/bundle-origin.js';
export type { BundleProblem, BundleRule } from '../bundle/bundle-problem.js';
export type { BundleComparison, CompareBundleOptions } from '../bundle/compare/compare-bundle.js';
export { compareBundle } from '../bundle/compare/compare-bundle.js';
export type { BundleDiff, DiffSide } from '../bundle/compare/diff-bundles.js';
export { diffBundles } from '../bundle/compare/diff-bundles.js';
export type {
  BundleDifference,
  DifferentWhat,
  ObjectDifference,
  ToleratedWhat,
} from '../bundle/compare/difference.js';
export type { JsonPatchOperation } from '../bundle/compare/json-patch.js';
export type { ObjectDiff, ObjectSide } from '../bundle/compare/object-diff.js';
export type { CauseName, DigestCause, ExplainedSide } from '../bundle/explain/digest-cause.js';
export type { ChainLink } from '../bundle/explain/digest-chain.js';
export { explainDigest } from '../bundle/explain/explain-digest.js';
export type { ExportFormat, ExportImageOptions, ExportReport } from '../bundle/export-image.js';
export { exportImage } from '../bundle/export-image.js';
export type { BundleInspection, InspectedObject } from '../bundle/inspect-bundle.js';
export { inspectBundle } from '../bundle/inspect-bundle.js';
export type { LoadedBundle, LoadedObject } from '../bundle/load-bundle.js';
export { loadBuiltBundle, loadBundle } from '../bundle/load-bundle.js';
export type { BundlePreflight } from '../bundle/preflight-bundle.js';
export { preflightBundle } from '../bundle/preflight-bundle.js';
export type { StoredBundle, StoredObject } from '../bundle/read-bundle.js';
export { readBundle } from '../bundle/read-bundle.js';
export type { ReadLayerOptions } from '../bundle/read-layer.js';
export type { ArchiveKind, ArchiveStore, OpenArchiveOptions } from '../content/archive/archive-store.js';
export { openArchiveStore } from '../content/archive/archive-store.js';
export type { BlobLedger } from '../content/blob-ledger.js';
export type { CopyImageOptions, CopyReport, CopyTarget } from '../content/copy-image.js';
export { copyImage } from '../content/copy-image.js';
export type { BlobFiles } from '../content/layout/layout-blobs.js';
export type { LayoutStore, LayoutStoreOptions, LayoutWriteOptions } from '../content/layout/layout-store.js';
export { openLayoutStore } from '../content/layout/layout-store.js';
export type { MemoryStore } from '../content/memory-store.js';
export { createMemoryStore } from '../content/memory-store.js';
export type { CompanySource } from '../content/referrers-of.js';
export type {
  BlobMounter,
  CallOptions,
  ContentPresence,
  ContentReader,
  ContentWriter,
  Deleter,
  ManifestLister,
  ReadableStore,
  ReferrerLister,
  ResolveOptions,
  Resolver,
  Store,
  TaggedWriter,
  Tagger,
  TagLister,
} from '../content/store.js';
export type { WriteImageOptions } from '../content/write-image.js';
export { writeImage } from '../content/write-image.js';
export type { Descriptor } from '../oci/descriptor.js';
export type { Digest } from '../oci/digest.js';
export type { Content, Image } from '../oci/image.js';
export type { ImageConfig } from '../oci/image-config.js';
export type { StringMap } from '../oci/json-view.js';
export type { ImageManifest, ManifestBase } from '../oci/manifest.js';
export type {
  LeftReason,
  LeftReference,
  ReferencedBundle,
  ReferencedBundles,
  UpdatedReference,
  UpdatedText,
} from '../release/references/find-references.js';
export { readReferencedBundles } from '../release/references/find-references.js';
export type { UpdateReferencesOptions } from '../release/references/update-references.js';
export { updateReferences } from '../release/references/update-references.js';
export type { ObjectOrigin, Source, SourceWarning, TektonObject } from '../tekton/objects/object.js';
export type {
  BundleFacts,
  ImageFacts,
  ObjectFacts,
  ParamFacts,
  ResultFacts,
  WorkspaceFacts,
} from '../tekton/objects/object-facts.js';
export type { ReadSources, ReadSourcesOptions } from '../tekton/sources/read-sources.js';
export { readSources } from '../tekton/sources/read-sources.js';
export type { YamlMap, YamlValue } from '../tekton/yaml/value.js';
