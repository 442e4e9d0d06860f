import type { Description } from '../../workflow/declaration.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import { type ConfigNode, recordAt, requireAt } from '../../yaml-file/config-node.js';
import { refuseFlat } from './parse-remediation.js';
import { parseText } from './parse-scalar.js';

const keys = ['what', 'whenToUse', 'whenNotToUse', 'preconditions'] as const;
const flatRule = { wanted: 'text of at most 500 characters', longest: 500 };

/** A workflow's description: a text, or a mapping where the format has fields for its parts. */
export function parseDescription(node: ConfigNode, format: SchemaFormat): Description | undefined {
  const flat = format === 'workflow-schema';
  if (isMapping(node.value)) {
    const nodes = recordAt(node, keys);
    if (!flat) return parseParts(node);
    requireAt(nodes.what, 'what the workflow does, in 1 to 500 characters');
    for (const key of keys) if (key !== 'what') refuseFlat(nodes[key]);
    const what = parseText(nodes.what, flatRule);
    return what === undefined ? undefined : { what: what.trim() };
  }
  if (flat) {
    requireAt(node, 'what the workflow does, in 1 to 500 characters');
    const what = parseText(node, flatRule);
    return what === undefined ? undefined : { what: what.trim() };
  }
  requireAt(node, 'a mapping with what and whenToUse');
  if (parseText(node, { wanted: 'a mapping with what and whenToUse', longest: 500 }) !== undefined)
    requireAt({ ...node, value: undefined, path: [...node.path, 'whenToUse'] }, whenToUse);
  return undefined;
}

/** A description in parts, of which what and whenToUse are required. */
export function parseParts(node: ConfigNode): (Description & { readonly whenToUse: string }) | undefined {
  const nodes = recordAt(node, keys);
  if (!isMapping(node.value)) return undefined;
  requireAt(nodes.what, 'a text that describes what it does');
  requireAt(nodes.whenToUse, whenToUse);
  const [what, when, whenNotToUse, preconditions] = keys.map((key) =>
    parseText(nodes[key], { wanted: 'text of at most 1000 characters' })?.trim(),
  );
  if (what === undefined || when === undefined) return undefined;
  return {
    what,
    whenToUse: when,
    ...(whenNotToUse === undefined ? {} : { whenNotToUse }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}

const whenToUse = 'a text that describes when it is the right choice';

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
