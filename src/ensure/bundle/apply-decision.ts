import { readContent } from '../../content/read-content.js';
import type { CallOptions, Resolver } from '../../content/store.js';
import { isBundlesError } from '../../errors.js';
import { formatReference } from '../../oci/reference.js';
import { failureOf } from '../../publish/failure.js';
import type { Served } from '../../publish/fallback-target.js';
import type { LeftDigest } from '../../publish/left-digest.js';
import { type MovedTags, moveTags } from '../../publish/moving-tags.js';
import { mayPush } from '../../publish/policy.js';
import { publish } from '../../publish/publish.js';
import { askVerdict } from '../../publish/verdict.js';
import type { RegistryRepository } from '../../registry/repository.js';
import type { Outcome, Plan } from '../result.js';
import type { Run } from '../run.js';
import type { Answer, Decision } from './decide-bundle.js';
import { fallbackBundle } from './local-bundle.js';
import type { PreparedBundle } from './prepare-bundle.js';
import type { RecordPlan } from './record-plan.js';

type Visibility = 'public' | 'private' | 'unknown';

/** What was done about a bundle; under `check`, what would be. */
export interface Applied {
  readonly outcome: Outcome;
  /** What `check` found that `ensure` would do; null otherwise. */
  readonly plan: Plan | null;
  readonly publishes: boolean;
  readonly served: Served | null;
  /** What the tag left. */
  readonly replaced: LeftDigest | null;
  readonly visibility: Visibility | null;
  readonly warnings: readonly string[];
}

const nothing = {
  plan: null,
  publishes: false,
  served: null,
  replaced: null,
  visibility: null,
  warnings: [],
} as const;

/**
 * Does what was decided: reuses, publishes or falls back, then puts the moving tags and finds out who can pull the
 * bundle. Under `check` nothing is done. Where publishing brought a new answer, it gives that instead, to be decided on.
 *
 * @throws what made the bundle fail
 */
export async function applyDecision(
  run: Run,
  prepared: PreparedBundle,
  decision: Decision,
  options: CallOptions = {},
): Promise<Applied | Answer> {
  const { local } = prepared;
  const { answer, action, plan } = decision;
  if (action.do === 'fail') {
    const { reference, name } = local.spec;
    throw failureOf(reference, answer, action.because, name);
  }
  if (action.do === 'fallback') return fallBack(run, prepared, options);
  if (answer === undefined || plan === undefined) throw new Error(`${action.do} without an answer or a plan`);
  let replaced: LeftDigest | null = null;
  const publishes = action.do === 'publish' || action.do === 'ask-to-push';
  if (publishes && run.mode === 'ensure') {
    const next = await publishOrAsk(run, prepared, answer, action.do === 'ask-to-push', options);
    if ('verdict' in next) return next;
    replaced = next.left ?? null;
  }
  const moving = decision.moving ?? (await putMovingTags(run, prepared, answer, plan, options));
  const tagged = [...(await leftWarnings(prepared, replaced)), ...moving.warnings];
  const facts = { publishes: publishes || moving.moved.length > 0, warnings: tagged, replaced };
  if (publishes && run.mode === 'check') return { ...nothing, outcome: 'planned', plan: 'publish', ...facts };
  const outcome = publishes ? 'published' : 'reused';
  const served = { reference: plan.pinned, clusterReference: null, layout: null, live: true };
  const visibility = await findVisibility(answer, local.spec.reference.tag, outcome, options);
  const warnings = visibility === 'private' ? [...tagged, privateWarning] : tagged;
  return { ...nothing, ...facts, outcome, served, visibility, warnings };
}

const privateWarning =
  'published, but private: make the repository public, or give every cluster that pulls it a pull secret';

async function leftWarnings({ local }: PreparedBundle, left: LeftDigest | null): Promise<string[]> {
  if (left === null) return [];
  const { describeLeft } = await import('../../publish/left-digest.js');
  const { tag } = local.spec.reference;
  return [`the tag ${tag} held ${left.digest}, other content: ${describeLeft(left)}`];
}

async function fallBack(run: Run, { local }: PreparedBundle, options: CallOptions): Promise<Applied> {
  if (run.mode === 'check') return { ...nothing, outcome: 'planned', plan: 'fallback' };
  const served = run.fallback ? await run.fallback.put(fallbackBundle(run.project, local), options) : null;
  return { ...nothing, outcome: 'fallback', served };
}

/** What the tag left once our bytes are there; otherwise the answer that holds now. */
async function publishOrAsk(
  run: Run,
  { local }: PreparedBundle,
  answer: Answer,
  asksOnly: boolean,
  options: CallOptions,
): Promise<Answer | { readonly left: LeftDigest | undefined }> {
  const { reference, name } = local.spec;
  const repository = answer.repository.forPush();
  const question = { ours: local, tag: reference.tag };
  if (asksOnly) {
    // What was denied is missing as a rule, and a GET proves that at once.
    const verdict = await askVerdict(repository, question, { likelyAbsent: true, ...options });
    return { ...answer, verdict, askedToPush: true };
  }
  const pushed = await run.pushing.run(() => {
    run.onEvent({ type: 'publishing', bundle: name, reference: formatReference(reference) });
    return publish({ repository, ...question, expected: answer.verdict, keepOld: run.keepOld }, options);
  }, options.signal);
  if (pushed.do === 'published') return pushed;
  if (pushed.do === 'failed') throw pushed.error;
  if (pushed.do === 'changed') return { ...answer, verdict: pushed.verdict };
  return { ...answer, incomplete: pushed.error };
}

/** What putting the moving tags would do; nothing is done. */
export async function lookAtMovingTags(
  run: Run,
  prepared: PreparedBundle,
  { answer, plan }: Decision,
  options: CallOptions = {},
): Promise<MovedTags> {
  if (!answer || !plan) return { moved: [], warnings: [] };
  return putMovingTags({ ...run, mode: 'check' }, prepared, answer, plan, options);
}

async function putMovingTags(
  run: Run,
  prepared: PreparedBundle,
  { repository }: Answer,
  plan: RecordPlan,
  options: CallOptions,
): Promise<MovedTags> {
  const { moving: tags } = run.project;
  if (tags.length === 0) return { moved: [], warnings: [] };
  const manifest = await servedManifest(prepared, repository, plan, options);
  const allowed = mayPush(run.policy.publish, repository.access());
  const { keepOld } = run;
  const dryRun = run.mode === 'check';
  return moveTags({ repository, manifest, tags, mayPush: allowed, dryRun, keepOld }, options);
}

async function servedManifest(
  { local }: PreparedBundle,
  repository: RegistryRepository,
  { entry }: RecordPlan,
  options: CallOptions,
) {
  if (local.digest === entry.digest) return (await local.bundle()).image.manifest;
  const descriptor = await repository.resolve(entry.digest, options);
  return { descriptor, bytes: await readContent(repository, descriptor, options) };
}

async function findVisibility(
  { repository, anonymous }: Answer,
  tag: string,
  outcome: Outcome,
  options: CallOptions,
): Promise<Visibility | null> {
  if (repository.access().credential === undefined) return 'public';
  return outcome === 'published' ? visibilityOf(anonymous(), tag, options) : null;
}

/** Asks as a stranger whether the manifest can be pulled: one HEAD. */
async function visibilityOf(
  anonymous: Resolver,
  tag: string,
  options: CallOptions = {},
): Promise<Visibility> {
  try {
    await anonymous.resolve(tag, { ...options, refusalCounts: true });
    return 'public';
  } catch (error) {
    options.signal?.throwIfAborted();
    return isBundlesError(error, 'REGISTRY_DENIED') || isBundlesError(error, 'NOT_FOUND')
      ? 'private'
      : 'unknown';
  }
}
