import { BundlesError } from '../errors.js';
import { parseYamlFile } from '../yaml-file/parse-yaml-file.js';
import type { CatalogEntry } from './catalog-target.js';

/** The document of an entry as plain data. @throws SCHEMA_INVALID */
export function parseContent({ content, name, version }: CatalogEntry): Readonly<Record<string, unknown>> {
  const document = parseYamlFile(content, {
    what: 'schema',
    file: name,
    invalid: 'SCHEMA_INVALID',
    conflictHint: 'Edit the file: keep what you need, and remove the markers',
  });
  if (isMapping(document)) return document;
  const doing = `Cannot register ${JSON.stringify(name)} ${version}`;
  throw new BundlesError('SCHEMA_INVALID', `${doing}: its schema is not a mapping`);
}

/** True for what a YAML or JSON mapping becomes. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
