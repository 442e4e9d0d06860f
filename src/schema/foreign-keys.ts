import type { SchemaFormat } from '../workflow/schema-format.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';
import { isMapping, itemsOf, member } from './member.js';
import { type Keys, type Ownership, ownershipOf } from './ownership.js';

/** The keys of a document that its format does not know, or that a conversion has no use for. */
export function foreignKeys(document: unknown, format: SchemaFormat): YamlPath[] {
  const kind = format === 'workflow-schema' ? 'WorkflowSchema' : 'RemediationWorkflow';
  const known = ownershipOf({ kind });
  return unknownIn(document, known, []).filter(
    ([first, second, third]) => !(first === 'spec' && second === 'execution' && third === 'engineConfig'),
  );
}

function unknownIn(value: unknown, { keys }: Keys, path: YamlPath): YamlPath[] {
  if (!isMapping(value)) return [];
  return Object.keys(value).flatMap((key) => {
    const owned = Object.hasOwn(keys, key) ? keys[key] : undefined;
    return owned === undefined ? [[...path, key]] : below(member(value, key), owned, [...path, key]);
  });
}

function below(value: unknown, owned: Ownership, path: YamlPath): YamlPath[] {
  if (typeof owned === 'string') return [];
  if ('keys' in owned) return unknownIn(value, owned, path);
  return itemsOf(value).flatMap((item, index) => unknownIn(item, owned.named, [...path, index]));
}
