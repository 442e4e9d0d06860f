import type { FieldPath } from '../../objects/field-path.js';
import { findField } from '../../objects/locate-field.js';
import type { SourceDocument } from '../../sources/split-documents.js';
import { parseNodes, type YamlNode } from '../../yaml/nodes.js';
import { createPositions, type TextPosition } from '../../yaml/yaml-problem.js';
import type { Span } from './finding.js';

/** Finds the places of one document in its file. */
export interface Locator {
  /** The value of a field, or its key; where nothing is written, what should have held it. */
  field(path: FieldPath, part?: 'key'): Span;
  node(node: YamlNode): Span;
  /** True where the node is plain text on one line, exactly as its value. */
  isPlain(node: YamlNode): boolean;
}

export function createLocator(document: SourceDocument, given: YamlNode | undefined): Locator {
  const text = document.text.replace(/^\ufeff/, '');
  let root = given;
  let wasRead = given !== undefined;
  let positions: ((offset: number) => TextPosition) | undefined;
  const span = (offset: number, length: number): Span => {
    positions ??= createPositions(text);
    const { line, column } = positions(offset);
    const start = { line: document.line + line - 1, column };
    const width = [...text.slice(offset, offset + length)].length;
    return { start, end: { line: start.line, column: column + width } };
  };
  const node = (found: YamlNode): Span => span(found.offset, lengthOf(text, found));
  return {
    field(path, part) {
      if (!wasRead) root = parseNodes(text);
      wasRead = true;
      if (root === undefined) return span(0, 1);
      const { key, value, isExact } = findField(root, path);
      // A mapping is marked at its key: its first line is rarely what is wrong.
      const isCollection = value.type === 'mapping' || value.type === 'sequence';
      const isKey = key !== undefined && (part === 'key' || isCollection || !isExact);
      return node(isKey ? key : value);
    },
    node,
    isPlain: (found) =>
      found.type === 'scalar' &&
      found.value !== '' &&
      !/[\n"']/.test(found.value) &&
      text.startsWith(found.value, found.offset),
  };
}

function lengthOf(text: string, node: YamlNode): number {
  const lineEnd = text.indexOf('\n', node.offset);
  const rest = (lineEnd < 0 ? text.length : lineEnd) - node.offset;
  if (node.type === 'alias') return Math.min(rest, node.name.length + 1);
  if (node.type !== 'scalar') return 1;
  if (text.startsWith(node.value, node.offset)) return Math.min(rest, Math.max(1, node.value.length));
  const isQuoted = text.startsWith(node.value, node.offset + 1);
  return Math.min(rest, isQuoted ? node.value.length + 2 : 1);
}
