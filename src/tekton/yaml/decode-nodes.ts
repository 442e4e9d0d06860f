import { AliasBudget } from './alias-budget.js';
import { decodeBinary } from './decode-binary.js';
import { keyText } from './key-text.js';
import type { AliasNode, MappingNode, ScalarNode, SequenceNode, YamlNode } from './node.js';
import { DEEPEST_NESTING } from './parse-nodes.js';
import { looksResolvable, type Resolved, resolveScalar } from './resolve-scalar.js';
import type { YamlMap, YamlValue } from './value.js';
import { YamlProblem } from './yaml-problem.js';

/** Works out scalars, merges and aliases, in the document's order, as go-yaml v2 does for `interface{}`. */
export function decodeNodes(root: YamlNode): YamlValue {
  return new Decoder().value(root);
}

const BINARY_TAG = 'tag:yaml.org,2002:binary';
const MERGE_TAG = 'tag:yaml.org,2002:merge';

class Decoder {
  readonly #budget = new AliasBudget();
  readonly #expanding = new Set<AliasNode>();
  /** For every map with keys that are not strings: which kind of key stands behind its text. */
  readonly #keyTypes = new Map<YamlMap, Map<string, string>>();
  #depth = 0;

  value(node: YamlNode): YamlValue {
    this.#budget.count(node);
    switch (node.type) {
      case 'scalar':
        return scalarValue(node);
      case 'mapping':
        return this.#mapping(node);
      case 'sequence':
        return this.#sequence(node);
      case 'alias':
        return this.#expand(node, (target) => this.value(target));
    }
  }

  #expand<T>(node: AliasNode, task: (target: YamlNode) => T): T {
    if (this.#expanding.has(node)) {
      throw new YamlProblem(node.offset, `found *${node.name} inside its own value`);
    }
    this.#expanding.add(node);
    this.#budget.depth++;
    const result = task(node.target);
    this.#budget.depth--;
    this.#expanding.delete(node);
    return result;
  }

  #enter(node: YamlNode): void {
    if (++this.#depth > DEEPEST_NESTING) {
      throw new YamlProblem(node.offset, `found more than ${DEEPEST_NESTING} collections inside each other`);
    }
  }

  #sequence(node: SequenceNode): YamlValue[] {
    this.#enter(node);
    const values: YamlValue[] = [];
    for (const item of node.items) values.push(this.value(item));
    this.#depth--;
    return values;
  }

  #mapping(node: MappingNode): YamlMap {
    const map: YamlMap = new Map();
    this.#fill(map, node);
    return map;
  }

  #fill(map: YamlMap, node: MappingNode): void {
    this.#enter(node);
    const { entries } = node;
    for (let at = 0; at < entries.length; at += 2) {
      const key = entries[at] as YamlNode;
      const value = entries[at + 1] as YamlNode;
      if (isMergeKey(key)) {
        this.#merge(map, value);
      } else {
        const text = this.#key(map, key);
        map.set(text, this.value(value));
      }
    }
    this.#depth--;
  }

  #key(map: YamlMap, node: YamlNode): string {
    this.#budget.count(node);
    if (node.type === 'alias') return this.#expand(node, (target) => this.#key(map, target));
    if (node.type !== 'scalar') {
      throw new YamlProblem(node.offset, 'found a collection as a key, wanted a string', 'Quote the key');
    }
    const resolved = resolveNode(node);
    const text = keyText(resolved);
    if (text === undefined) {
      const found =
        resolved.type === 'null' ? 'an empty (null) key' : `the key ${node.value}, beyond 64 bits`;
      throw new YamlProblem(node.offset, `found ${found}, which JSON cannot hold`, 'Quote the key');
    }
    if (resolved.type !== 'str') this.#noteKey(map, text, node, resolved);
    else if (this.#keyTypes.get(map)?.has(text)) throw colliding(node, text);
    return text;
  }

  /** Go keeps 1, 1.0 and "1" apart in the map, and then lets one of them win by chance. */
  #noteKey(map: YamlMap, text: string, node: YamlNode, resolved: Resolved): void {
    let types = this.#keyTypes.get(map);
    if (types === undefined) {
      types = new Map();
      this.#keyTypes.set(map, types);
    }
    const type = resolved.type === 'float' ? `float ${resolved.value}` : resolved.type;
    const known = types.get(text);
    const isNew = known === undefined && !map.has(text);
    const twin = resolved.type === 'float' && resolved.value === 0 && types.has(text === '0' ? '-0' : '0');
    const isSame = known === type && text !== '.nan';
    if (resolved.type === 'timestamp' ? known !== undefined : (!isNew && !isSame) || twin) {
      throw colliding(node, text);
    }
    if (resolved.type !== 'timestamp') types.set(text, type);
  }

  #merge(map: YamlMap, node: YamlNode): void {
    if (node.type === 'sequence') {
      // Backwards, as the first one of the list wins.
      for (let at = node.items.length - 1; at >= 0; at--) this.#mergeOne(map, node.items[at] as YamlNode);
    } else {
      this.#mergeOne(map, node);
    }
  }

  #mergeOne(map: YamlMap, node: YamlNode): void {
    const target = node.type === 'alias' ? node.target : node;
    if (target.type !== 'mapping') {
      throw new YamlProblem(
        node.offset,
        'found something else behind <<, wanted a mapping, an alias of one, or a list of those',
      );
    }
    this.#budget.count(node);
    if (node.type !== 'alias') {
      this.#fill(map, target);
      return;
    }
    this.#expand(node, () => {
      this.#budget.count(target);
      this.#fill(map, target);
    });
  }
}

function isMergeKey(node: YamlNode): boolean {
  return node.type === 'scalar' && node.value === '<<' && (node.implicit || node.tag === MERGE_TAG);
}

function scalarValue(node: ScalarNode): YamlValue {
  if (node.tag === '' && (!node.implicit || !looksResolvable(node.value))) return node.value;
  const resolved = resolveNode(node);
  if (resolved.type === 'float' && !Number.isFinite(resolved.value)) {
    throw new YamlProblem(
      node.offset,
      `found ${node.value}, a number that JSON cannot hold`,
      'Quote the value if it is text',
    );
  }
  return resolved.value;
}

function resolveNode(node: ScalarNode): Resolved {
  if (node.tag === '' && !node.implicit) return { type: 'str', value: node.value };
  if (node.tag === BINARY_TAG) return { type: 'str', value: decodeBinary(node) };
  const resolved = resolveScalar(node.value, node.tag);
  if (resolved !== undefined) return resolved;
  const wanted = node.tag.slice(node.tag.lastIndexOf(':') + 1);
  throw new YamlProblem(
    node.offset,
    `found ${JSON.stringify(node.value.slice(0, 80))} with the tag !!${wanted}, which it cannot be`,
  );
}

function colliding(node: YamlNode, text: string): YamlProblem {
  return new YamlProblem(
    node.offset,
    `found two keys that differ in YAML and are both ${JSON.stringify(text)} in JSON`,
    'Keep one of them: which one wins would be chance',
  );
}
