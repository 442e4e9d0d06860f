import { actionTypeObjectName } from './action-type.js';
import type { SchemaFormat } from './schema-format.js';

/** Where the schema of bundle `name` is written, relative to the project's directory. */
export function schemaPath(
  directory: string,
  name: string,
  format: SchemaFormat = 'workflow-schema',
): string {
  return within(directory, `${name}-${format}.yaml`);
}

/** Where the ActionType `name` is written. */
export function actionTypePath(directory: string, name: string): string {
  return within(directory, `${actionTypeObjectName(name)}-action-type.yaml`);
}

function within(directory: string, file: string): string {
  return directory === '.' ? file : `${directory}/${file}`;
}
