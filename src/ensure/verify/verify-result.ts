import type { ReportedError } from '../../publish/reported-error.js';

/** The result of `verify`: the document that `--output json` prints. */
export interface VerifyResult {
  readonly version: 1;
  /** In the order of their names. */
  readonly bundles: readonly VerifiedBundle[];
  /** Those of `workflows:`, in the order of their names. */
  readonly workflows: readonly VerifiedBundle[];
  /** Names in the lock that the project does not declare. */
  readonly undeclared: readonly string[];
  readonly summary: VerifySummary;
  readonly error: ReportedError | null;
}

/** A bundle, or a workflow that is declared by itself. */
export interface VerifiedBundle {
  readonly name: string;
  readonly reference: string;
  /** What the lock pins; null if it has no such bundle. */
  readonly digest: string | null;
  /** `drift` where at least one link has drifted; `unknown` if none has and one could not be checked. */
  readonly state: 'ok' | 'drift' | 'unknown' | 'failed';
  /** In the order of the chain. */
  readonly links: readonly VerifiedLink[];
  readonly requests: number;
  /** What kept the chain from being followed, e.g. sources that cannot be read. */
  readonly error: ReportedError | null;
}

/** What was found at one link. */
export interface VerifiedLink extends LinkFinding {
  readonly link: LinkName;
}

/** The links of the chain from sources to catalog. */
export type LinkName = 'lock' | 'sources' | 'registry' | 'moving' | 'blobs' | 'images' | 'schema' | 'catalog';

/** What was found where two things have to agree. */
export interface LinkFinding {
  readonly state: 'ok' | 'drift' | 'unknown' | 'skipped';
  /** Why, in one stable word; null for `ok`. */
  readonly reason: string | null;
  readonly expected: string | null;
  readonly found: string | null;
  /** Texts: what differs in detail. */
  readonly differences: readonly string[];
}

/** The number of bundles and workflows by state, of requests, and the time in milliseconds. */
export interface VerifySummary {
  readonly ok: number;
  readonly drift: number;
  readonly unknown: number;
  readonly failed: number;
  readonly requests: number;
  readonly durationMs: number;
}

export function isOk(expected: string | null = null): LinkFinding {
  return { state: 'ok', reason: null, expected, found: expected, differences: [] };
}

export interface Deviation {
  readonly expected?: string | null;
  readonly found?: string | null;
  readonly differences?: readonly string[];
}

export function deviates(
  state: 'drift' | 'unknown' | 'skipped',
  reason: string,
  { expected = null, found = null, differences = [] }: Deviation = {},
): LinkFinding {
  return { state, reason, expected, found, differences };
}
