import type { StateEntry, StateServed, StateWorkflow } from './state.js';

/** An entry of a parsed state file; undefined where it makes no sense. */
export function stateEntryOf(value: unknown): StateEntry | undefined {
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
