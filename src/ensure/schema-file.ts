import { isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { schemaPath } from '../workflow/schema-path.js';

/** A bundle's workflow schema file as it is before the run. */
export interface SchemaFile {
  /** As shown and recorded: relative to the project, with `/`. */
  readonly path: string;
  /** Where it lies. */
  readonly file: string;
  /** Undefined where there is none. */
  readonly text: string | undefined;
}

const sizeLimit = 1024 * 1024;

/** Reads what a schema file says now. @throws NOT_READABLE */
export async function readSchemaFile(
  { directory, shown }: { readonly directory: string; readonly shown: string },
  name: string,
): Promise<SchemaFile> {
  const file = schemaPath(directory, name);
  const path = schemaPath(shown, name);
  try {
    const bytes = await readFileCapped(file, {
      limit: sizeLimit,
      missing: 'NOT_FOUND',
      tooLarge: 'SCHEMA_INVALID',
    });
    return { path, file, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return { path, file, text: undefined };
    throw error;
  }
}
