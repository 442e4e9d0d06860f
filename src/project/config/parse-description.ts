import type { Description } from '../../workflow/declaration.js';
import type { SchemaFormat } from '../../workflow/schema-format.js';
import { type ConfigNode, recordAt, requireAt } from '../../yaml-file/config-node.js';
import { refuseFlat } from './parse-remediation.js';
import { parseText } from './parse-scalar.js';

const keys = ['what', 'whenToUse', 'whenNotToUse', 'preconditions'] as const;
const flatRule = { wanted: 'text of at most 500 characters', longest: 500 };

/** A workflow's description: a text, or a mapping where the format has a place for its parts. */
export function parseDescription(place: ConfigNode, format: SchemaFormat): Description | undefined {
  const flat = format === 'workflow-schema';
  if (isMapping(place.value)) {
    const places = recordAt(place, keys);
    if (!flat) return parseParts(place);
    requireAt(places.what, 'what the workflow does, in 1 to 500 characters');
    for (const key of keys) if (key !== 'what') refuseFlat(places[key]);
    const what = parseText(places.what, flatRule);
    return what === undefined ? undefined : { what: what.trim() };
  }
  if (flat) {
    requireAt(place, 'what the workflow does, in 1 to 500 characters');
    const what = parseText(place, flatRule);
    return what === undefined ? undefined : { what: what.trim() };
  }
  requireAt(place, 'a mapping with what and whenToUse');
  if (parseText(place, { wanted: 'a mapping with what and whenToUse', longest: 500 }) !== undefined)
    requireAt({ ...place, value: undefined, path: [...place.path, 'whenToUse'] }, whenToUse);
  return undefined;
}

/** A description in parts, of which what and whenToUse are required. */
export function parseParts(place: ConfigNode): (Description & { readonly whenToUse: string }) | undefined {
  const places = recordAt(place, keys);
  if (!isMapping(place.value)) return undefined;
  requireAt(places.what, 'a text that says what it does');
  requireAt(places.whenToUse, whenToUse);
  const [what, when, whenNotToUse, preconditions] = keys.map((key) =>
    parseText(places[key], { wanted: 'text of at most 1000 characters' })?.trim(),
  );
  if (what === undefined || when === undefined) return undefined;
  return {
    what,
    whenToUse: when,
    ...(whenNotToUse === undefined ? {} : { whenNotToUse }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}

const whenToUse = 'a text that says when it is the right thing to do';

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
