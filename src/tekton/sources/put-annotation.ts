import { childEntry, type MappingNode, type YamlNode } from '../yaml/nodes.js';
import type { YamlMap, YamlValue } from '../yaml/value.js';
import { editReferences } from './edit-references.js';
import { type PlacedDocument, placeDocuments } from './place-documents.js';

export interface AnnotationEdit {
  /** Counted from 1 within the text. */
  readonly document: number;
  readonly name: string;
  readonly value: string;
}

/**
 * Gives an object of a text an annotation, or another value for one that it has, and leaves every other byte as it is:
 * comments, order, quotes and line ends. The result is read back. Undefined where the documents would then say anything
 * else, as where other places share the metadata by an anchor.
 *
 * @throws YAML_INVALID for a text that cannot be read
 */
export function putAnnotation(text: string, edit: AnnotationEdit, file = '-'): string | undefined {
  const documents = placeDocuments(text, file);
  const document = documents[edit.document - 1];
  if (document?.root === undefined || !(document.value instanceof Map)) return undefined;
  const result = replaced(text, edit, document) ?? inserted(text, edit, document);
  if (result === undefined) return undefined;
  const wanted = documents.map(({ value }, index) =>
    index === edit.document - 1 ? withAnnotation(value, edit) : value,
  );
  const found = placeDocuments(result, file).map(({ value }) => value);
  return found.length === wanted.length && wanted.every((value, index) => isSame(value, found[index] ?? null))
    ? result
    : undefined;
}

function replaced(text: string, { name, value, document }: AnnotationEdit, placed: PlacedDocument) {
  const metadata = memberOf(placed.value, 'metadata');
  if (!(memberOf(metadata, 'annotations') instanceof Map)) return undefined;
  if (memberOf(memberOf(metadata, 'annotations'), name) === undefined) return undefined;
  const path = ['metadata', 'annotations', name];
  const edited = editReferences(text, [{ document, path, text: value }]);
  return edited.refused.length > 0 ? undefined : edited.text;
}

/** One more member in front of those of the annotations, or annotations in front of the members of the metadata. */
function inserted(
  text: string,
  { name, value }: AnnotationEdit,
  document: PlacedDocument,
): string | undefined {
  const { root, syntax } = document;
  const metadata = root && childEntry(root, 'metadata')?.value;
  if (metadata?.type !== 'mapping') return undefined;
  const entry = childEntry(metadata, 'annotations');
  const isJson = syntax === 'json';
  const flow = `${isJson ? JSON.stringify(name) : name}: ${JSON.stringify(value)}`;
  const annotations = entry?.value;
  const at: Place = { text, offset: (node) => document.offsetInFile(node.offset) };
  if (annotations?.type === 'mapping')
    return put(at, annotations, { flow, block: () => [`${name}: ${JSON.stringify(value)}`] });
  if (annotations !== undefined) return undefined;
  const key = isJson ? '"annotations"' : 'annotations';
  return put(at, metadata, {
    flow: `${key}: {${flow}}`,
    block: (step) => ['annotations:', `${step}${name}: ${JSON.stringify(value)}`],
  });
}

interface Place {
  readonly text: string;
  offset(node: YamlNode): number;
}

interface Member {
  /** Within braces. */
  readonly flow: string;
  /** Its lines, without the indentation of the mapping. */
  block(step: string): readonly string[];
}

const properties = /(?:[&!][^\s,[\]{}]*\s+)*\{/y;

function put({ text, offset }: Place, mapping: MappingNode, member: Member): string | undefined {
  properties.lastIndex = offset(mapping);
  const brace = properties.exec(text);
  if (brace) {
    const at = properties.lastIndex;
    const end = mapping.entries.length === 0 ? '' : ', ';
    return text.slice(0, at) + member.flow + end + text.slice(at);
  }
  const [first] = mapping.entries;
  if (first === undefined) return undefined;
  const key = offset(first);
  const start = text.lastIndexOf('\n', key - 1) + 1;
  const indent = text.slice(start, key);
  if (!/^ *$/.test(indent)) return undefined;
  const lineEnd = text.indexOf('\n', key) > 0 && text[text.indexOf('\n', key) - 1] === '\r' ? '\r\n' : '\n';
  const lines = member.block('  ').map((line) => indent + line + lineEnd);
  return text.slice(0, start) + lines.join('') + text.slice(start);
}

function memberOf(value: YamlValue | undefined, name: string): YamlValue | undefined {
  return value instanceof Map ? value.get(name) : undefined;
}

function withAnnotation(value: YamlValue, { name, value: text }: AnnotationEdit): YamlMap {
  const set = (given: YamlValue | undefined, key: string, child: YamlValue): YamlMap =>
    new Map(given instanceof Map ? given : []).set(key, child);
  const metadata = memberOf(value, 'metadata');
  const annotations = set(memberOf(metadata, 'annotations'), name, text);
  return set(value, 'metadata', set(metadata, 'annotations', annotations));
}

function isSame(left: YamlValue, right: YamlValue): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index] ?? null));
  }
  if (left instanceof Map && right instanceof Map) {
    const entries = [...left];
    return (
      left.size === right.size &&
      entries.every(([key, item]) => right.has(key) && isSame(item, right.get(key) ?? null))
    );
  }
  return Object.is(left, right);
}
