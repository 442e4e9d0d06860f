import { escapeJsonForHtml } from './canonical-json.js';
import type { FieldPath } from './field-path.js';
import { type Field, type FieldType, objectType, type Slot, type StructType } from './fields.js';
import { durationText, quantityText, timeText } from './go-texts.js';
import { compactJson, DuplicateMember, isNull, type JsonNode, parseJsonText, stringOf } from './json-text.js';
import type { TektonObject } from './object.js';
import { olderObjectType, type TektonSide } from './older-fields.js';

/** The annotation that holds an object's signature. */
export const signatureAnnotation = 'tekton.dev/signature';

/** Kinds whose signatures a cluster verifies. */
export const verifiedKinds: readonly string[] = ['Task', 'Pipeline'];

/** Why an object has no form that could be signed: a cluster could not hash it, or would not cover all of it. */
export class UnsignableObject extends Error {
  /** From the object's root. */
  readonly path: FieldPath;

  constructor(path: FieldPath, message: string) {
    super(message);
    this.name = 'UnsignableObject';
    this.path = path;
  }
}

/**
 * The text whose SHA-256 a cluster verifies the signature of an object against (Trusted Resources): what Go's encoder
 * makes of the object once it is decoded into Tekton's types and its defaults are set. Of the metadata only names, labels
 * and annotations are covered, without those that tools add. Cluster versions differ in their types, `side` states which.
 *
 * @throws UnsignableObject, also for fields that these types do not have, which no signature would cover
 */
export function signedForm(
  { apiVersion, kind, json }: Pick<TektonObject, 'apiVersion' | 'kind' | 'json'>,
  side: TektonSide,
): string {
  const type = side === '1.14' ? objectType(apiVersion, kind) : olderObjectType(apiVersion, kind, side);
  if (!verifiedKinds.includes(kind) || type === undefined)
    throw new UnsignableObject(['kind'], `found a ${kind} of ${apiVersion}, wanted a Task or a Pipeline`);
  const root = readJson(json);
  const members = new Map(root.members);
  members.set('metadata', coveredMetadata(members.get('metadata')));
  const spec = withDefaults(kind, members.get('spec'));
  if (spec) members.set('spec', spec);
  const { text } = encode({ text: '', members }, type, []);
  return escapeJsonForHtml(text);
}

function readJson(json: Uint8Array): JsonNode {
  try {
    return parseJsonText(new TextDecoder().decode(json));
  } catch (error) {
    if (error instanceof DuplicateMember) throw new UnsignableObject(error.path, error.message);
    throw error;
  }
}

const coveredNames = ['name', 'generateName', 'namespace', 'labels'];
const otherAnnotations: readonly string[] = [
  signatureAnnotation,
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubectl-client-side-apply',
];

function coveredMetadata(metadata: JsonNode | undefined): JsonNode {
  const members = new Map<string, JsonNode>();
  for (const [name, node] of metadata?.members ?? []) {
    if (coveredNames.includes(name)) members.set(name, node);
    if (name !== 'annotations' || node.members === undefined) continue;
    const kept = [...node.members].filter(([key]) => !otherAnnotations.includes(key));
    members.set(name, { text: '', members: new Map(kept) });
  }
  return { text: '', members };
}

const string = { text: '"string"' };
const object = { text: '"object"' };
const nothing: JsonNode = { text: '', members: new Map() };

/** What Tekton fills in before it verifies: types of params and results, and the kind of a task that is named. */
function withDefaults(kind: string, spec: JsonNode | undefined): JsonNode | undefined {
  if (spec?.members === undefined) return spec;
  if (kind === 'Task') return taskDefaults(spec);
  const tasks = (node: JsonNode) => each(node, pipelineTaskDefaults);
  return change(spec, { params: (node) => each(node, paramDefaults), tasks, finally: tasks });
}

function taskDefaults(spec: JsonNode): JsonNode {
  return change(spec, {
    params: (node) => each(node, paramDefaults),
    results: (node) => each(node, resultDefaults),
  });
}

function pipelineTaskDefaults(task: JsonNode): JsonNode {
  return change(task, {
    taskSpec: taskDefaults,
    taskRef: (ref) =>
      isEmpty(ref, 'resolver') && isEmpty(ref, 'kind') ? put(ref, 'kind', { text: '"Task"' }) : ref,
  });
}

function paramDefaults(param: JsonNode): JsonNode {
  const properties = param.members?.get('properties');
  const typed = change(param, { properties: propertyDefaults });
  if (!isEmpty(param, 'type')) return typed;
  if (!isNull(properties)) return put(typed, 'type', object);
  const value = param.members?.get('default');
  return put(param, 'type', isNull(value) || value === undefined ? string : typeOf(value));
}

function resultDefaults(result: JsonNode): JsonNode {
  const properties = result.members?.get('properties');
  const typed = change(result, { properties: propertyDefaults });
  if (!isEmpty(result, 'type')) return typed;
  return put(typed, 'type', isNull(properties) ? string : object);
}

function propertyDefaults(properties: JsonNode): JsonNode {
  const members = [...(properties.members ?? [])].map(([name, node]) => {
    const property = isNull(node) ? nothing : node;
    return [name, isEmpty(property, 'type') ? put(nothing, 'type', string) : property] as const;
  });
  return { text: '', members: new Map(members) };
}

function isEmpty(node: JsonNode, name: string): boolean {
  const value = node.members?.get(name);
  return value === undefined || isNull(value) || value.text === '""';
}

function put(node: JsonNode, name: string, value: JsonNode): JsonNode {
  return { text: '', members: new Map(node.members).set(name, value) };
}

/** Members that are there and not null, changed. */
function change(node: JsonNode, changes: Readonly<Record<string, (node: JsonNode) => JsonNode>>): JsonNode {
  const members = new Map(node.members);
  for (const [name, make] of Object.entries(changes)) {
    const value = members.get(name);
    if (value !== undefined && !isNull(value)) members.set(name, make(value));
  }
  return { text: '', members };
}

/** Null in a list is an empty value of its type. */
function each(list: JsonNode, make: (node: JsonNode) => JsonNode): JsonNode {
  return { text: '', items: (list.items ?? []).map((item) => make(isNull(item) ? nothing : item)) };
}

/** How Tekton takes the value of a param: a list or a mapping of strings, and everything else as text. */
function typeOf(value: JsonNode): JsonNode {
  if (value.items && isTexts(value.items)) return { text: '"array"' };
  return value.members && isTexts([...value.members.values()]) ? object : string;
}

function isTexts(nodes: readonly JsonNode[]): boolean {
  return nodes.every((node) => isNull(node) || node.text.startsWith('"'));
}

/** A value as Go writes it, and what decides whether its field is written. */
interface Encoded {
  readonly text: string;
  readonly isEmpty: boolean;
  readonly isZero: boolean;
}

const encoded = (text: string, isEmptyValue: boolean, isZero = isEmptyValue): Encoded => ({
  text,
  isEmpty: isEmptyValue,
  isZero,
});

function encodeSlot(node: JsonNode | undefined, { type, isPointer }: Slot, path: FieldPath): Encoded {
  if (!isPointer) return encode(node, type, path);
  return node === undefined || isNull(node)
    ? encoded('null', true)
    : encoded(encode(node, type, path).text, false);
}

/** Undefined is a field that is not there; null is the same everywhere but in the value of a param. */
function encode(given: JsonNode | undefined, type: FieldType, path: FieldPath): Encoded {
  const node = given === undefined || isNull(given) ? undefined : given;
  switch (type.is) {
    case 'struct':
      return encodeStruct(node, type, path);
    case 'list': {
      if (node === undefined) return encoded('null', true);
      const items = (node.items ?? []).map((item, index) => encodeSlot(item, type.of, [...path, index]).text);
      return encoded(`[${items.join(',')}]`, items.length === 0, false);
    }
    case 'map':
      return encodeMap(node, type.of, path);
    case 'param-value':
      return encoded(paramValue(given, path), false);
    case 'raw':
      return encoded(node === undefined ? 'null' : compactJson(node.text), false, node === undefined);
    case 'bool':
      return encoded(node?.text ?? 'false', (node?.text ?? 'false') === 'false');
    case 'string':
      return encodeText(node === undefined ? '' : stringOf(node));
    case 'int32':
    case 'int64': {
      const number = node === undefined ? '0' : BigInt(node.text).toString();
      return encoded(number, number === '0');
    }
    case 'int-or-string':
    case 'int64-or-string': {
      if (node === undefined) return encoded('0', false, true);
      const text = node.text.startsWith('"') ? JSON.stringify(stringOf(node)) : BigInt(node.text).toString();
      return encoded(text, false);
    }
    case 'quantity':
      return written(node, quantityText, { path, absent: '"0"' });
    case 'duration':
      return written(node, durationText, { path, absent: '"0s"' });
    case 'time':
      return written(node, timeText, { path, absent: 'null' });
  }
}

function encodeText(text: string): Encoded {
  return encoded(JSON.stringify(text), text === '');
}

/** What Go keeps as text and writes in one form; never empty for `omitempty`, since it is a struct there. */
function written(
  node: JsonNode | undefined,
  write: (text: string) => string | undefined,
  { path, absent }: { readonly path: FieldPath; readonly absent: string },
): Encoded {
  if (node === undefined) return encoded(absent, false, true);
  const text = node.text.startsWith('"') ? node.text.slice(1, -1).trim() : node.text;
  const result = write(text);
  if (result === undefined) throw new UnsignableObject(path, `found ${node.text}, whose form is not known`);
  return encoded(JSON.stringify(result), false, false);
}

function encodeStruct(node: JsonNode | undefined, { fields }: StructType, path: FieldPath): Encoded {
  for (const name of node?.members?.keys() ?? []) {
    if (fields.has(name)) continue;
    throw new UnsignableObject(
      [...path, name],
      `found the field ${JSON.stringify(name)}, which that version of Tekton does not know: no signature would cover it`,
    );
  }
  const members: string[] = [];
  let isZero = true;
  for (const field of fields.values()) {
    const { text, ...value } = encodeSlot(node?.members?.get(field.name), field, [...path, field.name]);
    isZero &&= value.isZero;
    if (!isOmitted(field, value)) members.push(`${JSON.stringify(field.name)}:${text}`);
  }
  return encoded(`{${members.join(',')}}`, false, isZero);
}

function isOmitted({ omitEmpty, omitZero }: Field, value: Omit<Encoded, 'text'>): boolean {
  return (omitEmpty && value.isEmpty) || (omitZero && value.isZero);
}

function encodeMap(node: JsonNode | undefined, of: Slot, path: FieldPath): Encoded {
  if (node === undefined) return encoded('null', true);
  const members = [...(node.members ?? [])]
    .map(([key, value]) => ({
      key,
      bytes: Buffer.from(key),
      text: encodeSlot(value, of, [...path, key]).text,
    }))
    .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
    .map(({ key, text }) => `${JSON.stringify(key)}:${text}`);
  return encoded(`{${members.join(',')}}`, members.length === 0, false);
}

function paramValue(node: JsonNode | undefined, path: FieldPath): string {
  if (node === undefined) throw new UnsignableObject(path, 'found no value, which Tekton cannot write');
  if (isNull(node)) return '""';
  const texts = (one: JsonNode) => (isNull(one) ? '""' : JSON.stringify(stringOf(one)));
  if (node.items && isTexts(node.items)) return `[${node.items.map(texts).join(',')}]`;
  if (node.members && isTexts([...node.members.values()])) {
    const slot: Slot = { type: { is: 'string' }, isPointer: false };
    return encodeMap(node, slot, path).text;
  }
  return JSON.stringify(node.text.startsWith('"') ? stringOf(node) : node.text);
}
