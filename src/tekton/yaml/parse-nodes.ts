import type { MappingNode, ScalarNode, SequenceNode, YamlNode } from './node.js';
import { Scanner } from './scanner.js';
import { TagHandles } from './tag-handles.js';
import type { Token } from './token.js';
import { YamlProblem } from './yaml-problem.js';

export interface ParsedDocument {
  /** Undefined when the text holds nothing but blanks and comments. */
  readonly root: YamlNode | undefined;
  /** Offset of what stands behind the document and is ignored, as go-yaml ignores it. */
  readonly ignoredFrom: number | undefined;
}

/** Deeper nesting than any Tekton object has; Go's own limit is 10 000. */
export const DEEPEST_NESTING = 500;

/** Reads the first document of a text, by the grammar of libyaml. */
export function parseNodes(text: string): ParsedDocument {
  return new Parser(text).document();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #handles = new TagHandles();
  readonly #anchors = new Map<string, YamlNode>();
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  document(): ParsedDocument {
    if (this.#scanner.peek().type === 'stream-end') return { root: undefined, ignoredFrom: undefined };
    const root = this.#startsExplicitly() ? this.#documentContent() : this.#node(true, false);
    let token = this.#scanner.peek();
    if (token.type === 'document-end') {
      this.#scanner.skip();
      return { root, ignoredFrom: token.offset + 3 };
    }
    token = this.#scanner.peek();
    return { root, ignoredFrom: token.type === 'stream-end' ? undefined : token.offset };
  }

  /** Reads directives and `---`, if any. */
  #startsExplicitly(): boolean {
    let token = this.#scanner.peek();
    let directives = false;
    while (token.type === 'version-directive' || token.type === 'tag-directive') {
      this.#handles.addDirective(token);
      directives = true;
      token = this.#advance();
    }
    if (token.type === 'document-start') {
      this.#scanner.skip();
      return true;
    }
    if (directives) throw new YamlProblem(token.offset, 'found no --- line behind the % directives');
    return false;
  }

  #documentContent(): YamlNode {
    const { type, offset } = this.#scanner.peek();
    switch (type) {
      case 'version-directive':
      case 'tag-directive':
      case 'document-start':
      case 'document-end':
      case 'stream-end':
        return emptyScalar(offset);
      default:
        return this.#node(true, false);
    }
  }

  #advance(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #node(block: boolean, indentless: boolean): YamlNode {
    let token = this.#scanner.peek();
    const { offset } = token;
    if (token.type === 'alias') return this.#alias(token);
    let anchor: string | undefined;
    let tagToken: Token | undefined;
    if (token.type === 'anchor') {
      anchor = token.value;
      token = this.#advance();
      if (token.type === 'tag') {
        tagToken = token;
        token = this.#advance();
      }
    } else if (token.type === 'tag') {
      tagToken = token;
      token = this.#advance();
      if (token.type === 'anchor') {
        anchor = token.value;
        token = this.#advance();
      }
    }
    const tag = tagToken === undefined ? '' : this.#handles.resolve(tagToken);
    if (token.type === 'scalar') {
      const implicit = (tag === '' && token.plain) || tag === '!';
      return this.#finishScalar({ type: 'scalar', offset, value: token.value, tag, implicit }, anchor);
    }
    if (startsCollection(token, block, indentless)) return this.#collection(token, offset, anchor);
    if (anchor !== undefined || tag !== '') {
      const empty: ScalarNode = { type: 'scalar', offset, value: '', tag, implicit: tag === '' };
      if (anchor !== undefined) this.#anchors.set(anchor, empty);
      return empty;
    }
    throw missingValue(token);
  }

  #alias(token: Token): YamlNode {
    const target = this.#anchors.get(token.value);
    if (target === undefined) {
      throw new YamlProblem(
        token.offset,
        `found *${token.value}, and no &${token.value} before it`,
        'Quote a value that starts with *, or define the anchor above',
      );
    }
    this.#scanner.skip();
    return { type: 'alias', offset: token.offset, name: token.value, target };
  }

  #finishScalar(node: ScalarNode, anchor: string | undefined): ScalarNode {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    this.#scanner.skip();
    return node;
  }

  #collection(token: Token, offset: number, anchor: string | undefined): YamlNode {
    if (++this.#depth > DEEPEST_NESTING) {
      throw new YamlProblem(offset, `found more than ${DEEPEST_NESTING} collections inside each other`);
    }
    const node: SequenceNode | MappingNode = token.type.includes('mapping')
      ? { type: 'mapping', offset, entries: [] }
      : { type: 'sequence', offset, items: [] };
    // Known before its content is read: go-yaml finds an anchor inside itself when it decodes.
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (token.type !== 'block-entry') this.#scanner.skip();
    if (node.type === 'mapping') {
      if (token.type === 'block-mapping-start') this.#blockMapping(node.entries);
      else this.#flowMapping(node.entries);
    } else if (token.type === 'block-sequence-start') this.#blockSequence(node.items);
    else if (token.type === 'block-entry') this.#indentlessSequence(node.items);
    else this.#flowSequence(node.items);
    this.#depth--;
    return node;
  }

  #blockSequence(items: YamlNode[]): void {
    for (;;) {
      let token = this.#scanner.peek();
      if (token.type === 'block-end') break;
      if (token.type !== 'block-entry') {
        throw new YamlProblem(
          token.offset,
          'found something else where the list goes on, wanted "- "',
          indentHint,
        );
      }
      const end = token.offset + 1;
      token = this.#advance();
      const empty = token.type === 'block-entry' || token.type === 'block-end';
      items.push(empty ? emptyScalar(end) : this.#node(true, false));
    }
    this.#scanner.skip();
  }

  /** A list at its key's own column, as in `key:` and below it `- item`. */
  #indentlessSequence(items: YamlNode[]): void {
    let token = this.#scanner.peek();
    while (token.type === 'block-entry') {
      const end = token.offset + 1;
      const { type } = this.#advance();
      const empty = type === 'block-entry' || type === 'key' || type === 'value' || type === 'block-end';
      items.push(empty ? emptyScalar(end) : this.#node(true, false));
      token = this.#scanner.peek();
    }
  }

  #blockMapping(entries: YamlNode[]): void {
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'block-end') break;
      if (token.type !== 'key') {
        throw new YamlProblem(token.offset, 'found something else where a key should stand', indentHint);
      }
      this.#scanner.skip();
      entries.push(this.#blockEntry(token.offset + 1));
      const value = this.#scanner.peek();
      if (value.type === 'value') {
        this.#scanner.skip();
        entries.push(this.#blockEntry(value.offset + 1));
      } else {
        entries.push(emptyScalar(value.offset));
      }
    }
    this.#scanner.skip();
  }

  #blockEntry(end: number): YamlNode {
    const { type } = this.#scanner.peek();
    if (type === 'key' || type === 'value' || type === 'block-end') return emptyScalar(end);
    return this.#node(true, true);
  }

  #flowSequence(items: YamlNode[]): void {
    for (let first = true; ; first = false) {
      let token = this.#scanner.peek();
      if (token.type === 'flow-sequence-end') break;
      if (!first) token = this.#flowEntry(token, ']');
      if (token.type === 'key') items.push(this.#flowPair(token));
      else if (token.type === 'flow-sequence-end') break;
      else items.push(this.#node(false, false));
    }
    this.#scanner.skip();
  }

  /** Steps over the comma between two entries. */
  #flowEntry(token: Token, close: string): Token {
    if (token.type === 'flow-entry') return this.#advance();
    throw new YamlProblem(token.offset, `found something else where "," or "${close}" should stand`);
  }

  /** `[key: value]`: a mapping of one pair. */
  #flowPair(keyToken: Token): YamlNode {
    const entries: YamlNode[] = [];
    let token = this.#advance();
    if (token.type === 'value' || token.type === 'flow-entry' || token.type === 'flow-sequence-end') {
      // libyaml swallows this token, so that what follows is refused.
      entries.push(emptyScalar(token.offset));
      this.#scanner.skip();
    } else {
      entries.push(this.#node(false, false));
    }
    token = this.#scanner.peek();
    if (token.type === 'value') token = this.#advance();
    else entries.push(emptyScalar(token.offset));
    if (entries.length === 1) {
      const empty = token.type === 'flow-entry' || token.type === 'flow-sequence-end';
      entries.push(empty ? emptyScalar(token.offset) : this.#node(false, false));
    }
    return { type: 'mapping', offset: keyToken.offset, entries };
  }

  #flowMapping(entries: YamlNode[]): void {
    for (let first = true; ; first = false) {
      let token = this.#scanner.peek();
      if (token.type === 'flow-mapping-end') break;
      if (!first) token = this.#flowEntry(token, '}');
      if (token.type === 'flow-mapping-end') break;
      if (token.type !== 'key') {
        entries.push(this.#node(false, false));
        entries.push(emptyScalar(this.#scanner.peek().offset));
        continue;
      }
      token = this.#advance();
      const keyless = token.type === 'value' || isFlowMappingStop(token);
      entries.push(keyless ? emptyScalar(token.offset) : this.#node(false, false));
      token = this.#scanner.peek();
      const hasValue = token.type === 'value' && !isFlowMappingStop(this.#advance());
      entries.push(hasValue ? this.#node(false, false) : emptyScalar(token.offset));
    }
    this.#scanner.skip();
  }
}

const indentHint = 'Check the indentation: entries of one list or mapping start at one column';

function startsCollection(token: Token, block: boolean, indentless: boolean): boolean {
  switch (token.type) {
    case 'flow-sequence-start':
    case 'flow-mapping-start':
      return true;
    case 'block-sequence-start':
    case 'block-mapping-start':
      return block;
    case 'block-entry':
      return indentless;
    default:
      return false;
  }
}

function isFlowMappingStop(token: Token): boolean {
  return token.type === 'flow-entry' || token.type === 'flow-mapping-end';
}

function emptyScalar(offset: number): ScalarNode {
  return { type: 'scalar', offset, value: '', tag: '', implicit: true };
}

function missingValue(token: Token): YamlProblem {
  const what = token.type === 'stream-end' ? 'the end of the document' : `${shown[token.type] ?? token.type}`;
  return new YamlProblem(token.offset, `found ${what} where a value should stand`);
}

const shown: Partial<Record<Token['type'], string>> = {
  'document-end': 'the line ...',
  'flow-entry': '","',
  'flow-sequence-end': '"]"',
  'flow-mapping-end': '"}"',
  'block-entry': '"- "',
  'block-end': 'the end of the indented part',
  key: 'a key',
  value: '":"',
  alias: 'an alias (it takes neither anchor nor tag)',
};
