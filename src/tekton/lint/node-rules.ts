import { toCanonicalJson } from '../objects/canonical-json.js';
import { quote } from '../validate/problem.js';
import { scalarValue } from '../yaml/build-value.js';
import type { ScalarNode } from '../yaml/builder.js';
import type { MappingNode, YamlNode } from '../yaml/nodes.js';

/** Something about what is written, before it is an object. */
export interface NodeFinding {
  readonly rule: 'duplicate-key' | 'unquoted-value';
  readonly node: ScalarNode;
  readonly message: string;
}

/** Keys that hide earlier ones, and values that are read otherwise than written. */
export function findInNodes(root: YamlNode): NodeFinding[] {
  const found: NodeFinding[] = [];
  walk(root, { found, parent: '', depth: 0 });
  return found;
}

interface Context {
  readonly found: NodeFinding[];
  /** The key under which a node stands, or its list. */
  readonly parent: string;
  readonly depth: number;
}

/** Lists whose elements hold values for Tekton to pass on as text. */
const valueLists = ['params', 'results'];

function walk(node: YamlNode, context: Context): void {
  // An alias is looked at where it is defined.
  if (node.type === 'sequence') for (const item of node.items) walk(item, context);
  if (node.type !== 'mapping') return;
  findDuplicates(node, context.found);
  for (let at = 0; at + 1 < node.entries.length; at += 2) {
    const key = node.entries[at];
    const value = node.entries[at + 1] as YamlNode;
    const name = key?.type === 'scalar' ? key.value : '';
    // The spec of a custom task is whatever its controller takes.
    if (name === 'spec' && context.depth > 0) continue;
    if (valueLists.includes(context.parent) && (name === 'default' || name === 'value'))
      findMisread(value, context.found);
    walk(value, { ...context, parent: name, depth: context.depth + 1 });
  }
}

function findDuplicates({ entries }: MappingNode, found: NodeFinding[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < entries.length; at += 2) {
    const key = entries[at];
    if (key?.type !== 'scalar' || key.value === '<<') continue;
    if (seen.has(key.value)) {
      found.push({
        rule: 'duplicate-key',
        node: key,
        message: `found the key ${quote(key.value)} twice in one mapping: this one wins`,
      });
    }
    seen.add(key.value);
  }
}

function findMisread(node: YamlNode, found: NodeFinding[]): void {
  if (node.type === 'sequence') for (const item of node.items) findMisread(item, found);
  if (node.type === 'mapping')
    for (let at = 1; at < node.entries.length; at += 2) findMisread(node.entries[at] as YamlNode, found);
  if (node.type !== 'scalar' || !node.implicit || node.value === '') return;
  const value = scalarValue(node);
  const read = typeof value === 'string' ? value : new TextDecoder().decode(toCanonicalJson(value));
  if (read === node.value) return;
  found.push({
    rule: 'unquoted-value',
    node,
    message: `found ${node.value} without quotes, which YAML reads as ${read}, wanted ${JSON.stringify(node.value)}`,
  });
}
