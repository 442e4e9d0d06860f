import { toCanonicalJson } from '../../objects/canonical-json.js';
import type { FieldPath } from '../../objects/field-path.js';
import type { YamlValue } from '../../yaml/value.js';
import { child, entries, type Field, isNil, items, optional, type Text, textAt, textsAt } from '../field.js';

/** What Tekton makes of a `value` or a `default`. */
export interface ParamValue {
  readonly path: FieldPath;
  readonly type: 'string' | 'array' | 'object';
  /** Of a string; of everything that is neither list nor mapping of strings, its JSON. */
  readonly text: Text;
  readonly items: readonly Text[];
  readonly entries: ReadonlyMap<string, Text>;
}

/** A value passed to a param. */
export interface Param {
  readonly path: FieldPath;
  readonly name: Text;
  readonly value: ParamValue;
}

/** A declared param, with the type that Tekton infers where there is none. */
export interface ParamSpec {
  readonly path: FieldPath;
  readonly name: Text;
  readonly type: Text;
  readonly default: ParamValue | undefined;
  /** Types of the keys of an object; undefined where there are none. */
  readonly properties: ReadonlyMap<string, Text> | undefined;
  readonly enum: readonly Text[];
}

/** A declared result of a Task, a step or a StepAction. */
export interface Result {
  readonly path: FieldPath;
  readonly name: Text;
  readonly type: Text;
  readonly properties: ReadonlyMap<string, Text> | undefined;
  readonly value: ParamValue | undefined;
}

/** Whether Tekton fills in types before it validates: not within a `pipelineSpec` and not for results of steps. */
export interface Defaulting {
  readonly defaults: boolean;
}

export function readParams(list: Field): Param[] {
  return items(list).map((field) => ({
    path: field.path,
    name: textAt(field, 'name'),
    value: readValue(child(field, 'value')),
  }));
}

export function readParamSpecs(list: Field, { defaults }: Defaulting): ParamSpec[] {
  return items(list).map((field) => {
    const given = textAt(field, 'type');
    const value = optional(child(field, 'default'), readValue);
    const properties = readProperties(child(field, 'properties'), { defaults });
    const inferred = properties === undefined ? (value?.type ?? 'string') : 'object';
    return {
      path: field.path,
      name: textAt(field, 'name'),
      type: given.text !== '' || !defaults ? given : { ...given, text: inferred },
      default: value,
      properties,
      enum: textsAt(field, 'enum'),
    };
  });
}

export function readResults(list: Field, { defaults }: Defaulting): Result[] {
  return items(list).map((field) => {
    const given = textAt(field, 'type');
    const properties = readProperties(child(field, 'properties'), { defaults });
    const inferred = properties === undefined ? 'string' : 'object';
    return {
      path: field.path,
      name: textAt(field, 'name'),
      type: given.text !== '' || !defaults ? given : { ...given, text: inferred },
      properties,
      value: optional(child(field, 'value'), readValue),
    };
  });
}

export function readValue(field: Field): ParamValue {
  const { value, path } = field;
  const nothing = { path, text: { text: '', path }, items: [], entries: new Map<string, Text>() };
  if (Array.isArray(value) && value.every(isText)) {
    return { ...nothing, type: 'array', items: items(field).map(asText) };
  }
  if (value instanceof Map && [...value.values()].every(isText)) {
    const texts = entries(field).map(([key, item]) => [key, asText(item)] as const);
    return { ...nothing, type: 'object', entries: new Map(texts) };
  }
  if (isNil(field) || typeof value === 'string') return { ...nothing, type: 'string', text: asText(field) };
  const text = new TextDecoder().decode(toCanonicalJson(value ?? null));
  return { ...nothing, type: 'string', text: { text, path } };
}

/** All texts in which a value can use variables. */
export function textsOf({ type, text, items: list, entries: map }: ParamValue): readonly Text[] {
  if (type === 'array') return list;
  return type === 'object' ? [...map.values()] : [text];
}

function readProperties(field: Field, { defaults }: Defaulting): Map<string, Text> | undefined {
  if (isNil(field)) return undefined;
  return new Map(
    entries(field).map(([key, property]) => {
      const type = textAt(property, 'type');
      return [key, defaults && type.text === '' ? { ...type, text: 'string' } : type];
    }),
  );
}

function isText(value: YamlValue): boolean {
  return typeof value === 'string' || value === null;
}

function asText({ value, path }: Field): Text {
  return { text: typeof value === 'string' ? value : '', path };
}
