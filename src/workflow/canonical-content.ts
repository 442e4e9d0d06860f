import { toCanonicalJson } from '../tekton/objects/canonical-json.js';
import type { YamlMap, YamlValue } from '../tekton/yaml/value.js';

/**
 * What the admission webhook of a RemediationWorkflow hashes: apiVersion, kind, metadata.name and spec as Go's
 * `json.Marshal` writes them. Fields stand in the order of the Go structs, keys of free JSON are sorted, what the
 * structs do not know is left out, and so is what is empty where they say so.
 */
export function canonicalContent(document: unknown): string {
  const root = reader(document);
  return struct([
    field('apiVersion', text(root.get('apiVersion'))),
    field('kind', text(root.get('kind'))),
    field('metadata', struct([field('name', text(reader(root.get('metadata')).get('name')))])),
    field('spec', spec(root.get('spec'))),
  ]);
}

function spec(value: unknown): string {
  const from = reader(value);
  return struct([
    field('version', text(from.get('version'))),
    field('description', description(from.get('description'))),
    field('actionType', text(from.get('actionType'))),
    field('labels', labels(from.get('labels'))),
    optional('customLabels', from.get('customLabels'), free),
    optional('detectedLabels', from.get('detectedLabels'), free, present),
    field('execution', execution(from.get('execution'))),
    optional('dependencies', from.get('dependencies'), dependencies, present),
    optional('maintainers', from.get('maintainers'), (list) => structs(list, maintainer)),
    field('parameters', structs(from.get('parameters'), parameter)),
    optional('rollbackParameters', from.get('rollbackParameters'), (list) => structs(list, parameter)),
  ]);
}

function description(value: unknown): string {
  const from = reader(value);
  return struct([
    field('what', text(from.get('what'))),
    field('whenToUse', text(from.get('whenToUse'))),
    optional('whenNotToUse', from.get('whenNotToUse'), text),
    optional('preconditions', from.get('preconditions'), text),
  ]);
}

function labels(value: unknown): string {
  const from = reader(value);
  return struct([
    field('severity', texts(from.get('severity'))),
    field('environment', texts(from.get('environment'))),
    field('component', texts(from.get('component'))),
    field('priority', text(from.get('priority'))),
    optional('cluster', from.get('cluster'), texts),
  ]);
}

function execution(value: unknown): string {
  const from = reader(value);
  return struct([
    optional('engine', from.get('engine'), text),
    optional('bundle', from.get('bundle'), text),
    optional('bundleDigest', from.get('bundleDigest'), text),
    optional('engineConfig', from.get('engineConfig'), free, present),
    optional('serviceAccountName', from.get('serviceAccountName'), text),
  ]);
}

function dependencies(value: unknown): string {
  const from = reader(value);
  return struct([
    optional('secrets', from.get('secrets'), (list) => structs(list, named)),
    optional('configMaps', from.get('configMaps'), (list) => structs(list, named)),
  ]);
}

function named(value: unknown): string {
  return struct([field('name', text(reader(value).get('name')))]);
}

function maintainer(value: unknown): string {
  const from = reader(value);
  return struct([field('name', text(from.get('name'))), field('email', text(from.get('email')))]);
}

function parameter(value: unknown): string {
  const from = reader(value);
  return struct([
    field('name', text(from.get('name'))),
    field('type', text(from.get('type'))),
    field('required', String(from.get('required') === true)),
    field('description', text(from.get('description'))),
    optional('enum', from.get('enum'), texts),
    optional('pattern', from.get('pattern'), text),
    optional('minimum', from.get('minimum'), free, present),
    optional('maximum', from.get('maximum'), free, present),
    optional('default', from.get('default'), free, present),
    optional('dependsOn', from.get('dependsOn'), texts),
  ]);
}

type Field = string | undefined;

function struct(fields: readonly Field[]): string {
  return `{${fields.filter((one) => one !== undefined).join()}}`;
}

function field(name: string, json: string): Field {
  return `"${name}":${json}`;
}

/** Go's `omitempty`; a pointer is empty only where there is nothing at all. */
function optional(
  name: string,
  value: unknown,
  write: (value: unknown) => string,
  holds: (value: unknown) => boolean = filled,
): Field {
  return holds(value) ? field(name, write(value)) : undefined;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function filled(value: unknown): boolean {
  if (!present(value) || value === '') return false;
  return typeof value !== 'object' || Object.keys(value as object).length > 0;
}

function text(value: unknown): string {
  return free(typeof value === 'string' ? value : '');
}

function texts(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(text).join()}]` : 'null';
}

function structs(value: unknown, write: (value: unknown) => string): string {
  return Array.isArray(value) ? `[${value.map(write).join()}]` : 'null';
}

function free(value: unknown): string {
  return new TextDecoder().decode(toCanonicalJson(toYamlValue(value)));
}

function toYamlValue(value: unknown): YamlValue {
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(toYamlValue);
  if (typeof value !== 'object' || value === null) return (value ?? null) as YamlValue;
  const map: YamlMap = new Map();
  for (const [key, item] of Object.entries(value))
    if (item !== undefined) map.set(key.replace(/\p{Surrogate}/gu, '\ufffd'), toYamlValue(item));
  return map;
}

function reader(value: unknown): { get(key: string): unknown } {
  const known = typeof value === 'object' && value !== null ? value : {};
  return { get: (key) => Object.getOwnPropertyDescriptor(known, key)?.value };
}
