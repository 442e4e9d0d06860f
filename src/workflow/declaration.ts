/** What a project says about a workflow beside what its Pipeline says; read and checked from bundles.yaml. */
export interface WorkflowDeclaration {
  /** Lower-case letters, digits and hyphens; the workflow's name in the catalog. */
  readonly id: string;
  /** SemVer without a leading v. */
  readonly version: string;
  /** For people. */
  readonly name: string;
  readonly description: string;
  readonly labels: WorkflowLabels;
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly rollbackParameters: ReadonlyMap<string, ParameterDeclaration>;
}

/** Both generations of the mandatory labels, an optional one, and a project's own. */
export interface WorkflowLabels {
  readonly signal_type: string;
  readonly severity: (typeof severities)[number];
  readonly component: string;
  readonly environment: string;
  readonly priority: (typeof priorities)[number];
  readonly risk_tolerance: (typeof riskTolerances)[number];
  readonly business_category?: string;
  readonly custom: ReadonlyMap<string, string>;
}

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export const priorities = ['P0', 'P1', 'P2', 'P3', '*'] as const;
export const riskTolerances = ['low', 'medium', 'high'] as const;
export const parameterTypes = ['string', 'integer', 'boolean', 'array'] as const;

export type ParameterType = (typeof parameterTypes)[number];

export type ParameterValue = string | number | boolean | readonly string[];

/** What a project adds to one Pipeline parameter, or says of a rollback parameter. */
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
