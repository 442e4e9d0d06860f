import { type RemediationWorkflow, toRemediationWorkflow } from './remediation-workflow.js';
import type { SchemaFormat } from './schema-format.js';
import type { Workflow } from './workflow.js';
import { toWorkflowSchema, type WorkflowSchema } from './workflow-schema.js';

/** The document of a workflow in one of the two formats. */
export function schemaDocument(
  workflow: Workflow,
  format: SchemaFormat,
): WorkflowSchema | RemediationWorkflow {
  return format === 'workflow-schema' ? toWorkflowSchema(workflow) : toRemediationWorkflow(workflow);
}
