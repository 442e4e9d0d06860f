import type { YamlValue } from '../yaml/value.js';

/** From a document's root, e.g. `['spec', 'steps', 0, 'image']`. */
export type FieldPath = readonly (string | number)[];

/** `spec.steps[0].image`; keys that are not words are quoted, e.g. `metadata.annotations["x/y"]`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part.length > 80 ? `${part.slice(0, 80)}…` : part)}]`;
  }
  return text;
}

/** The value at a path, undefined where there is none. */
export function valueAt(object: YamlValue, path: FieldPath): YamlValue | undefined {
  let value: YamlValue | undefined = object;
  for (const part of path) {
    if (typeof part === 'string') value = value instanceof Map ? value.get(part) : undefined;
    else value = Array.isArray(value) ? value[part] : undefined;
  }
  return value;
}
