import type { Builder, ScalarNode } from './builder.js';
import { parseInto } from './parser.js';
import { unknownAlias, YamlProblem } from './yaml-problem.js';

/** What a text states, before numbers, merges and aliases are worked out; every node knows its offset. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export interface SequenceNode {
  readonly type: 'sequence';
  readonly offset: number;
  readonly items: YamlNode[];
}

export interface MappingNode {
  readonly type: 'mapping';
  readonly offset: number;
  /** Key, value, key, value … in the text's order. */
  readonly entries: YamlNode[];
}

export interface AliasNode {
  readonly type: 'alias';
  readonly offset: number;
  readonly name: string;
  readonly target: YamlNode;
}

/** A node costs much more memory than the value it represents; texts with more are read as values only. */
const MOST_NODES = 500_000;

/**
 * The nodes of the first document of a text, for callers that need to know where something is written. Undefined if the
 * text holds nothing, has too many of them, or is not quite YAML, as JSON may be.
 */
export function parseNodes(text: string): YamlNode | undefined {
  try {
    return parseInto(text, new NodeBuilder()).root;
  } catch (error) {
    if (error instanceof YamlProblem) return undefined;
    throw error;
  }
}

class NodeBuilder implements Builder<YamlNode> {
  readonly #anchors = new Map<string, YamlNode>();
  readonly #open: (SequenceNode | MappingNode)[] = [];
  #count = 0;

  scalar(scalar: ScalarNode, anchor: string | undefined): YamlNode {
    return this.#made(scalar, anchor);
  }

  alias(name: string, offset: number): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) throw unknownAlias(name, offset);
    return this.#made({ type: 'alias', offset, name, target }, undefined);
  }

  openSequence(offset: number, anchor: string | undefined): void {
    this.#open.push(this.#made({ type: 'sequence', offset, items: [] }, anchor));
  }

  openMapping(offset: number, anchor: string | undefined): void {
    this.#open.push(this.#made({ type: 'mapping', offset, entries: [] }, anchor));
  }

  item(node: YamlNode): void {
    const list = this.#open.at(-1);
    if (list?.type === 'sequence') list.items.push(node);
  }

  key(node: YamlNode): void {
    const mapping = this.#open.at(-1);
    if (mapping?.type === 'mapping') mapping.entries.push(node);
  }

  value(node: YamlNode): void {
    this.key(node);
  }

  close(): YamlNode {
    return this.#open.pop() as YamlNode;
  }

  #made<Node extends YamlNode>(node: Node, anchor: string | undefined): Node {
    if (++this.#count > MOST_NODES) {
      throw new YamlProblem(node.offset, `found more than ${MOST_NODES} values in one document`);
    }
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }
}

/** A node inside another one. */
export interface ChildEntry {
  /** Undefined for an item of a list. */
  readonly key: YamlNode | undefined;
  readonly value: YamlNode;
}

/**
 * The node that gives the value of a field or an item of another one, with its key; aliases and merges are followed,
 * and of several entries the last one wins, as when it is decoded.
 */
export function childEntry(parent: YamlNode, part: string | number): ChildEntry | undefined {
  return findEntry(parent, part, new Set());
}

/** `searched` holds the mappings without such a key: merges of merges lead to the same one again and again. */
function findEntry(parent: YamlNode, part: string | number, searched: Set<YamlNode>): ChildEntry | undefined {
  const node = parent.type === 'alias' ? parent.target : parent;
  if (node.type === 'sequence') {
    const item = typeof part === 'number' ? node.items[part] : undefined;
    return item && { key: undefined, value: item };
  }
  if (node.type !== 'mapping' || searched.has(node)) return undefined;
  searched.add(node);
  for (let at = node.entries.length - 2; at >= 0; at -= 2) {
    const key = node.entries[at];
    const value = node.entries[at + 1];
    if (key?.type !== 'scalar' || value === undefined) continue;
    if (key.value === part) return { key, value };
    if (key.value !== '<<') continue;
    // Of a list of mappings to merge the first one wins.
    for (const source of value.type === 'sequence' ? value.items : [value]) {
      const found = findEntry(source, part, searched);
      if (found) return found;
    }
  }
  return undefined;
}

/** The characters of a text that write a scalar or an alias. */
export interface WrittenScalar {
  readonly start: number;
  readonly end: number;
  readonly quote: '' | '"' | "'";
}

const properties = /(?:[&!][^\s,[\]{}]*[ \t]+)*/y;

/**
 * The characters of a node that starts at `at` of `whole`, behind its anchor and its tag; `text` is its value.
 * Undefined for block text and for what is spread over lines.
 */
export function findWritten(
  whole: string,
  at: number,
  { node, text }: { readonly node: YamlNode; readonly text: string },
): WrittenScalar | undefined {
  if (node.type === 'alias') {
    const written = `*${node.name}`;
    return whole.startsWith(written, at) ? { start: at, end: at + written.length, quote: '' } : undefined;
  }
  properties.lastIndex = at;
  const start = at + (properties.exec(whole)?.[0].length ?? 0);
  const first = whole.charAt(start);
  if (first === '"' || first === "'") {
    const inner = first === '"' ? /"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"/y : /'[^'\n]*(?:''[^'\n]*)*'/y;
    inner.lastIndex = start;
    const quoted = inner.exec(whole)?.[0];
    return quoted === undefined ? undefined : { start, end: start + quoted.length, quote: first };
  }
  return text !== '' && whole.startsWith(text, start)
    ? { start, end: start + text.length, quote: '' }
    : undefined;
}
