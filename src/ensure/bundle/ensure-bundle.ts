import type { CallOptions } from '../../content/store.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec } from '../../project/project.js';
import { reportedError } from '../../publish/reported-error.js';
import { emptyResult } from '../empty-result.js';
import type { BundleResult } from '../result.js';
import type { ActiveRun, Run } from '../run.js';
import { applyDecision } from './apply-decision.js';
import { type Notes, prepareTask } from './bundle-task.js';
import { StaleBuild } from './local-bundle.js';
import type { Recorded } from './record-plan.js';
import { decideBundle } from './settle-bundle.js';

/** What one bundle came to, and what the committed files are to say about it. */
export interface BundleReport extends Recorded {
  readonly result: BundleResult;
}

/** Builds, asks, decides and acts for one bundle. A failure is a result; only an abort rejects. */
export async function ensureBundle(
  run: ActiveRun,
  { spec, locked }: { readonly spec: BundleSpec; readonly locked: LockEntry | undefined },
  options: CallOptions = {},
): Promise<BundleReport> {
  let known = emptyResult(spec);
  let requests = 0;
  const notes: Notes = {
    learn: (facts) => {
      known = { ...known, ...facts };
    },
    warn: (message) => {
      notes.learn({ warnings: [...known.warnings, message] });
      run.onEvent({ type: 'warning', bundle: spec.name, message });
    },
    countRequest: () => void requests++,
  };
  let recorded: Recorded = { entry: undefined, files: [], schema: undefined };
  try {
    const task = await prepareTask(run, { spec, locked, notes }, options);
    const settlement = await decideBundle(run, task, options);
    recorded = await applyDecision(run, { task, settlement }, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof StaleBuild) return ensureBundle(distrusting(run), { spec, locked }, options);
    notes.learn(failureFacts(run, error));
  }
  run.onEvent({ type: 'finished', bundle: spec.name, outcome: known.outcome, reason: known.reason });
  return { result: { ...known, requests }, ...recorded };
}

function failureFacts(run: Run, error: unknown): Partial<BundleResult> {
  const reported = reportedError(error);
  const { reason } = reported.details;
  const failed = { changes: [], error: reported, ...(typeof reason === 'string' ? { reason } : {}) };
  return run.mode === 'check'
    ? { outcome: 'planned', plan: 'fail', ...failed }
    : { outcome: 'failed', ...failed };
}

/** The same run, in which this bundle is built anew and remembered rightly. */
function distrusting(run: ActiveRun): ActiveRun {
  return { ...run, memory: run.memory && { ...run.memory, get: () => undefined } };
}
