import type { FieldPath } from '../objects/field-path.js';
import type { YamlValue } from '../yaml/value.js';

/** A value of a document, or its absence, and where it is. */
export interface Field {
  readonly value: YamlValue | undefined;
  readonly path: FieldPath;
}

/** A string field as Go reads it: absent and null are empty. */
export interface Text {
  readonly text: string;
  readonly path: FieldPath;
}

export function child({ value, path }: Field, key: string): Field {
  return { value: value instanceof Map ? value.get(key) : undefined, path: [...path, key] };
}

/** The elements of a list; none where there is no list. */
export function items({ value, path }: Field): Field[] {
  return Array.isArray(value) ? value.map((item, index) => ({ value: item, path: [...path, index] })) : [];
}

/** The entries of a mapping; none where there is no mapping. */
export function entries({ value, path }: Field): [string, Field][] {
  if (!(value instanceof Map)) return [];
  return [...value].map(([key, item]) => [key, { value: item, path: [...path, key] }]);
}

/** Go's nil: absent or null. */
export function isNil({ value }: Field): boolean {
  return value === undefined || value === null;
}

export function textAt(parent: Field, key: string): Text {
  const { value, path } = child(parent, key);
  return { text: typeof value === 'string' ? value : '', path };
}

export function textsAt(parent: Field, key: string): Text[] {
  return items(child(parent, key)).map(({ value, path }) => ({
    text: typeof value === 'string' ? value : '',
    path,
  }));
}

/** What `read` makes of a field, or undefined where it is nil. */
export function optional<T>(field: Field, read: (field: Field) => T): T | undefined {
  return isNil(field) ? undefined : read(field);
}
