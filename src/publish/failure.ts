import { BundlesError } from '../errors.js';
import { formatReference, type Reference } from '../oci/reference.js';
import type { FailureCause } from './policy.js';
import type { Verdict } from './verdict.js';

/** What a bundle failed on: the registry's verdict, and the error of a push that broke half-way. */
export interface FailedAnswer {
  readonly verdict: Verdict;
  readonly incomplete: BundlesError | undefined;
}

/** The error of a bundle that a verdict, the lack of a right to push or a broken push makes fail. */
export function failureOf(
  reference: Reference,
  answer: FailedAnswer | undefined,
  because: FailureCause = 'verdict',
  name?: string,
): BundlesError {
  const subject = JSON.stringify(formatReference(reference));
  const verdict = answer?.verdict;
  if (because === 'push-incomplete' && answer?.incomplete) return answer.incomplete;
  if (because === 'may-not-push' || because === 'declined') return mayNotPush(subject, verdict, because);
  if (verdict?.name === 'different') return differs(subject, verdict, name);
  if (verdict && 'error' in verdict) return verdict.error;
  return new BundlesError(
    'NO_FALLBACK',
    `Cannot ensure ${subject}: no registry was contacted and no fallback is allowed`,
    {
      hint: 'Leave out --offline, or allow a fallback',
    },
  );
}

function mayNotPush(
  subject: string,
  verdict: Verdict | undefined,
  because: 'may-not-push' | 'declined',
): BundlesError {
  const state = verdict?.name ?? 'absent';
  if (because === 'declined') {
    return new BundlesError(
      'PUSH_NOT_ALLOWED',
      `Cannot publish ${subject}: it is ${state}, and you answered no to the question whether to publish it`,
      { hint: 'Answer with yes, or allow a fallback', details: { verdict: state, declined: true } },
    );
  }
  return new BundlesError(
    'PUSH_NOT_ALLOWED',
    `Cannot publish ${subject}: it is ${state}, and pushing is not allowed`,
    {
      hint: 'Allow publishing (publish: auto, or publish: ci with --push, and no --no-push), log in to the registry, or allow a fallback',
      details: { verdict: state },
    },
  );
}

function differs(
  subject: string,
  { digest, differences }: Extract<Verdict, { name: 'different' }>,
  name: string | undefined,
): BundlesError {
  const what = differences.length > 0 ? ` (${differences.slice(0, 3).join('; ')})` : '';
  return new BundlesError(
    'TAG_DIFFERS',
    `Cannot ensure ${subject}: the tag holds other content, ${digest}${what}`,
    {
      hint: `Raise the tag${name === undefined ? '' : `: npx tekton-bundles bump ${name}`}, or choose --on-different fallback | reuse | overwrite`,
      details: { digest, differences },
    },
  );
}
