import type { Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { SchemaDocument } from '../workflow/schema-document.js';
import { yamlText } from '../workflow/yaml-scalar.js';
import { member } from './member.js';
import { agrees, isOther, type Keys, type NamedList, type Ownership, ownershipOf } from './ownership.js';

type Yaml = typeof import('yaml');

/**
 * Updates the owned keys of a document's text to `wanted`; keeps comments, other keys, the order and the style. Undefined
 * if the text cannot be updated in this way.
 */
export async function mergeDocument(text: string, wanted: SchemaDocument): Promise<string | undefined> {
  const yaml = await import('yaml');
  const document = yaml.parseDocument(text, { version: '1.2', schema: 'core' });
  if (document.errors.length > 0 || !yaml.isMap(document.contents)) return undefined;
  const merge = createMerge(yaml, document);
  merge.mapping(document.contents, wanted, ownershipOf(wanted));
  const merged = textOf(document);
  if (merged === undefined) return undefined;
  const value: unknown = yaml.parse(merged, { version: '1.2', schema: 'core' });
  return agrees(value, wanted, ownershipOf(wanted)) ? merged : undefined;
}

/** One line for each text, as the writer of fresh documents has it; undefined where an alias has lost its anchor. */
function textOf(document: Document): string | undefined {
  try {
    return document.toString({ lineWidth: 0, flowCollectionPadding: false });
  } catch (error) {
    if (error instanceof Error && /alias/i.test(error.message)) return undefined;
    throw error;
  }
}

function createMerge(yaml: Yaml, document: Document): { mapping: typeof mapping } {
  return { mapping };

  function mapping(map: YAMLMap, wanted: unknown, { keys }: Keys): void {
    let after = -1;
    for (const [key, ownership] of ordered(keys, wanted)) {
      const value = member(wanted, key);
      const index = map.items.findIndex((pair) => keyOf(pair) === key);
      if (value === undefined) {
        if (index >= 0 && ownership !== 'given') map.items.splice(index, 1);
        continue;
      }
      const pair = map.items[index];
      if (pair) pair.value = merged(pair.value as Node | null, value, ownership);
      else map.items.splice(after + 1, 0, pairOf(key, value));
      after = map.items.findIndex((one) => keyOf(one) === key);
    }
  }

  function merged(node: Node | null, wanted: unknown, ownership: Ownership): Node {
    if (typeof ownership === 'object' && 'named' in ownership && yaml.isSeq(node))
      return list(node, wanted as readonly unknown[], ownership);
    if (typeof ownership === 'object' && 'keys' in ownership && yaml.isMap(node)) {
      mapping(node, wanted, ownership);
      return node;
    }
    if (node && agrees(node.toJS(document), wanted, 'whole')) return node;
    return replaced(node, wanted);
  }

  function list(node: YAMLSeq, wanted: readonly unknown[], ownership: NamedList): YAMLSeq {
    const before = [...node.items];
    const known = new Map(
      node.items.filter((item) => yaml.isMap(item)).map((item) => [String(item.get('name')), item]),
    );
    node.items = wanted.map((item) => {
      const found = known.get(String(member(item, 'name')));
      if (found === undefined) return created(item);
      mapping(found, item, ownership.named);
      return found;
    });
    for (const [index, item] of before.entries()) {
      if (!yaml.isMap(item) || !isOther({ name: item.get('name') }, wanted, ownership)) continue;
      // Behind what it was behind.
      node.items.splice(node.items.indexOf(before[index - 1]) + 1, 0, item);
    }
    return node;
  }

  /** The comment behind a value stays with what replaces it. */
  function replaced(node: Node | null, wanted: unknown): Node {
    const next = created(wanted);
    if (!node || yaml.isAlias(node)) return next;
    if (yaml.isScalar(node) && yaml.isScalar(next)) {
      if (node.comment) next.comment = node.comment;
      if (node.commentBefore) next.commentBefore = node.commentBefore;
      if (typeof next.value === 'string') next.type = quoteOf(node) ?? next.type ?? 'PLAIN';
    } else if (yaml.isCollection(node) && yaml.isCollection(next)) {
      if (node.comment) next.comment = node.comment;
      if (node.commentBefore) next.commentBefore = node.commentBefore;
      if (node.flow) next.flow = true;
    }
    return next;
  }

  function pairOf(key: string, value: unknown): Pair {
    return document.createPair(created(key), created(value));
  }

  /** Quoted by the rules of fresh documents, which are those of YAML 1.1 readers too. */
  function created(value: unknown): Node {
    const node = document.createNode(JSON.parse(JSON.stringify(value)));
    yaml.visit(node, {
      Scalar(_, scalar) {
        if (typeof scalar.value !== 'string') return;
        scalar.type = yamlText(scalar.value) === scalar.value ? 'PLAIN' : 'QUOTE_DOUBLE';
      },
    });
    return node as Node;
  }

  function keyOf({ key }: Pair): unknown {
    return yaml.isScalar(key) ? key.value : key;
  }
}

/** Owned keys in the order in which fresh documents have them. */
function ordered(keys: Keys['keys'], wanted: unknown): (readonly [string, Ownership])[] {
  const inDocument = typeof wanted === 'object' && wanted !== null ? Object.keys(wanted) : [];
  const node = (key: string) => (inDocument.includes(key) ? inDocument.indexOf(key) : inDocument.length);
  return Object.entries(keys).sort(([left], [right]) => node(left) - node(right));
}

/** Keeps the existing kind of quotes. */
function quoteOf({ type }: Scalar): 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | undefined {
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? type : undefined;
}
