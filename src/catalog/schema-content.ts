import { CORE_SCHEMA, load } from 'js-yaml';
import { BundlesError } from '../errors.js';
import type { CatalogEntry } from './catalog-target.js';

/** The document of an entry as plain data. @throws SCHEMA_INVALID */
export function parseContent({ content, bundle }: CatalogEntry): Readonly<Record<string, unknown>> {
  const doing = `Cannot register the workflow of ${JSON.stringify(bundle)}`;
  try {
    const document: unknown = load(content, { schema: CORE_SCHEMA, maxAliases: 100, maxDepth: 30 });
    if (isMapping(document)) return document;
  } catch (cause) {
    throw new BundlesError('SCHEMA_INVALID', `${doing}: its schema is no YAML that can be read`, { cause });
  }
  throw new BundlesError('SCHEMA_INVALID', `${doing}: its schema is no mapping`);
}

/** True for what a YAML or JSON mapping becomes. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
