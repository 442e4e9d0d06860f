import type { BundleSpec } from '../../project/project.js';
import type { ActionTypeDeclaration } from '../../workflow/declaration.js';
import type { SchemaFormat } from '../../workflow/schema-format.js';
import type { Run } from '../run.js';
import { readActionTypeFile, readSchemaFile, type SchemaFile } from '../schemas/schema-file.js';

/** The files that describe a bundle's workflow, as they are before the run. */
export interface BundleFiles {
  readonly format: SchemaFormat;
  readonly schema: SchemaFile;
  /** Of the action that the workflow takes, where the project describes it. */
  readonly actionType: { readonly declaration: ActionTypeDeclaration; readonly file: SchemaFile } | undefined;
}

/** Reads them; undefined for a bundle that has none. @throws NOT_READABLE, SCHEMA_INVALID */
export async function readBundleFiles(
  { schemas, project }: Pick<Run, 'schemas' | 'project'>,
  { name, workflow }: BundleSpec,
): Promise<BundleFiles | undefined> {
  if (!workflow || !schemas) return undefined;
  const schema = await readSchemaFile(schemas, name);
  const declaration = project.actionTypes.find((one) => one.name === workflow.remediation?.actionType);
  const actionType = declaration && {
    declaration,
    file: await readActionTypeFile(schemas, declaration.name),
  };
  return { format: schemas.format, schema, actionType };
}
