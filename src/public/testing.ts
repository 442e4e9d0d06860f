/** What test infrastructure imports: registries that work and that fail, a catalog, prepared workflows, phases. */

export type { Clock } from '../async/clock.js';
export type { CatalogMode } from '../catalog-server/serve-options.js';
export type { Cluster } from '../cluster/open-cluster.js';
export type { CallOptions } from '../content/store.js';
export type { ErrorCode } from '../errors.js';
export type { HeaderFields } from '../http/message.js';
export type { WireExchange } from '../http/observe.js';
export type { Fetch } from '../http/serve/handler-transport.js';
export type { ReportedError } from '../publish/reported-error.js';
export type { Account, Accounts, Right, TokenIssuer, TokenTerms } from '../testing/accounts.js';
export type {
  FaultyRegistryOptions,
  OpenFaultyRegistryOptions,
  Server,
  StartFaultyRegistryOptions,
} from '../testing/faulty-registry.js';
export {
  type OpenFaultyRegistry,
  openFaultyRegistry,
  type SeenRequest,
  type StartedFaultyRegistry,
  startFaultyRegistry,
} from '../testing/faulty-registry.js';
export type { BasicGuardOptions } from '../testing/guards.js';
export { basicGuard, type TokenService, tokenGuard } from '../testing/guards.js';
export { formatPhases } from '../testing/phases/format-phases.js';
export type {
  Phase,
  PhaseCall,
  PhaseOptions,
  PhaseResource,
  PhaseRetry,
  PhaseValues,
} from '../testing/phases/phase.js';
export { phase } from '../testing/phases/phase.js';
export type { PhaseAttempt, PhaseRecord, PhaseTrace } from '../testing/phases/phase-trace.js';
export type { PhaseEvent, PhaseRun, RunPhasesOptions } from '../testing/phases/run-phases.js';
export { runPhases } from '../testing/phases/run-phases.js';
export {
  type PreparedWorkflow,
  type PreparedWorkflows,
  type PrepareWorkflowsOptions,
  prepareWorkflows,
} from '../testing/prepare-workflows.js';
export type { ErrorTexts, Profile, RefusalOptions, RepositoryList, Stage } from '../testing/profile.js';
export { plainErrorTexts, refusal } from '../testing/profile.js';
export type { ProfileName } from '../testing/profiles.js';
export { profiles } from '../testing/profiles.js';
export type { QuayOptions } from '../testing/quay.js';
export { createQuay } from '../testing/quay.js';
export type { TagOptions } from '../testing/quay-tags.js';
export type { RefreshedBundle } from '../testing/refreshed-bundles.js';
export type { StartCatalogOptions, StartedCatalog } from '../testing/start-catalog.js';
export { startCatalog } from '../testing/start-catalog.js';
export type { StartedRegistry, StartRegistryOptions } from '../testing/start-registry.js';
export { startRegistry } from '../testing/start-registry.js';
export * as faults from './faults.js';
