import type { Clock } from '../../async/clock.js';
import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { formatReference } from '../../oci/reference.js';
import type { MovedTags } from '../../publish/moving-tags.js';
import { type Action, decide } from '../../publish/policy.js';
import { askVerdict, type Verdict, verdictReason } from '../../publish/verdict.js';
import type { RegistryRepository } from '../../registry/repository.js';
import type { Registries, Run } from '../run.js';
import { fallbackBundle } from './local-bundle.js';
import { pin } from './next-entry.js';
import type { PreparedBundle } from './prepare-bundle.js';
import { planRecord, type RecordPlan } from './record-plan.js';

/** What the registry answered about a bundle, and how far publishing it has come. */
export interface Answer {
  readonly repository: RegistryRepository;
  /** The same repository, queried without credentials. */
  anonymous(): RegistryRepository;
  readonly verdict: Verdict;
  /** It was queried with the right to push. */
  readonly askedToPush: boolean;
  /** A push broke half-way, and the tag does not hold our bytes. */
  readonly incomplete: BundlesError | undefined;
}

/** What is done about one bundle, and the resulting content of the committed files. */
export interface Decision {
  /** Undefined if the registry is not queried. */
  readonly answer: Answer | undefined;
  readonly action: Action;
  /** Undefined where the bundle fails. */
  readonly plan: RecordPlan | undefined;
  /** Why it falls back or fails. */
  readonly reason: string | null;
  /** What the moving tags hold, if that was queried before and all of them are in place. */
  readonly moving?: MovedTags;
}

/** Asks for the tag; while a registry is silent, what a fallback would need is put in place. */
export async function askRegistry(
  run: Run,
  { local, locked }: PreparedBundle,
  { registry, anonymous }: Registries,
  onRequest: () => void,
  options: CallOptions = {},
): Promise<Answer> {
  const repository = registry.repository(local.spec.reference, { onRequest });
  const { reference } = local.spec;
  // Nothing states that the tag was ever there: a GET proves its absence at once.
  const likelyAbsent = locked?.reference !== formatReference(reference);
  const asked = askVerdict(repository, { ours: local, tag: reference.tag }, { likelyAbsent, ...options });
  const prepareFallback = async () => {
    if (run.mode === 'ensure') await run.fallback?.prepare?.(fallbackBundle(run.project, local));
  };
  const verdict = await whileSilent(asked, { clock: run.clock, meanwhile: prepareFallback });
  return {
    repository,
    anonymous: () => anonymous.repository(reference, { onRequest }),
    verdict,
    askedToPush: false,
    incomplete: undefined,
  };
}

/**
 * Holds the answer against the policy and plans the record; without an answer the bundle falls back.
 *
 * @throws FROZEN where a committed file would change and none may
 */
export async function decideBundle(
  run: Run,
  prepared: PreparedBundle,
  answer: Answer | undefined,
  options: CallOptions = {},
): Promise<Decision> {
  const action = answer ? actionFor(run, prepared, answer) : withoutAnswer(run);
  const reason = 'reason' in action ? action.reason : verdictReason(answer?.verdict);
  if (action.do === 'fail') return { answer, action, plan: undefined, reason };
  const plan = await planDecision(prepared, answer, action, options);
  // The right to push is requested first: only then is it known what the tag holds.
  if (run.frozen && action.do !== 'ask-to-push') refuseChanges(prepared, plan);
  return { answer, action, plan, reason };
}

function actionFor(
  run: Run,
  { local }: PreparedBundle,
  { repository, verdict, askedToPush, incomplete }: Answer,
) {
  const situation = {
    verdict: verdict.name,
    reason: verdictReason(verdict),
    access: repository.access(),
    named: run.names.includes(local.spec.name),
    askedToPush,
    pushIncomplete: incomplete !== undefined,
  };
  return decide(situation, run.policy);
}

function withoutAnswer({ policy }: Run): Action {
  return policy.fallback ? { do: 'fallback', reason: 'offline' } : { do: 'fail', because: 'offline' };
}

async function planDecision(
  prepared: PreparedBundle,
  answer: Answer | undefined,
  action: Action,
  options: CallOptions,
): Promise<RecordPlan> {
  const { local, draft } = prepared;
  const { built, previous } = local;
  const verdict = answer?.verdict;
  const foreign =
    answer && verdict?.name === 'different' && action.do === 'reuse-remote'
      ? await (await import('./from-sources.js')).readRemoteObjects(
          answer.repository,
          verdict.digest,
          options,
        )
      : undefined;
  const remote = foreign?.locked;
  const pinned = pin({ built, previous, verdict, remote, intent: intentOf(action) });
  const { entry } = draft;
  if (!foreign && entry.digest === pinned.digest && entry.created === pinned.created) return draft;
  const { objects, images } = foreign ?? { objects: built.schemaObjects, images: built.images };
  return planRecord({ ...prepared, pinned, objects, images });
}

function intentOf(action: Action) {
  if (action.do === 'reuse-remote') return action.do;
  return action.do === 'publish' || action.do === 'ask-to-push' ? 'publish' : 'other';
}

function refuseChanges({ local, locked }: PreparedBundle, { changes, entry, schema }: RecordPlan): void {
  if (changes.length === 0) return;
  const changed = [
    ...(locked?.digest === entry.digest ? [] : [entry.digest]),
    ...(locked?.reference === entry.reference ? [] : [entry.reference]),
  ];
  const to = changed.length === 0 ? '' : `, to ${changed.at(0)}`;
  throw new BundlesError(
    'FROZEN',
    `Cannot ensure ${JSON.stringify(local.spec.name)} frozen: the ${changes.join(' and the ')} would change${to}`,
    {
      hint: 'Run ensure without --frozen, review the change, and commit it',
      details: {
        changes,
        digest: entry.digest,
        locked: locked?.digest ?? null,
        schema: schema?.path ?? null,
      },
    },
  );
}

/** A registry that has not answered for so long may never do. */
const silenceMs = 1_000;

/**
 * Waits for an answer, and does something useful meanwhile when it takes long. What that is must not matter: its
 * failure is ignored, and its end is awaited.
 */
export async function whileSilent<T>(
  answer: Promise<T>,
  { clock, meanwhile }: { readonly clock: Clock; readonly meanwhile: () => Promise<void> },
): Promise<T> {
  let busy: Promise<void> | undefined;
  const callOff = clock.alarm(silenceMs, () => {
    busy = meanwhile().catch(() => undefined);
  });
  try {
    return await answer;
  } finally {
    callOff();
    await busy;
  }
}
