import { dirname } from 'node:path';
import { isBundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import type { BundleSpec, Project } from '../../project/project.js';
import type { ActionTypeDeclaration } from '../../workflow/declaration.js';
import { actionTypePath, type SchemaFormat, schemaPath } from '../../workflow/schema-document.js';
import { decodeUtf8 } from '../../yaml-file/decode-utf8.js';

/** Where the documents of a project are written. */
export interface SchemaLocation {
  readonly directory: string;
  /** As shown and recorded. */
  readonly shown: string;
  readonly format: SchemaFormat;
}

/** A document's file as it is before the run. */
export interface SchemaFile {
  /** As shown and recorded: relative to the project, with `/`. */
  readonly path: string;
  /** Where it lies. */
  readonly file: string;
  /** Undefined where there is none. */
  readonly text: string | undefined;
}

/** The files that describe a bundle's workflow, as they are before the run. */
export interface BundleFiles {
  readonly format: SchemaFormat;
  readonly schema: SchemaFile;
  /** Of the action that the workflow takes, where the project describes it. */
  readonly actionType: { readonly declaration: ActionTypeDeclaration; readonly file: SchemaFile } | undefined;
}

const sizeLimit = 1024 * 1024;

/** Reads the files of one bundle, or of a workflow that is declared by itself; undefined for a bundle that has none. @throws NOT_READABLE, SCHEMA_INVALID */
export async function readBundleFiles(
  { schemas, project }: { readonly schemas: SchemaLocation | undefined; readonly project: Project },
  { name, workflow }: Pick<BundleSpec, 'name' | 'workflow'>,
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

/** Reads what the schema file of a bundle states now. @throws NOT_READABLE, SCHEMA_INVALID */
function readSchemaFile(place: SchemaLocation, name: string): Promise<SchemaFile> {
  return readDocumentFile(place, (directory) => schemaPath(directory, name, place.format));
}

/** Reads what the file of an ActionType states now. @throws NOT_READABLE, SCHEMA_INVALID */
function readActionTypeFile(place: SchemaLocation, name: string): Promise<SchemaFile> {
  return readDocumentFile(place, (directory) => actionTypePath(directory, name));
}

async function readDocumentFile(
  { directory, shown }: SchemaLocation,
  pathIn: (directory: string) => string,
): Promise<SchemaFile> {
  const file = pathIn(directory);
  const path = pathIn(shown);
  try {
    const bytes = await readFileCapped(file, {
      limit: sizeLimit,
      missing: 'NOT_FOUND',
      tooLarge: 'SCHEMA_INVALID',
      linksWithin: dirname(file),
    });
    const text = decodeUtf8(bytes, { what: 'document', file: path, invalid: 'SCHEMA_INVALID' });
    return { path, file, text };
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return { path, file, text: undefined };
    throw error;
  }
}
