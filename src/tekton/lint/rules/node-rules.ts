import { toCanonicalJson } from '../../objects/canonical-json.js';
import type { FieldPath } from '../../objects/field-path.js';
import { quote } from '../../validate/problem.js';
import { scalarValue } from '../../yaml/build-value.js';
import type { ScalarNode } from '../../yaml/builder.js';
import type { MappingNode, YamlNode } from '../../yaml/nodes.js';

/** Something about what is written, before it is an object. */
export interface NodeFinding {
  readonly rule: 'duplicate-key' | 'unquoted-value';
  readonly node: ScalarNode;
  /** Of the node's value; a key has that of its value. */
  readonly path: FieldPath;
  readonly message: string;
}

/** Keys that hide earlier ones, and values that are read otherwise than written. */
export function findInNodes(root: YamlNode): NodeFinding[] {
  const found: NodeFinding[] = [];
  walk(root, { found, parent: '', path: [] });
  return found;
}

interface Context {
  readonly found: NodeFinding[];
  /** The key under which a node is, or its list. */
  readonly parent: string;
  readonly path: FieldPath;
}

/** Lists whose elements hold values for Tekton to pass on as text. */
const valueLists = ['params', 'results'];

function walk(node: YamlNode, context: Context): void {
  // An alias is looked at where it is defined.
  if (node.type === 'sequence')
    for (const [index, item] of node.items.entries())
      walk(item, { ...context, path: [...context.path, index] });
  if (node.type !== 'mapping') return;
  findDuplicates(node, context);
  for (let at = 0; at + 1 < node.entries.length; at += 2) {
    const key = node.entries[at];
    const value = node.entries[at + 1] as YamlNode;
    const name = key?.type === 'scalar' ? key.value : '';
    // The spec of a custom task is whatever its controller takes.
    if (name === 'spec' && context.path.length > 0) continue;
    // What is merged is where it is merged into.
    const path = name === '<<' ? context.path : [...context.path, name];
    if (valueLists.includes(context.parent) && (name === 'default' || name === 'value'))
      findMisread(value, path, context.found);
    walk(value, { ...context, parent: name, path });
  }
}

function findDuplicates({ entries }: MappingNode, { found, path }: Context): void {
  const seen = new Set<string>();
  for (let at = 0; at < entries.length; at += 2) {
    const key = entries[at];
    if (key?.type !== 'scalar' || key.value === '<<') continue;
    if (seen.has(key.value)) {
      found.push({
        rule: 'duplicate-key',
        node: key,
        path: [...path, key.value],
        message: `found the key ${quote(key.value)} twice in one mapping: this one wins`,
      });
    }
    seen.add(key.value);
  }
}

function findMisread(node: YamlNode, path: FieldPath, found: NodeFinding[]): void {
  if (node.type === 'sequence')
    for (const [index, item] of node.items.entries()) findMisread(item, [...path, index], found);
  if (node.type === 'mapping')
    for (let at = 0; at + 1 < node.entries.length; at += 2) {
      const key = node.entries[at];
      const name = key?.type === 'scalar' ? key.value : '';
      findMisread(node.entries[at + 1] as YamlNode, [...path, name], found);
    }
  if (node.type !== 'scalar' || !node.implicit || node.value === '') return;
  const value = scalarValue(node);
  const read = typeof value === 'string' ? value : new TextDecoder().decode(toCanonicalJson(value));
  if (read === node.value) return;
  found.push({
    rule: 'unquoted-value',
    node,
    path,
    message: `found ${node.value} without quotes, which YAML reads as ${read}, wanted ${JSON.stringify(node.value)}`,
  });
}
