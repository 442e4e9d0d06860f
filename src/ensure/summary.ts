import type { BundleResult, Outcome, Summary } from './result.js';

/** Counts outcomes and requests. */
export function summarize(bundles: readonly BundleResult[], durationMs: number): Summary {
  const count = (outcome: Outcome) => bundles.filter((bundle) => bundle.outcome === outcome).length;
  return {
    reused: count('reused'),
    published: count('published'),
    fallback: count('fallback'),
    failed: count('failed'),
    planned: count('planned'),
    requests: bundles.reduce((sum, { requests }) => sum + requests, 0),
    durationMs: Math.round(durationMs),
  };
}
