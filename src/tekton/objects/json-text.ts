import type { FieldPath } from './field-path.js';

/** A value of a JSON text with the characters that it is in. */
export interface JsonNode {
  /** As it is written, blanks included. */
  readonly text: string;
  /** Of an object, in its order. */
  readonly members?: ReadonlyMap<string, JsonNode>;
  /** Of a list. */
  readonly items?: readonly JsonNode[];
}

/** Two members of one name: readers do not agree which of them counts. */
export class DuplicateMember extends Error {
  readonly path: FieldPath;

  constructor(path: FieldPath) {
    super(`the key ${JSON.stringify(path.at(-1))} occurs twice in one object`);
    this.name = 'DuplicateMember';
    this.path = path;
  }
}

/** The values of a text that `JSON.parse` takes, each with its own characters. @throws DuplicateMember */
export function parseJsonText(text: string): JsonNode {
  return new Reader(text).value([]);
}

/** The text without the blanks between its tokens: what Go's encoder makes of text that is JSON already. */
export function compactJson(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|[ \t\n\r]+/g, (token) => (token.startsWith('"') ? token : ''));
}

/** The text of a string; halves of surrogate pairs are replaced, as Go does. */
export function stringOf(node: JsonNode): string {
  return (JSON.parse(node.text) as string).replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

export function isNull(node: JsonNode | undefined): boolean {
  return node === undefined || node.text === 'null';
}

const scalar = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(path: FieldPath): JsonNode {
    this.#blanks();
    const start = this.#at;
    const first = this.#text[start];
    if (first === '{') {
      const members = this.#members(path);
      return { text: this.#text.slice(start, this.#at), members };
    }
    if (first === '[') {
      const items = this.#items(path);
      return { text: this.#text.slice(start, this.#at), items };
    }
    return { text: this.#scalar() };
  }

  #members(path: FieldPath): Map<string, JsonNode> {
    const members = new Map<string, JsonNode>();
    this.#at++;
    for (let next = this.#blanks(); next !== '}'; next = this.#blanks()) {
      if (next === ',') this.#at++;
      this.#blanks();
      const key = stringOf({ text: this.#scalar() });
      if (members.has(key)) throw new DuplicateMember([...path, key]);
      this.#blanks();
      this.#at++;
      members.set(key, this.value([...path, key]));
    }
    this.#at++;
    return members;
  }

  #items(path: FieldPath): JsonNode[] {
    const items: JsonNode[] = [];
    this.#at++;
    for (let next = this.#blanks(); next !== ']'; next = this.#blanks()) {
      if (next === ',') this.#at++;
      items.push(this.value([...path, items.length]));
    }
    this.#at++;
    return items;
  }

  #scalar(): string {
    scalar.lastIndex = this.#at;
    const [token = ''] = scalar.exec(this.#text) ?? [];
    if (token === '') throw new SyntaxError(`no JSON at ${this.#at}`);
    this.#at += token.length;
    return token;
  }

  #blanks(): string | undefined {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at];
  }
}
