/** What a project states about a workflow beside what its Pipeline states; read and checked from bundles.yaml. */
export interface WorkflowDeclaration {
  /** Lower-case letters, digits and hyphens; the workflow's name in the catalog. */
  readonly id: string;
  /** SemVer without a leading v. */
  readonly version: string;
  /** For people. */
  readonly name: string;
  readonly description: Description;
  readonly labels: WorkflowLabels;
  /** Undefined where bundles.yaml states nothing of them: those written by hand into a schema stay then. */
  readonly maintainers: readonly Maintainer[] | undefined;
  /** Undefined in a project that writes no RemediationWorkflow. */
  readonly remediation: RemediationDeclaration | undefined;
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly rollbackParameters: ReadonlyMap<string, ParameterDeclaration>;
}

/** What a RemediationWorkflow states and the flat schema has no place for. */
export interface RemediationDeclaration {
  readonly actionType: string;
  readonly detectedLabels: DetectedLabels;
  readonly dependencies: Dependencies;
  readonly serviceAccountName: string | undefined;
}

/** What something does and when it is the right thing to do; the flat schema has only `what`. */
export interface Description {
  readonly what: string;
  readonly whenToUse?: string;
  readonly whenNotToUse?: string;
  readonly preconditions?: string;
}

/** Who maintains a workflow. */
export interface Maintainer {
  readonly name: string;
  readonly email: string;
}

/** Secrets and ConfigMaps, by name, that must be there before the workflow runs. */
export interface Dependencies {
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
}

/** An action of the catalog's taxonomy that the project brings along. */
export interface ActionTypeDeclaration {
  /** In PascalCase. */
  readonly name: string;
  readonly description: Description & { readonly whenToUse: string };
}

/**
 * What a workflow is found by. The flat schema takes exactly one severity, component and environment and needs a
 * signal type and a risk tolerance; a RemediationWorkflow takes lists and keeps those two among its custom labels.
 */
export interface WorkflowLabels {
  readonly signal_type?: string;
  readonly severity: readonly string[];
  readonly component: readonly string[];
  readonly environment: readonly string[];
  readonly priority: string;
  readonly cluster: readonly string[];
  readonly risk_tolerance?: string;
  readonly business_category?: string;
  readonly custom: ReadonlyMap<string, string>;
}

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export const remediationSeverities = ['critical', 'high', 'warning', 'info', '*'] as const;
export const priorities = ['P0', 'P1', 'P2', 'P3', '*'] as const;
export const riskTolerances = ['low', 'medium', 'high'] as const;
export const parameterTypes = ['string', 'integer', 'boolean', 'array'] as const;
export const remediationParameterTypes = [...parameterTypes, 'float'] as const;

/** The types of parameters. */
export type ParameterType = (typeof remediationParameterTypes)[number];

/** The value of a parameter. */
export type ParameterValue = string | number | boolean | readonly string[];

/** Infrastructure that a workflow is meant for, by the known keys. */
export type DetectedLabels = ReadonlyMap<string, true | string>;

/** Detected labels that are only ever `true`. */
export const detectedFlags = [
  ...(['gitOpsManaged', 'pdbProtected', 'hpaEnabled', 'stateful', 'helmManaged'] as const),
  ...(['networkIsolated', 'virtualMachine', 'liveMigratable', 'cdiManaged'] as const),
];

/** Detected labels that name one of several things. */
export const detectedChoices = {
  gitOpsTool: ['argocd', 'flux', '*'],
  serviceMesh: ['istio', 'linkerd', '*'],
  storageBackend: ['odf-ceph', 'lvms', 'local', '*'],
} as const;

/** What a project adds to one Pipeline parameter, or states of a rollback parameter. */
export interface ParameterDeclaration {
  readonly type?: ParameterType;
  readonly required?: boolean;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly dependsOn?: readonly string[];
  /** Rollback parameters only: the default of a parameter is the Pipeline's. */
  readonly default?: ParameterValue;
}
