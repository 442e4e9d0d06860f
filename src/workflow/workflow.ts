import type {
  Dependencies,
  Description,
  DetectedLabels,
  Maintainer,
  ParameterType,
  ParameterValue,
  WorkflowLabels,
} from './declaration.js';

/**
 * A workflow as both formats describe it: derived from a Pipeline and its declaration, or read from a document. What
 * only one of the formats has may be missing.
 */
export interface Workflow {
  readonly id: string;
  /** SemVer without a leading v. */
  readonly version: string;
  /** For people; the flat schema's alone. */
  readonly title: string | undefined;
  readonly description: Description;
  readonly maintainers: readonly Maintainer[] | undefined;
  readonly labels: WorkflowLabels;
  /** RemediationWorkflow only, like the next two. */
  readonly actionType: string | undefined;
  readonly detectedLabels: DetectedLabels;
  readonly dependencies: Dependencies;
  readonly execution: Execution;
  readonly parameters: readonly WorkflowParameter[];
  readonly rollbackParameters: readonly WorkflowParameter[];
}

/** What runs a workflow. */
export interface Execution {
  readonly engine: string;
  /** The canonical reference pinned by digest. */
  readonly bundle: string | undefined;
  /** RemediationWorkflow only, like the next two. */
  readonly bundleDigest?: string;
  readonly serviceAccountName?: string;
  /** Free JSON. */
  readonly engineConfig?: unknown;
}

/** A parameter of a workflow. */
export interface WorkflowParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly required: boolean;
  readonly description: string;
  readonly default?: ParameterValue;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly dependsOn?: readonly string[];
}
