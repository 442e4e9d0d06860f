import { readContent } from '../../content/read-content.js';
import type { CallOptions } from '../../content/store.js';
import type { Content } from '../../oci/image.js';
import { moveTags } from '../../publish/moving-tags.js';
import { mayPush } from '../../publish/policy.js';
import type { Decision, DecisionAction } from '../../publish/settle.js';
import { visibilityOf } from '../../publish/visibility.js';
import type { BundleResult, Change, Outcome } from '../result.js';
import type { Run } from '../run.js';
import { type BundleTask, planFor } from './bundle-task.js';
import type { Recorded, RecordPlan } from './record-plan.js';
import { intentOf } from './settle-bundle.js';

/**
 * Does what is left after a bundle was settled: fall back, put the moving tags, learn who can see it. Gives what the
 * committed files are to say. Under `check` nothing is done and the plan is told.
 */
export async function applyDecision(
  run: Run,
  { task, settlement }: { readonly task: BundleTask; readonly settlement: Decision },
  options: CallOptions = {},
): Promise<Recorded> {
  const { action, verdict } = settlement;
  if (action.do === 'fail') throw action.error;
  const plan = await planFor(task, { verdict, intent: intentOf(action.do) }, options);
  const { candidate, notes } = task;
  notes.learn({
    pinned: plan.pinned,
    digest: plan.entry.digest,
    schema: plan.schema ? { path: plan.schema.path, contentHash: plan.schema.contentHash } : null,
    ...outcomeFacts(run, action),
  });
  warnOfRetag(task, plan);
  const moved = action.do === 'fallback' ? [] : await putMovingTags(run, { task, plan }, options);
  const publishes = moved.length > 0 || intentOf(action.do) === 'publish';
  notes.learn({ changes: [...(publishes ? publishChange : []), ...plan.changes] });
  if (action.do === 'fallback' && run.mode === 'ensure' && run.fallback) {
    const { spec } = candidate;
    const { moving } = run.project;
    const { name, reference } = spec;
    notes.learn({
      served: await run.fallback.put({ name, reference, moving, image: candidate.bundle().image }, options),
    });
  }
  if (action.do !== 'fallback' && action.do !== 'would-publish') {
    notes.learn({ served: { reference: plan.pinned, clusterReference: null, layout: null, live: true } });
    await learnVisibility(run, { task, action }, options);
  }
  return { entry: plan.entry, files: plan.files, schema: plan.schema };
}

const publishChange: readonly Change[] = ['publish'];

function outcomeFacts({ mode }: Run, action: DecisionAction): Partial<BundleResult> {
  if (action.do === 'would-publish') return { outcome: 'planned', plan: 'publish' };
  if (action.do === 'fallback' && mode === 'check') return { outcome: 'planned', plan: 'fallback' };
  const outcome: Outcome = action.do === 'published' || action.do === 'fallback' ? action.do : 'reused';
  return { outcome };
}

function warnOfRetag({ candidate: { previous }, notes }: BundleTask, { entry }: RecordPlan): void {
  if (!previous || previous.digest === entry.digest) return;
  notes.warn(
    `the tag went from ${previous.digest} to ${entry.digest}, both of the same content: consumers of the first still find it only by digest`,
  );
}

async function putMovingTags(
  run: Run,
  { task, plan }: { readonly task: BundleTask; readonly plan: RecordPlan },
  options: CallOptions,
): Promise<readonly string[]> {
  const { moving } = run.project;
  const { repository, notes } = task;
  if (moving.length === 0 || !repository) return [];
  const manifest = await servedManifest(task, plan, options);
  const { moved, warnings } = await moveTags(
    {
      repository,
      manifest,
      tags: moving,
      mayPush: mayPush(run.policy, repository.access()),
      dryRun: run.mode === 'check',
    },
    options,
  );
  for (const warning of warnings) notes.warn(warning);
  return moved;
}

async function servedManifest(
  { candidate, repository }: BundleTask,
  plan: RecordPlan,
  options: CallOptions,
): Promise<Content> {
  if (!repository || candidate.digest === plan.entry.digest) return candidate.bundle().image.manifest;
  const descriptor = await repository.resolve(plan.entry.digest, options);
  return { descriptor, bytes: await readContent(repository, descriptor, options) };
}

async function learnVisibility(
  run: Run,
  { task, action }: { readonly task: BundleTask; readonly action: DecisionAction },
  options: CallOptions,
): Promise<void> {
  const { repository, notes, candidate } = task;
  if (!repository || !run.registries) return;
  const { reference } = candidate.spec;
  if (repository.access().credential === undefined) return notes.learn({ visibility: 'public' });
  if (action.do !== 'published') return;
  const anonymous = run.registries.anonymous.repository(reference, { onRequest: notes.countRequest });
  const visibility = await visibilityOf(anonymous, reference.tag, options);
  notes.learn({ visibility });
  if (visibility === 'private') {
    notes.warn(
      'published, but private: make the repository public, or give every cluster that pulls it a pull secret',
    );
  }
}
