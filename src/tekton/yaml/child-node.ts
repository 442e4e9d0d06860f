import type { YamlNode } from './node.js';

/**
 * The node that gives the value of a field or an item of another one; aliases and merges are followed, and of several
 * entries the last one wins, as when it is decoded.
 */
export function childNode(parent: YamlNode, part: string | number): YamlNode | undefined {
  const node = parent.type === 'alias' ? parent.target : parent;
  if (node.type === 'sequence') return typeof part === 'number' ? node.items[part] : undefined;
  if (node.type !== 'mapping') return undefined;
  for (let at = node.entries.length - 2; at >= 0; at -= 2) {
    const key = node.entries[at];
    const value = node.entries[at + 1];
    if (key?.type !== 'scalar' || value === undefined) continue;
    if (key.value === part) return value;
    const found = key.value === '<<' ? mergedNode(value, part) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Of a list of mappings to merge the first one wins. */
function mergedNode(value: YamlNode, part: string | number): YamlNode | undefined {
  const sources = value.type === 'sequence' ? value.items : [value];
  for (const source of sources) {
    const found = childNode(source, part);
    if (found) return found;
  }
  return undefined;
}
