import type { Description, Maintainer } from './declaration.js';
import type { Workflow, WorkflowParameter } from './workflow.js';

/** The RemediationWorkflow document; keys are in the order in which they are written. */
export interface RemediationWorkflow {
  readonly apiVersion: 'kubernaut.ai/v1alpha1';
  readonly kind: 'RemediationWorkflow';
  readonly metadata: { readonly name: string };
  readonly spec: RemediationWorkflowSpec;
}

/** The `spec` of a RemediationWorkflow. */
export interface RemediationWorkflowSpec {
  readonly version: string;
  readonly description: Description;
  readonly actionType: string;
  readonly labels: {
    readonly severity: readonly string[];
    readonly environment: readonly string[];
    readonly component: readonly string[];
    readonly priority: string;
    readonly cluster?: readonly string[];
  };
  readonly customLabels?: Readonly<Record<string, string>>;
  readonly detectedLabels?: Readonly<Record<string, true | string>>;
  readonly execution: {
    readonly engine: string;
    readonly bundle: string;
    readonly bundleDigest?: string;
    readonly engineConfig?: unknown;
    readonly serviceAccountName?: string;
  };
  readonly dependencies?: {
    readonly secrets?: readonly { readonly name: string }[];
    readonly configMaps?: readonly { readonly name: string }[];
  };
  readonly maintainers?: readonly Maintainer[];
  readonly parameters: readonly WorkflowParameter[];
  readonly rollbackParameters?: readonly WorkflowParameter[];
}

/** Labels of the flat schema alone; here they are among the custom ones. */
export const flatOnlyLabels = ['signal_type', 'risk_tolerance', 'business_category'] as const;

/**
 * The RemediationWorkflow of a workflow, without its title. The workflow must have an action type and a bundle.
 *
 * @example
 * ```ts
 * import { toRemediationWorkflow, type Workflow } from 'tekton-bundles/workflow';
 *
 * const workflow: Workflow = {
 *   id: 'restart-pod',
 *   version: '1.0.0',
 *   title: undefined,
 *   description: { what: 'Restarts a pod', whenToUse: 'It hangs' },
 *   maintainers: undefined,
 *   labels: { severity: ['low'], environment: ['test'], component: ['v1/Pod'], priority: 'P3', cluster: [], custom: new Map() },
 *   actionType: 'RestartPod',
 *   detectedLabels: new Map(),
 *   dependencies: { secrets: [], configMaps: [] },
 *   execution: { engine: 'tekton', bundle: `quay.io/acme/restart:v1@sha256:${'0'.repeat(64)}` },
 *   parameters: [],
 *   rollbackParameters: [],
 * };
 * console.log(toRemediationWorkflow(workflow).spec.actionType); // RestartPod
 * ```
 */
export function toRemediationWorkflow(workflow: Workflow): RemediationWorkflow {
  const { id, version, description, actionType = '', labels, detectedLabels, maintainers } = workflow;
  const { severity, environment, component, priority, cluster } = labels;
  const custom = customLabels(workflow);
  const dependencies = dependenciesOf(workflow);
  const rollback = workflow.rollbackParameters;
  return {
    apiVersion: 'kubernaut.ai/v1alpha1',
    kind: 'RemediationWorkflow',
    metadata: { name: id },
    spec: {
      version,
      description: inOrder(description),
      actionType,
      labels: {
        severity,
        environment,
        component,
        priority,
        ...(cluster.length === 0 ? {} : { cluster }),
      },
      ...(custom.length === 0 ? {} : { customLabels: Object.fromEntries(custom) }),
      ...(detectedLabels.size === 0 ? {} : { detectedLabels: Object.fromEntries(sorted(detectedLabels)) }),
      execution: executionOf(workflow),
      ...(dependencies === undefined ? {} : { dependencies }),
      ...(maintainers?.length
        ? { maintainers: maintainers.map(({ name, email }) => ({ name, email })) }
        : {}),
      parameters: workflow.parameters,
      ...(rollback.length === 0 ? {} : { rollbackParameters: rollback }),
    },
  };
}

function inOrder({ what, whenToUse, whenNotToUse, preconditions }: Description): Description {
  return {
    what,
    ...(whenToUse === undefined ? {} : { whenToUse }),
    ...(whenNotToUse === undefined ? {} : { whenNotToUse }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}

function customLabels({ labels }: Workflow): [string, string][] {
  const flat = flatOnlyLabels.flatMap((key): [string, string][] => {
    const value = labels[key];
    return value === undefined ? [] : [[key, value]];
  });
  return sorted([...labels.custom, ...flat]);
}

function executionOf({ execution }: Workflow): RemediationWorkflowSpec['execution'] {
  const { engine, bundle = '', bundleDigest, engineConfig, serviceAccountName } = execution;
  return {
    engine,
    bundle,
    ...(bundleDigest === undefined ? {} : { bundleDigest }),
    ...(engineConfig === undefined ? {} : { engineConfig }),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
  };
}

function dependenciesOf({ dependencies }: Workflow): RemediationWorkflowSpec['dependencies'] {
  const { secrets, configMaps } = dependencies;
  if (secrets.length + configMaps.length === 0) return undefined;
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  return {
    ...(secrets.length === 0 ? {} : { secrets: named(secrets) }),
    ...(configMaps.length === 0 ? {} : { configMaps: named(configMaps) }),
  };
}

function sorted<Value>(entries: Iterable<readonly [string, Value]>): [string, Value][] {
  return [...entries]
    .map(([key, value]): [string, Value] => [key, value])
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
