import type { CallOptions } from '../../content/store.js';
import { formatReference } from '../../oci/reference.js';
import { failureOf } from '../../publish/failure.js';
import { requireNameable } from '../../publish/nameable.js';
import { reportedError } from '../../publish/reported-error.js';
import { type VerdictName, verdictReason } from '../../publish/verdict.js';
import type { SchemaObject } from '../../workflow/parameters/pipeline-params.js';
import type { BundleResult, BundleSignature, Change } from '../result.js';
import type { Run } from '../run.js';
import { type Applied, applyDecision } from './apply-decision.js';
import { type Answer, askRegistry, type Decision, decideBundle } from './decide-bundle.js';
import { type LocalBundle, StaleBuild } from './local-bundle.js';
import { buildDeclared, type DeclaredBundle, type PreparedBundle, prepareBundle } from './prepare-bundle.js';
import type { Recorded, RecordPlan } from './record-plan.js';

/** The result of one bundle, and its content in the committed files. */
export interface BundleReport extends Recorded {
  readonly result: BundleResult;
  /** The files that were published, relative to the project's directory; none where nothing was. */
  readonly sources: readonly string[];
  /** What other workflows of the bundle are derived from; none where the project declares none. */
  readonly objects: readonly SchemaObject[];
}

/** How far a bundle has come; what a later step lacks is not there. */
interface Progress {
  readonly declared: DeclaredBundle;
  requests: number;
  readonly warnings: string[];
  local?: LocalBundle;
  prepared?: PreparedBundle;
  firstVerdict?: VerdictName | undefined;
  answer?: Answer | undefined;
  decision?: Decision;
  applied?: Applied;
  signature?: BundleSignature | null;
  error?: unknown;
}

/** A bundle about which it is decided what to do, and nothing is done yet. */
export type DecidedBundle = Omit<Progress, 'applied' | 'signature'>;

/** A tag that changes more often than this within one run is contested by other clients. */
const maxRounds = 4;

/** Makes sure of one bundle: build, prepare, ask, decide, apply. A failure is a result; only an abort rejects. */
export async function ensureBundle(
  run: Run,
  declared: DeclaredBundle,
  options: CallOptions = {},
): Promise<BundleReport> {
  return carryOut(run, await decideOn(run, declared, options), options);
}

/** Builds one bundle, queries its registry and decides. A failure is part of the result; only an abort rejects. */
export async function decideOn(
  run: Run,
  declared: DeclaredBundle,
  options: CallOptions = {},
): Promise<DecidedBundle> {
  const { spec, locked } = declared;
  const progress: Progress = { declared, requests: 0, warnings: [] };
  const countRequest = () => void progress.requests++;
  try {
    requireNameable(spec.reference);
    const local = await buildDeclared(run, declared, countRequest, options);
    progress.local = local;
    warn(run, progress, local.warnings);
    const { digest, objects } = local.built;
    run.onEvent({ type: 'built', bundle: spec.name, digest, objects: objects.length });
    const prepared = await prepareBundle(run, local, locked);
    progress.prepared = prepared;
    warn(run, progress, schemaWarnings(prepared));
    const answer =
      run.registries && (await askRegistry(run, prepared, run.registries, countRequest, options));
    progress.firstVerdict = answer?.verdict.name;
    await decideNext(run, progress, prepared, answer, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    // The cache remembered the sources wrongly: they are built.
    if (error instanceof StaleBuild) return decideOn({ ...run, cache: undefined }, declared, options);
    progress.error = error;
  }
  return progress;
}

/** The same bundle by a policy that no longer allows publishing: what was answered is decided on once more. */
export async function decideDeclined(
  run: Run,
  decided: DecidedBundle,
  options: CallOptions = {},
): Promise<void> {
  const { prepared, decision } = decided;
  if (!prepared || !decision) return;
  try {
    decided.decision = await decideBundle(run, prepared, decision.answer, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    decided.error = error;
  }
}

/** Does what was decided; an answer that publishing brings is decided on again. Rejects only when aborted. */
export async function carryOut(
  run: Run,
  decided: DecidedBundle,
  options: CallOptions = {},
): Promise<BundleReport> {
  const progress: Progress = decided;
  const { declared, prepared } = progress;
  const { spec } = declared;
  try {
    for (let round = 1; prepared && progress.decision && progress.error === undefined; round++) {
      const { decision } = progress;
      const { answer } = decision;
      if (answer && round > maxRounds && asksOrPushes(decision))
        throw failureOf(spec.reference, answer, 'verdict', spec.name);
      const applied = await applyDecision(run, prepared, decision, options);
      if (!('verdict' in applied)) {
        progress.applied = applied;
        const { previous } = prepared.local;
        const retagged = previous !== undefined && previous.digest !== decision.plan?.entry.digest;
        const retag = retagged
          ? await (await import('./retag-warning.js')).retagWarning(
              prepared.local,
              decision,
              answer?.repository,
              options,
            )
          : undefined;
        const tagWarnings = [retag, labelWarning(run, prepared, decision)].filter((one) => one !== undefined);
        warn(run, progress, [...tagWarnings, ...applied.warnings]);
        break;
      }
      await decideNext(run, progress, prepared, applied, options);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof StaleBuild) return ensureBundle({ ...run, cache: undefined }, declared, options);
    progress.error = error;
  }
  progress.signature = await signatureOf(run, progress, options);
  const result = bundleResult(run, progress);
  run.onEvent({ type: 'finished', bundle: spec.name, outcome: result.outcome, reason: result.reason });
  const uploaded = result.outcome === 'published' ? prepared?.local.files : undefined;
  return {
    result,
    sources: uploaded?.map(({ relativePath }) => relativePath) ?? [],
    objects:
      run.project.workflows.length > 0 && progress.applied ? (progress.decision?.plan?.objects ?? []) : [],
    ...recordedOf(progress),
  };
}

/** Only what is on the bundle's own registry is signed: a fallback serves the same digest for a while. */
async function signatureOf(
  { sign }: Run,
  { declared, applied, decision, answer }: Progress,
  options: CallOptions,
): Promise<BundleSignature | null> {
  const digest = applied && decision?.plan?.entry.digest;
  if (!sign || digest === undefined) return null;
  if (!answer || applied?.outcome === 'fallback')
    return { action: 'skipped', written: [], key: null, identity: null, error: null };
  return sign({ name: declared.spec.name, digest, repository: answer.repository }, options);
}

async function decideNext(
  run: Run,
  progress: Progress,
  prepared: PreparedBundle,
  answer: Answer | undefined,
  options: CallOptions,
): Promise<void> {
  progress.answer = answer;
  if (answer) {
    const { name } = prepared.local.spec;
    const { verdict } = answer;
    run.onEvent({ type: 'verdict', bundle: name, verdict: verdict.name, reason: verdictReason(verdict) });
  }
  progress.decision = await decideBundle(run, prepared, answer, options);
}

function warn(run: Run, { declared, warnings }: Progress, messages: readonly string[]): void {
  warnings.push(...messages);
  for (const message of messages) run.onEvent({ type: 'warning', bundle: declared.spec.name, message });
}

function asksOrPushes({ action }: Decision): boolean {
  return action.do === 'publish' || action.do === 'ask-to-push';
}

function schemaWarnings({ draft }: PreparedBundle): string[] {
  return (draft.schema?.warnings ?? []).map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

/** A digest of this run alone is not the lock's. */
function labelWarning(run: Run, { locked }: PreparedBundle, { plan }: Decision): string | undefined {
  if (!run.labelled || !plan || !locked || locked.digest === plan.entry.digest) return undefined;
  return `with the labels and annotations of this run the digest is ${plan.entry.digest}; the lock has ${locked.digest} and is unchanged`;
}

function bundleResult(run: Run, progress: Progress): BundleResult {
  const { spec } = progress.declared;
  const { workflow } = spec;
  const { local, firstVerdict, answer, decision, applied, warnings, requests, error } = progress;
  const verdict = answer?.verdict;
  const plan = applied && decision?.plan;
  return {
    name: spec.name,
    verdict: verdict?.name ?? null,
    firstVerdict: firstVerdict === verdict?.name ? null : (firstVerdict ?? null),
    outcome: applied?.outcome ?? (run.mode === 'check' ? 'planned' : 'failed'),
    plan: applied ? applied.plan : run.mode === 'check' ? 'fail' : null,
    changes: changesOf(applied, plan),
    reference: formatReference(spec.reference),
    pinned: plan?.pinned ?? null,
    digest: plan?.entry.digest ?? null,
    built: local?.built.digest ?? null,
    configDigest: local?.built.configDigest ?? null,
    visibility: applied?.visibility ?? null,
    requests,
    reason: reasonOf(progress),
    differences: verdict && 'differences' in verdict ? verdict.differences : [],
    replaced: applied?.replaced ?? null,
    served: applied?.served ?? null,
    signature: progress.signature ?? null,
    schema: plan?.schema ? { path: plan.schema.path, contentHash: plan.schema.contentHash } : null,
    workflow: workflow
      ? { name: workflow.id, version: workflow.version, workflowId: null, action: 'none' }
      : null,
    warnings,
    error: error === undefined ? null : reportedError(error),
  };
}

function changesOf(applied: Applied | undefined, plan: RecordPlan | undefined): readonly Change[] {
  if (!applied || !plan) return [];
  return applied.publishes ? ['publish', ...plan.changes] : plan.changes;
}

/** Of a failure, what its error states; what was published needs none. */
function reasonOf({ answer, decision, applied, error }: Progress): string | null {
  if (applied) return applied.outcome === 'published' ? null : (decision?.reason ?? null);
  const reason = error === undefined ? undefined : reportedError(error).details.reason;
  if (typeof reason === 'string') return reason;
  return decision?.reason ?? verdictReason(answer?.verdict);
}

/** Nothing is recorded of a bundle that failed. */
function recordedOf({ applied, decision }: Progress): Recorded {
  const plan = applied && decision?.plan;
  return { entry: plan?.entry, files: plan?.files ?? [], schema: plan?.schema };
}
