/** Where the schema of bundle `name` is written, relative to the project's directory. */
export function schemaPath(directory: string, name: string): string {
  const file = `${name}-workflow-schema.yaml`;
  return directory === '.' ? file : `${directory}/${file}`;
}
