import type { WorkflowResult } from '../ensure/workflows/workflow-result.js';
import type { ReportedError } from '../publish/reported-error.js';

/** The result of `pin`: the document that `--output json` prints. */
export interface PinResult {
  readonly version: 1;
  /** In the order of their names. */
  readonly bundles: readonly PinnedBundleResult[];
  /** Those of `workflows:`, in the order of their names. */
  readonly workflows: readonly WorkflowResult[];
  readonly summary: PinSummary;
  /** Where nothing could be recorded. */
  readonly error: ReportedError | null;
}

export interface PinnedBundleResult {
  readonly name: string;
  /** Where its images are pinned: in the source files, or (`pin: true`) in the built bundle alone. */
  readonly mode: 'sources' | 'bundle';
  /** In the order of the sources, each once. */
  readonly images: readonly PinnedImage[];
  /** Source files that were changed, or would be; relative to the project. */
  readonly files: readonly string[];
  /** What was written, or would be. */
  readonly changes: readonly ('sources' | 'lock' | 'schema')[];
  /** The bundle's reference with the digest that it has now; null after a failure and where sources would change. */
  readonly pinned: string | null;
  /** Then nothing of this bundle was changed. */
  readonly error: ReportedError | null;
}

export interface PinnedImage {
  /** As the sources name it, without a digest. */
  readonly image: string;
  readonly action: 'pinned' | 'updated' | 'unchanged' | 'left';
  /** Why it was left: `parameter`, `no-tag` (a digest alone), `invalid`, `not-plain` (block text or a shared anchor). */
  readonly reason: 'parameter' | 'no-tag' | 'invalid' | 'not-plain' | null;
  readonly digest: string | null;
  /** What it was pinned to before. */
  readonly previous: string | null;
  readonly places: readonly { readonly file: string; readonly line: number; readonly column: number }[];
}

export interface PinSummary {
  readonly pinned: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly left: number;
  readonly failed: number;
  readonly requests: number;
}

/** Counts images by what was done, and bundles that failed. */
export function summarizePins(bundles: readonly PinnedBundleResult[], requests: number): PinSummary {
  const images = bundles.flatMap((bundle) => bundle.images);
  const count = (wanted: PinnedImage['action']) => images.filter(({ action }) => action === wanted).length;
  return {
    pinned: count('pinned'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    left: count('left'),
    failed: bundles.filter(({ error }) => error !== null).length,
    requests,
  };
}
