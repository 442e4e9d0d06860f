import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { formatReference } from '../../oci/reference.js';
import { failureOf } from '../../publish/failure.js';
import { type Decision, settle } from '../../publish/settle.js';
import type { Verdict } from '../../publish/verdict.js';
import type { ActiveRun, Run } from '../run.js';
import { type BundleTask, planFor } from './bundle-task.js';
import type { PinSituation } from './next-entry.js';
import { whileSilent } from './while-silent.js';

/** Settles one bundle within a run: with its events, offline without a question, frozen before anything is done. */
export async function decideBundle(
  run: ActiveRun,
  task: BundleTask,
  options: CallOptions = {},
): Promise<Decision> {
  const { candidate, repository, notes } = task;
  const { spec } = candidate;
  if (!repository) return settleOffline(run, task, options);
  const settlement = await settle(
    {
      ours: candidate,
      reference: spec.reference,
      repository,
      policy: run.policy,
      named: run.names.includes(spec.name),
      likelyAbsent: task.locked?.reference !== formatReference(spec.reference),
      dryRun: run.mode === 'check',
      pushing: run.pushing,
      firstAnswer: (answer) =>
        whileSilent(answer, { clock: run.clock, meanwhile: () => prepareFallback(run, task) }),
      onVerdict: (verdict) => {
        const reason = 'reason' in verdict ? verdict.reason : null;
        notes.learn({ verdict: verdict.name, reason, ...differencesOf(verdict) });
        run.onEvent({ type: 'verdict', bundle: spec.name, verdict: verdict.name, reason });
      },
      onPublish: () =>
        run.onEvent({ type: 'publishing', bundle: spec.name, reference: formatReference(spec.reference) }),
      beforeAct: (verdict, action) =>
        refuseFrozen(run, { task, verdict, intent: intentOf(action.do) }, options),
    },
    options,
  );
  notes.learn({ firstVerdict: settlement.firstVerdict, reason: settlement.reason });
  return settlement;
}

/** What an action means for the lock. */
export function intentOf(action: string): PinSituation['intent'] {
  if (action === 'reuse-remote') return action;
  return action === 'publish' || action === 'published' || action === 'would-publish' ? 'publish' : 'other';
}

/** Then giving a silent registry up costs little more than the wait. */
async function prepareFallback(run: Run, { candidate }: BundleTask): Promise<void> {
  if (run.mode === 'check') return;
  const { name, reference } = candidate.spec;
  const { image } = candidate.bundle();
  await run.fallback?.prepare?.({ name, reference, image, moving: run.project.moving });
}

async function settleOffline(run: Run, task: BundleTask, options: CallOptions): Promise<Decision> {
  const settled = { verdict: undefined, firstVerdict: null, reason: 'offline' };
  task.notes.learn({ reason: 'offline' });
  if (!run.policy.fallback) {
    const error = failureOf(task.candidate.spec.reference, undefined, 'verdict');
    return { ...settled, action: { do: 'fail', error } };
  }
  await refuseFrozen(run, { task, verdict: undefined, intent: 'other' }, options);
  return { ...settled, action: { do: 'fallback' } };
}

interface FrozenQuestion {
  readonly task: BundleTask;
  readonly verdict: Verdict | undefined;
  readonly intent: PinSituation['intent'];
}

async function refuseFrozen(
  run: Run,
  { task, verdict, intent }: FrozenQuestion,
  options: CallOptions,
): Promise<void> {
  if (!run.frozen) return;
  const { changes, entry, schema } = await planFor(task, { verdict, intent }, options);
  if (changes.length === 0) return;
  const { name } = task.candidate.spec;
  throw new BundlesError(
    'FROZEN',
    `Cannot ensure ${JSON.stringify(name)} frozen: the ${changes.join(' and the ')} would change, to ${entry.digest}`,
    {
      hint: 'Run ensure without --frozen, look at what changed, and commit it',
      details: {
        changes,
        digest: entry.digest,
        locked: task.locked?.digest ?? null,
        schema: schema?.path ?? null,
      },
    },
  );
}

function differencesOf(verdict: Verdict) {
  return 'differences' in verdict ? { differences: verdict.differences } : {};
}
