import { join } from 'node:path';
import type { Clock } from '../../async/clock.js';
import { isBundlesError } from '../../errors.js';
import { withFileLock } from '../../fs/file-lock.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import {
  mergeState,
  type State,
  type StateEntry,
  type StateServed,
  type StateWorkflow,
  type StateWorkflowEntry,
} from './state.js';

/** Bytes; above what `mergeState` ever keeps. */
const sizeLimit = 16 * 1024 * 1024;

/** What is stored about a bundle after a run; the result of `ensure` is one. */
export type StateResult = Omit<StateEntry, 'at' | 'error'> & {
  readonly error: { readonly code: string } | null;
};

/** The same of a workflow that is declared by itself. */
export type StateWorkflowResult = Omit<StateWorkflowEntry, 'at' | 'error'> & Pick<StateResult, 'error'>;

/**
 * Reads `state.json` of a state directory. The state is a convenience: a missing, damaged or foreign file is an
 * empty state, and entries that make no sense are left out.
 *
 * @throws NOT_READABLE
 */
export async function readState(
  directory: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<State> {
  const options = {
    limit: sizeLimit,
    missing: 'NOT_FOUND',
    tooLarge: 'NOT_FOUND',
    linksWithin: directory,
  } as const;
  try {
    const bytes = await readFileCapped(
      statePath(directory),
      signal === undefined ? options : { ...options, signal },
    );
    return parseState(new TextDecoder().decode(bytes));
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return { bundles: new Map(), workflows: new Map() };
    throw error;
  }
}

/**
 * Puts the results of a run into the state, while no other process does; makes the directory where there is none.
 * @throws BUSY, NOT_READABLE, NOT_WRITABLE, DISK_FULL
 */
export async function updateState(
  directory: string,
  {
    results,
    workflows = [],
  }: { readonly results: readonly StateResult[]; readonly workflows?: readonly StateWorkflowResult[] },
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  const reading = { signal };
  const at = new Date(clock.now()).toISOString();
  await makeDirectory(directory);
  const write = async (): Promise<void> => {
    const next = mergeState(
      await readState(directory, reading),
      results.map((result) => toEntry(result, at)),
      workflows.map((result) => toWorkflowEntry(result, at)),
    );
    const document = {
      version: 1,
      bundles: [...next.bundles.values()],
      workflows: [...next.workflows.values()],
    };
    // Rebuilt by the next run when a power cut takes it, so it does not wait for the disk.
    await writeFileAtomic(statePath(directory), `${JSON.stringify(document, null, 2)}\n`, {
      ...reading,
      durable: false,
    });
  };
  await withFileLock(`${statePath(directory)}.writing`, write, { clock, ...reading });
}

function statePath(directory: string): string {
  return join(directory, 'state.json');
}

function toEntry(result: StateResult, at: string): StateEntry {
  const { name, reference, verdict, outcome, reason, digest, pinned, served, workflow, error } = result;
  const known = { name, reference, verdict, outcome, reason, digest, pinned, served, workflow };
  return { ...known, error: error?.code ?? null, at };
}

function toWorkflowEntry(result: StateWorkflowResult, at: string): StateWorkflowEntry {
  const { name, outcome, reason, bundle, engine, reference, digest, pinned, workflow, error } = result;
  const known = { name, outcome, reason, bundle, engine, reference, digest, pinned };
  return { ...known, workflow: workflowOf(workflow), error: error?.code ?? null, at };
}

function parseState(text: string): State {
  const bundles = new Map<string, StateEntry>();
  const workflows = new Map<string, StateWorkflowEntry>();
  const document = documentOf(text);
  for (const value of listOf(document.bundles)) {
    const entry = stateEntryOf(value);
    if (entry !== undefined) bundles.set(entry.reference, entry);
  }
  for (const value of listOf(document.workflows)) {
    const entry = workflowEntryOf(value);
    if (entry !== undefined) workflows.set(entry.name, entry);
  }
  return { bundles, workflows };
}

function documentOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const document = membersOf(JSON.parse(text));
    return document.version === 1 ? document : {};
  } catch {
    return {};
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function workflowEntryOf(value: unknown): StateWorkflowEntry | undefined {
  const { name, outcome, at, ...rest } = membersOf(value);
  if (typeof name !== 'string' || typeof outcome !== 'string' || typeof at !== 'string') return undefined;
  return {
    name,
    outcome,
    at,
    reason: textOrNull(rest.reason),
    bundle: textOrNull(rest.bundle),
    engine: textOrNull(rest.engine),
    reference: textOrNull(rest.reference),
    digest: textOrNull(rest.digest),
    pinned: textOrNull(rest.pinned),
    workflow: workflowOf(rest.workflow),
    error: textOrNull(rest.error),
  };
}

/** An entry of a parsed state file; undefined where it makes no sense. */
function stateEntryOf(value: unknown): StateEntry | undefined {
  const { name, reference, outcome, at, ...rest } = membersOf(value);
  if (typeof name !== 'string' || typeof reference !== 'string') return undefined;
  if (typeof outcome !== 'string' || typeof at !== 'string') return undefined;
  return {
    name,
    reference,
    outcome,
    at,
    verdict: textOrNull(rest.verdict),
    reason: textOrNull(rest.reason),
    digest: textOrNull(rest.digest),
    pinned: textOrNull(rest.pinned),
    served: servedOf(rest.served),
    workflow: workflowOf(rest.workflow),
    error: textOrNull(rest.error),
  };
}

function servedOf(value: unknown): StateServed | null {
  const { reference, clusterReference, layout, live } = membersOf(value);
  if (typeof reference !== 'string') return null;
  const known = { clusterReference: textOrNull(clusterReference), layout: textOrNull(layout) };
  return { reference, ...known, live: live === true };
}

function workflowOf(value: unknown): StateWorkflow | null {
  const { name, version, workflowId, action } = membersOf(value);
  if (typeof name !== 'string' || typeof version !== 'string' || typeof action !== 'string') return null;
  return { name, version, workflowId: textOrNull(workflowId), action };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
