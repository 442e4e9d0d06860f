import type { Limiter } from '../async/limiter.js';
import type { CallOptions } from '../content/store.js';
import type { BundlesError } from '../errors.js';
import type { Reference } from '../oci/reference.js';
import type { RegistryRepository } from '../registry/repository.js';
import { failureOf } from './failure.js';
import { type Action, decide, type Policy } from './policy.js';
import { type PublishRequest, publish } from './publish.js';
import { askVerdict, type BundleAtHand, type Verdict, type VerdictName } from './verdict.js';

/** How the question about one bundle ended, before anything is recorded. */
export interface Decision {
  readonly action: DecisionAction;
  readonly verdict: Verdict | undefined;
  readonly firstVerdict: VerdictName | null;
  /** Why it fell back or failed. */
  readonly reason: string | null;
}

export type DecisionAction =
  | { readonly do: 'reuse' | 'reuse-remote' | 'published' }
  | { readonly do: 'would-publish' }
  | { readonly do: 'fallback' }
  | { readonly do: 'fail'; readonly error: BundlesError };

export interface DecisionRequest {
  readonly ours: BundleAtHand;
  readonly reference: Reference & { readonly tag: string };
  readonly repository: RegistryRepository;
  readonly policy: Policy;
  readonly named: boolean;
  /** Nothing says that the tag was ever there. Default false. */
  readonly likelyAbsent?: boolean;
  /** Decide only: nothing is pushed and no right to push is asked for. */
  readonly dryRun: boolean;
  /** Called with every action before it is done; what it throws is the bundle's failure. */
  readonly beforeAct?: (verdict: Verdict, action: Action) => Promise<void>;
  /** Bounds how many push at once; without it nothing does. */
  readonly pushing?: Limiter;
  /** Stands between the first question and its answer. */
  readonly firstAnswer?: (answer: Promise<Verdict>) => Promise<Verdict>;
  readonly onVerdict?: (verdict: Verdict) => void;
  readonly onPublish?: () => void;
}

/** A tag that changes more often than this within one run is fought over by others. */
const maxRounds = 4;

/** Asks, decides and publishes until one bundle is settled. Falling back is the caller's. */
export async function settle(request: DecisionRequest, options: CallOptions = {}): Promise<Decision> {
  const { ours, reference, policy, named, likelyAbsent = false } = request;
  const ask = (repository: RegistryRepository) =>
    askVerdict(repository, { ours, tag: reference.tag }, { likelyAbsent, ...options });
  const push = (publishing: PublishRequest) => {
    const task = () => {
      request.onPublish?.();
      return publish(publishing, options);
    };
    return request.pushing ? request.pushing.run(task, options.signal) : task();
  };
  let repository = request.repository;
  const asked = ask(repository);
  let verdict = await (request.firstAnswer ? request.firstAnswer(asked) : asked);
  const first = verdict.name;
  let askedToPush = false;
  for (let round = 1; ; round++) {
    request.onVerdict?.(verdict);
    const reason = reasonOf(verdict);
    const action = decide(
      { verdict: verdict.name, reason, access: repository.access(), named, askedToPush },
      policy,
    );
    const settled = (by: DecisionAction, why = reason): Decision => ({
      action: by,
      verdict,
      firstVerdict: first === verdict.name ? null : first,
      reason: why,
    });
    const failed = (error: BundlesError) => settled({ do: 'fail', error });
    if (action.do === 'fail') return failed(failureOf(reference, verdict, action.because));
    if (action.do !== 'ask-to-push') await request.beforeAct?.(verdict, action);
    if (action.do === 'fallback') return settled(action, action.reason);
    if (action.do === 'reuse' || action.do === 'reuse-remote') return settled(action);
    if (request.dryRun) return settled({ do: 'would-publish' });
    if (round > maxRounds) return failed(failureOf(reference, verdict, 'verdict'));
    repository = repository.forPush();
    if (action.do === 'ask-to-push') {
      askedToPush = true;
      verdict = await ask(repository);
      continue;
    }
    const pushed = await push({ repository, ours, tag: reference.tag, expected: verdict });
    if (pushed.do === 'published') return settled({ do: 'published' }, null);
    if (pushed.do === 'failed') return failed(pushed.error);
    if (pushed.do === 'incomplete') {
      return policy.fallback ? settled({ do: 'fallback' }, 'push-incomplete') : failed(pushed.error);
    }
    verdict = pushed.verdict;
  }
}

function reasonOf(verdict: Verdict): string | null {
  return 'error' in verdict ? verdict.reason : null;
}
