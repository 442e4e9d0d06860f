import type { WorkflowResult } from '../../ensure/workflows/workflow-result.js';
import { errorTexts } from './report-error.js';
import type { Row } from './rows.js';
import type { Text } from './wrap.js';

/** A row for each workflow that is declared by itself. */
export function workflowRows(
  workflows: readonly WorkflowResult[],
  { verbose }: { readonly verbose: boolean },
): Row[] {
  return workflows.map((result): Row => {
    const { name, outcome, digest, pinned, changes, schema, error, raisedFrom, workflow } = result;
    const [why, ...more] = error ? errorTexts(error) : [skippedText(result)];
    const fails = outcome === 'failed';
    if (schema && changes.includes('schema')) more.push([['dim', `document ${schema.path}`]]);
    if (raisedFrom !== null && workflow)
      more.push([['dim', `version ${workflow.version}, raised from ${raisedFrom}`]]);
    const registered = registeredText(result);
    if (registered) more.push([['dim', registered]]);
    if (outcome === 'planned' && changes.length > 0) more.push([['dim', `changes: ${changes.join(', ')}`]]);
    return {
      mark: error ? 'failed' : outcome === 'planned' && changes.length > 0 ? 'planned' : markOf(outcome),
      name,
      outcome: outcomeText(result),
      digest: fails ? null : digest,
      text: why ?? '',
      more: more.filter((text): text is Text => text !== undefined),
      wide: verbose && pinned !== null && !fails ? [pinned] : [],
    };
  });
}

function markOf(outcome: WorkflowResult['outcome']): Row['mark'] {
  if (outcome === 'skipped') return 'none';
  return outcome === 'failed' ? 'failed' : 'ok';
}

function outcomeText({ outcome, changes }: WorkflowResult): string {
  if (outcome === 'failed' || outcome === 'skipped') return outcome;
  if (!changes.some((change) => change !== 'catalog')) return 'unchanged';
  return outcome === 'planned' ? 'would change' : 'recorded';
}

function skippedText({ outcome, bundle, reason }: WorkflowResult): Text | undefined {
  if (outcome !== 'skipped') return undefined;
  return reason === 'bundle-would-change'
    ? `follows the bundle ${bundle ?? ''}, whose sources would change`
    : `the bundle ${bundle ?? ''} failed`;
}

function registeredText({ workflow, changes }: WorkflowResult): string | undefined {
  if (!workflow) return undefined;
  const { name, version, workflowId, action } = workflow;
  if (action === 'created')
    return `workflow ${name} ${version} registered${workflowId === null ? '' : ` as ${workflowId}`}`;
  return action === 'none' && changes.includes('catalog')
    ? `workflow ${name} ${version} to be registered`
    : undefined;
}
