/** The embedded registry and the embedded workflow catalog, on sockets or as functions of a request. */

export type { Clock } from '../async/clock.js';
export type { ByteSource } from '../bytes/byte-source.js';
export { findRunningCatalog } from '../catalog-server/find-running-catalog.js';
export type { Log, LogLevel } from '../catalog-server/log.js';
export { serveCatalog } from '../catalog-server/serve-catalog.js';
export type { CatalogMode, ServeCatalogOptions } from '../catalog-server/serve-options.js';
export type { SweptLayout } from '../content/layout/sweep-layout.js';
export type { CallOptions } from '../content/store.js';
export type { BundlesErrorOptions, ErrorCode } from '../errors.js';
export { BundlesError } from '../errors.js';
export type { HeaderFields, HttpRequest, HttpResponse, Send } from '../http/message.js';
export type {
  Connection,
  Handler,
  RefusedRequest,
  RunningServer,
  ServeOptions,
} from '../http/serve/serve.js';
export type { GuardOptions, Refusal } from '../http/serve/serve-guard.js';
export type { AnnouncedServer, FindServerOptions } from '../http/serve/server-discovery.js';
export type { Authenticator } from '../registry-server/api/authenticate.js';
export type { CollectGarbageOptions, GarbageReport } from '../registry-server/collect-garbage.js';
export { collectGarbage } from '../registry-server/collect-garbage.js';
export type { RegistryHandlerOptions, RegistryLogEntry } from '../registry-server/handler.js';
export { createRegistryHandler } from '../registry-server/handler.js';
export type { RegistryLimits } from '../registry-server/limits.js';
export type { ServeRegistryOptions } from '../registry-server/serve-registry.js';
export { serveRegistry } from '../registry-server/serve-registry.js';
