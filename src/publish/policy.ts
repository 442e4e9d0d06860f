import type { PublishChoice } from '../project/project.js';
import type { VerdictName } from './verdict.js';

/** What may be done about a verdict; the same for all bundles of a run, but for `named`. */
export interface Policy {
  /** False under `publish: never` and `--no-push`: then no push scope is ever requested. */
  readonly publish: boolean;
  readonly onDifferent: OnDifferent;
  /** False under `fallback: none` and `--no-fallback`. */
  readonly fallback: boolean;
  /** Publishing was allowed, but the user declined: `publish` is then false. */
  readonly declined?: boolean;
}

export const onDifferentChoices = ['fail', 'fallback', 'reuse', 'overwrite'] as const;
/** What to do where a tag holds other content. */
export type OnDifferent = (typeof onDifferentChoices)[number];

/** What the registry revealed about our access. */
export interface Access {
  /** The registry answered with an authentication challenge at least once. */
  readonly challenged: boolean;
  /** Where the credential that we sent was found; undefined when none was. */
  readonly credential: string | undefined;
}

export type Action =
  | { readonly do: 'reuse' }
  /** Use what the tag holds although it differs from the sources. */
  | { readonly do: 'reuse-remote' }
  | { readonly do: 'publish'; readonly overwrite: boolean }
  /** Ask once more with the right to push: the second answer is the verdict. */
  | { readonly do: 'ask-to-push' }
  | { readonly do: 'fallback'; readonly reason: string }
  | { readonly do: 'fail'; readonly because: FailureCause };

/**
 * `verdict`: the verdict itself is the failure; `may-not-push`: publishing is not allowed and nothing else is;
 * `declined`: the same, because the user declined; `push-incomplete`: the push broke half-way; `offline`:
 * the registry is not asked.
 */
export type FailureCause = 'verdict' | 'may-not-push' | 'declined' | 'push-incomplete' | 'offline';

export interface Situation {
  readonly verdict: VerdictName;
  readonly reason: string | null;
  readonly access: Access;
  /** The bundle's name was on the command line. */
  readonly named: boolean;
  /** The registry has already been queried with the right to push. */
  readonly askedToPush: boolean;
  /** A push broke half-way, and the tag does not hold our bytes. */
  readonly pushIncomplete: boolean;
}

/** Verdict × policy → action. Doubt never overwrites. */
export function decide(situation: Situation, policy: Policy): Action {
  if (situation.pushIncomplete) return orFallback(policy, 'push-incomplete', 'push-incomplete');
  const pushable = mayPush(policy.publish, situation.access);
  switch (situation.verdict) {
    case 'present':
    case 'equivalent':
      return { do: 'reuse' };
    case 'absent':
      return pushable
        ? { do: 'publish', overwrite: false }
        : orFallback(policy, whyNotPush(policy), mayNotPush(policy));
    case 'denied':
      return decideDenied(situation, policy, pushable);
    case 'different':
      return decideDifferent(situation, policy, pushable);
    case 'unreachable':
      return orFallback(policy, situation.reason ?? 'unreachable', 'verdict');
  }
}

/**
 * Whether a run may publish: `push` is the caller's choice, and decides under `publish: ci` together with whether this is
 * a CI job. `publish: never` stays never.
 */
export function publishAllowed(declared: PublishChoice, push: boolean | undefined, ci: boolean): boolean {
  if (push === false || declared === 'never') return false;
  return declared === 'auto' || push === true || ci;
}

/** Publishing is allowed, and a credential was found or the registry never asked for one. */
export function mayPush(publish: boolean, access: Access): boolean {
  return publish && (access.credential !== undefined || !access.challenged);
}

function decideDenied(situation: Situation, policy: Policy, pushable: boolean): Action {
  if (situation.reason !== null && finalReasons.has(situation.reason)) return failByVerdict;
  if (situation.access.credential === undefined) return orFallback(policy, 'no-credential', 'verdict');
  if (situation.reason === 'bad-credential' || situation.askedToPush || !pushable) return failByVerdict;
  return { do: 'ask-to-push' };
}

/** The registry itself, not a right that lacks: a fallback would hide it. */
const finalReasons: ReadonlySet<string> = new Set(['policy', 'quota', 'read-only']);

function decideDifferent(situation: Situation, policy: Policy, pushable: boolean): Action {
  switch (policy.onDifferent) {
    case 'fail':
      return failByVerdict;
    case 'fallback':
      return orFallback(policy, 'different', 'verdict');
    case 'reuse':
      return { do: 'reuse-remote' };
    case 'overwrite':
      if (!situation.named) return failByVerdict;
      return pushable ? { do: 'publish', overwrite: true } : { do: 'fail', because: mayNotPush(policy) };
  }
}

function orFallback(policy: Policy, reason: string, because: FailureCause): Action {
  return policy.fallback ? { do: 'fallback', reason } : { do: 'fail', because };
}

function mayNotPush({ declined }: Policy): FailureCause {
  return declined ? 'declined' : 'may-not-push';
}

function whyNotPush(policy: Policy): string {
  if (policy.declined) return 'declined';
  return policy.publish ? 'no-credential' : 'push-not-allowed';
}

const failByVerdict: Action = { do: 'fail', because: 'verdict' };
