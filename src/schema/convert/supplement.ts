import type { WorkflowLabels } from '../../workflow/declaration.js';
import type { Workflow } from '../../workflow/workflow.js';

/** Facts about a workflow that its document lacks, or that replace those in it. */
export interface Supplement {
  readonly actionType?: string | undefined;
  readonly whenToUse?: string | undefined;
  readonly bundle?: string | undefined;
  /** By key; a list for labels that take several. */
  readonly labels?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** The workflow with what is supplied. */
export function supplemented(workflow: Workflow, supplement: Supplement): Workflow {
  const { actionType = workflow.actionType, whenToUse, bundle } = supplement;
  return {
    ...workflow,
    actionType,
    description: { ...workflow.description, ...(whenToUse === undefined ? {} : { whenToUse }) },
    execution: { ...workflow.execution, ...(bundle === undefined ? {} : { bundle }) },
    labels: withLabels(workflow.labels, supplement.labels ?? new Map()),
  };
}

const lists = ['severity', 'component', 'environment', 'cluster'];
const single = ['signal_type', 'priority', 'risk_tolerance', 'business_category'];

function withLabels(
  labels: WorkflowLabels,
  supplied: ReadonlyMap<string, readonly string[]>,
): WorkflowLabels {
  const custom = new Map(labels.custom);
  const known: Record<string, string | readonly string[]> = {};
  for (const [key, values] of supplied) {
    const last = values.at(-1) ?? '';
    if (lists.includes(key)) known[key] = values;
    else if (single.includes(key)) known[key] = last;
    else custom.set(key, last);
  }
  return { ...labels, ...known, custom };
}
