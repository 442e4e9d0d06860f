/** What can go wrong with a registry. */
export { type Fault, on, type When } from '../testing/fault.js';
export {
  type AnswerOptions,
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
} from '../testing/faults/answers.js';
export { delay, hang, loseReply, reset, resetMidBody } from '../testing/faults/connection.js';
export { damage, gzipHead, oversize, shortRead, wrongDigestHeader } from '../testing/faults/content.js';
export {
  hostilePlaces,
  otherLocation,
  otherRealm,
  type Place,
  type RedirectOptions,
  redirect,
  twoChallenges,
} from '../testing/faults/detour.js';
export {
  delayedCommit,
  dropManifest,
  replicaLag,
  rivalFirst,
  silentRace,
} from '../testing/faults/writers.js';
