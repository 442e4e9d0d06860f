/** What test infrastructure imports. */
export type { Account, Right, TokenIssuer } from './accounts.js';
export { type Fault, on, type When } from './fault.js';
export {
  answer,
  captivePortal,
  expireCredential,
  expireTokens,
  hostileText,
  hostileWords,
  proxyRefusal,
  type RetryAfterForm,
  rateLimit,
  refuse,
  retryAfterForms,
} from './faults/answers.js';
export { delay, hang, loseReply, reset, resetMidBody } from './faults/connection.js';
export { damage, gzipHead, oversize, shortRead, wrongDigestHeader } from './faults/content.js';
export {
  hostilePlaces,
  otherLocation,
  otherRealm,
  type Place,
  redirect,
  twoChallenges,
} from './faults/detour.js';
export { delayedCommit, dropManifest, replicaLag, rivalFirst, silentRace } from './faults/writers.js';
export {
  type FaultyRegistryOptions,
  type OpenFaultyRegistry,
  openFaultyRegistry,
  type SeenRequest,
  type StartedFaultyRegistry,
  startFaultyRegistry,
} from './faulty-registry.js';
export { basicGuard, type TokenService, tokenGuard } from './guards.js';
export {
  type PreparedWorkflow,
  type PreparedWorkflows,
  type PrepareWorkflowsOptions,
  prepareWorkflows,
} from './prepare-workflows.js';
export {
  type ErrorTexts,
  type Profile,
  plainErrorTexts,
  type RepositoryList,
  refusal,
  type Stage,
} from './profile.js';
export { type ProfileName, profiles } from './profiles.js';
export { createQuay, type QuayOptions } from './quay.js';
export type { RefreshedBundle } from './refreshed-bundles.js';
export { type StartCatalogOptions, type StartedCatalog, startCatalog } from './start-catalog.js';
export { type StartedRegistry, startRegistry } from './start-registry.js';
