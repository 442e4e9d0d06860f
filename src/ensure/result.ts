import type { Served } from '../publish/fallback-target.js';
import type { LeftDigest } from '../publish/left-digest.js';
import type { ReportedError } from '../publish/reported-error.js';
import type { VerdictName } from '../publish/verdict.js';
import type { RecordedSchema, RegisteredWorkflow, WorkflowResult } from './workflows/workflow-result.js';

/**
 * The result of `ensure` and `check`: the document that `--output json` prints. Every key is always there, null
 * where it does not apply.
 */
export interface EnsureResult {
  readonly version: 1;
  readonly bundles: readonly BundleResult[];
  /** Those of `workflows:`, in the order of their names; a bundle's own is part of its result. */
  readonly workflows: readonly WorkflowResult[];
  readonly summary: Summary;
  /** Of a run over one shard: the part of the lock that it wrote. Null for other runs, and where it was not written. */
  readonly part: PartResult | null;
  readonly error: ReportedError | null;
}

/** A part of a lock. */
export interface PartResult {
  /** From 1 to `of`. */
  readonly shard: number;
  readonly of: number;
  /** As `lock merge` takes it: a path, or `oci:` and a reference with its digest. */
  readonly location: string;
  /** Of the file, or of the artifact's manifest. */
  readonly digest: string;
  /** How many bundles it has. */
  readonly entries: number;
}

/** How a run ended for a bundle; `planned` with `mode: check` alone. */
export type Outcome = 'reused' | 'published' | 'fallback' | 'failed' | 'planned';
/** What `ensure` would do, as `check` reports it. */
export type Plan = 'publish' | 'fallback' | 'fail';
/** What a run changes, or would change, for a bundle. */
export type Change = 'publish' | 'lock' | 'schema' | 'catalog';

/** The result of one bundle. Every key is always present, null where it does not apply. */
export interface BundleResult {
  readonly name: string;
  /** Null before the registry was queried, as with `--offline`. */
  readonly verdict: VerdictName | null;
  /** The first verdict, where a later response of the same run changed it. */
  readonly firstVerdict: VerdictName | null;
  readonly outcome: Outcome;
  readonly plan: Plan | null;
  /** What `ensure` changed, or what it would change for `check`. */
  readonly changes: readonly Change[];
  /** Canonical, as declared; never where a fallback serves it. */
  readonly reference: string;
  readonly pinned: string | null;
  /** What is served and pinned. */
  readonly digest: string | null;
  /** What our sources give. */
  readonly built: string | null;
  readonly configDigest: string | null;
  readonly visibility: 'public' | 'private' | 'unknown' | null;
  readonly requests: number;
  readonly reason: string | null;
  /** What differs where the tag holds other bytes. */
  readonly differences: readonly string[];
  /** The digest that the tag named before, and what became of it. */
  readonly replaced: LeftDigest | null;
  readonly served: Served | null;
  /** Null if the run does not sign, and for a failed bundle. */
  readonly signature: BundleSignature | null;
  readonly schema: RecordedSchema | null;
  readonly workflow: RegisteredWorkflow | null;
  readonly warnings: readonly string[];
  readonly error: ReportedError | null;
}

/** What became of a bundle's signature. */
export interface BundleSignature {
  /** `held`: by this signer before; `skipped`: a fallback is not signed, nor is anything without a key in a fork's pull request. */
  readonly action: 'signed' | 'held' | 'skipped' | 'failed';
  /** The forms that were written. */
  readonly written: readonly ('referrer' | 'tag')[];
  /** Fingerprint of the public key; null without one. */
  readonly key: string | null;
  /** Whom the certificate names, of a signature without a key. */
  readonly identity: { readonly identity: string; readonly issuer: string } | null;
  readonly error: ReportedError | null;
}

/** The number of bundles by outcome, of requests, and the time in milliseconds. */
export interface Summary {
  readonly reused: number;
  readonly published: number;
  readonly fallback: number;
  readonly failed: number;
  readonly planned: number;
  readonly requests: number;
  readonly durationMs: number;
}

/** Counts the outcomes of bundles, and all requests. */
export function summarize(
  { bundles, workflows }: Pick<EnsureResult, 'bundles' | 'workflows'>,
  durationMs: number,
): Summary {
  const count = (outcome: Outcome) => bundles.filter((bundle) => bundle.outcome === outcome).length;
  return {
    reused: count('reused'),
    published: count('published'),
    fallback: count('fallback'),
    failed: count('failed'),
    planned: count('planned'),
    requests: [...bundles, ...workflows].reduce((sum, { requests }) => sum + requests, 0),
    durationMs: Math.round(durationMs),
  };
}
