import { Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.js';
import { scanBlockScalar } from './scan-block-scalar.js';
import { scanPlain, scanQuoted } from './scan-flow-scalar.js';
import { scanAnchor, scanDirective, scanTag } from './scan-properties.js';
import { SimpleKeys } from './simple-keys.js';
import { scalarToken, simpleToken, type Token, type TokenType } from './token.js';
import { YamlProblem } from './yaml-problem.js';

/**
 * The tokens of one YAML 1.1 stream, made on demand by the rules of libyaml, whose Go port reads what
 * `kubectl` and `tkn` read. On demand matters: what stands behind a finished document is never looked at.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #keys: SimpleKeys;
  readonly #indents: number[] = [];
  #indent = -1;
  #flowLevel = 0;
  #tokens: Token[] = [];
  #head = 0;
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
    if (this.#head === this.#tokens.length) {
      this.#tokens = [];
      this.#head = 0;
    }
  }

  #fetchMore(): void {
    // A token that may still turn out to start a key cannot leave the queue.
    while (this.#head === this.#tokens.length || this.#keys.mayStart(this.#taken)) this.#fetchNext();
    this.#ready = true;
  }

  #fetchNext(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    if (this.#flowLevel === 0) this.#unroll(cursor.column);
    const code = cursor.code();
    if (code === 0) this.#fetchStreamEnd();
    else if (code === 37 && cursor.atLineStart) this.#fetchDirective();
    else if (cursor.atDocumentMarker()) this.#fetchDocumentMarker(code);
    else if (!this.#fetchIndicator(code) && !this.#fetchValueText(code)) throw cannotStart(cursor, code);
  }

  /** Takes one of `[ ] { } , - ? :` where it stands for structure. */
  #fetchIndicator(code: number): boolean {
    switch (code) {
      case 91: // [
        this.#fetchFlowStart('flow-sequence-start');
        return true;
      case 123: // {
        this.#fetchFlowStart('flow-mapping-start');
        return true;
      case 93: // ]
        this.#fetchFlowEnd('flow-sequence-end');
        return true;
      case 125: // }
        this.#fetchFlowEnd('flow-mapping-end');
        return true;
      case 44: // ,
        this.#keys.remove();
        this.#keys.allowed = true;
        this.#take('flow-entry');
        return true;
      case 45: // -
        if (!isBlankOrEnd(this.#cursor.code(1))) return false;
        this.#fetchBlockEntry();
        return true;
      case 63: // ?
        if (this.#flowLevel === 0 && !isBlankOrEnd(this.#cursor.code(1))) return false;
        this.#fetchKey();
        return true;
      case 58: // :
        if (this.#flowLevel === 0 && !isBlankOrEnd(this.#cursor.code(1))) return false;
        this.#fetchValue();
        return true;
      default:
        return false;
    }
  }

  /** Takes a scalar, or what stands before one: an anchor, an alias, a tag. */
  #fetchValueText(code: number): boolean {
    switch (code) {
      case 42: // *
      case 38: // &
        this.#saveKey(false);
        this.#tokens.push(scanAnchor(this.#cursor));
        return true;
      case 33: // !
        this.#saveKey(false);
        this.#tokens.push(scanTag(this.#cursor));
        return true;
      case 39: // '
      case 34: // "
        this.#fetchQuoted();
        return true;
      case 124: // |
      case 62: // >
        if (this.#flowLevel > 0) return false;
        this.#fetchBlockScalar();
        return true;
      case 9: // tab
      case 35: // #
      case 37: // %
      case 64: // @
      case 96: // `
        return false;
      default:
        this.#fetchPlain();
        return true;
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
    const place = number - this.#taken;
    if (place < 0) this.#tokens.push(token);
    else this.#tokens.splice(this.#head + place, 0, token);
  }

  /** The number that the next token will have. */
  get #nextNumber(): number {
    return this.#taken + this.#tokens.length - this.#head;
  }

  #saveKey(allowedAfterwards: boolean): void {
    const keys = this.#keys;
    if (keys.allowed) {
      const required = this.#flowLevel === 0 && this.#indent === this.#cursor.column;
      keys.save(this.#nextNumber, required);
    }
    keys.allowed = allowedAfterwards;
  }

  #take(type: TokenType): void {
    this.#tokens.push(simpleToken(type, this.#cursor.offset));
    this.#cursor.offset++;
  }

  /** Opens a block collection when this column is deeper than the present one. */
  #roll(column: number, type: TokenType, place: { number?: number; offset: number }): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    const token = simpleToken(type, place.offset);
    if (place.number === undefined) this.#tokens.push(token);
    else this.#insert(token, place.number);
  }

  #unroll(column: number): void {
    while (this.#indent > column) {
      this.#tokens.push(simpleToken('block-end', this.#cursor.offset));
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
    this.#tokens.push(simpleToken('stream-end', this.#cursor.offset));
  }

  #fetchDirective(): void {
    this.#endBlocks();
    this.#tokens.push(scanDirective(this.#cursor));
  }

  #fetchDocumentMarker(code: number): void {
    this.#endBlocks();
    this.#tokens.push(simpleToken(code === 45 ? 'document-start' : 'document-end', this.#cursor.offset));
    this.#cursor.offset += 3;
  }

  #fetchFlowStart(type: TokenType): void {
    this.#saveKey(true);
    this.#keys.openLevel(this.#nextNumber);
    this.#flowLevel++;
    this.#take(type);
  }

  #fetchFlowEnd(type: TokenType): void {
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
          'found a list entry "- " where none can stand',
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
          'found a "? " key where none can stand',
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
            'found ": " where no key can stand before it',
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
    this.#tokens.push(scalarToken(scanBlockScalar(this.#cursor, this.#indent), offset, false));
  }

  #fetchQuoted(): void {
    this.#saveKey(false);
    const { offset } = this.#cursor;
    this.#tokens.push(scalarToken(scanQuoted(this.#cursor), offset, false));
  }

  #fetchPlain(): void {
    this.#saveKey(false);
    const { offset } = this.#cursor;
    const { value, endsLine } = scanPlain(this.#cursor, this.#indent + 1, this.#flowLevel > 0);
    this.#tokens.push(scalarToken(value, offset, true));
    if (endsLine) this.#keys.allowed = true;
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
