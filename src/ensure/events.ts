import type { BundlesError } from '../errors.js';
import type { VerdictName } from '../publish/verdict.js';
import type { Outcome } from './result.js';

/** An event of a run, for progress displays and logs. */
export type EnsureEvent =
  | { readonly type: 'started'; readonly bundles: readonly string[] }
  | { readonly type: 'built'; readonly bundle: string; readonly digest: string; readonly objects: number }
  | {
      readonly type: 'verdict';
      readonly bundle: string;
      readonly verdict: VerdictName;
      readonly reason: string | null;
    }
  | { readonly type: 'publishing'; readonly bundle: string; readonly reference: string }
  | { readonly type: 'warning'; readonly bundle: string; readonly message: string }
  | {
      readonly type: 'registered';
      readonly bundle: string;
      readonly workflow: string;
      readonly action: 'created' | 'unchanged';
    }
  | {
      readonly type: 'finished';
      readonly bundle: string;
      readonly outcome: Outcome;
      readonly reason: string | null;
    }
  /** At the end: events of the audit trail that the catalog will never take, and its own words about the first. */
  | { readonly type: 'audit-refused'; readonly events: number; readonly error: BundlesError | undefined }
  /** At the end: events of the audit trail that the next run will send, and why, as far as it is known. */
  | { readonly type: 'audit-waiting'; readonly events: number; readonly error: BundlesError | undefined };

/** Receives the events of a run as they happen. */
export type OnEvent = (event: EnsureEvent) => void;
