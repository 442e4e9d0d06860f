/** The documents that describe workflows, and the runs of what a bundle holds. */

export type { ConversionNote } from '../schema/convert/conversion-note.js';
export type {
  ConvertDocumentOptions,
  ConvertedDocument,
  PlacedNote,
} from '../schema/convert/convert-document.js';
export { convertDocument, convertDocuments } from '../schema/convert/convert-document.js';
export type { Supplement } from '../schema/convert/supplement.js';
export type { DocumentKind } from '../schema/document-kind.js';
export type { ProblemSeverity } from '../schema/document-problem.js';
export type { PipelineMatch } from '../schema/pipeline-match.js';
export type {
  NumberedDocument,
  PlacedDocumentProblem,
  ValidateDocument,
  ValidateDocumentOptions,
  ValidateDocumentsOptions,
  ValidatedDocument,
} from '../schema/validate-document.js';
export { createDocumentValidator, validateDocuments } from '../schema/validate-document.js';
export type { ObjectOrigin } from '../tekton/objects/object.js';
export type { StoredObject } from '../tekton/objects/object-part.js';
export type { YamlMap, YamlValue } from '../tekton/yaml/value.js';
export type { ActionType } from '../workflow/action-type.js';
export { toActionType } from '../workflow/action-type.js';
export type {
  ActionTypeDeclaration,
  Dependencies,
  Description,
  DetectedLabels,
  Maintainer,
  ParameterType,
  ParameterValue,
  WorkflowLabels,
} from '../workflow/declaration.js';
export type { SchemaObject } from '../workflow/parameters/pipeline-params.js';
export type { RemediationWorkflow, RemediationWorkflowSpec } from '../workflow/remediation-workflow.js';
export { toRemediationWorkflow } from '../workflow/remediation-workflow.js';
export type { RunnableObject, RunObject, RunObjectOptions } from '../workflow/run/run-object.js';
export { createRunObject } from '../workflow/run/run-object.js';
export type { SchemaDocument, SchemaFormat } from '../workflow/schema-document.js';
export { contentHash, schemaFormats, writeSchema } from '../workflow/schema-document.js';
export type { Execution, Workflow, WorkflowParameter } from '../workflow/workflow.js';
export type { WorkflowIdentity } from '../workflow/workflow-id.js';
export { workflowIdentity } from '../workflow/workflow-id.js';
export type { SchemaParameter, WorkflowSchema } from '../workflow/workflow-schema.js';
export { toWorkflowSchema } from '../workflow/workflow-schema.js';
export type { YamlPath } from '../yaml-file/yaml-position.js';
