import type { Maintainer } from './declaration.js';
import type { Workflow, WorkflowParameter } from './workflow.js';

/** The flat workflow schema document; keys stand in the order in which they are written. */
export interface WorkflowSchema {
  readonly apiVersion: 'kubernaut.io/v1alpha1';
  readonly kind: 'WorkflowSchema';
  readonly metadata: {
    readonly workflow_id: string;
    readonly version: string;
    readonly name?: string;
    readonly description: string;
    readonly maintainers?: readonly Maintainer[];
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly execution: {
    readonly engine: string;
    /** The canonical reference pinned by digest. */
    readonly bundle?: string;
  };
  readonly parameters: readonly SchemaParameter[];
  readonly rollback_parameters?: readonly SchemaParameter[];
}

export interface SchemaParameter extends Omit<WorkflowParameter, 'dependsOn'> {
  readonly depends_on?: readonly string[];
}

/** The flat schema that says of the workflow what it has a place for: of each list of labels the first. */
export function toWorkflowSchema(workflow: Workflow): WorkflowSchema {
  const { id, version, title, description, maintainers, execution, parameters, rollbackParameters } =
    workflow;
  const { engine, bundle } = execution;
  return {
    apiVersion: 'kubernaut.io/v1alpha1',
    kind: 'WorkflowSchema',
    metadata: {
      workflow_id: id,
      version,
      ...(title === undefined ? {} : { name: title }),
      description: description.what,
      ...(maintainers?.length
        ? { maintainers: maintainers.map(({ name, email }) => ({ name, email })) }
        : {}),
    },
    labels: flatLabels(workflow),
    execution: { engine, ...(bundle === undefined ? {} : { bundle }) },
    parameters: parameters.map(flatParameter),
    ...(rollbackParameters.length === 0
      ? {}
      : { rollback_parameters: rollbackParameters.map(flatParameter) }),
  };
}

/** Both generations of mandatory labels, then the optional one, then the project's own by name. */
function flatLabels({ labels: { custom, ...known } }: Workflow): Readonly<Record<string, string>> {
  const { signal_type, priority, risk_tolerance, business_category } = known;
  const entries: [string, string | undefined][] = [
    ['signal_type', signal_type],
    ['severity', known.severity[0]],
    ['component', known.component[0]],
    ['environment', known.environment[0]],
    ['priority', priority],
    ['risk_tolerance', risk_tolerance],
    ['business_category', business_category],
    ...[...custom].sort(([left], [right]) => (left < right ? -1 : 1)),
  ];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function flatParameter({ dependsOn, ...parameter }: WorkflowParameter): SchemaParameter {
  return { ...parameter, ...(dependsOn === undefined ? {} : { depends_on: dependsOn }) };
}
