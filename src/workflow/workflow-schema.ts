import type { ParameterType, ParameterValue } from './declaration.js';

/** The flat workflow schema document; keys stand in the order in which they are written. */
export interface WorkflowSchema {
  readonly apiVersion: 'kubernaut.io/v1alpha1';
  readonly kind: 'WorkflowSchema';
  readonly metadata: {
    readonly workflow_id: string;
    readonly version: string;
    readonly name: string;
    readonly description: string;
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly execution: {
    readonly engine: 'tekton';
    /** The canonical reference pinned by digest. */
    readonly bundle: string;
  };
  readonly parameters: readonly SchemaParameter[];
  readonly rollback_parameters?: readonly SchemaParameter[];
}

export interface SchemaParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly required: boolean;
  readonly description: string;
  readonly default?: ParameterValue;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly depends_on?: readonly string[];
}
