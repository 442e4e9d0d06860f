import { isBlank, isBreak, isBreakOrEnd } from './characters.js';

/**
 * A place in a text. Offsets are UTF-16 units, as everywhere in JavaScript; columns are counted in
 * characters, as go-yaml does, because they decide about nesting.
 */
export class Cursor {
  /** Ends with NULs, so that looking ahead needs no check. */
  readonly text: string;
  offset = 0;
  line = 0;
  lineStart = 0;
  readonly #wide: boolean;
  #knownOffset = 0;
  #knownColumn = 0;

  constructor(text: string) {
    this.text = `${text}\0\0\0\0`;
    this.#wide = /[\ud800-\udfff]/.test(text);
  }

  /** The character here, or `ahead` units further. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.offset + ahead);
  }

  get column(): number {
    if (!this.#wide) return this.offset - this.lineStart;
    const resumes = this.#knownOffset >= this.lineStart && this.#knownOffset <= this.offset;
    const from = resumes ? this.#knownOffset : this.lineStart;
    this.#knownColumn = (resumes ? this.#knownColumn : 0) + this.characters(from, this.offset);
    this.#knownOffset = this.offset;
    return this.#knownColumn;
  }

  get atLineStart(): boolean {
    return this.offset === this.lineStart;
  }

  /** How many characters lie between two offsets. */
  characters(from: number, to: number): number {
    if (!this.#wide) return to - from;
    let count = to - from;
    for (let at = from; at < to; at++) {
      const code = this.text.charCodeAt(at);
      if (code >= 0xdc00 && code <= 0xdfff) count--;
    }
    return count;
  }

  /** Steps over the break here and says how it counts inside a scalar. */
  takeBreak(): string {
    const code = this.code();
    this.offset += code === 13 && this.code(1) === 10 ? 2 : 1;
    this.line++;
    this.lineStart = this.offset;
    if (code === 0x2028) return '\u2028';
    return code === 0x2029 ? '\u2029' : '\n';
  }

  /** Steps over blanks, then over a comment; a `#` needs no blank before it here. */
  skipBlanksAndComment(): void {
    while (isBlank(this.code())) this.offset++;
    this.skipComment();
  }

  skipComment(): void {
    if (this.code() !== 35) return;
    while (!isBreakOrEnd(this.code())) this.offset++;
  }

  /** True at a `---` or `...` that stands alone at the start of a line. */
  atDocumentMarker(): boolean {
    if (!this.atLineStart) return false;
    const code = this.code();
    if ((code !== 45 && code !== 46) || this.code(1) !== code || this.code(2) !== code) return false;
    const next = this.code(3);
    return isBlank(next) || next === 0 || isBreak(next);
  }
}
