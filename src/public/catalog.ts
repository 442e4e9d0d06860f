/** Workflow catalogs: a client of the DataStorage API, and the targets in which workflows are registered. */

export type { Clock } from '../async/clock.js';
export type { ByteSource } from '../bytes/byte-source.js';
export type { AuditNote } from '../catalog/audit/audit-event.js';
export type { AuditReport, AuditTrail, AuditTrailOptions } from '../catalog/audit/audit-trail.js';
export { createAuditTrail } from '../catalog/audit/audit-trail.js';
export type { CatalogErrorCode, CatalogErrorOptions, CatalogReason } from '../catalog/catalog-error.js';
export { CatalogError, isCatalogError } from '../catalog/catalog-error.js';
export type { CatalogHostOptions } from '../catalog/catalog-host.js';
export type {
  CatalogCallOptions,
  CatalogEntry,
  CatalogTarget,
  EntryState,
  Registered,
  Registration,
} from '../catalog/catalog-target.js';
export { registerWorkflow } from '../catalog/catalog-target.js';
export type {
  AuditCategory,
  AuditEvent,
  AuditEventPage,
  AuditEventRequest,
  AuditOutcome,
  CustomLabels,
  DetectedLabels,
  Health,
  MandatoryLabels,
  SearchFilters,
  SearchRequest,
  SearchResponse,
  SearchResult,
  Severity,
  Status,
  Workflow,
  WorkflowList,
  WorkflowRegistration,
} from '../catalog/data-storage/data-storage-api.js';
export type {
  AuditQuery,
  AuditReceived,
  DataStorageClient,
  WorkflowFilters,
} from '../catalog/data-storage/data-storage-client.js';
export { createDataStorageClient } from '../catalog/data-storage/data-storage-client.js';
export type { DataStorageTargetOptions } from '../catalog/data-storage/data-storage-target.js';
export { dataStorageTarget } from '../catalog/data-storage/data-storage-target.js';
export type { PayloadOptions } from '../catalog/data-storage/registration-payload.js';
export type { KubernetesTargetOptions } from '../catalog/kubernetes-target.js';
export { kubernetesTarget } from '../catalog/kubernetes-target.js';
export type { ManifestsTargetOptions } from '../catalog/manifests-target.js';
export { manifestsTarget } from '../catalog/manifests-target.js';
export type { Cluster } from '../cluster/open-cluster.js';
export type { CallOptions } from '../content/store.js';
export type { BundlesErrorOptions, ErrorCode } from '../errors.js';
export { BundlesError } from '../errors.js';
export type { HeaderFields, HttpRequest, HttpResponse, Send } from '../http/message.js';
export type { ActionType } from '../workflow/action-type.js';
export type { Description } from '../workflow/declaration.js';
export type { SchemaFormat } from '../workflow/schema-document.js';
