import type { Builder, ScalarNode } from './builder.js';
import { TagHandles } from './scan-properties.js';
import { Scanner } from './scanner.js';
import type { Token } from './token.js';
import { YamlProblem } from './yaml-problem.js';

export interface ParsedDocument<Part> {
  /** Undefined when the text holds nothing but blanks and comments. */
  readonly root: Part | undefined;
  /** Offset of ignored text after the document, which go-yaml ignores too. */
  readonly ignoredFrom: number | undefined;
}

/** Deeper nesting than any Tekton object has; Go's own limit is 10 000. */
export const DEEPEST_NESTING = 500;

/** Reads the first document of a text, by the grammar of libyaml. @throws YamlProblem */
export function parseInto<Part>(text: string, builder: Builder<Part>): ParsedDocument<Part> {
  return new Parser(text, builder).document();
}

class Parser<Part> {
  readonly #scanner: Scanner;
  #handles: TagHandles | undefined;
  readonly #builder: Builder<Part>;
  #depth = 0;

  constructor(text: string, builder: Builder<Part>) {
    this.#scanner = new Scanner(text);
    this.#builder = builder;
  }

  document(): ParsedDocument<Part> {
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
      this.#tagHandles.addDirective(token);
      directives = true;
      token = this.#advance();
    }
    if (token.type === 'document-start') {
      this.#scanner.skip();
      return true;
    }
    if (directives) throw new YamlProblem(token.offset, 'found no --- line after the % directives');
    return false;
  }

  #documentContent(): Part {
    const { type, offset } = this.#scanner.peek();
    switch (type) {
      case 'version-directive':
      case 'tag-directive':
      case 'document-start':
      case 'document-end':
      case 'stream-end':
        return this.#empty(offset);
      default:
        return this.#node(true, false);
    }
  }

  get #tagHandles(): TagHandles {
    this.#handles ??= new TagHandles();
    return this.#handles;
  }

  #advance(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #empty(offset: number): Part {
    return this.#builder.scalar(emptyScalar(offset), undefined);
  }

  #node(block: boolean, indentless: boolean): Part {
    let token = this.#scanner.peek();
    if (token.type === 'scalar') {
      this.#scanner.skip();
      return this.#builder.scalar(token, undefined);
    }
    const { offset } = token;
    if (token.type === 'alias') {
      const part = this.#builder.alias(token.value, offset);
      this.#scanner.skip();
      return part;
    }
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
    const tag = tagToken === undefined ? '' : this.#tagHandles.resolve(tagToken);
    if (token.type === 'scalar') {
      const implicit = (tag === '' && token.implicit) || tag === '!';
      this.#scanner.skip();
      return this.#builder.scalar({ type: 'scalar', offset, value: token.value, tag, implicit }, anchor);
    }
    if (startsCollection(token, block, indentless)) return this.#collection(token, offset, anchor);
    if (anchor !== undefined || tag !== '') {
      const empty: ScalarNode = { type: 'scalar', offset, value: '', tag, implicit: tag === '' };
      return this.#builder.scalar(empty, anchor);
    }
    throw missingValue(token);
  }

  #collection(token: Token, offset: number, anchor: string | undefined): Part {
    if (++this.#depth > DEEPEST_NESTING) {
      throw new YamlProblem(offset, `found more than ${DEEPEST_NESTING} collections inside each other`);
    }
    const isMapping = token.type === 'block-mapping-start' || token.type === 'flow-mapping-start';
    if (isMapping) this.#builder.openMapping(offset, anchor);
    else this.#builder.openSequence(offset, anchor);
    if (token.type !== 'block-entry') this.#scanner.skip();
    if (token.type === 'block-mapping-start') this.#blockMapping();
    else if (token.type === 'flow-mapping-start') this.#flowMapping();
    else if (token.type === 'block-sequence-start') this.#blockSequence();
    else if (token.type === 'block-entry') this.#indentlessSequence();
    else this.#flowSequence();
    this.#depth--;
    return this.#builder.close();
  }

  #blockSequence(): void {
    for (;;) {
      let token = this.#scanner.peek();
      if (token.type === 'block-end') break;
      if (token.type !== 'block-entry') {
        throw new YamlProblem(
          token.offset,
          'found something else where the list continues, wanted "- "',
          indentHint,
        );
      }
      const end = token.offset + 1;
      token = this.#advance();
      const empty = token.type === 'block-entry' || token.type === 'block-end';
      this.#builder.item(empty ? this.#empty(end) : this.#node(true, false));
    }
    this.#scanner.skip();
  }

  /** A list at its key's own column, as in `key:` and below it `- item`. */
  #indentlessSequence(): void {
    let token = this.#scanner.peek();
    while (token.type === 'block-entry') {
      const end = token.offset + 1;
      const { type } = this.#advance();
      const empty = type === 'block-entry' || type === 'key' || type === 'value' || type === 'block-end';
      this.#builder.item(empty ? this.#empty(end) : this.#node(true, false));
      token = this.#scanner.peek();
    }
  }

  #blockMapping(): void {
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'block-end') break;
      if (token.type !== 'key') {
        throw new YamlProblem(token.offset, 'found something else where a key is expected', indentHint);
      }
      const { offset } = this.#advance();
      this.#builder.key(this.#blockEntry(token.offset + 1), offset);
      const value = this.#scanner.peek();
      if (value.type === 'value') {
        this.#scanner.skip();
        this.#builder.value(this.#blockEntry(value.offset + 1), value.offset);
      } else {
        this.#builder.value(this.#empty(value.offset), value.offset);
      }
    }
    this.#scanner.skip();
  }

  #blockEntry(end: number): Part {
    const { type } = this.#scanner.peek();
    if (type === 'key' || type === 'value' || type === 'block-end') return this.#empty(end);
    return this.#node(true, true);
  }

  #flowSequence(): void {
    for (let first = true; ; first = false) {
      let token = this.#scanner.peek();
      if (token.type === 'flow-sequence-end') break;
      if (!first) token = this.#flowEntry(token, ']');
      if (token.type === 'flow-sequence-end') break;
      this.#builder.item(token.type === 'key' ? this.#flowPair(token) : this.#node(false, false));
    }
    this.#scanner.skip();
  }

  /** Steps over the comma between two entries. */
  #flowEntry(token: Token, close: string): Token {
    if (token.type === 'flow-entry') return this.#advance();
    throw new YamlProblem(token.offset, `found something else where "," or "${close}" is expected`);
  }

  /** `[key: value]`: a mapping of one pair. */
  #flowPair({ offset }: Token): Part {
    const builder = this.#builder;
    builder.openMapping(offset, undefined);
    let token = this.#advance();
    if (token.type === 'value' || token.type === 'flow-entry' || token.type === 'flow-sequence-end') {
      // libyaml swallows this token, so that what follows is refused.
      builder.key(this.#empty(token.offset), token.offset);
      this.#scanner.skip();
    } else {
      builder.key(this.#node(false, false), token.offset);
    }
    token = this.#scanner.peek();
    if (token.type !== 'value') {
      builder.value(this.#empty(token.offset), token.offset);
    } else {
      token = this.#advance();
      const empty = token.type === 'flow-entry' || token.type === 'flow-sequence-end';
      builder.value(empty ? this.#empty(token.offset) : this.#node(false, false), token.offset);
    }
    return builder.close();
  }

  #flowMapping(): void {
    const builder = this.#builder;
    for (let first = true; ; first = false) {
      let token = this.#scanner.peek();
      if (token.type === 'flow-mapping-end') break;
      if (!first) token = this.#flowEntry(token, '}');
      if (token.type === 'flow-mapping-end') break;
      if (token.type !== 'key') {
        builder.key(this.#node(false, false), token.offset);
        const { offset } = this.#scanner.peek();
        builder.value(this.#empty(offset), offset);
        continue;
      }
      token = this.#advance();
      const keyless = token.type === 'value' || isFlowMappingStop(token);
      builder.key(keyless ? this.#empty(token.offset) : this.#node(false, false), token.offset);
      token = this.#scanner.peek();
      const { offset } = token;
      const hasValue = token.type === 'value' && !isFlowMappingStop(this.#advance());
      builder.value(hasValue ? this.#node(false, false) : this.#empty(offset), offset);
    }
    this.#scanner.skip();
  }
}

const indentHint = 'Check the indentation: entries of a list or mapping start in the same column';

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
  return new YamlProblem(token.offset, `found ${what} where a value is expected`);
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
