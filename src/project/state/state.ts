/** The record of the last runs on one machine; never committed, may be deleted at any time. */
export interface State {
  /** By canonical reference, so that several projects can share a state directory. */
  readonly bundles: ReadonlyMap<string, StateEntry>;
  /** Those that are declared by themselves, by name. */
  readonly workflows: ReadonlyMap<string, StateWorkflowEntry>;
}

/** How a bundle fared last; the words are those of the result of `ensure`. */
export interface StateEntry {
  readonly name: string;
  readonly reference: string;
  readonly verdict: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly digest: string | null;
  readonly pinned: string | null;
  /** Where the bytes are. */
  readonly served: StateServed | null;
  readonly workflow: StateWorkflow | null;
  /** The code of the failure. */
  readonly error: string | null;
  /** When, in UTC, as RFC 3339. */
  readonly at: string;
}

/** How a workflow of `workflows:` fared last. */
export interface StateWorkflowEntry
  extends Pick<
    StateEntry,
    'name' | 'outcome' | 'reason' | 'digest' | 'pinned' | 'workflow' | 'error' | 'at'
  > {
  readonly bundle: string | null;
  readonly engine: string | null;
  readonly reference: string | null;
}

export interface StateServed {
  readonly reference: string;
  readonly clusterReference: string | null;
  readonly layout: string | null;
  readonly live: boolean;
}

export interface StateWorkflow {
  readonly name: string;
  readonly version: string;
  readonly workflowId: string | null;
  readonly action: string;
}

/** Tags of pull requests pile up; the oldest go. */
const entryLimit = 2_000;

/** The state with `changed` entries put in, the newest last. */
export function mergeState(
  current: State,
  changed: readonly StateEntry[],
  workflows: readonly StateWorkflowEntry[] = [],
): State {
  return {
    bundles: merge(current.bundles, changed, ({ reference }) => reference),
    workflows: merge(current.workflows, workflows, ({ name }) => name),
  };
}

function merge<Entry>(
  current: ReadonlyMap<string, Entry>,
  changed: readonly Entry[],
  keyOf: (entry: Entry) => string,
): ReadonlyMap<string, Entry> {
  const entries = new Map(current);
  for (const entry of changed) {
    entries.delete(keyOf(entry));
    entries.set(keyOf(entry), entry);
  }
  return new Map([...entries].slice(-entryLimit));
}
