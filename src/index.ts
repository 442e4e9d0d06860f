/**
 * The library: what the command line does, as functions.
 *
 * - `ensure`: the main job, as the command runs it; `readProject`, `createRun`, `ensureProject` are its parts.
 * - `readSources`, `buildBundle`: from sources to a bundle in memory, byte for byte as tkn builds it.
 * - `createRegistryClient`, `pushImage`, `readBundle`, `compareBundle`: bundles on a registry.
 * - `generateSchemas`, `createDocumentValidator`, `convertDocument`, `workflowIdentity`: the documents that describe workflows.
 * - `createDataStorageClient`, `dataStorageTarget`, `registerWorkflow`: workflows in their catalog, each version once.
 * - `ensureImages`: service images, built in slots that all processes of a machine share; `withBuildSlot` is such a slot.
 * - `signDigest`, `verifySignatures`, `requireSignature`: signatures by key, as cosign makes and reads them.
 * - `attestDigest`, `createProvenance`, `verifyAttestations`: signed statements about bundles, SLSA provenance for one.
 * - `trackTasks`, `trustedTaskRules`: the Tasks that Conforma is to trust, from what the lock says.
 * - `updateReferences`: references to bundles in any other text, brought to what the lock says.
 * - `collectReleaseFiles`: lock, schemas, bills of materials and checksums of a release, by name and in bytes.
 * - `serveCatalog`: the embedded workflow catalog on a socket.
 * - `createRegistryHandler`: the embedded registry as a `Fetch`; `serveRegistry` puts it on a socket, `collectGarbage` tidies it.
 * - `phase`, `runPhases`: an environment of a test suite, set up in phases and taken down again.
 */
export type { Clock } from './async/clock.js';
export { systemClock } from './async/system-clock.js';
export type { Credential, Keychain } from './auth/credential.js';
export { createKeychain } from './auth/keychain.js';
export {
  type BuildBundleOptions,
  type Bundle,
  type BundleObject,
  buildBundle,
} from './bundle/build-bundle.js';
export type { BundleProblem, BundleRule } from './bundle/bundle-problem.js';
export {
  type ClusterReach,
  clusterReach,
  type ReachReason,
  type RegistryManner,
} from './bundle/cluster-reach.js';
export { type BundleComparison, compareBundle } from './bundle/compare-bundle.js';
export { type BundleDiff, type DiffSide, diffBundles } from './bundle/diff-bundles.js';
export type { CauseName, DigestCause, ExplainedSide } from './bundle/digest-cause.js';
export { type ChainLink, type ChainSources, type DigestChain, digestChain } from './bundle/digest-chain.js';
export { explainDigest } from './bundle/explain-digest.js';
export {
  type ExportFormat,
  type ExportImageOptions,
  type ExportReport,
  exportImage,
} from './bundle/export-image.js';
export { type BundleInspection, type InspectedObject, inspectBundle } from './bundle/inspect-bundle.js';
export type { JsonPatchOperation } from './bundle/json-patch.js';
export { type LoadedBundle, type LoadedObject, loadBuiltBundle, loadBundle } from './bundle/load-bundle.js';
export type { ObjectDiff, ObjectSide } from './bundle/object-diff.js';
export { type BundlePreflight, preflightBundle, preflightImage } from './bundle/preflight-bundle.js';
export { readBundle, type StoredBundle, type StoredObject } from './bundle/read-bundle.js';
export type { AuditNote } from './catalog/audit-event.js';
export { spoolDirectory } from './catalog/audit-spool.js';
export {
  type AuditReport,
  type AuditTrail,
  type AuditTrailOptions,
  createAuditTrail,
} from './catalog/audit-trail.js';
export { CatalogError, type CatalogReason, isCatalogError } from './catalog/catalog-error.js';
export type { CatalogHostOptions } from './catalog/catalog-host.js';
export {
  type CatalogCallOptions,
  type CatalogEntry,
  type CatalogTarget,
  type EntryState,
  type Registered,
  type Registration,
  registerWorkflow,
} from './catalog/catalog-target.js';
export type {
  AuditEvent,
  AuditEventPage,
  AuditEventRequest,
  Health,
  SearchFilters,
  SearchRequest,
  SearchResponse,
  SearchResult,
  Workflow as CatalogWorkflow,
  WorkflowList,
  WorkflowRegistration,
} from './catalog/data-storage-api.js';
export {
  type AuditQuery,
  createDataStorageClient,
  type DataStorageClient,
  type WorkflowFilters,
} from './catalog/data-storage-client.js';
export { type DataStorageTargetOptions, dataStorageTarget } from './catalog/data-storage-target.js';
export { type KubernetesTargetOptions, kubernetesTarget } from './catalog/kubernetes-target.js';
export { type ManifestsTargetOptions, manifestsTarget } from './catalog/manifests-target.js';
export type { CatalogMode } from './catalog-server/api/api-context.js';
export { type BundleLookup, createBundleLookup } from './catalog-server/bundle-lookup.js';
export { type CatalogReport, createCatalogReport } from './catalog-server/catalog-report.js';
export { findRunningCatalog } from './catalog-server/find-running-catalog.js';
export { serveCatalog } from './catalog-server/serve-catalog.js';
export type { ServeCatalogOptions } from './catalog-server/serve-options.js';
export type {
  ClusterFacts,
  ClusterRegistry,
  DeployedRegistry,
  RefusedWay,
} from './cluster/choose-cluster-registry.js';
export { type DeployRegistryOptions, deployRegistry } from './cluster/deploy-registry.js';
export { type FindClusterRegistryOptions, findClusterRegistry } from './cluster/find-cluster-registry.js';
export { type ForwardedPort, forwardRegistry } from './cluster/forward-port.js';
export { type Cluster, type OpenClusterOptions, openCluster } from './cluster/open-cluster.js';
export { type ServiceAccount, serviceAccountOf } from './cluster/service-account.js';
export { type ArchiveKind, type ArchiveStore, openArchiveStore } from './content/archive-store.js';
export { type ArchiveWriter, createArchiveWriter } from './content/archive-writer.js';
export { openLayoutStore } from './content/layout-store.js';
export { createMemoryStore } from './content/memory-store.js';
export {
  type OpenPlaceOptions,
  openSourceLocation,
  openTargetLocation,
  type SourceLocation,
  type TargetLocation,
} from './content/open-location.js';
export type * from './content/store.js';
export type { CheckResult, LinkName as ExaminedLinkName, LinkState } from './doctor/check-result.js';
export {
  type DiagnoseConnection,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
} from './doctor/diagnose.js';
export {
  type BuildSlotOptions,
  type HeldSlot,
  type QueuePosition,
  withBuildSlot,
} from './engine/build-slot.js';
export type { Engine, EngineStatus, LocalImage } from './engine/engine.js';
export { findEngine } from './engine/find-engine.js';
export { openSlotPlaces, type SlotPlaces, type SlotPlacesOptions } from './engine/slot-places.js';
export { createRun, type RunEnvironment, type RunSettings } from './ensure/create-run.js';
export { type EnsureOptions, ensure } from './ensure/ensure.js';
export { type Confirm, type EnsureProjectOptions, ensureProject } from './ensure/ensure-project.js';
export type { EnsureEvent } from './ensure/events.js';
export { type ProfileName, profileNames } from './ensure/profiles.js';
export type { PublishPlan } from './ensure/publish-plan.js';
export type { BundleResult, EnsureResult, Outcome, PartResult } from './ensure/result.js';
export {
  type GeneratedSchema,
  type GenerateResult,
  generateSchemas,
} from './ensure/schemas/generate-schemas.js';
export {
  type ProjectDocument,
  projectDocuments,
  type ValidatedFile,
  validateProject,
} from './ensure/schemas/validate-project.js';
export {
  type MergeLockOptions,
  type MergeLockResult,
  mergeLockParts,
} from './ensure/shards/merge-lock-parts.js';
export type { VerifySettings } from './ensure/verify/link.js';
export { verifyProject } from './ensure/verify/verify-project.js';
export type { VerifiedBundle, VerifiedLink, VerifyResult } from './ensure/verify/verify-result.js';
export type { WorkflowResult } from './ensure/workflows/workflow-result.js';
export { BundlesError, type ErrorCode, errorCodes, isBundlesError } from './errors.js';
export { createNodeTransport } from './http/connect/node-transport.js';
export { type ProxySettings, readProxySettings } from './http/connect/proxy-settings.js';
export type { HttpRequest, HttpResponse, Send } from './http/message.js';
export { type ObserveOptions, observeSend, type WireExchange } from './http/observe.js';
export type { Fetch } from './http/serve/fetch.js';
export { sendTo } from './http/serve/handler-transport.js';
export { serve } from './http/serve/serve.js';
export { type AppendedImage, type AppendLayerOptions, appendLayer } from './images/append-layer.js';
export { ensureImages } from './images/ensure-images.js';
export type { ImageResult, ImagesResult } from './images/image-result.js';
export type { ImageEvent, ImageRun, KindClusters } from './images/image-run.js';
export { type Layer, type LayerEntry, type PackLayerOptions, packLayer } from './images/layer-archive.js';
export type { PrunedContainer, PrunedImage, PruneQuestion } from './images/prune-candidates.js';
export { type PruneOptions, type PruneReport, pruneImages } from './images/prune-images.js';
export type { Descriptor } from './oci/descriptor.js';
export { type Digest, digestOf, parseDigest } from './oci/digest.js';
export type { Content, Image } from './oci/image.js';
export { formatImageLocation, type ImageLocation, parseImageLocation } from './oci/image-location.js';
export { formatReference, parseReference, type Reference } from './oci/reference.js';
export type { ImageSpec } from './project/config/parse-images.js';
export { lintProject, type ProjectLint } from './project/lint-project.js';
export { shardOf } from './project/lock/shard.js';
export type { BundleSpec, Project, ProjectOverrides } from './project/project.js';
export { readProject } from './project/read-project.js';
export type { Served } from './publish/fallback-target.js';
export type { OnDifferent } from './publish/policy.js';
export type { Verdict, VerdictName } from './publish/verdict.js';
export { createRegistryClient, type RegistryClient } from './registry/client.js';
export type { RegistryClientOptions } from './registry/pipelines.js';
export { type PushReport, pushImage } from './registry/push-image.js';
export { isRegistryError, RegistryError } from './registry/registry-error.js';
export type { RegistryRepository } from './registry/repository.js';
export { createRequestBudget, type RequestBudget } from './registry/request-budget.js';
export {
  type CollectGarbageOptions,
  collectGarbage,
  type GarbageReport,
} from './registry-server/collect-garbage.js';
export { createRegistryHandler, type RegistryHandlerOptions } from './registry-server/handler.js';
export { type ServeRegistryOptions, serveRegistry } from './registry-server/serve-registry.js';
export {
  type CopiedBundle,
  type CopiedTag,
  type CopyBundleRequest,
  copyBundle,
} from './release/copy-bundle.js';
export { type PinSettings, pinProject } from './release/pin-project.js';
export type { PinnedBundleResult, PinnedImage, PinResult, PinSummary } from './release/pin-result.js';
export { type PlannedRun, type PlanRunRequest, planRun } from './release/plan-run.js';
export { type PromoteRequest, promoteBundles } from './release/promote-bundles.js';
export type { PromotedBundle, PromoteResult } from './release/promote-result.js';
export {
  type LeftReason,
  type LeftReference,
  type ReferencedBundle,
  type ReferencedBundles,
  referencedBundles,
  type UpdatedReference,
  type UpdatedText,
} from './release/references/find-references.js';
export { type UpdateReferencesOptions, updateReferences } from './release/references/update-references.js';
export {
  collectReleaseFiles,
  type ReleaseFile,
  type ReleaseFiles,
  type ReleaseFilesRequest,
} from './release/release-files.js';
export {
  type ConvertDocumentOptions,
  type ConvertedDocument,
  convertDocument,
  convertDocuments,
  type PlacedNote,
} from './schema/convert-document.js';
export type { PipelineMatch } from './schema/pipeline-match.js';
export type { Supplement } from './schema/supplement.js';
export {
  createDocumentValidator,
  type NumberedDocument,
  type PlacedDocumentProblem,
  type ValidateDocument,
  type ValidateDocumentOptions,
  type ValidateDocumentsOptions,
  type ValidatedDocument,
  validateDocuments,
} from './schema/validate-document.js';
export {
  type Attestation,
  type AttestOptions,
  type AttestResult,
  attestDigest,
} from './signing/attest-digest.js';
export type { FoundSignature, SignatureStorage } from './signing/found-signatures.js';
export type {
  CertificateCheck,
  CertificateFacts,
  CertificateVerifier,
  TrustedIdentity,
} from './signing/keyless/certificate-verifier.js';
export type { KeylessSigner } from './signing/keyless/keyless-signer.js';
export { createKeyPair, readSigningKey, type SigningKey } from './signing/keys/private-key.js';
export { type KeyAlgorithm, type PublicKey, readPublicKey } from './signing/keys/public-key.js';
export { hasObjectSignature, objectSignature } from './signing/objects/object-signature.js';
export { type SignedObject, type SignedSource, signSource } from './signing/objects/sign-source.js';
export { formatVerificationPolicy, verificationPolicy } from './signing/objects/verification-policy.js';
export { provenancePredicate } from './signing/predicate-types.js';
export { type BuildFacts, readBuildFacts, type SourceCommit } from './signing/provenance/build-facts.js';
export {
  createProvenance,
  isSameBuild,
  type ProvenanceRequest,
} from './signing/provenance/provenance.js';
export { type SignOptions, type SignResult, signDigest } from './signing/sign-digest.js';
export type { Signer } from './signing/signer.js';
export {
  readTrustedTasksImage,
  type StoredTrustedTasks,
  trustedTasksImage,
} from './signing/trusted-tasks/list-image.js';
export {
  formatTrustedTaskRules,
  formatTrustedTasks,
  type LockedBundle,
  noTrustedTasks,
  parseTrustedTasks,
  type TrackOptions,
  type TrustedTask,
  type TrustedTaskRule,
  type TrustedTasks,
  trackTasks,
  trustedTaskRules,
} from './signing/trusted-tasks/trusted-tasks.js';
export {
  requireSignature,
  type SignatureReport,
  type Trusted,
  type TrustedKey,
  type VerifiedSignature,
  verifyAttestations,
  verifySignatures,
} from './signing/verify-signatures.js';
export {
  findImages,
  type ReplacedImages,
  replaceImages,
  type SourceImage,
} from './tekton/images/source-images.js';
export { readStepImage, type StepImage } from './tekton/images/step-image.js';
export { applyFixes } from './tekton/lint/findings/apply-fixes.js';
export type { Finding, Fix } from './tekton/lint/findings/finding.js';
export { toSarif } from './tekton/lint/findings/to-sarif.js';
export { type LintOptions, type LintReport, lintBundle, lintSources } from './tekton/lint/lint-sources.js';
export { type LintRule, lintRules, type RuleName, type Severity } from './tekton/lint/rules/rules.js';
export type { Source, SourceWarning, TektonObject } from './tekton/objects/object.js';
export { sideOf, type TektonSide, tektonSides } from './tekton/objects/older-fields.js';
export { type ReadSourcesOptions, readSources } from './tekton/sources/read-sources.js';
export type { FeatureFlags } from './tekton/validate/feature-flags.js';
export type { Problem } from './tekton/validate/problem.js';
export { validateObject } from './tekton/validate/validate-object.js';
export { formatPhases } from './testing/phases/format-phases.js';
export {
  type Phase,
  type PhaseCall,
  type PhaseOptions,
  type PhaseResource,
  type PhaseRetry,
  type PhaseValues,
  phase,
} from './testing/phases/phase.js';
export type { PhaseAttempt, PhaseRecord, PhaseTrace } from './testing/phases/phase-trace.js';
export {
  type PhaseEvent,
  type PhaseRun,
  type RunPhasesOptions,
  runPhases,
} from './testing/phases/run-phases.js';
export { version } from './version.js';
export { type ActionType, toActionType } from './workflow/action-type.js';
export type * from './workflow/declaration.js';
export { type RemediationWorkflow, toRemediationWorkflow } from './workflow/remediation-workflow.js';
export { createRunObject, type RunObject, type RunObjectOptions } from './workflow/run-object.js';
export {
  contentHash,
  type SchemaDocument,
  type SchemaFormat,
  schemaFormats,
  writeSchema,
} from './workflow/schema-document.js';
export type { Workflow, WorkflowParameter } from './workflow/workflow.js';
export { type WorkflowIdentity, workflowIdentity } from './workflow/workflow-id.js';
export { toWorkflowSchema, type WorkflowSchema } from './workflow/workflow-schema.js';
