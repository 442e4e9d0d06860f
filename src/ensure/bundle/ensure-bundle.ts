import type { CallOptions } from '../../content/store.js';
import { formatReference } from '../../oci/reference.js';
import { failureOf } from '../../publish/failure.js';
import { reportedError } from '../../publish/reported-error.js';
import { type VerdictName, verdictReason } from '../../publish/verdict.js';
import type { BundleResult, Change } from '../result.js';
import type { Run } from '../run.js';
import { type Applied, applyDecision } from './apply-decision.js';
import { type Answer, askRegistry, type Decision, decideBundle } from './decide-bundle.js';
import { type LocalBundle, StaleBuild } from './local-bundle.js';
import { buildDeclared, type DeclaredBundle, type PreparedBundle, prepareBundle } from './prepare-bundle.js';
import type { Recorded, RecordPlan } from './record-plan.js';
import { retagWarning } from './retag-warning.js';

/** What one bundle came to, and what the committed files are to say about it. */
export interface BundleReport extends Recorded {
  readonly result: BundleResult;
}

/** How far a bundle has come; what a later step lacks is not there. */
interface Progress {
  local?: LocalBundle;
  firstVerdict?: VerdictName | undefined;
  answer?: Answer | undefined;
  decision?: Decision;
  applied?: Applied;
  error?: unknown;
}

/** A tag that changes more often than this within one run is contested by other clients. */
const maxRounds = 4;

/** Makes sure of one bundle: build, prepare, ask, decide, apply. A failure is a result; only an abort rejects. */
export async function ensureBundle(
  run: Run,
  declared: DeclaredBundle,
  options: CallOptions = {},
): Promise<BundleReport> {
  const { spec, locked } = declared;
  const progress: Progress = {};
  let requests = 0;
  const countRequest = () => void requests++;
  const warnings: string[] = [];
  const warn = (messages: readonly string[]) => {
    warnings.push(...messages);
    for (const message of messages) run.onEvent({ type: 'warning', bundle: spec.name, message });
  };
  try {
    const local = await buildDeclared(run, declared, countRequest, options);
    progress.local = local;
    warn(local.warnings);
    const { digest, objects } = local.built;
    run.onEvent({ type: 'built', bundle: spec.name, digest, objects: objects.length });
    const prepared = await prepareBundle(run, local, locked);
    warn(schemaWarnings(prepared));
    const repository = run.registries?.registry.repository(spec.reference, { onRequest: countRequest });
    let answer = repository && (await askRegistry(run, prepared, repository, options));
    progress.firstVerdict = answer?.verdict.name;
    for (let round = 1; progress.applied === undefined; round++) {
      progress.answer = answer;
      if (answer) tellVerdict(run, spec.name, answer);
      const decision = await decideBundle(run, prepared, answer, options);
      progress.decision = decision;
      if (answer && round > maxRounds && asksOrPushes(decision))
        throw failureOf(spec.reference, answer, 'verdict', spec.name);
      const applied = await applyDecision(run, prepared, decision, countRequest, options);
      if ('verdict' in applied) answer = applied;
      else progress.applied = applied;
    }
    const retag =
      progress.decision && (await retagWarning(local, progress.decision, answer?.repository, options));
    if (retag !== undefined) warn([retag]);
    warn(progress.applied.warnings);
  } catch (error) {
    options.signal?.throwIfAborted();
    // The cache remembered the sources wrongly: they are built.
    if (error instanceof StaleBuild) return ensureBundle({ ...run, cache: undefined }, declared, options);
    progress.error = error;
  }
  const result = bundleResult(run, declared, progress, { warnings, requests });
  run.onEvent({ type: 'finished', bundle: spec.name, outcome: result.outcome, reason: result.reason });
  return { result, ...recordedOf(progress) };
}

function asksOrPushes({ action }: Decision): boolean {
  return action.do === 'publish' || action.do === 'ask-to-push';
}

function tellVerdict(run: Run, bundle: string, { verdict }: Answer): void {
  run.onEvent({ type: 'verdict', bundle, verdict: verdict.name, reason: verdictReason(verdict) });
}

function schemaWarnings({ draft }: PreparedBundle): string[] {
  return (draft.schema?.warnings ?? []).map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

function bundleResult(
  run: Run,
  { spec }: DeclaredBundle,
  progress: Progress,
  { warnings, requests }: Pick<BundleResult, 'warnings' | 'requests'>,
): BundleResult {
  const { workflow } = spec;
  const { local, firstVerdict, answer, decision, applied, error } = progress;
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

/** Of a failure, what its error says; what was published needs none. */
function reasonOf({ answer, decision, applied, error }: Progress): string | null {
  if (applied) return applied.outcome === 'published' ? null : (decision?.reason ?? null);
  const said = error === undefined ? undefined : reportedError(error).details.reason;
  if (typeof said === 'string') return said;
  return decision?.reason ?? verdictReason(answer?.verdict);
}

/** Nothing is recorded of a bundle that failed. */
function recordedOf({ applied, decision }: Progress): Recorded {
  const plan = applied && decision?.plan;
  return { entry: plan?.entry, files: plan?.files ?? [], schema: plan?.schema };
}
