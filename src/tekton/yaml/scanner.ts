import { Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.js';
import { scanBlockScalar } from './scan-block-scalar.js';
import { scanPlain, scanQuoted } from './scan-flow-scalar.js';
import { scanAnchor, scanDirective, scanTag } from './scan-properties.js';
import { SimpleKeys } from './simple-keys.js';
import { type OtherToken, scalarToken, simpleToken, type Token } from './token.js';
import { YamlProblem } from './yaml-problem.js';

/**
 * The tokens of one YAML 1.1 stream, made on demand by the rules of libyaml, whose Go port reads what
 * `kubectl` and `tkn` read. On demand matters: what is behind a finished document is never looked at.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #keys: SimpleKeys;
  readonly #indents: number[] = [];
  #indent = -1;
  #flowLevel = 0;
  /** The queue is from head to tail; its places are used again. */
  readonly #tokens: Token[] = [];
  #head = 0;
  #tail = 0;
  /** How many tokens have left the queue; token numbers count from the first of the stream. */
  #taken = 0;
  #ready = false;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#keys = new SimpleKeys(this.#cursor);
  }

  /** The next token; it stays until `skip`. */
  peek(): Token {
    if (!this.#ready) this.#fetchMore();
    return this.#tokens[this.#head] as Token;
  }

  skip(): void {
    this.#ready = false;
    this.#taken++;
    this.#head++;
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
    }
  }

  #fetchMore(): void {
    // A token that may still turn out to start a key cannot leave the queue.
    while (this.#head === this.#tail || this.#keys.mayStart(this.#taken)) this.#fetchNext();
    this.#ready = true;
  }

  #fetchNext(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    if (this.#flowLevel === 0) this.#unroll(cursor.column);
    const code = cursor.code();
    const inFlow = this.#flowLevel > 0;
    if (code === 0) {
      this.#fetchStreamEnd();
      return;
    }
    if (code === 37 && cursor.atLineStart) {
      this.#fetchDirective();
      return;
    }
    if ((code === 45 || code === 46) && cursor.atDocumentMarker()) {
      this.#fetchDocumentMarker(code);
      return;
    }
    switch (code) {
      case 91: // [
        this.#fetchFlowStart('flow-sequence-start');
        return;
      case 123: // {
        this.#fetchFlowStart('flow-mapping-start');
        return;
      case 93: // ]
        this.#fetchFlowEnd('flow-sequence-end');
        return;
      case 125: // }
        this.#fetchFlowEnd('flow-mapping-end');
        return;
      case 44: // ,
        this.#keys.remove();
        this.#keys.allowed = true;
        this.#take('flow-entry');
        return;
      case 45: // -
        if (isBlankOrEnd(cursor.code(1))) {
          this.#fetchBlockEntry();
          return;
        }
        break;
      case 63: // ?
        if (inFlow || isBlankOrEnd(cursor.code(1))) {
          this.#fetchKey();
          return;
        }
        break;
      case 58: // :
        if (inFlow || isBlankOrEnd(cursor.code(1))) {
          this.#fetchValue();
          return;
        }
        break;
      case 124: // |
      case 62: // >
        if (inFlow) throw cannotStart(cursor, code);
        this.#fetchBlockScalar();
        return;
      case 9: // tab
      case 35: // #
      case 37: // %
      case 64: // @
      case 96: // `
        throw cannotStart(cursor, code);
    }
    this.#saveKey(false);
    this.#push(this.#scanText(code));
  }

  /** A scalar on its line, or what is before one: an anchor, an alias, a tag. */
  #scanText(code: number): Token {
    const cursor = this.#cursor;
    const { offset } = cursor;
    switch (code) {
      case 42: // *
      case 38: // &
        return scanAnchor(cursor);
      case 33: // !
        return scanTag(cursor);
      case 39: // '
      case 34: // "
        return scalarToken(scanQuoted(cursor), offset, false);
      default: {
        const { value, endsLine } = scanPlain(cursor, this.#indent + 1, this.#flowLevel > 0);
        if (endsLine) this.#keys.allowed = true;
        return scalarToken(value, offset, true);
      }
    }
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      const tabs = this.#flowLevel > 0 || !this.#keys.allowed;
      let code = cursor.code();
      while (code === 32 || (tabs && code === 9)) {
        cursor.offset++;
        code = cursor.code();
      }
      cursor.skipComment();
      if (!isBreak(cursor.code())) return;
      cursor.takeBreak();
      if (this.#flowLevel === 0) this.#keys.allowed = true;
    }
  }

  /** Puts a token before the one of this number; one that has gone already cannot be preceded any more. */
  #insert(token: Token, number: number): void {
    const tokens = this.#tokens;
    const place = number < this.#taken ? this.#tail : this.#head + number - this.#taken;
    for (let at = this.#tail; at > place; at--) tokens[at] = tokens[at - 1] as Token;
    tokens[place] = token;
    this.#tail++;
  }

  #push(token: Token): void {
    this.#tokens[this.#tail++] = token;
  }

  /** The number that the next token will have. */
  get #nextNumber(): number {
    return this.#taken + this.#tail - this.#head;
  }

  #saveKey(allowedAfterwards: boolean): void {
    const keys = this.#keys;
    if (keys.allowed) {
      const required = this.#flowLevel === 0 && this.#indent === this.#cursor.column;
      keys.save(this.#nextNumber, required);
    }
    keys.allowed = allowedAfterwards;
  }

  #take(type: OtherToken['type']): void {
    this.#push(simpleToken(type, this.#cursor.offset));
    this.#cursor.offset++;
  }

  /** Opens a block collection when this column is deeper than the present one. */
  #roll(column: number, type: OtherToken['type'], place: { number?: number; offset: number }): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    const token = simpleToken(type, place.offset);
    if (place.number === undefined) this.#push(token);
    else this.#insert(token, place.number);
  }

  #unroll(column: number): void {
    while (this.#indent > column) {
      this.#push(simpleToken('block-end', this.#cursor.offset));
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #endBlocks(): void {
    if (this.#flowLevel === 0) this.#unroll(-1);
    this.#keys.remove();
    this.#keys.allowed = false;
  }

  #fetchStreamEnd(): void {
    if (!this.#cursor.atLineStart) this.#cursor.line++;
    this.#endBlocks();
    this.#push(simpleToken('stream-end', this.#cursor.offset));
  }

  #fetchDirective(): void {
    this.#endBlocks();
    this.#push(scanDirective(this.#cursor));
  }

  #fetchDocumentMarker(code: number): void {
    this.#endBlocks();
    this.#push(simpleToken(code === 45 ? 'document-start' : 'document-end', this.#cursor.offset));
    this.#cursor.offset += 3;
  }

  #fetchFlowStart(type: OtherToken['type']): void {
    this.#saveKey(true);
    this.#keys.openLevel(this.#nextNumber);
    this.#flowLevel++;
    this.#take(type);
  }

  #fetchFlowEnd(type: OtherToken['type']): void {
    this.#keys.remove();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#keys.closeLevel();
    }
    this.#keys.allowed = false;
    this.#take(type);
  }

  #fetchBlockEntry(): void {
    const cursor = this.#cursor;
    if (this.#flowLevel === 0) {
      if (!this.#keys.allowed) {
        throw new YamlProblem(
          cursor.offset,
          'found a list entry "- " where none is allowed',
          'Start the list on a new line, or quote a value that starts with -',
        );
      }
      this.#roll(cursor.column, 'block-sequence-start', { offset: cursor.offset });
    }
    this.#keys.remove();
    this.#keys.allowed = true;
    this.#take('block-entry');
  }

  #fetchKey(): void {
    const cursor = this.#cursor;
    if (this.#flowLevel === 0) {
      if (!this.#keys.allowed) {
        throw new YamlProblem(
          cursor.offset,
          'found a "? " key where none is allowed',
          'Quote a value that starts with ?',
        );
      }
      this.#roll(cursor.column, 'block-mapping-start', { offset: cursor.offset });
    }
    this.#keys.remove();
    this.#keys.allowed = this.#flowLevel === 0;
    this.#take('key');
  }

  #fetchValue(): void {
    const cursor = this.#cursor;
    const key = this.#keys.take();
    if (key !== undefined) {
      this.#insert(simpleToken('key', key.offset), key.number);
      this.#roll(key.column, 'block-mapping-start', key);
      this.#keys.allowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keys.allowed) {
          throw new YamlProblem(
            cursor.offset,
            'found ": " where no key is possible before it',
            'Quote a value that contains ": ", or check the indentation',
          );
        }
        this.#roll(cursor.column, 'block-mapping-start', { offset: cursor.offset });
      }
      this.#keys.allowed = this.#flowLevel === 0;
    }
    this.#take('value');
  }

  #fetchBlockScalar(): void {
    this.#keys.remove();
    this.#keys.allowed = true;
    const { offset } = this.#cursor;
    this.#push(scalarToken(scanBlockScalar(this.#cursor, this.#indent), offset, false));
  }
}

function cannotStart(cursor: Cursor, code: number): YamlProblem {
  if (isBlank(code)) {
    return new YamlProblem(cursor.offset, 'found a tab that indents a line', 'Indent with spaces');
  }
  return new YamlProblem(
    cursor.offset,
    `found ${String.fromCharCode(code)}, which cannot start a value`,
    'Quote the value',
  );
}
