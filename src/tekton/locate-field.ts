import type { YamlNode } from './yaml/node.js';
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
      node = node === undefined ? undefined : child(node, part);
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

function child(parent: YamlNode, part: string | number): YamlNode | undefined {
  const node = parent.type === 'alias' ? parent.target : parent;
  if (node.type === 'sequence') return typeof part === 'number' ? node.items[part] : undefined;
  if (node.type !== 'mapping') return undefined;
  for (let at = node.entries.length - 2; at >= 0; at -= 2) {
    const key = node.entries[at];
    if (key?.type === 'scalar' && key.value === part) return node.entries[at + 1];
  }
  return undefined;
}
