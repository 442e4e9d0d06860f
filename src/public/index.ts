/**
 * The main job: what `bundles ensure`, `bundles check` and `bundles verify` do, as functions.
 *
 * The other entries hold the parts by subject: `/bundle`, `/catalog`, `/cluster`, `/images`, `/lint`, `/registry`, `/server`,
 * `/signing`, `/testing` and `/workflow`.
 */
export type { Clock } from '../async/clock.js';
export type { CallOptions } from '../content/store.js';
export type { RunSettings } from '../ensure/create-run.js';
export type { EnsureOptions } from '../ensure/ensure.js';
export type { Confirm } from '../ensure/ensure-project.js';
export type { EnsureEvent, OnEvent } from '../ensure/events.js';
export { ensure, verify } from '../ensure/on-demand.js';
export type { ProfileName } from '../ensure/profiles.js';
export type { PublishPlan } from '../ensure/publish-plan.js';
export type {
  BundleResult,
  BundleSignature,
  Change,
  EnsureResult,
  Outcome,
  PartResult,
  Plan,
  Summary,
} from '../ensure/result.js';
export type { VerifySettings } from '../ensure/verify/link.js';
export type { VerifyOptions } from '../ensure/verify/verify.js';
export type {
  LinkFinding,
  LinkName,
  VerifiedBundle,
  VerifiedLink,
  VerifyResult,
  VerifySummary,
} from '../ensure/verify/verify-result.js';
export type {
  RecordedSchema,
  RegisteredWorkflow,
  WorkflowResult,
} from '../ensure/workflows/workflow-result.js';
export type { BundlesErrorOptions } from '../errors.js';
export { BundlesError, type ErrorCode, errorCodes, isBundlesError } from '../errors.js';
export type { Digest } from '../oci/digest.js';
export type { KeylessOptions } from '../open/keyless.js';
export type { Machine } from '../open/machine.js';
export type { NetworkOptions } from '../open/network-options.js';
export type { SignerOptions } from '../open/open-signer.js';
export type { AskHidden } from '../open/signing-keys.js';
export type { StorageChoice } from '../project/config/signature-storages.js';
export type { Served } from '../publish/fallback-target.js';
export type { LeftDigest } from '../publish/left-digest.js';
export type { OnDifferent } from '../publish/policy.js';
export type { ReportedError } from '../publish/reported-error.js';
export type { VerdictName } from '../publish/verdict.js';
export { version } from '../version.js';
