import type { ReportedError } from '../publish/reported-error.js';
import type { CopiedBundle } from './copy-bundle.js';

/** The result of `promote`: the document that `--output json` prints. */
export interface PromoteResult {
  readonly version: 1;
  /** In the order of their names. */
  readonly bundles: readonly PromotedBundle[];
  readonly summary: {
    readonly promoted: number;
    readonly unchanged: number;
    readonly failed: number;
    /** Bytes that were sent. */
    readonly bytes: number;
    readonly requests: number;
  };
  readonly error: ReportedError | null;
}

export interface PromotedBundle {
  readonly name: string;
  /** `unchanged`: all that was to be there was there; also a bundle at its declared repository, without `to`. */
  readonly outcome: 'promoted' | 'unchanged' | 'failed';
  /** Where the bytes were taken from: a reference or an OCI layout directory; null where they were not looked for. */
  readonly source: string | null;
  /** With the digest. */
  readonly target: string | null;
  readonly digest: string | null;
  /** What was copied; null after a failure and where nothing was to do. */
  readonly copy: CopiedBundle | null;
  readonly requests: number;
  readonly error: ReportedError | null;
}
