/** What test infrastructure imports. */
export type { Account, Right } from './account.js';
export { basicGuard } from './basic-guard.js';
export { type Fault, on, type When } from './fault.js';
export { answer, captivePortal, proxyRefusal, rateLimit, refuse } from './faults/answer.js';
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
export { expireCredential, expireTokens } from './faults/expiry.js';
export { hostileText, hostileWords } from './faults/hostile-text.js';
export { type RetryAfterForm, retryAfterForms } from './faults/retry-after-forms.js';
export { delayedCommit, dropManifest, replicaLag, rivalFirst, silentRace } from './faults/writers.js';
export type { FaultyRegistryOptions } from './faulty-registry.js';
export { type OpenFaultyRegistry, openFaultyRegistry } from './open-faulty-registry.js';
export {
  type PreparedWorkflow,
  type PreparedWorkflows,
  type PrepareWorkflowsOptions,
  prepareWorkflows,
} from './prepare-workflows.js';
export type { Profile } from './profile.js';
export { type ProfileName, profiles } from './profiles/named.js';
export { refusal } from './refusal.js';
export type { SeenRequest } from './seen-request.js';
export type { RepositoryBook, Stage } from './stage.js';
export { type StartCatalogOptions, type StartedCatalog, startCatalog } from './start-catalog.js';
export { type StartedFaultyRegistry, startFaultyRegistry } from './start-faulty-registry.js';
export { type StartedRegistry, startRegistry } from './start-registry.js';
export { type TokenService, tokenGuard } from './token-guard.js';
export { plainWords, type Words } from './words.js';
