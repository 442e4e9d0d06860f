import { schemaFormats } from '../../workflow/schema-format.js';
import {
  type ConfigNode,
  listAt,
  type Problem,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import type { Fallback, SchemaSettings } from '../project.js';
import { parsePath } from './parse-path.js';
import { parseRegistryPath, tagRule } from './parse-reference-field.js';
import { parseChoice, parseText } from './parse-scalar.js';

const registryWanted = 'embedded, none, or a registry with an optional path, e.g. localhost:5000/mirror';

/** Default: embedded. */
export function parseFallback(place: ConfigNode): Fallback {
  const embedded: Fallback = { kind: 'embedded' };
  const { value } = place;
  if (value === undefined || value === 'embedded') return embedded;
  if (value === 'none') return { kind: 'none' };
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { registry, clusterReference } = recordAt(place, ['registry', 'clusterReference']);
    requireAt(registry, 'a registry with an optional path, e.g. localhost:5000/mirror');
    const found = parseRegistryPath(registry, 'a registry with an optional path, e.g. localhost:5000/mirror');
    const cluster = parseRegistryPath(
      clusterReference,
      'the registry as the cluster names it, e.g. 172.18.0.3:5000/mirror',
    );
    return found === undefined ? embedded : { kind: 'registry', registry: found, clusterReference: cluster };
  }
  const problems: Problem[] = [];
  const registry = parseRegistryPath({ ...place, problems }, registryWanted);
  if (registry !== undefined) return { kind: 'registry', registry, clusterReference: undefined };
  const close = typeof value === 'string' ? nearest(value, ['embedded', 'none']) : undefined;
  const hint = close === undefined ? undefined : `Did you mean ${showText(close)}?`;
  report(place, `found ${showValue(value)}, wanted ${registryWanted}`, { hint });
  return embedded;
}

/** Default: the flat workflow schema into `schemas`. */
export function parseSchemas(place: ConfigNode): SchemaSettings {
  const { directory, format } = recordAt(place, ['directory', 'format']);
  const path = parsePath(directory, 'a directory') ?? 'schemas';
  const choice = parseChoice(format, [...schemaFormats, 'none']) ?? 'workflow-schema';
  return { directory: path, format: choice };
}

/** Tags put after the fixed one; default: none. */
export function parseMoving(place: ConfigNode): readonly string[] {
  const tags: string[] = [];
  for (const item of listAt(place) ?? []) {
    const tag = parseText(item, tagRule);
    if (tag === undefined) continue;
    if (tags.includes(tag)) report(item, `found ${showText(tag)} twice, wanted each tag once`);
    else tags.push(tag);
  }
  return tags;
}
