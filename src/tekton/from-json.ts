import type { YamlMap, YamlValue } from './yaml/value.js';

/** A JSON text as the values that `parseYaml` gives. The nesting is limited by whoever found the text. */
export function fromJson(text: string): YamlValue {
  return convert(JSON.parse(text));
}

function convert(value: unknown): YamlValue {
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value as YamlValue;
  const map: YamlMap = new Map();
  for (const [key, item] of Object.entries(value)) map.set(key, convert(item));
  return map;
}
