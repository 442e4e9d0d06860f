import { nextDocument } from '../../schema/next-document.js';
import type { SourceWarning } from '../../tekton/objects/object.js';
import { toActionType } from '../../workflow/action-type.js';
import type { WorkflowDeclaration } from '../../workflow/declaration.js';
import { type DeriveWorkflowOptions, deriveWorkflow } from '../../workflow/derive-workflow.js';
import { contentHash, schemaDocument } from '../../workflow/schema-document.js';
import type { Workflow } from '../../workflow/workflow.js';
import type { BundleFiles } from './schema-file.js';

export interface PlannedFile {
  /** As shown and recorded. */
  readonly path: string;
  readonly file: string;
  readonly text: string;
}

export interface PlannedSchema extends PlannedFile {
  readonly contentHash: string;
  readonly workflow: Workflow;
  readonly warnings: readonly SourceWarning[];
}

/** The document of a workflow, and what of it and of its action type is news to their files. */
export interface DescribedWorkflow {
  readonly schema: PlannedSchema;
  readonly files: readonly PlannedFile[];
}

export interface DescribeRequest extends DeriveWorkflowOptions {
  /** As they are before the run. */
  readonly files: BundleFiles;
}

/** Derives a workflow and brings its files up to date. @throws SCHEMA_INVALID, SCHEMA_MISMATCH */
export async function planSchema(
  declaration: WorkflowDeclaration,
  { files, ...source }: DescribeRequest,
): Promise<DescribedWorkflow> {
  const { workflow, warnings } = deriveWorkflow(declaration, source);
  const { path, file, text: now } = files.schema;
  const text = await nextDocument(now, { document: schemaDocument(workflow, files.format), file: path });
  const schema = { path, file, text, contentHash: contentHash(text), workflow, warnings };
  return { schema, files: await newsOf(files, schema) };
}

async function newsOf(files: BundleFiles, schema: PlannedSchema): Promise<PlannedFile[]> {
  const news = ({ path, file, text }: PlannedFile, now: string | undefined): PlannedFile[] => {
    const current = now?.replaceAll('\r\n', '\n');
    if (text === current) return [];
    // A file keeps its own line ends; what is hashed and registered has line feeds.
    return [{ path, file, text: current === now ? text : text.replaceAll('\n', '\r\n') }];
  };
  const found = news(schema, files.schema.text);
  if (!files.actionType) return found;
  const { declaration, file } = files.actionType;
  const text = await nextDocument(file.text, { document: toActionType(declaration), file: file.path });
  return [...found, ...news({ ...file, text }, file.text)];
}
