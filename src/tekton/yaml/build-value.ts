import type { Builder, ScalarNode } from './builder.js';
import { keyText } from './key-text.js';
import { DEEPEST_NESTING } from './parser.js';
import { decodeBinary, looksResolvable, type Resolved, resolveScalar } from './resolve-scalar.js';
import type { YamlMap, YamlValue } from './value.js';
import { unknownAlias, YamlProblem } from './yaml-problem.js';

/**
 * Whether more lists and mappings stand before an offset than are read: about 200 bytes each, so that they take less than
 * ten times the text, and 10 MiB. No object that a cluster stores comes near it.
 */
export function isTooManyCollections(count: number, offset: number): boolean {
  return count > 50_000 + Math.min(offset / 32, 200_000);
}

const MOST_ANCHORS = 10_000;

const BINARY_TAG = 'tag:yaml.org,2002:binary';
const MERGE_TAG = 'tag:yaml.org,2002:merge';

/** A node that was read: text, another scalar before it is resolved, a collection that is done, or an alias. */
export type Part = Content | Alias;

type Content = string | ScalarNode | YamlMap | YamlValue[];

interface Alias {
  readonly type: 'alias';
  readonly offset: number;
  readonly anchor: Anchor;
}

/** What is behind an anchor, and how much it counts where it is repeated. */
interface Anchor {
  /** Undefined until the collection ends: an alias inside it is one of itself. */
  content: Content | undefined;
  nodes: number;
  text: number;
  height: number;
}

/** A collection that is being read. */
interface Frame {
  map: YamlMap | undefined;
  list: YamlValue[] | undefined;
  anchor: Anchor | undefined;
  /** The counts when it began. */
  nodes: number;
  text: number;
  /** The deepest level that was reached outside of it. */
  deepest: number;
  /** The key whose value comes next; undefined for a merge. */
  key: string | undefined;
}

function newFrame(): Frame {
  return {
    map: undefined,
    list: undefined,
    anchor: undefined,
    nodes: 0,
    text: 0,
    deepest: 0,
    key: undefined,
  };
}

/**
 * Works out scalars, merges and aliases while the text is read, as go-yaml v2 does for `interface{}`. What an anchor
 * names is one value in all its places: values are never changed by who gets them.
 */
export class ValueBuilder implements Builder<Part> {
  readonly #anchors = new Map<string, Anchor>();
  readonly #budget = new AliasBudget();
  /** For every map with keys that are not strings: which kind of key is behind its text. */
  readonly #keyTypes = new Map<YamlMap, Map<string, string>>();
  /** One for each level, used again and again. */
  readonly #frames: Frame[] = [];
  #depth = 0;
  #deepest = 0;
  #collections = 0;

  scalar(scalar: ScalarNode, anchor: string | undefined): Part {
    const { length } = scalar.value;
    this.#budget.count(1, length);
    const content = isText(scalar) ? scalar.value : scalar;
    if (anchor !== undefined)
      this.#remember(anchor, { content, nodes: 1, text: length, height: 0 }, scalar.offset);
    return content;
  }

  alias(name: string, offset: number): Part {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) throw unknownAlias(name, offset);
    if (anchor.content === undefined) throw new YamlProblem(offset, `found *${name} inside its own value`);
    this.#budget.count(1, 0);
    this.#budget.countAliased(anchor, offset);
    const depth = this.#depth + anchor.height;
    if (depth > DEEPEST_NESTING) throw tooDeep(offset);
    if (depth > this.#deepest) this.#deepest = depth;
    return { type: 'alias', offset, anchor };
  }

  openSequence(offset: number, anchor: string | undefined): void {
    this.#open(offset, anchor).list = [];
  }

  openMapping(offset: number, anchor: string | undefined): void {
    this.#open(offset, anchor).map = new Map();
  }

  #open(offset: number, anchor: string | undefined): Frame {
    if (isTooManyCollections(++this.#collections, offset)) {
      throw new YamlProblem(offset, `found ${this.#collections} lists and mappings in ${offset} characters`);
    }
    if (++this.#depth > DEEPEST_NESTING) throw tooDeep(offset);
    let frame = this.#frames[this.#depth];
    if (frame === undefined) {
      frame = newFrame();
      this.#frames[this.#depth] = frame;
    }
    const { nodes, text } = this.#budget;
    frame.nodes = nodes;
    frame.text = text;
    frame.deepest = this.#deepest;
    this.#deepest = this.#depth;
    this.#budget.count(1, 0);
    frame.anchor = undefined;
    if (anchor !== undefined) {
      // Known before its content is read: go-yaml finds an anchor inside itself when it decodes.
      frame.anchor = { content: undefined, nodes: 0, text: 0, height: 0 };
      this.#remember(anchor, frame.anchor, offset);
    }
    return frame;
  }

  #remember(name: string, anchor: Anchor, offset: number): void {
    this.#anchors.set(name, anchor);
    if (this.#anchors.size > MOST_ANCHORS) {
      throw new YamlProblem(offset, `found more than ${MOST_ANCHORS} anchors in one document`);
    }
  }

  close(): Part {
    const frame = this.#frames[this.#depth] as Frame;
    const { map, list, anchor } = frame;
    const content = (map ?? list) as YamlMap | YamlValue[];
    if (anchor !== undefined) {
      anchor.content = content;
      anchor.nodes = this.#budget.nodes - frame.nodes;
      anchor.text = this.#budget.text - frame.text;
      anchor.height = this.#deepest - this.#depth + 1;
    }
    if (frame.deepest > this.#deepest) this.#deepest = frame.deepest;
    frame.map = undefined;
    frame.list = undefined;
    this.#depth--;
    return content;
  }

  item(part: Part): void {
    this.#frames[this.#depth]?.list?.push(partValue(part));
  }

  key(part: Part, offset: number): void {
    const frame = this.#frames[this.#depth] as Frame;
    if (isMergeKey(part)) {
      // As in go-yaml, a merge counts no key.
      this.#budget.count(-1, 0);
      frame.key = undefined;
      return;
    }
    frame.key = this.#keyText(frame.map as YamlMap, contentOf(part), offset);
  }

  value(part: Part, offset: number): void {
    const { key, map } = this.#frames[this.#depth] as Frame;
    if (key === undefined) this.#merge(map as YamlMap, part, offset);
    else map?.set(key, partValue(part));
  }

  #keyText(map: YamlMap, node: Content | undefined, offset: number): string {
    if (typeof node === 'string') {
      this.#noteKey(map, node, 'str', offset);
      return node;
    }
    if (node === undefined || node instanceof Map || Array.isArray(node)) {
      throw new YamlProblem(offset, 'found a collection as a key, wanted a string', 'Quote the key');
    }
    const resolved = resolveNode(node);
    const text = keyText(resolved);
    if (text === undefined) {
      const found =
        resolved.type === 'null' ? 'an empty (null) key' : `the key ${node.value}, beyond 64 bits`;
      throw new YamlProblem(node.offset, `found ${found}, which JSON cannot hold`, 'Quote the key');
    }
    this.#noteKey(map, text, typeOfKey(resolved), node.offset);
    return text;
  }

  /** Go keeps 1, 1.0 and "1" apart in the map, and then lets one of them win by chance. */
  #noteKey(map: YamlMap, text: string, type: string, offset: number): void {
    if (type === 'str' && this.#keyTypes.size === 0) return;
    let types = this.#keyTypes.get(map);
    if (type === 'str') {
      if (types?.has(text)) throw collidingKeys(text, offset);
      return;
    }
    if (types === undefined) {
      types = new Map();
      this.#keyTypes.set(map, types);
    }
    const known = types.get(text);
    const isNew = known === undefined && !map.has(text);
    const isSame = known === type && text !== '.nan';
    const twin = type === 'float 0' && types.has(text === '0' ? '-0' : '0');
    if ((!isNew && !isSame) || twin) throw collidingKeys(text, offset);
    types.set(text, type);
  }

  /** Merges in place, in the document's order: a later `<<` overrides earlier keys. */
  #merge(map: YamlMap, part: Part, offset: number): void {
    const isList = Array.isArray(part);
    if (isList) this.#budget.count(-1, 0);
    const sources = isList ? part : [partValue(part)];
    // Backwards, as the first one of a list wins.
    for (let at = sources.length - 1; at >= 0; at--) {
      const source = sources[at];
      if (!(source instanceof Map)) {
        throw new YamlProblem(
          offset,
          'found something else after <<, wanted a mapping, an alias of one, or a list of those',
        );
      }
      const types = this.#keyTypes.get(source);
      for (const [key, value] of source) {
        this.#noteKey(map, key, types?.get(key) ?? 'str', offset);
        map.set(key, value);
      }
    }
  }
}

/** The value of a part, once it is where a value is. */
export function partValue(part: Part): YamlValue {
  const content = contentOf(part);
  if (typeof content === 'string' || content instanceof Map || Array.isArray(content)) return content;
  return content === undefined ? null : scalarValue(content);
}

function contentOf(part: Part): Content | undefined {
  if (typeof part === 'string' || part instanceof Map || Array.isArray(part)) return part;
  return part.type === 'alias' ? part.anchor.content : part;
}

/** Text whatever it looks like, and no `<<`. */
function isText({ value, tag, implicit }: ScalarNode): boolean {
  return tag === '' && (!implicit || (!looksResolvable(value) && value !== '<<'));
}

/** @throws YamlProblem for a number that JSON cannot hold, and for a tag that does not fit the text */
export function scalarValue(node: ScalarNode): YamlValue {
  if (isText(node)) return node.value;
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

function isMergeKey(part: Part): boolean {
  if (typeof part === 'string' || part instanceof Map || Array.isArray(part) || part.type !== 'scalar') {
    return false;
  }
  return part.value === '<<' && (part.implicit || part.tag === MERGE_TAG);
}

function typeOfKey({ type, value }: Resolved): string {
  if (type === 'float') return `float ${value}`;
  return type === 'timestamp' ? 'str' : type;
}

function collidingKeys(text: string, offset: number): YamlProblem {
  return new YamlProblem(
    offset,
    `found two keys that differ in YAML and are both ${JSON.stringify(text)} in JSON`,
    'Keep one of them',
  );
}

function tooDeep(offset: number): YamlProblem {
  return new YamlProblem(offset, `found more than ${DEEPEST_NESTING} collections inside each other`);
}

const LOW = 400_000;
const HIGH = 4_000_000;
/** A limit that Go does not have: it would fill the memory with copies of long texts. */
const MOST_TEXT = 16 * 1024 * 1024;

/** go-yaml's guard against documents that grow by aliases: which part of all nodes may come from them. */
class AliasBudget {
  /** Of the document with every alias replaced by what it names. */
  nodes = 1;
  text = 0;
  #aliasedNodes = 0;
  #aliasedText = 0;

  count(nodes: number, text: number): void {
    this.nodes += nodes;
    this.text += text;
  }

  /** The share of aliases only grows while one is counted, so that its end shows what any of its nodes would. */
  countAliased({ nodes, text }: Anchor, offset: number): void {
    this.count(nodes, text);
    this.#aliasedNodes += nodes;
    this.#aliasedText += text;
    if (this.#aliasedText > MOST_TEXT) throw excessive(offset);
    if (this.#aliasedNodes <= 100 || this.nodes <= 1000) return;
    if (this.#aliasedNodes / this.nodes > allowedShare(this.nodes)) throw excessive(offset);
  }
}

function excessive(offset: number): YamlProblem {
  return new YamlProblem(offset, 'found so many aliases that the document grows beyond measure');
}

function allowedShare(nodes: number): number {
  if (nodes <= LOW) return 0.99;
  if (nodes >= HIGH) return 0.1;
  return 0.99 - 0.89 * ((nodes - LOW) / (HIGH - LOW));
}
