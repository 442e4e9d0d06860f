import type { ReportedError } from '../../publish/reported-error.js';

/** A workflow of `workflows:` in the result of `ensure` and `check`. Every key is always there, null where it does not apply. */
export interface WorkflowResult {
  /** Its name in bundles.yaml. */
  readonly name: string;
  readonly outcome: 'recorded' | 'planned' | 'skipped' | 'failed';
  /** The bundle that it runs, by its name here. */
  readonly bundle: string | null;
  readonly engine: string | null;
  /** What it runs, without its digest: a reference with its tag, or the address of a git repository. */
  readonly reference: string | null;
  /** The same with its digest; null before it is known. */
  readonly pinned: string | null;
  /** Of a git repository the commit. */
  readonly digest: string | null;
  /** What the lock pinned before. */
  readonly previousDigest: string | null;
  /** The version in its document before this run raised it. */
  readonly raisedFrom: string | null;
  /** What `ensure` changed, or what it would change for `check`. */
  readonly changes: readonly ('lock' | 'schema' | 'catalog')[];
  readonly schema: RecordedSchema | null;
  readonly workflow: RegisteredWorkflow | null;
  readonly requests: number;
  /** Why it was skipped; `bundle-would-change` by a dry run, where the bundle's sources would be others. */
  readonly reason: 'bundle-failed' | 'bundle-would-change' | null;
  readonly warnings: readonly string[];
  readonly error: ReportedError | null;
}

/** The document of a workflow. */
export interface RecordedSchema {
  readonly path: string;
  readonly contentHash: string;
}

/** A workflow as the catalog has it. */
export interface RegisteredWorkflow {
  readonly name: string;
  /** With its prefix. */
  readonly version: string;
  /** The id in the catalog. A RemediationWorkflow has one also without a catalog, because it follows from its content. */
  readonly workflowId: string | null;
  readonly action: 'created' | 'unchanged' | 'skipped' | 'none';
}
