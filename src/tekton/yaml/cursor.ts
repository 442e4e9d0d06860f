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
  /** How many surrogate pairs lie before each block of the text; undefined where there are none at all. */
  readonly #pairs: Uint32Array | undefined;

  constructor(text: string) {
    this.text = `${text}\0\0\0\0`;
    this.#pairs = /[\ud800-\udfff]/.test(text) ? countPairs(text) : undefined;
  }

  /** The character here, or `ahead` units further. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.offset + ahead);
  }

  get column(): number {
    return this.characters(this.lineStart, this.offset);
  }

  get atLineStart(): boolean {
    return this.offset === this.lineStart;
  }

  /** How many characters lie between two offsets. */
  characters(from: number, to: number): number {
    const pairs = this.#pairs;
    if (pairs === undefined) return to - from;
    return to - from - (pairsBefore(pairs, this.text, to) - pairsBefore(pairs, this.text, from));
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

/** Counted once, so that a column costs the same wherever it is. */
const BLOCK = 64;

function countPairs(text: string): Uint32Array {
  const pairs = new Uint32Array(Math.floor(text.length / BLOCK) + 2);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    if (at % BLOCK === 0) pairs[at / BLOCK] = count;
    if (isLowSurrogate(text.charCodeAt(at))) count++;
  }
  pairs.fill(count, Math.ceil(text.length / BLOCK));
  return pairs;
}

function pairsBefore(pairs: Uint32Array, text: string, offset: number): number {
  const block = Math.floor(offset / BLOCK);
  let count = pairs[block] ?? 0;
  for (let at = block * BLOCK; at < offset; at++) if (isLowSurrogate(text.charCodeAt(at))) count++;
  return count;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Line breaks of YAML 1.1: LF, CR, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR. */
export function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** A space or a tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** A blank, a break or the end of the text (NUL: the reader lets no NUL of the text through). */
export function isBlankOrEnd(code: number): boolean {
  return code === 32 || code === 10 || code === 0 || code === 9 || isBreak(code);
}

export function isBreakOrEnd(code: number): boolean {
  return code === 10 || code === 0 || isBreak(code);
}

/** What names of anchors, tag handles and directives are made of. */
export function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45
  );
}
