import { childNode } from './yaml/child-node.js';
import { parseNodes } from './yaml/parse-nodes.js';
import { positionAt } from './yaml/position.js';
import { YamlProblem } from './yaml/yaml-problem.js';

/**
 * Line and column, from 1, of a field in a document's text, or of the nearest parent that stands there.
 * Reads the text once more: it is meant for messages.
 */
export function locateField(
  text: string,
  path: readonly (string | number)[],
): { line: number; column: number } {
  try {
    let node = parseNodes(text.replace(/^\ufeff/, '')).root;
    let offset = node?.offset ?? 0;
    for (const part of path) {
      node = node === undefined ? undefined : childNode(node, part);
      if (node === undefined) break;
      offset = node.offset;
    }
    return positionAt(text, offset);
  } catch (error) {
    // JSON is not quite YAML: its start must do then.
    if (error instanceof YamlProblem) return { line: 1, column: 1 };
    throw error;
  }
}
