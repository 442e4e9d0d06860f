import type { YamlValue } from '../yaml/value.js';
import { type FieldPath, valueAt } from './field-path.js';
import { fromJson } from './from-json.js';

/** An object with its value, or remembered by its bytes alone. */
export interface StoredObject {
  readonly json: Uint8Array;
  readonly value?: YamlValue;
}

/** The content of an object: the value kept on it, else parsed from its bytes. */
export function contentOf({ value, json }: StoredObject): YamlValue {
  return value ?? fromJson(new TextDecoder().decode(json));
}

/** The part of an object at a path, as `JSON.parse` gives it; undefined where there is none. */
export function objectPart(object: StoredObject, path: FieldPath): unknown {
  const found = valueAt(contentOf(object), path);
  return found === undefined ? undefined : plain(found);
}

function plain(value: YamlValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Array.from(value, ([key, item]) => [key, plain(item)]));
}
