import type { YamlNode } from './node.js';

/** A node inside another one. */
export interface ChildEntry {
  /** Undefined for an item of a list. */
  readonly key: YamlNode | undefined;
  readonly value: YamlNode;
}

/**
 * The node that gives the value of a field or an item of another one; aliases and merges are followed, and of several
 * entries the last one wins, as when it is decoded.
 */
export function childNode(parent: YamlNode, part: string | number): YamlNode | undefined {
  return childEntry(parent, part)?.value;
}

/** The same, with its key. */
export function childEntry(parent: YamlNode, part: string | number): ChildEntry | undefined {
  const node = parent.type === 'alias' ? parent.target : parent;
  if (node.type === 'sequence') {
    const item = typeof part === 'number' ? node.items[part] : undefined;
    return item && { key: undefined, value: item };
  }
  if (node.type !== 'mapping') return undefined;
  for (let at = node.entries.length - 2; at >= 0; at -= 2) {
    const key = node.entries[at];
    const value = node.entries[at + 1];
    if (key?.type !== 'scalar' || value === undefined) continue;
    if (key.value === part) return { key, value };
    const found = key.value === '<<' ? mergedEntry(value, part) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Of a list of mappings to merge the first one wins. */
function mergedEntry(value: YamlNode, part: string | number): ChildEntry | undefined {
  const sources = value.type === 'sequence' ? value.items : [value];
  for (const source of sources) {
    const found = childEntry(source, part);
    if (found) return found;
  }
  return undefined;
}
