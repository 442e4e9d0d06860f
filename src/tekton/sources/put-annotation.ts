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
 * Gives objects of a text an annotation, or another value for one that they have, and leaves every other byte as it is:
 * comments, order, quotes and line ends. The result is read back. Undefined if that would change anything else, such
 * as another place that shares the metadata by an anchor.
 *
 * @throws YAML_INVALID for a text that cannot be read
 */
export function putAnnotations(
  text: string,
  edits: readonly AnnotationEdit[],
  file = '-',
): string | undefined {
  const before = placeDocuments(text, file);
  const present = edits.filter(
    ({ document, name }) => annotationAt(before[document - 1], name) !== undefined,
  );
  const paths = present.map(({ document, name, value }) => ({
    document,
    path: ['metadata', 'annotations', name],
    text: value,
  }));
  const edited = paths.length === 0 ? { text, refused: [] } : editReferences(text, paths);
  if (edited.refused.length > 0) return undefined;
  const between = paths.length === 0 ? before : placeDocuments(edited.text, file);
  const missing = edits.filter((edit) => !present.includes(edit));
  const insertions = missing.map((edit) => insertion(edited.text, edit, between[edit.document - 1]));
  const result = insertAll(edited.text, insertions);
  if (result === undefined) return undefined;
  const after = missing.length === 0 ? between : placeDocuments(result, file);
  const byDocument = new Map(edits.map((edit) => [edit.document, edit]));
  const isWanted = ({ value }: PlacedDocument, index: number) => {
    const edit = byDocument.get(index + 1);
    return isSame(edit ? withAnnotation(value, edit) : value, after[index]?.value ?? null);
  };
  return after.length === before.length && before.every(isWanted) ? result : undefined;
}

function annotationAt(document: PlacedDocument | undefined, name: string): YamlValue | undefined {
  return memberOf(memberOf(memberOf(document?.value, 'metadata'), 'annotations'), name);
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

function insertAll(text: string, insertions: readonly (Insertion | undefined)[]): string | undefined {
  const parts: string[] = [];
  let from = 0;
  for (const insertion of [...insertions].sort((left, right) => (left?.at ?? 0) - (right?.at ?? 0))) {
    if (insertion === undefined) return undefined;
    parts.push(text.slice(from, insertion.at), insertion.text);
    from = insertion.at;
  }
  return parts.join('') + text.slice(from);
}

/** One more member in front of those of the annotations, or annotations in front of the members of the metadata. */
function insertion(
  text: string,
  { name, value }: AnnotationEdit,
  document: PlacedDocument | undefined,
): Insertion | undefined {
  if (document === undefined) return undefined;
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

function put({ text, offset }: Place, mapping: MappingNode, member: Member): Insertion | undefined {
  properties.lastIndex = offset(mapping);
  const brace = properties.exec(text);
  if (brace) {
    const at = properties.lastIndex;
    const end = mapping.entries.length === 0 ? '' : ', ';
    return { at, text: member.flow + end };
  }
  const [first] = mapping.entries;
  if (first === undefined) return undefined;
  const key = offset(first);
  const start = text.lastIndexOf('\n', key - 1) + 1;
  const indent = text.slice(start, key);
  if (!/^ *$/.test(indent)) return undefined;
  const lineEnd = text.indexOf('\n', key) > 0 && text[text.indexOf('\n', key) - 1] === '\r' ? '\r\n' : '\n';
  const lines = member.block('  ').map((line) => indent + line + lineEnd);
  return { at: start, text: lines.join('') };
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
