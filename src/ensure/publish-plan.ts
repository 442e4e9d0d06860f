import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import { formatReference } from '../oci/reference.js';
import { verdictDigest } from '../publish/verdict.js';
import { lookAtMovingTags } from './bundle/apply-decision.js';
import type { DecidedBundle } from './bundle/ensure-bundle.js';
import type { Run } from './run.js';

/** What a run is about to change on a registry for one bundle. */
export interface PublishPlan {
  readonly bundle: string;
  /** Canonical, with its tag. */
  readonly reference: string;
  readonly digest: Digest;
  /** The digest that the tag is taken from; null where it names nothing yet, as far as the registry states. */
  readonly replaces: Digest | null;
  /** Moving tags that are put afterwards, or alone where the bundle is on its registry already. */
  readonly moving: readonly string[];
  /** False where only moving tags are put. */
  readonly uploads: boolean;
  /** Sources that the last commit does not hold as they are. */
  readonly uncommitted: readonly string[];
}

/**
 * What carrying out the decision would change on the registry; undefined where it changes nothing there. Only moving tags
 * are queried, and what they hold stays with the decision, so that nothing is queried twice.
 */
export async function planPublish(
  run: Run,
  decided: DecidedBundle,
  options: CallOptions = {},
): Promise<PublishPlan | undefined> {
  const { prepared, decision } = decided;
  if (!prepared || !decision?.plan || !decision.answer) return undefined;
  const { action, plan, answer } = decision;
  const { name, reference } = prepared.local.spec;
  const base = { bundle: name, reference: formatReference(reference), digest: plan.entry.digest };
  if (action.do === 'publish' || action.do === 'ask-to-push') {
    const replaces = verdictDigest(answer.verdict) ?? null;
    return { ...base, replaces, moving: run.project.moving, uploads: true, uncommitted: [] };
  }
  if (run.project.moving.length === 0) return undefined;
  const moving = await lookAtMovingTags(run, prepared, decision, options);
  if (moving.moved.length > 0)
    return { ...base, replaces: null, moving: moving.moved, uploads: false, uncommitted: [] };
  decided.decision = { ...decision, moving };
  return undefined;
}
