import { fromJson } from './from-json.js';
import type { TektonObject } from './object.js';
import type { YamlMap, YamlValue } from './yaml/value.js';

/** An object's content, with every digit of its numbers. */
export function objectValue({ json }: Pick<TektonObject, 'json'>): YamlValue {
  return fromJson(new TextDecoder().decode(json));
}

/** The same for JavaScript: numbers beyond 2^53 are rounded. */
export function plainValue({ json }: Pick<TektonObject, 'json'>): unknown {
  return JSON.parse(new TextDecoder().decode(json));
}

/** The value at a path of keys; undefined where it leads nowhere. */
export function valueIn(value: YamlValue | undefined, ...path: readonly string[]): YamlValue | undefined {
  let found = value;
  for (const key of path) found = found instanceof Map ? found.get(key) : undefined;
  return found;
}

/** The maps of a list; none where there is no list. */
export function mapsIn(value: YamlValue | undefined): YamlMap[] {
  return Array.isArray(value) ? value.filter((item): item is YamlMap => item instanceof Map) : [];
}

export function textIn(value: YamlValue | undefined, ...path: readonly string[]): string | undefined {
  const found = valueIn(value, ...path);
  return typeof found === 'string' ? found : undefined;
}
