import { type ChildEntry, childEntry, parseNodes, type YamlNode } from '../yaml/nodes.js';
import { positionAt } from '../yaml/yaml-problem.js';

/** Where a field is written. */
export interface FieldNodes extends ChildEntry {
  /** False where the path goes on and nothing is there: this is its nearest parent. */
  readonly isExact: boolean;
}

/** The nodes of a field, or of the nearest parent that is written. */
export function findField(root: YamlNode, path: readonly (string | number)[]): FieldNodes {
  let found: ChildEntry = { key: undefined, value: root };
  for (const part of path) {
    const next = childEntry(found.value, part);
    if (next === undefined) return { ...found, isExact: false };
    found = next;
  }
  return { ...found, isExact: true };
}

/**
 * Line and column, from 1, of a field in a document's text, or of the nearest parent that is there.
 * Reads the text once more: it is meant for messages.
 */
export function locateField(
  text: string,
  path: readonly (string | number)[],
): { line: number; column: number } {
  const root = parseNodes(text.replace(/^\ufeff/, ''));
  return positionAt(text, root === undefined ? 0 : findField(root, path).value.offset);
}
