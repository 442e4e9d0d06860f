import type { ReportedError } from '../publish/reported-error.js';
import type { VerdictName } from '../publish/verdict.js';

/** The result of `images ensure`: the document that `--output json` prints. */
export interface ImagesResult {
  readonly version: 1;
  readonly images: readonly ImageResult[];
  readonly summary: {
    readonly reused: number;
    readonly built: number;
    readonly failed: number;
    readonly durationMs: number;
  } | null;
  readonly error: ReportedError | null;
}

/** Every key is always there, null where it does not apply. */
export interface ImageResult {
  readonly name: string;
  /** What it is built from; 64 hexadecimal digits. Null where that is unknown. */
  readonly key: string | null;
  /** `reused`: the registry or the store of the engine has it. */
  readonly outcome: 'reused' | 'built' | 'failed';
  /** Where a reused one is. */
  readonly from: 'registry' | 'store' | null;
  /** What the registry reports about the tag of the key; null if no registry was queried. */
  readonly verdict: VerdictName | null;
  readonly reason: string | null;
  /** `repository:key-…`, whatever is declared. */
  readonly reference: string | null;
  /** As declared, where it has a tag. */
  readonly tagged: string | null;
  /** Of the manifest in the registry. */
  readonly digest: string | null;
  /** In the store of the engine. */
  readonly id: string | null;
  readonly engine: string | null;
  readonly pushed: boolean;
  /** kind clusters that have it now. */
  readonly loaded: readonly string[];
  /** The archive that was written. */
  readonly exported: string | null;
  /** What a Pod has to name to get exactly this image. */
  readonly use: { readonly reference: string; readonly imagePullPolicy: 'IfNotPresent' | 'Never' } | null;
  /** How often the engine was asked to build it. */
  readonly attempts: number;
  /** How often a command of the engine was run again, because the engine had failed temporarily. */
  readonly recoveries: number;
  /** Time in the queue for a build slot. */
  readonly queuedMs: number;
  /** Time that the build took, all attempts included. */
  readonly buildMs: number;
  readonly durationMs: number;
  /** All output of the build. */
  readonly log: string | null;
  readonly warnings: readonly string[];
  readonly error: ReportedError | null;
}
