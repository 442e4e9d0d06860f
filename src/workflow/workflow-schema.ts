import type { Maintainer } from './declaration.js';
import type { Workflow, WorkflowParameter } from './workflow.js';

/** The flat workflow schema document; keys are in the order in which they are written. */
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

/** A parameter in the form of the flat schema. */
export interface SchemaParameter extends Omit<WorkflowParameter, 'dependsOn'> {
  readonly depends_on?: readonly string[];
}

/**
 * The flat workflow schema of a workflow. Of each list of labels it takes the first, because the format has a place for one.
 *
 * @example
 * ```ts
 * import { toWorkflowSchema, type Workflow } from 'tekton-bundles/workflow';
 *
 * const workflow: Workflow = {
 *   id: 'restart-pod',
 *   version: '1.0.0',
 *   title: 'Restart a pod',
 *   description: { what: 'Restarts a pod' },
 *   maintainers: undefined,
 *   labels: { severity: ['low'], environment: ['test'], component: ['v1/Pod'], priority: 'P3', cluster: [], custom: new Map() },
 *   actionType: undefined,
 *   detectedLabels: new Map(),
 *   dependencies: { secrets: [], configMaps: [] },
 *   execution: { engine: 'tekton', bundle: `quay.io/acme/restart:v1@sha256:${'0'.repeat(64)}` },
 *   parameters: [],
 *   rollbackParameters: [],
 * };
 * console.log(toWorkflowSchema(workflow).metadata.workflow_id); // restart-pod
 * ```
 */
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
